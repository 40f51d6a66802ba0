"""Strategies over weeks: who could, who did, and a truth that plain averages miss."""

import numpy as np
import polars as pl
import pytest
from made_up_comparisons import courses, new_build, over_weeks

from pipelines.compare import point_exposure, sustained, units, weeks
from pipelines.compare.sustained import Prepared
from pipelines.compare.units import Sample
from pipelines.compare.weeks import Followed

FIXED = over_weeks(strategies={"long_ends": "week"})
FROM_26 = over_weeks(strategies={"long_ends": "week", "starts_in_week": 26})
OUTCOME = FIXED.outcomes[0]


def prepared_of(made, seed=0, protocol=FIXED, **how):
    con = new_build()
    made.build(con, seed, **how)
    people, _ = units.read(con, protocol)
    sample = units.sample(people, OUTCOME)
    followed = weeks.read(con, people, protocol)
    keep = np.ones(people.height, bool)
    return sustained.prepare(followed, sample, keep, protocol)


@pytest.fixture(scope="module")
def truth():
    long, short = (courses(100_000, 5, strategy) for strategy in ("long", "short"))
    return (long.points - short.points).mean()


@pytest.fixture(scope="module")
def some():
    made = courses(3_000, 2)
    return made, prepared_of(made)


def test_the_truth_is_found_where_the_plain_average_is_wrong(truth, some):
    _, prepared = some
    sample = prepared.sample
    seen = [arm & sample.is_observed for arm in sustained.follows(prepared, FIXED)]
    values = [sample.values[arm] for arm in seen]
    plain = point_exposure.plain_fit(*values, OUTCOME, *seen, sample.cluster).contrast

    found = sustained.fit(prepared, FIXED, OUTCOME).contrast

    assert truth < -3
    assert abs(found.estimate - truth) < 3 * found.std_error
    assert abs(found.estimate - truth) < 1
    assert found.high < 0
    assert plain.estimate - truth > 5 * plain.std_error
    assert plain.estimate - truth > 3 * found.std_error


def test_losses_are_weighted_for_and_are_no_stops(some):
    made, prepared = some
    person_weeks = weeks.person_weeks(prepared.followed, FIXED)
    lost = weeks.losses(prepared.followed, person_weeks)
    found = sustained.fit(prepared, FIXED, OUTCOME)

    assert lost.is_lost.sum() == made.lost.sum() > 100
    assert (found.short.weight[made.lost] == 0).all()
    assert (found.long.weight[made.lost] == 0).all()
    assert found.long.weight.mean() == pytest.approx(1, abs=0.12)
    assert found.short.weight.mean() == pytest.approx(1, abs=0.12)


def test_who_follows_counts_and_nobody_else(some):
    _, prepared = some
    found = sustained.fit(prepared, FIXED, OUTCOME)
    long, short = sustained.follows(prepared, FIXED)

    np.testing.assert_array_equal(found.long.weight > 0, long)
    np.testing.assert_array_equal(found.short.weight > 0, short)
    assert not (long & short).any()


def test_cut_weights_and_complete_cases_are_other_estimates(some):
    _, prepared = some
    main = sustained.fit(prepared, FIXED, OUTCOME)
    cut = sustained.fit(prepared, FIXED, OUTCOME, most_weight=0.95)
    complete = sustained.fit(prepared, FIXED, OUTCOME, complete_cases=True)

    assert cut.long.weight.max() < main.long.weight.max()
    assert cut.contrast.estimate != main.contrast.estimate
    assert complete.contrast.estimate != main.contrast.estimate
    np.testing.assert_array_equal(complete.long.weight, main.long.weight)


def test_being_observed_is_modelled_only_where_somebody_is_not():
    everyone = prepared_of(courses(60, 3), missing=False).sample
    some = prepared_of(courses(60, 3)).sample

    assert sustained.observation(everyone, OUTCOME, complete_cases=False) is None
    full = sustained.observation(some, OUTCOME, complete_cases=False).history
    assert full.shape == (60, 1 + 11 + 2)
    np.testing.assert_array_equal(full[:, 0], 1)
    baseline, stop = full[:, -2], full[:, -1]
    np.testing.assert_allclose(10 * baseline, some.frame["baseline_phq9_points"])
    np.testing.assert_allclose(10 * stop, some.frame["stop_week"].clip(0, 52))
    complete = sustained.observation(some, OUTCOME, complete_cases=True)
    assert complete.history.tolist() == [[1.0]] * 60
    np.testing.assert_array_equal(complete.is_observed, some.is_observed)


# stop week, weeks since the session before, lost, remitted: follows long, short
FOLLOWS = [
    ((25, 1, False, None), (False, True)),
    ((26, 1, False, None), (False, True)),
    ((31, 1, False, None), (False, True)),
    ((32, 1, False, None), (False, False)),
    ((32, 2, False, None), (False, True)),  # came at the first session after week 31
    ((35, 5, False, None), (False, True)),
    ((35, 4, False, None), (False, False)),
    ((51, 1, False, None), (False, False)),
    ((52, 1, False, None), (True, False)),
    ((60, 1, False, None), (True, False)),
    ((25, 1, True, None), (False, False)),
    ((28, 1, True, None), (False, False)),
    ((40, 1, False, 41), (False, False)),
    ((40, 1, False, 40), (True, False)),
    ((20, 1, False, 18), (True, True)),
    ((20, 1, True, 18), (True, False)),  # the long one had let them go before
]


