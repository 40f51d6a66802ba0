"""What is estimated of a trial, in whom, and when it is withheld."""

import numpy as np
import pytest

from pipelines.compare import estimate, growth, protocols
from pipelines.settings import Gate, Settings

ID = "therapy_vs_usual_care"
SETTINGS = Settings(threads=1, memory_limit="1GB")
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


def effects_of(build, where="true"):
    return build.all(f"select * from estimates.effects where {where}")


def diagnostics_of(build, diagnostic_id, where="true"):
    return build.all(
        "select * from estimates.diagnostics "
        f"where diagnostic_id = '{diagnostic_id}' and {where}"
    )


def test_every_outcome_estimator_and_scale_has_one_row(build, rows):
    build.write(ID, rows(ID))

    counts = estimate.run(build.path, SETTINGS)

    found = effects_of(build)
    assert counts["effects"] == len(found) == 18
    kinds = {
        (row["outcome_id"][7:], row["estimator_id"], row["scale"]) for row in found
    }
    assert {kind for kind in kinds if "2mo" in kind[0] or "all" in kind[0]} == {
        ("points_all_follow_ups", "mixed_model", "mean_difference"),
        ("points_all_follow_ups", "growth", "mean_difference"),
        ("points_2mo", "unadjusted", "mean_difference"),
        ("points_2mo", "unadjusted", "hedges_g"),
        ("points_2mo", "ancova", "mean_difference"),
        ("response_2mo", "unadjusted", "risk_difference"),
    }
    assert not any(row["is_withheld"] for row in found)
    assert all(row["is_randomised"] for row in found)
    assert [row["estimator_id"] for row in found if row["is_primary"]] == [
        "mixed_model"
    ]


def test_a_withheld_row_keeps_its_counts_and_loses_its_numbers(build, rows):
    build.write(ID, rows(ID, 30, 30, seen={(0, 5): 17}))

    estimate.run(build.path, SETTINGS)

    withheld = effects_of(build, "is_withheld")
    assert {row["outcome_id"] for row in withheld} == {
        "bdi_ii_points_5mo",
        "bdi_ii_response_5mo",
    }
    for row in withheld:
        assert [row[name] for name in NUMBERS] == [None] * len(NUMBERS)
        assert (row["exposed_count"], row["exposed_observed_count"]) == (30, 17)
        assert "17 people have this outcome" in row["withheld_reason"]
    shown = effects_of(build, "not is_withheld")
    assert all(row["withheld_reason"] is None for row in shown)
    assert all(row["estimate"] is not None for row in shown)


@pytest.mark.parametrize(("observed", "is_withheld"), [(20, False), (19, True)])
def test_twenty_people_are_enough_and_nineteen_are_not(
    build, rows, observed, is_withheld
):
    build.write(ID, rows(ID, 20, 20, seen={(1, 2): observed}))

    estimate.run(build.path, SETTINGS)

    found = effects_of(build, "outcome_id = 'bdi_ii_points_2mo'")
    assert {row["is_withheld"] for row in found} == {is_withheld}


def test_the_mixed_model_counts_people_with_at_least_one_follow_up(build, rows):
    # The last 10 of the exposed are seen at month 8 only: each month alone fails.
    made = rows(ID, 40, 40)
    for row in made:
        late = int(row["patient_id"][-3:]) >= 30
        if row["is_exposed"] and late != (row["follow_up_month"] == 8):
            row["points"] = row["is_response"] = None
    build.write(ID, made)

    estimate.run(build.path, SETTINGS)

    [primary] = effects_of(build, "is_primary")
    assert primary["exposed_observed_count"] == 40
    assert not primary["is_withheld"]
    [at_8] = effects_of(
        build, "outcome_id = 'bdi_ii_points_8mo' and estimator_id = 'ancova'"
    )
    assert at_8["exposed_observed_count"] == 10
    assert at_8["is_withheld"]


def test_the_growth_models_gap_is_the_mean_of_those_at_the_follow_ups(build, rows):
    made = rows(ID, 40, 40, seen={(0, 5): 30, (1, 8): 29})
    build.write(ID, made)
    estimate.run(build.path, SETTINGS)
    [found] = effects_of(build, "estimator_id = 'growth'")
    [protocol] = protocols.load(protocols.FOLDER / f"{ID}.yml")

    seen = [row for row in made if row["points"] is not None]
    weeks = np.array([row["follow_up_month"] * 365.25 / 12 / 7 for row in seen])
    at = [
        growth.fit(
            [row["points"] for row in seen],
            weeks,
            [row["is_exposed"] for row in seen],
            [row["patient_id"] for row in seen],
            {
                name: np.array([row[name] for row in seen], float)
                for name in protocol.covariates
            },
            at_week=week,
        ).contrast.estimate
        for week in np.unique(weeks)
    ]
    assert len(at) == 4
    assert max(at) - min(at) > 0.01
    assert found["estimate"] == pytest.approx(np.mean(at), abs=2e-6)
    [spread] = diagnostics_of(build, "random_slope_sd")
    assert spread["value"] > 0


def test_response_counts_only_people_eligible_for_it(build, rows):
    made = rows(ID, 40, 40)
    for row in made:
        if row["baseline_points"] < 20:
            row["is_response_eligible"] = False
            row["is_response"] = row["is_remission"] = None
    build.write(ID, made)

    estimate.run(build.path, SETTINGS)

    [risk] = effects_of(build, "outcome_id = 'bdi_ii_response_2mo'")
    eligible = {
        row["patient_id"]
        for row in made
        if row["is_exposed"] and row["is_response_eligible"]
    }
    responding = {
        row["patient_id"]
        for row in made
        if row["is_exposed"] and row["follow_up_month"] == 2 and row["is_response"]
    }
    assert risk["exposed_count"] == len(eligible) < 40
    assert risk["exposed_level"] == pytest.approx(
        len(responding) / len(eligible), abs=1e-6
    )


