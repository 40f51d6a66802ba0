"""NHS and relapse oracles on hand-made stories: both sides of every threshold."""

import pytest
from oracles import nhs_outcomes, relapse
from oracles.stories import DAY_0, course, derive, follow, pair, scores, sessions


@pytest.mark.parametrize(
    ("phq", "gad", "case", "recovered"),
    [
        ((10, 9), (7, 7), True, True),
        ((9, 9), (7, 7), False, None),
        ((9, 9), (8, 7), True, True),
        ((10, 9), (7, 8), True, False),
        ((10, 10), (7, 7), True, False),
        ((10, 9), (None, None), True, False),
        ((10, 10), (None, None), True, False),
        ((9, 9), (None, None), None, False),
        ((None, None), (8, 8), True, False),
    ],
)
def test_recovery_needs_both_measures_below_caseness(phq, gad, case, recovered):
    found = course(pair(*phq), pair(*gad))

    assert found.is_caseness_at_first is case
    assert found.is_recovered is recovered


@pytest.mark.parametrize(
    ("phq", "gad", "improved", "worse"),
    [
        ((16, 10), (8, 8), True, False),
        ((15, 10), (8, 8), False, False),
        ((10, 10), (12, 8), True, False),
        ((10, 10), (11, 8), False, False),
        ((16, 10), (8, 11), True, False),
        ((16, 10), (8, 12), False, False),
        ((10, 16), (12, 8), False, False),
        ((10, 15), (12, 8), True, False),
        ((10, 16), (11, 8), False, True),
        ((10, 10), (8, 12), False, True),
        ((10, 15), (8, 11), False, False),
        ((16, 10), (None, None), False, False),
        ((10, 16), (None, None), False, False),
    ],
)
def test_reliable_change_minds_the_other_measure(phq, gad, improved, worse):
    found = course(pair(*phq), pair(*gad))

    assert found.is_reliably_improved is improved
    assert found.is_reliably_deteriorated is worse


def test_phq_variants_and_reliable_recovery():
    found = course(pair(12, 8), pair(14, 7))

    assert found.is_recovered is found.is_reliably_recovered is True
    assert found.is_recovered_phq is True
    assert found.is_reliably_recovered_phq is False
    assert found.has_paired_scores is True
    assert course(pair(9, 3)).is_recovered_phq is None
    assert course(pair(9, 3)).is_reliably_improved_phq is True
    assert course().is_recovered_phq is False
    assert course().is_reliably_improved_phq is False


def test_first_and_last_stand_between_30_days_before_and_the_end():
    found = course(((-31, 27), (-30, 20), (5, 15), (50, 8), (51, 1)))

    assert (found.first_phq9_points, found.last_phq9_points) == (20, 8)
    assert found.anxiety_instrument is None
    assert course(((5, 15), (5, 3))).last_phq9_points is None
    assert course(((5, 15), (9, 3), (9, 4))).last_phq9_points == 3


def test_a_course_needs_an_end_and_two_attended_treatment_sessions():
    assert course(days=(0, 0)) is not None
    assert course(days=(0,)) is None
    (open_one,) = derive(sessions(0, 7), data_to=8)
    assert nhs_outcomes.outcomes(open_one, []) is None


@pytest.mark.parametrize(
    ("pairs", "remitted"),
    [
        ([(0, 4), (13, 4)], None),
        ([(0, 4), (14, 4)], 14),
        ([(0, 4), (14, 5)], None),
        ([(0, 4), (7, 4), (14, 4)], 14),
        ([(0, 4), (7, 5), (14, 4)], None),
        ([(0, 4), (7, 5), (14, 4), (28, 4)], 28),
        ([(-1, 4), (13, 4)], None),
    ],
)
def test_remission_is_confirmed_14_days_later_without_a_5_between(pairs, remitted):
    found = follow(*pairs)

    assert (found[0] if found else None) == remitted


def test_the_other_reading_of_consecutive():
    assert follow((0, 4), (7, 4), (14, 4), neighbours=True) is None
    assert follow((0, 4), (7, 4), (21, 4), neighbours=True)[0] == 21


LOW = ((0, 4), (14, 4))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([], ("censored", None, 0, 0)),
        ([(50, 9)], ("censored", None, 36, 1)),
        ([(50, 10)], ("relapsed", 32, 18, 1)),
        ([(30, 9), (51, 10)], ("relapsed", 40, 26, 2)),
        ([(104, 10)], ("relapsed", 59, 45, 1)),
        ([(105, 10)], ("censored", None, 0, 0)),
        ([(60, 3), (151, 20)], ("censored", None, 46, 1)),
        ([(60, 12), (70, 20)], ("relapsed", 37, 23, 1)),
    ],
)
def test_the_event_its_midpoint_and_the_90_days(after, expected):
    assert follow(*LOW, *after)[1:] == expected


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        ([(90, 9), (170, 9), (217, 10)], "relapse"),
        ([(90, 9), (170, 9), (218, 10)], "recurrence"),
        ([(90, 9)], None),
    ],
)
def test_a_return_from_180_days_on_is_a_recurrence(after, kind):
    rows = scores(*LOW, *after)

    assert relapse.follow(rows, rows, DAY_0, 20).reoccurrence == kind


def test_same_day_scores_follow_the_key():
    assert follow(*LOW, (50, 9), (50, 20))[1] == "censored"
    assert follow(*LOW, (50, 20), (50, 9))[1] == "relapsed"


@pytest.mark.parametrize(
    ("died", "expected"),
    [
        (104, ("died", None, 90, 0)),
        (105, ("censored", None, 0, 0)),
        (14, ("died", None, 0, 0)),
        (13, None),
    ],
)
def test_death_competes_while_scores_are_in_time(died, expected):
    found = follow(*LOW, died=died)

    assert (found[1:] if found else None) == expected


def test_a_relapse_on_the_day_of_death_is_one_and_later_scores_are_not_believed():
    assert follow(*LOW, (20, 10), died=20)[1] == "relapsed"
    assert follow(*LOW, (20, 10), died=19)[1] == "died"


def test_a_relapse_in_a_later_episode_counts():
    own, everything = scores(*LOW), scores(*LOW, (90, 15))

    assert relapse.follow(own, everything, DAY_0, 20).is_relapsed
    assert not relapse.follow(
        own, everything, DAY_0, 20, within_episode=True
    ).is_relapsed


@pytest.mark.parametrize("baseline", [9, None])
def test_who_was_not_ill_at_the_start_cannot_relapse(baseline):
    assert follow(*LOW, baseline=baseline) is None
    assert follow(*LOW, baseline=10) is not None
    assert follow(*LOW, baseline=baseline, baseline_from=None) is not None
