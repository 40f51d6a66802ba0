"""Gates, overrides and alarms of comparisons nobody allocated, as they are stored."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from made_up_comparisons import (
    LAX,
    by_contract,
    choices,
    courses,
    new_build,
    outcome,
    protocol_of,
    run,
    told,
    write,
)

from pipelines.compare import aipw, point_exposure
from pipelines.compare.results import NotEstimableError
from pipelines.settings import Gate

NUMBERS = (
    "exposed_level",
    "comparator_level",
    "estimate",
    "std_error",
    "estimate_low",
    "estimate_high",
    "p_value",
    "p_value_holm",
)
INJURY = outcome("injury_12mo", role="negative_control")


@pytest.fixture(scope="module")
def day_zero():
    """800 people whose arms stay unlike in a product that is not weighted for."""
    con = new_build()
    made = choices(800, 1, missing=True, twisted=0.8, confounding=0.3)
    write(con, "long_vs_short_term_by_contract", made)
    return con


@pytest.fixture(scope="module")
def weekly():
    con = new_build()
    courses(500, 4).build(con)
    return con


# design, setting, diagnostic, whether it is a least, words of the reason
GATED = [
    ("day_zero", "minimum_people_per_arm", "people_with_the_outcome", True, "people"),
    ("day_zero", "minimum_observed_share", "outcome_observed_share", True, "known for"),
    (
        "day_zero",
        "maximum_observed_share_difference",
        "outcome_observed_share_difference",
        False,
        "points apart",
    ),
    ("day_zero", "minimum_equipoise", "equipoise", True, "could well have had either"),
    (
        "day_zero",
        "maximum_imbalance",
        "largest_imbalance_weighted",
        False,
        "baseline phq9 points times is female",
    ),
    ("weekly", "minimum_people_per_arm", "people_with_the_outcome", True, "people"),
    ("weekly", "minimum_observed_share", "outcome_observed_share", True, "known for"),
    ("weekly", "minimum_effective_size", "effective_size", True, "are worth"),
    ("weekly", "maximum_weight_share", "largest_weight_share", False, "of the weight"),
    ("weekly", "maximum_mean_weight_error", "mean_weight", False, "weights average"),
]


LIMITS = {
    design: {row[1]: row[2:4] for row in GATED if row[0] == design}
    for design in ("day_zero", "weekly")
}


@pytest.fixture(scope="module")
def at_limit(day_zero, weekly):
    """By design: each setting as far inside as a ten-thousandth, and outside."""
    found = {}
    for design, con in (("day_zero", day_zero), ("weekly", weekly)):
        effects, diagnostics = run(con, [protocol_of(design)])
        assert not any(row["is_withheld"] for row in effects)
        found[design] = {
            setting: sides(setting, diagnostics, *what)
            for setting, what in LIMITS[design].items()
        }
    return found


def sides(setting, diagnostics, diagnostic_id, is_least):
    values = [row["value"] for row in told(diagnostics, diagnostic_id)]
    if setting == "maximum_mean_weight_error":
        values = [abs(value - 1) for value in values]
    far = 1 if setting == "minimum_people_per_arm" else 1e-4
    if is_least:
        return min(values) - far, min(values) + far
    return max(values) + far, max(values) - far


@pytest.mark.parametrize("design", ["day_zero", "weekly"])
def test_just_inside_every_limit_nothing_is_withheld(design, at_limit, request):
    inside = {name: pair[0] for name, pair in at_limit[design].items()}
    effects, diagnostics = run(
        request.getfixturevalue(design),
        [protocol_of(design)],
        replace(LAX, **inside),
    )

    assert not any(row["is_withheld"] for row in effects)
    assert not any(row["is_passed"] is False for row in diagnostics)


@pytest.mark.parametrize(
    ("design", "setting", "diagnostic_id", "is_least", "said"), GATED
)
def test_just_outside_a_limit_every_estimator_is_withheld(
    design, setting, diagnostic_id, is_least, said, at_limit, request
):
    protocol = protocol_of(design)
    limits = replace(LAX, **{setting: at_limit[design][setting][1]})
    effects, diagnostics = run(request.getfixturevalue(design), [protocol], limits)

    failed = [row for row in diagnostics if row["is_passed"] is False]
    assert {row["diagnostic_id"] for row in failed} == {diagnostic_id}
    names = {row["estimator_id"] for row in effects}
    assert names == set(protocol.outcomes[0].estimators)
    assert len({row["specification_id"] for row in effects}) > 4
    for row in effects:
        assert row["is_withheld"]
        assert said in row["withheld_reason"]
        assert row["withheld_reason"].endswith(".")
        assert [row[name] for name in NUMBERS] == [None] * len(NUMBERS)
        assert row["exposed_observed_count"] > 0


def test_a_withheld_outcome_withholds_no_other(day_zero):
    """Only the second outcome was due for 15 of an arm."""
    made = day_zero.sql("from marts.cmp_long_vs_short_term_by_contract").pl()
    few = pl.Series((np.arange(800) < 40).tolist())
    con = new_build()
    made = made.with_columns(
        is_due_6mo=few, is_phq9_response_6mo=made["is_phq9_response_12mo"]
    )
    write(con, "long_vs_short_term_by_contract", made)
    early = outcome("phq9_response_6mo")
    protocol = protocol_of("day_zero", outcomes=(outcome(), early))
    effects, _ = run(con, [protocol], replace(LAX, minimum_people_per_arm=41))

    withheld = {row["outcome_id"] for row in effects if row["is_withheld"]}
    assert withheld == {"phq9_response_6mo"}
    assert {row["scale"] for row in effects if row["is_withheld"]} == {
        "risk_difference",
        "risk_ratio",
    }


STRICT = replace(LAX, minimum_equipoise=0.999, maximum_observed_share_difference=0.0)


def test_an_override_shows_the_estimate_and_names_what_failed(day_zero):
    protocol = protocol_of("day_zero")
    limits = replace(STRICT, overridden=f"another {protocol.comparison_id}")
    effects, diagnostics = run(day_zero, [protocol], limits)
    plainly, _ = run(day_zero, [protocol])

    assert [row["estimate"] for row in effects] == [row["estimate"] for row in plainly]
    assert not any(row["is_withheld"] for row in effects)
    [said] = told(diagnostics, "gate_overridden")
    assert "this service's settings" in said["note"]
    assert "points apart" in said["note"]
    assert "could well have had either" in said["note"]
    [equipoise] = told(diagnostics, "equipoise")
    assert equipoise["is_passed"] is False


def test_an_override_is_of_the_comparison_that_it_names(day_zero):
    limits = replace(STRICT, overridden="long_vs_short_term modality")
    effects, diagnostics = run(day_zero, [protocol_of("day_zero")], limits)

    assert all(row["is_withheld"] for row in effects)
    assert told(diagnostics, "gate_overridden") == []


def test_an_override_that_overrides_nothing_is_not_told(day_zero):
    protocol = protocol_of("day_zero")
    limits = replace(LAX, overridden=protocol.comparison_id)
    _, diagnostics = run(day_zero, [protocol], limits)

    assert told(diagnostics, "gate_overridden") == []


def test_no_override_shows_an_arm_without_an_outcome():
    made = choices(200, 2)
    exposed = made["arm"] == by_contract().exposed.arm
    made = made.with_columns(
        phq9_points_12mo=made["phq9_points_12mo"].set(exposed, None)
    )
    con, protocol = new_build(), protocol_of("day_zero")
    write(con, "long_vs_short_term_by_contract", made)
    limits = replace(LAX, overridden=protocol.comparison_id)
    effects, diagnostics = run(con, [protocol], limits)

    assert all(row["is_withheld"] for row in effects)
    assert told(diagnostics, "gate_overridden") == []


def test_a_primary_that_cannot_be_fitted_withholds_the_outcome(day_zero, monkeypatch):
    def refuse(*_):
        raise NotEstimableError("The model does not settle.")

    monkeypatch.setattr(point_exposure, "prepare", refuse)
    protocol = protocol_of("day_zero")
    limits = replace(LAX, overridden=protocol.comparison_id)
    effects, diagnostics = run(day_zero, [protocol], limits)

    assert {row["withheld_reason"] for row in effects} == {"The model does not settle."}
    [said] = told(diagnostics, "could_be_estimated")
    assert (said["value"], said["is_passed"]) == (0, False)


def test_another_estimator_that_cannot_be_fitted_withholds_itself(
    day_zero, monkeypatch
):
    def refuse(*_, **__):
        raise NotEstimableError("An arm is too small.")

    monkeypatch.setattr(aipw, "estimate", refuse)
    effects, diagnostics = run(day_zero, [protocol_of("day_zero")])

    assert {row["estimator_id"] for row in effects if row["is_withheld"]} == {"aipw"}
    assert told(diagnostics, "could_be_estimated") == []


@pytest.mark.parametrize("differs", [False, True])
def test_an_outcome_that_nothing_can_change_raises_an_alarm_where_it_differs(differs):
    made = choices(1_500, 3)
    if differs:
        exposed = made["arm"] == by_contract().exposed.arm
        more = pl.Series(np.random.default_rng(4).random(1_500) < 0.15)
        made = made.with_columns(is_injury_12mo=made["is_injury_12mo"] | more & exposed)
    con = new_build()
    write(con, "long_vs_short_term_by_contract", made)
    protocol = protocol_of("day_zero", outcomes=(outcome(), INJURY))
    effects, diagnostics = run(con, [protocol])

    [alarm] = told(diagnostics, "negative_control_alarm")
    assert alarm["outcome_id"] == "injury_12mo"
    assert (alarm["value"], alarm["is_passed"]) == (float(differs), not differs)
    assert ("something that was not recorded" in alarm["note"]) is differs
    assert ("does not show that nothing" in alarm["note"]) is not differs
    assert not any(row["is_withheld"] for row in effects)
    assert {row["outcome_id"] for row in told(diagnostics, "e_value")} == {
        "phq9_points_12mo"
    }


@pytest.mark.parametrize(("stay", "is_left_out"), [(20, False), (1, True)])
def test_a_group_of_whom_nobody_stays_is_left_out_and_told(stay, is_left_out):
    """A third agreed on short-term therapy; so many of them stay to week 52."""
    con, made = new_build(), courses(500, 4)
    short = np.arange(500) % 3 == 0
    made.stop[np.flatnonzero(short & (made.stop >= 52))[stay:]] = 40
    made.build(con)
    con.execute(
        "update marts.cmp_long_vs_short_term set intended_length = 'short_term' "
        "where cast(right(unit_id, 6) as integer) % 3 = 0"
    )
    protocol = protocol_of("weekly", possible_by="intended_length")
    effects, diagnostics = run(con, [protocol], replace(LAX, minimum_chance=0.02))

    [said] = told(diagnostics, "left_out_where_not_possible")
    assert said["value"] == (short.sum() if is_left_out else 0)
    assert "intended length has less than 2%" in said["note"]
    [primary] = [row for row in effects if row["is_primary"]]
    kept = ~short if is_left_out else np.ones(500, bool)
    stops = kept & (made.stop < 32) & ~made.lost
    assert primary["comparator_count"] == stops.sum()


def test_under_the_limits_that_we_ship_a_good_comparison_is_shown():
    con = new_build()
    made = choices(4_000, 6, missing=True, confounding=0.5)
    write(con, "long_vs_short_term_by_contract", made)
    effects, diagnostics = run(con, [by_contract()], Gate())

    assert [
        row["diagnostic_id"] for row in diagnostics if row["is_passed"] is False
    ] == []
    assert not any(row["is_withheld"] for row in effects)