def test_a_constant_covariate_is_dropped_and_said(build, rows):
    made = rows(ID)
    for row in made:
        row["is_on_medication_at_start"] = True
        row["is_current_episode_over_6_months"] = None
    build.write(ID, made)

    estimate.run(build.path, SETTINGS)

    [said] = diagnostics_of(
        build, "covariates_dropped", "outcome_id = 'bdi_ii_points_2mo'"
    )
    assert said["value"] == 2
    assert said["note"] == (
        "The same for everyone: is_on_medication_at_start. "
        "Not measured: is_current_episode_over_6_months."
    )
    assert not any(row["is_withheld"] for row in effects_of(build))


def test_people_with_an_unknown_covariate_are_left_out_of_models_only(build, rows):
    made = rows(ID)
    for row in made:
        if row["patient_id"] == "syn:0_000":
            row["baseline_points"] = None
    build.write(ID, made)

    estimate.run(build.path, SETTINGS)

    observed = {
        row["estimator_id"]: row["exposed_observed_count"]
        for row in effects_of(build, "outcome_id like '%_points_%'")
    }
    models = dict.fromkeys(("ancova", "mixed_model", "growth"), 29)
    assert observed == {"unadjusted": 30, **models}


@pytest.mark.parametrize(
    ("spoil", "diagnostic_id", "said"),
    [
        ({"is_randomised": False}, "everyone_randomised", "1 of 60 people were not"),
        ({"source": "another"}, "single_source", "People come from 2 sources"),
        (
            {"patient_id": "syn:0_001"},
            "one_episode_per_person",
            "1 of 59 people have more than one eligible episode",
        ),
    ],
)
def test_a_rule_on_the_whole_comparison_withholds_everything(
    build, rows, spoil, diagnostic_id, said
):
    made = rows(ID)
    for row in made:
        if row["patient_id"] == "syn:0_000":
            row.update(spoil)
    build.write(ID, made)

    estimate.run(build.path, SETTINGS)

    [rule] = diagnostics_of(build, diagnostic_id)
    assert rule["is_passed"] is False
    assert rule["note"].startswith(said)
    for row in effects_of(build):
        assert row["is_withheld"]
        assert row["withheld_reason"].startswith(said)
        assert row["p_value_holm"] is None
    if diagnostic_id == "everyone_randomised":
        assert not any(row["is_randomised"] for row in effects_of(build))


def test_a_description_does_not_ask_for_randomisation_and_says_so(build, rows):
    comparison_id = "trial_therapy_plus_medication_vs_therapy"
    made = rows(comparison_id)
    # Even if the mart called everyone randomised, the design decides.
    for row in made:
        row["is_randomised"] = True
    build.write(comparison_id, made)

    estimate.run(build.path, SETTINGS)

    found = effects_of(build)
    assert found
    assert not any(row["is_randomised"] or row["is_withheld"] for row in found)
    assert diagnostics_of(build, "everyone_randomised") == []


def test_a_model_that_fails_is_withheld_with_its_reason(build, rows, monkeypatch):
    monkeypatch.setattr("pipelines.compare.mixed.OPTIMISERS", {"bfgs": {"maxiter": 0}})
    build.write(ID, rows(ID))

    estimate.run(build.path, SETTINGS)

    [primary] = effects_of(build, "is_primary")
    assert primary["is_withheld"]
    assert "did not converge" in primary["withheld_reason"]
    [said] = diagnostics_of(build, "could_be_estimated", "estimator_id = 'mixed_model'")
    assert (said["value"], said["is_passed"]) == (0, False)
    [family] = diagnostics_of(build, "holm_family_size")
    assert family["value"] == 0


def test_the_gates_limits_come_from_the_settings(build, rows):
    build.write(ID, rows(ID, 12, 12))

    estimate.run(build.path, SETTINGS)
    assert all(row["is_withheld"] for row in effects_of(build))
    estimate.run(build.path, Settings(threads=1, gate=Gate(minimum_people_per_arm=12)))
    assert not any(row["is_withheld"] for row in effects_of(build))


def test_swapping_the_arms_mirrors_every_effect(build, rows):
    def by_kind(swap):
        build.write(ID, rows(ID, 40, 36, swap=swap))
        estimate.run(build.path, SETTINGS)
        return {
            (row["outcome_id"], row["estimator_id"], row["scale"]): row
            for row in effects_of(build)
        }

    forward, reverse = by_kind(False), by_kind(True)
    for kind, row in forward.items():
        other = reverse[kind]
        assert row["estimate"] == pytest.approx(-other["estimate"], abs=5e-6)
        assert row["estimate_low"] == pytest.approx(-other["estimate_high"], abs=5e-6)
        assert row["exposed_level"] == pytest.approx(
            other["comparator_level"], abs=5e-6
        )
        assert row["exposed_count"] == other["comparator_count"]


def test_follow_ups_that_the_protocol_does_not_name_are_counted(build, rows):
    made = rows(ID)
    for row in made:
        if row["follow_up_month"] == 8:
            row["follow_up_month"] = 9
    build.write(ID, made)

    estimate.run(build.path, SETTINGS)

    [said] = diagnostics_of(build, "follow_ups_outside_the_protocol")
    assert (said["value"], said["is_passed"]) == (1, False)
    nobody = effects_of(build, "outcome_id = 'bdi_ii_points_8mo'")
    assert {row["withheld_reason"] for row in nobody} == {
        "Nobody in these data was due to have this outcome."
    }
    assert {row["exposed_count"] for row in nobody} == {0}
