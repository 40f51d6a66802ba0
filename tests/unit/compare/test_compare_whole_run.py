"""A whole run: a choice made on day 0, two lengths of therapy, and a small trial."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from made_up_comparisons import (
    choices,
    courses,
    named,
    new_build,
    outcome,
    protocol_of,
    run,
    told,
    write,
)

from pipelines.compare import store
from pipelines.compare.protocols import Primary

RESPONSE = outcome("phq9_response_12mo")


@pytest.fixture(scope="module")
def everything():
    """A whole run: a choice on day 0, two lengths over weeks, and a small trial."""
    con = new_build()
    made = choices(1_500, 5, missing=True, gain=-2.0)
    write(con, "long_vs_short_term_by_contract", made)
    courses(500, 4).build(con)
    short = protocol_of(
        "day_zero", outcomes=(outcome(), RESPONSE), subgroups=("chronic",)
    )
    weeks = protocol_of("weekly", subgroups=("chronic",))
    return con, (short, weeks)


@pytest.fixture(scope="module")
def tables(everything, rows):
    con, protocols = everything
    trial = named("therapy_vs_usual_care")
    trial = replace(
        trial,
        outcomes=tuple(
            replace(one, estimators=("unadjusted", "ancova"))
            for one in trial.outcomes
            if one.outcome_id == "bdi_ii_points_2mo"
        ),
        primary=Primary("bdi_ii_points_2mo", "ancova"),
    )
    write(con, trial.comparison_id, pl.DataFrame(rows(trial.comparison_id)))
    protocols = (*protocols, trial)
    effects, diagnostics = run(con, protocols)
    return con, protocols, effects, diagnostics


def test_no_row_of_a_whole_run_has_the_key_of_another(tables):
    _, protocols, effects, diagnostics = tables

    assert {row["comparison_id"] for row in effects} == {
        one.comparison_id for one in protocols
    }
    for name, rows in (("effects", effects), ("diagnostics", diagnostics)):
        keys = [tuple(row[column] for column in store.KEYS[name]) for row in rows]
        assert len(set(keys)) == len(keys) > 20
        ordered = [[(part is not None, part) for part in key] for key in keys]
        assert ordered == sorted(ordered)
    assert not any(row["is_withheld"] for row in effects)


def test_each_comparison_has_one_primary_row(tables):
    _, protocols, effects, _ = tables
    primary = [row for row in effects if row["is_primary"]]

    assert {
        (row["comparison_id"], row["outcome_id"], row["estimator_id"])
        for row in primary
    } == {
        (one.comparison_id, one.primary.outcome_id, one.primary.estimator_id)
        for one in protocols
    }
    assert len(primary) == len(protocols)
    for row in primary:
        assert row["population_id"] == "all"
        assert row["specification_id"] == "protocol"
        assert row["p_value_holm"] is not None


def test_what_is_estimated_in_whom_and_how(tables):
    _, (short, weeks, _), effects, _ = tables

    def kinds(protocol):
        return {
            tuple(row[name] for name in ("population_id", "specification_id"))
            for row in effects
            if row["comparison_id"] == protocol.comparison_id
            and row["outcome_id"] == "phq9_points_12mo"
        }

    both = {("all", "protocol"), ("chronic", "protocol"), ("not_chronic", "protocol")}
    assert kinds(short) == both | {
        ("all", name)
        for name in (
            "complete_cases",
            "multiple_imputation",
            "worst_case",
            "best_case",
        )
    }
    assert kinds(weeks) == both | {
        ("all", name)
        for name in (
            "complete_cases",
            "four_sessions",
            "truncated_99_5",
            "truncated_99",
        )
    }
    scales = {
        row["scale"] for row in effects if row["outcome_id"] == "phq9_response_12mo"
    }
    assert scales == {"risk_difference", "risk_ratio"}


def test_an_effect_twice_as_large_in_a_subgroup_is_found(tables):
    _, (short, *_), effects, _ = tables
    [found] = [
        row
        for row in effects
        if row["scale"] == "interaction_mean_difference"
        and row["comparison_id"] == short.comparison_id
    ]
    inside, outside = (
        row
        for row in effects
        if row["comparison_id"] == short.comparison_id
        and row["population_id"].endswith("chronic")
        and row["scale"] == "mean_difference"
    )

    assert found["population_id"] == "chronic"
    assert abs(found["estimate"] - (-2.0)) < 3 * found["std_error"]
    assert found["p_value"] < 0.001
    assert (inside["population_id"], outside["population_id"]) == (
        "chronic",
        "not_chronic",
    )
    assert found["estimate"] == pytest.approx(
        inside["estimate"] - outside["estimate"], abs=2e-6
    )


def test_single_covariates_are_told_of_the_primary_outcome_in_everybody(tables):
    _, (short, *_), _, diagnostics = tables
    each = [
        row
        for row in diagnostics
        if row["comparison_id"] == short.comparison_id
        and "standardised_difference_" in row["diagnostic_id"]
    ]

    assert {(row["outcome_id"], row["population_id"]) for row in each} == {
        ("phq9_points_12mo", "all")
    }
    verdicts = told(
        diagnostics, "largest_imbalance_weighted", comparison_id=short.comparison_id
    )
    assert {(row["outcome_id"], row["population_id"]) for row in verdicts} == {
        ("phq9_points_12mo", "all"),
        ("phq9_points_12mo", "chronic"),
        ("phq9_points_12mo", "not_chronic"),
        ("phq9_response_12mo", "all"),
    }


def test_what_would_undo_an_estimate_is_told_of_the_primary_estimator(tables):
    _, (short, weeks, _), effects, diagnostics = tables
    for protocol in (short, weeks):
        where = {"comparison_id": protocol.comparison_id, "population_id": "all"}
        where["outcome_id"] = "phq9_points_12mo"
        [primary] = [
            row
            for row in effects
            if row["is_primary"] and row["comparison_id"] == protocol.comparison_id
        ]
        distance = max(primary["estimate_low"], -primary["estimate_high"], 0)
        for side, arm in (
            ("exposed", protocol.exposed),
            ("comparator", protocol.comparator),
        ):
            share = 1 - primary[f"{side}_observed_count"] / primary[f"{side}_count"]
            [point] = told(diagnostics, "tipping_point_points", arm=arm.arm, **where)
            assert point["value"] == pytest.approx(distance / share, abs=1e-4)
        [e_value] = told(diagnostics, "e_value", **where)
        assert e_value["value"] > 1


def test_how_many_agree_is_told_of_the_comparison(tables):
    _, (short, *_), effects, diagnostics = tables
    [agreed] = told(
        diagnostics,
        "specifications_agreeing_in_sign",
        comparison_id=short.comparison_id,
    )
    others = [
        row
        for row in effects
        if row["comparison_id"] == short.comparison_id
        and row["outcome_id"] == "phq9_points_12mo"
        and row["population_id"] == "all"
        and not row["is_primary"]
    ]

    assert agreed["outcome_id"] is None
    assert f"Of {len(others)} other ways" in agreed["note"]
    same = np.mean([row["estimate"] < 0 for row in others])
    assert agreed["value"] == pytest.approx(same, abs=1e-6)


def test_followers_are_what_is_counted_over_weeks(tables):
    _, (_, weeks, _), effects, _ = tables
    made = courses(500, 4)
    [primary] = [
        row
        for row in effects
        if row["is_primary"] and row["comparison_id"] == weeks.comparison_id
    ]

    stays, stops = made.stop >= 52, (made.stop < 32) & ~made.lost
    assert primary["exposed_count"] == stays.sum()
    assert primary["comparator_count"] == stops.sum()
    assert primary["exposed_effective_size"] < primary["exposed_observed_count"]


def test_the_same_rows_in_another_order_give_the_same_bytes(tables):
    con, protocols, *first = tables
    for table, key in (
        ("marts.cmp_long_vs_short_term_by_contract", "unit_id"),
        ("marts.cmp_long_vs_short_term", "unit_id"),
        ("intermediate.int_episodes_followed_by_session", "unit_id"),
        ("marts.cmp_therapy_vs_usual_care", "episode_id"),
    ):
        con.execute(
            f"create or replace table {table} as from {table} order by hash({key})"
        )

    assert repr(list(run(con, protocols[::-1]))) == repr(first)