def person(stop, since, lost, remitted):
    frame = pl.DataFrame(
        {
            "stop_week": [stop],
            "is_stop_censored": [lost],
            "remitted_week": pl.Series([remitted], dtype=pl.Int64),
        }
    )
    rows = pl.DataFrame(
        {
            "person": [0, 0],
            "week": [stop - since, stop],
            "since_weeks": [1, since],
            "is_last": [False, True],
        }
    ).filter(pl.col("week") < 52)
    return Sample(frame, np.zeros(1), np.ones(1, bool)), Followed(frame, rows)


@pytest.mark.parametrize(("course", "expected"), FOLLOWS)
def test_who_follows_which_strategy(course, expected):
    protocol = over_weeks()
    sample, followed = person(*course)
    prepared = sustained.prepare(followed, sample, np.ones(1, bool), protocol)
    long, short = sustained.follows(prepared, protocol)

    assert (long.tolist(), short.tolist()) == ([expected[0]], [expected[1]])


@pytest.mark.parametrize(("stop", "follows"), [(26, True), (31, True), (32, False)])
def test_from_week_26_on_nobody_can_have_stopped_earlier(stop, follows):
    sample, followed = person(stop, 1, False, None)
    prepared = sustained.prepare(followed, sample, np.ones(1, bool), FROM_26)

    assert sustained.follows(prepared, FROM_26)[1].tolist() == [follows]
    assert sustained.grace(FROM_26).allows_earlier is False
    earlier, rows = person(25, 1, False, None)
    prepared = sustained.prepare(rows, earlier, np.ones(1, bool), FROM_26)
    assert sustained.follows(prepared, FROM_26)[1].tolist() == [False]


def test_staying_whatever_happens_does_not_end_with_remission():
    sample, followed = person(40, 1, False, 30)
    until = [
        sustained.prepare(followed, sample, np.ones(1, bool), protocol).until.tolist()
        for protocol in (over_weeks(), FIXED)
    ]

    assert until == [[30], [52]]


def group(stays, leaves, name="open_ended", lost=0, remitted=0):
    """Return people of one intended length; the last of them do not count."""
    people = [(52, False, None)] * stays + [(20, False, None)] * leaves
    people += [(20, True, None)] * lost + [(20, False, 12)] * remitted
    return [(name, *one) for one in people]


def possible(rows, least=0.02, by="intended_length"):
    names = ["intended_length", "stop_week", "is_stop_censored", "remitted_week"]
    schema = dict(zip(names, (pl.String, pl.Int64, pl.Boolean, pl.Int64), strict=True))
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    protocol = over_weeks(strategies={"possible_by": by})
    return sustained.possible(frame, protocol, least)


@pytest.mark.parametrize(
    ("rows", "is_possible"),
    [
        (group(2, 98), True),
        (group(1, 98), False),
        (group(2, 98, lost=50), True),  # who was lost is in neither count
        (group(2, 98, remitted=50), True),  # nor who was let go early
        (group(0, 10), False),
        (group(0, 0, remitted=3), False),
        (group(2, 98, name=None), True),
        (group(1, 98, name=None), False),
    ],
)
def test_a_group_is_compared_where_enough_people_stay(rows, is_possible):
    assert possible(rows).tolist() == [is_possible] * len(rows)


def test_each_group_is_judged_alone_and_no_group_is_no_limit():
    rows = group(1, 98, "short_term") + group(5, 5, "long_term")

    assert possible(rows).tolist() == [False] * 99 + [True] * 10
    assert possible(rows, least=0.01).all()
    assert possible(rows, least=0.99, by=None).all()


def test_who_was_lost_after_the_last_week_stayed():
    stayed = [("x", 52, True, None)] * 2 + [("x", 20, False, None)] * 98

    assert possible(stayed).all()


def test_from_the_fourth_session_on_among_who_came_to_it():
    sessions = {0: (0, 1, 2, 5, 9), 1: (0, 3, 4), 2: (0, 1, 2, 3)}
    rows = pl.DataFrame(
        [
            {"person": number, "week": week, "is_last": week == come[-1]}
            for number, come in sessions.items()
            for week in come
        ]
    )
    frame = pl.DataFrame({"unit_id": ["a", "b", "c"]})
    sample = Sample(frame, np.array([1.0, 2.0, 3.0]), np.ones(3, bool))
    stop, until = np.array([9, 4, 3]), np.array([52, 30, 52])

    later = sustained.from_fourth_session(
        Prepared(sample, Followed(frame, rows), stop, until)
    )

    assert later.sample.frame["unit_id"].to_list() == ["a", "c"]
    assert later.sample.values.tolist() == [1, 3]
    assert later.stop.tolist() == [9, 3]
    assert later.until.tolist() == [52, 52]
    assert later.followed.units["unit_id"].to_list() == ["a", "c"]
    assert later.followed.rows.select("person", "week").rows() == [
        (0, 5),
        (0, 9),
        (1, 3),
    ]
