"""How long it takes until something happens: who counts, the gate, the whole run."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from made_up_comparisons import LAX, new_build, rows_of, run, told, write
from made_up_times import EVENT_ID, OUTCOME, RELAPSE, UNTIL, level, people, protocol

from expectations.estimates import curves, effects
from pipelines.checks.expectations import run_suite
from pipelines.compare import gate, timed, units
from pipelines.compare.survival import Status
from pipelines.errors import EstimateFailedError
from pipelines.settings import Gate

DAYS, STATUS = OUTCOME.columns
ARMS = protocol().exposed, protocol().comparator


def frame(*rows):
    """Units by hand: arm, days, what ended them."""
    made = people(len(rows), 1).drop("arm", "is_exposed", DAYS, STATUS)
    return made.with_columns(
        pl.Series("is_exposed", [row[0] for row in rows]),
        pl.Series("arm", [(ARMS[0] if row[0] else ARMS[1]).arm for row in rows]),
        pl.Series(DAYS, [row[1] for row in rows], dtype=pl.Int32),
        pl.Series(STATUS, [row[2] for row in rows], dtype=pl.String),
    )


def test_known_are_who_was_ill_again_dead_or_followed_to_the_last_day():
    made = frame(
        (True, 10, "event"),
        (True, 10, "died"),
        (True, 364, "censored"),
        (True, 365, "censored"),
        (False, 0, "censored"),
        (False, 365, "event"),
    )
    one = timed.sample(made, OUTCOME)

    assert one.is_observed.tolist() == [True, True, False, True, False, True]
    assert one.values.tolist() == [1, 0, 0, 0, 0, 1]


def test_who_is_not_due_is_neither_known_nor_lost():
    made = frame((True, 10, "event"), (False, None, None)).with_columns(
        pl.Series("is_due_12mo", [True, False])
    )

    assert timed.sample(made, OUTCOME).frame.height == 1


@pytest.mark.parametrize(
    ("days", "status"),
    [(None, "event"), (-1, "event"), (366, "censored"), (42, "gone"), (42, None)],
)
def test_impossible_days_stop_the_run_and_are_not_repeated(days, status):
    made = frame((True, 10, "event"), (False, days, status))

    with pytest.raises(EstimateFailedError, match=r"^1 of 2 row") as caught:
        timed.sample(made, OUTCOME)
    assert "42" not in str(caught.value)
    assert "gone" not in str(caught.value)


def test_bounds_make_those_who_were_lost_ill_in_one_arm_and_well_in_the_other():
    made = frame(
        (True, 50, "censored"),
        (True, 60, "event"),
        (False, 70, "censored"),
        (False, 80, "died"),
        (False, 365, "censored"),
    )
    given = timed.follow_up(timed.sample(made, OUTCOME), OUTCOME)

    worst, best = (timed.bound(given, name) for name in ("worst", "best"))

    assert worst.days.tolist() == [50, 60, 365, 80, 365]
    assert worst.status.tolist() == [Status.event, Status.event, 0, Status.died, 0]
    assert best.days.tolist() == [365, 60, 70, 80, 365]
    assert best.status.tolist() == [0, Status.event, Status.event, Status.died, 0]


def test_how_closely_people_were_followed_by_hand():
    made = frame(
        (True, 100, "event"),
        (True, 182, "censored"),
        (True, 183, "censored"),
        (True, 20, "died"),
        (False, 10, "censored"),
    ).with_columns(
        pl.Series("scores_12mo_count", [2, 3, 0, 1, 9]),
        pl.Series("scored_12mo_days", [120, 180, 0, 60, 9]),
        pl.Series("is_found_at_return", [True, False, False, False, False]),
    )
    one = timed.sample(made, OUTCOME)
    rules = timed.described(one, OUTCOME, ARMS[0], one.is_exposed)

    assert {rule.diagnostic_id: rule.value for rule in rules} == {
        "followed_half_share": 0.75,
        "scores_per_90_days": 90 * 6 / 360,
        "found_at_return_share": 0.25,
    }
    assert {rule.is_passed for rule in rules} == {None}


@pytest.mark.parametrize(("events", "is_passed"), [(9, False), (10, True), (11, True)])
def test_an_arm_needs_ten_people_with_the_event(events, is_passed):
    rule = gate.enough_events(ARMS[0], events, Gate())

    assert rule.is_passed is is_passed
    assert rule.note == (
        f"Continued therapy: {events} people had the event while followed, at least 10 "
        "are needed."
    )


def both_arms(exposed, comparator):
    """So many ill, so many followed to the end, so many lost, on each side."""
    rows = []
    for is_exposed, (ill, well, lost) in ((True, exposed), (False, comparator)):
        rows += [(is_exposed, 30 + n, "event") for n in range(ill)]
        rows += [(is_exposed, UNTIL, "censored")] * well
        rows += [(is_exposed, 200, "censored")] * lost
    return frame(*rows)


@pytest.mark.parametrize(
    ("exposed", "comparator", "failed"),
    [
        ((20, 40, 40), (20, 40, 40), set()),
        ((20, 39, 41), (20, 40, 40), {"outcome_observed_share"}),
        ((20, 55, 25), (20, 40, 40), set()),
        ((20, 56, 24), (20, 40, 40), {"outcome_observed_share_difference"}),
        ((10, 50, 40), (20, 40, 40), set()),
        ((9, 51, 40), (20, 40, 40), {"people_with_the_event"}),
        ((10, 10, 0), (20, 40, 0), set()),
        ((10, 9, 0), (20, 40, 0), {"people_with_the_outcome"}),
    ],
)
def test_each_limit_of_who_is_known_from_both_sides(exposed, comparator, failed):
    con = new_build()
    write(con, RELAPSE, both_arms(exposed, comparator))
    planned = protocol(covariates=("is_female",))
    limits = replace(
        LAX,
        minimum_people_per_arm=20,
        minimum_events_per_arm=10,
        minimum_observed_share=0.6,
        maximum_observed_share_difference=0.15,
    )
    found, diagnostics = run(con, [planned], limits)

    assert {
        row["diagnostic_id"] for row in diagnostics if row["is_passed"] is False
    } == failed
    assert {row["is_withheld"] for row in found} == {bool(failed)}
    if failed:
        assert {row["estimate"] for row in found} == {None}
        assert all(row["withheld_reason"].endswith(".") for row in found)
        assert rows_of(con, "curves") == []


@pytest.fixture(scope="module")
def estimated():
    con = new_build()
    write(con, RELAPSE, people(4000, 7))
    found, diagnostics = run(con, [protocol()], Gate())
    return con, found, diagnostics


def of(rows, **where):
    [row] = [r for r in rows if all(r[name] == v for name, v in where.items())]
    return row


def test_every_way_has_its_three_scales_and_one_is_primary(estimated):
    _, found, _ = estimated

    ways = {(row["estimator_id"], row["specification_id"]) for row in found}
    assert ways == {
        ("unadjusted", "protocol"),
        ("iptw", "protocol"),
        ("overlap", "protocol"),
        ("iptw", "worst_case"),
        ("iptw", "best_case"),
    }
    for estimator, specification in ways:
        scales = [
            row["scale"]
            for row in found
            if (row["estimator_id"], row["specification_id"])
            == (estimator, specification)
        ]
        assert sorted(scales) == [
            "risk_difference",
            "risk_ratio",
            "time_lost_difference_days",
        ]
    primary = of(found, is_primary=True)
    assert (primary["estimator_id"], primary["scale"]) == ("iptw", "risk_difference")
    assert primary["p_value_holm"] == primary["p_value"]
    assert not any(row["is_withheld"] for row in found)


def test_weighting_finds_the_truth_that_plain_curves_miss(estimated):
    _, found, _ = estimated
    truths = np.subtract(level(True), level(False))

    for scale, truth in zip(
        ("risk_difference", "time_lost_difference_days"), truths, strict=True
    ):
        weighted = of(
            found, scale=scale, estimator_id="iptw", specification_id="protocol"
        )
        plain = of(found, scale=scale, estimator_id="unadjusted")
        assert weighted["estimate_low"] < truth < weighted["estimate_high"]
        assert plain["estimate_low"] > truth
        bounds = [
            of(found, scale=scale, specification_id=f"{name}_case")["estimate"]
            for name in ("best", "worst")
        ]
        assert bounds[0] < weighted["estimate"] < bounds[1]


def test_what_is_known_counts_and_what_would_undo_it_is_told(estimated):
    _, found, diagnostics = estimated
    made = people(4000, 7)
    is_known = (made[STATUS] != "censored") | (made[DAYS] == UNTIL)
    primary = of(found, is_primary=True)

    assert primary["exposed_count"] == made["is_exposed"].sum()
    assert primary["exposed_observed_count"] == (made["is_exposed"] & is_known).sum()
    assert primary["exposed_effective_size"] < primary["exposed_observed_count"]
    assert told(diagnostics, "e_value")
    assert told(diagnostics, "tipping_point_points") == []
    events = told(diagnostics, "people_with_the_event", arm="continued")
    ill = made["is_exposed"] & (made[STATUS] == "event")
    assert [row["value"] for row in events] == [ill.sum()]
    for name in ("largest_imbalance_weighted", "equipoise", "largest_weight_share"):
        assert told(diagnostics, name)
    assert told(diagnostics, "prognostic_imbalance_weighted")[0]["value"] is not None


def test_curves_of_both_arms_end_where_the_estimate_is(estimated):
    con, found, _ = estimated
    points = rows_of(con, "curves")

    assert {row["curve_id"] for row in points} == {
        f"{EVENT_ID}_{name}" for name in OUTCOME.estimators
    }
    assert {row["instrument"] for row in points} == {"phq9"}
    assert len(points) == 3 * 2 * 13
    for estimator in OUTCOME.estimators:
        effect = of(
            found,
            estimator_id=estimator,
            specification_id="protocol",
            scale="risk_difference",
        )
        for arm, side in zip(ARMS, ("exposed", "comparator"), strict=True):
            last = of(
                points,
                curve_id=f"{EVENT_ID}_{estimator}",
                arm=arm.arm,
                time_month=12,
            )
            assert last["estimate"] == effect[f"{side}_level"]


@pytest.mark.parametrize("guard", [effects, curves], ids=["effects", "curves"])
def test_the_guards_of_the_estimates_hold(estimated, guard, tmp_path):
    con, *_ = estimated
    build = tmp_path / "outcomes.duckdb"
    con.execute(f"attach '{build}' as filed; copy from database memory to filed")
    con.execute("detach filed")
    table = f"estimates.{guard.__name__.rsplit('.', 1)[1]}"
    results = run_suite(
        build, table, guard.suite(), stage="estimates", run_id="20260101T000000Z"
    )

    assert {one.status for one in results} == {"pass"}


def test_the_same_rows_in_another_order_give_the_same_bytes():
    con = new_build()
    made = people(400, 9)
    write(con, RELAPSE, made)
    first = repr(run(con, [protocol()])), repr(rows_of(con, "curves"))
    write(con, RELAPSE, made.sample(fraction=1, shuffle=True, seed=1))

    assert (repr(run(con, [protocol()])), repr(rows_of(con, "curves"))) == first


def test_a_mart_without_what_tells_of_the_scoring_stops_the_run():
    con = new_build()
    write(con, RELAPSE, people(40, 2).drop("scored_12mo_days"))

    with pytest.raises(
        EstimateFailedError, match=r"lacks the column.* scored_12mo_days"
    ):
        run(con, [protocol()])


def test_a_share_beside_the_time_goes_the_way_of_shares():
    con = new_build()
    rng = np.random.default_rng(3)
    made = people(600, 3).with_columns(
        pl.Series("is_injury_12mo", rng.random(600) < 0.2)
    )
    write(con, RELAPSE, made)
    injury = replace(
        OUTCOME,
        outcome_id="injury_12mo",
        measure="share",
        role="negative_control",
        until_day=None,
    )
    found, diagnostics = run(con, [protocol(outcomes=(OUTCOME, injury))])

    scales = {row["scale"] for row in found if row["outcome_id"] == "injury_12mo"}
    assert scales == {"risk_difference", "risk_ratio"}
    assert told(diagnostics, "negative_control_alarm", outcome_id="injury_12mo")


def test_nobody_eligible_gives_a_reason_and_no_row():
    con = new_build()
    write(con, RELAPSE, people(40, 2).clear())
    found, diagnostics = run(con, [protocol()])

    assert found == []
    assert told(diagnostics, "has_eligible_people")[0]["is_passed"] is False
    assert units.read(con, protocol())[0] is None
