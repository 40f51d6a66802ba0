"""Episode and scoring oracles on hand-made stories: both sides of every threshold."""

import pytest
from oracles import episodes, scoring
from oracles.records import Assessment
from oracles.stories import DAY_0, LATER, day, derive, on, scores, sessions


@pytest.mark.parametrize(
    ("gap", "choice", "count"),
    [
        (119, 120, 1),
        (120, 120, 2),
        (89, 90, 1),
        (90, 90, 2),
        (179, 180, 1),
        (180, 180, 2),
    ],
)
def test_a_gap_starts_a_new_episode(gap, choice, count):
    assert len(derive(sessions(0, 7, 7 + gap), gap_days=choice)) == count


def test_missed_sessions_bridge_no_gap_and_make_no_episode():
    missed = sessions(60, attendance="did_not_attend", key="m")

    assert len(derive([*sessions(0, 120), *missed])) == 2
    assert derive(missed) == []


def test_an_attended_follow_up_bridges_a_gap_and_is_the_end_but_no_treatment():
    rows = [*sessions(0, 150), *sessions(60, 160, kind="follow_up", key="f")]

    (one,) = derive(rows)
    assert day(one.ended_on) == 160
    assert one.length_days == 150
    assert one.attended_treatment_sessions_count == 2
    assert len(derive(rows, contact="treatment")) == 2
    (other,) = derive(rows, end="treatment")
    assert (day(other.ended_on), other.length_days) == (150, 150)
    assert not derive(rows, 279, end="treatment")[0].is_finished


def test_time_zero_is_the_first_attended_treatment_session():
    (one,) = derive(
        [
            *sessions(0, kind="assessment", key="a"),
            *sessions(7, attendance="did_not_attend", key="m"),
            *sessions(14, kind=None, key="b"),
            *sessions(14, key="a9"),
        ]
    )

    assert day(one.index_on) == 14
    assert one.first_session.session_id == "a9000"
    assert one.not_attended_count == 1
    assert derive(sessions(0, kind="assessment")) == []


@pytest.mark.parametrize(("data_to", "finished"), [(126, False), (127, True)])
def test_the_end_is_known_after_120_days(data_to, finished):
    (one,) = derive(sessions(0, 7), data_to)

    assert one.is_finished is finished
    assert day(one.ended_on) == (7 if finished else None)


def test_a_death_ends_an_episode_at_once():
    rows = sessions(0, 7)

    assert derive(rows, 20, died_on=on(20))[0].is_finished
    assert not derive(rows, 20, died_on=on(21))[0].is_finished
    assert not derive(rows, 20, died_on=on(20), death_ends=False)[0].is_finished


def test_missed_sessions_belong_to_the_episode_that_had_begun():
    first, second = derive(
        [
            *sessions(10, 200),
            *sessions(0, 10, 190, 200, attendance="did_not_attend", key="a"),
            *sessions(20, attendance="cancelled_late_by_patient", key="b"),
            *sessions(21, attendance="cancelled_by_patient", key="c"),
        ]
    )

    assert (first.not_attended_count, first.cancelled_late_count) == (3, 1)
    assert (second.not_attended_count, second.cancelled_late_count) == (1, 0)
    assert second.days_since_prior_episode == 190
    assert first.days_since_prior_episode is None


@pytest.mark.parametrize(
    ("count", "last", "data_to", "label"),
    [
        (25, 300, LATER, "short_term"),
        (26, 300, LATER, "intermediate"),
        (49, 300, LATER, "intermediate"),
        (50, 300, LATER, "long_term"),
        (10, 364, LATER, "short_term"),
        (10, 365, LATER, "long_term"),
        (10, 364, 400, None),
        (10, 365, 400, "long_term"),
        (50, 300, 301, "long_term"),
    ],
)
def test_length_classes(count, last, data_to, label):
    step = (last - 1) / (count - 1)
    days = [*(int(n * step) for n in range(count - 1)), last]
    (one,) = derive(sessions(*days), data_to)

    assert one.attended_treatment_sessions_count == count
    assert one.length_class == label


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([(-31, 20)], None),
        ([(-30, 20)], 20),
        ([(-30, 20), (-10, 18), (1, 17)], 18),
        ([(0, 20), (0, 19)], 20),
        ([(1, 20), (5, 18)], 20),
        ([(6, 20)], 20),
        ([(7, 20)], None),
    ],
)
def test_the_baseline_is_the_last_before_else_the_first_of_the_week(pairs, found):
    (one,) = derive(sessions(0, 7))
    score = episodes.baseline(one, scores(*pairs))

    assert (score.points if score else None) == found


def test_the_first_week_ends_on_day_7_and_the_last_score_is_of_a_later_day():
    (one,) = derive(sessions(0, 20))

    assert episodes.baseline(one, scores((7, 20))).points == 20
    assert episodes.baseline(one, scores((8, 20))) is None
    both = scores((0, 20), (0, 19))
    assert episodes.last_score(one, both[0], both) is None


@pytest.mark.parametrize(
    ("count", "last", "failed"),
    [(8, 15, True), (8, 14, False), (7, 15, False), (8, None, None), (7, None, False)],
)
def test_a_failure_is_eight_sessions_without_reliable_improvement(count, last, failed):
    (one,) = derive(sessions(*range(0, 7 * count, 7)))
    rows = scores((0, 20), *([(30, last)] if last is not None else []))

    assert episodes.has_failed(one, rows) is failed


@pytest.mark.parametrize(("last", "left"), [(15, True), (14, False), (None, None)])
def test_left_before_improvement_is_known_of_finished_episodes(last, left):
    rows = scores((0, 20), *([(5, last)] if last is not None else []))
    (ended,), (open_one,) = derive(sessions(0, 7)), derive(sessions(0, 7), 8)

    assert episodes.left_unimproved(ended, rows) is left
    assert episodes.left_unimproved(open_one, rows) is None


@pytest.mark.parametrize(
    ("instrument", "total", "items", "points"),
    [
        ("phq9", 14, (), 14),
        ("phq9", None, (1, 1, 1, 1, 1, 1, 1, 1, 2), 10),
        ("phq9", 11, (1, 1, 1, 1, 1, 1, 1, 1, 2), None),
        ("phq9", None, (1, 1, 1, 1, 0, 0, 0, 0, None), 5),
        ("phq9", None, (3, 3, 3, 2, 2, 2, 2, None, None), 22),
        ("phq9", None, (3, 3, 3, 2, 2, 2, None, None, None), None),
        ("phq9", 20, (3, 3, 3, 2, 2, 2, 2, None, None), 20),
        ("phq9", None, (), None),
        ("gad7", None, (1, 1, 1, 1, 1, 1, None), None),
        ("gad7", None, (1, 1, 1, 1, 1, 1, 2), 8),
    ],
)
def test_totals_from_answers(instrument, total, items, points):
    score = scoring.score(Assessment("a", "p", instrument, DAY_0, total, None, items))

    assert (score.points if score else None) == points


def test_a_score_belongs_to_the_latest_episode_from_30_days_before():
    starts = [on(100), on(400)]

    assert scoring.episode_of(on(69), starts) is None
    assert scoring.episode_of(on(70), starts) == 0
    assert scoring.episode_of(on(369), starts) == 0
    assert scoring.episode_of(on(370), starts) == 1
