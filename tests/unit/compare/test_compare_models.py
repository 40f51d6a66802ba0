import numpy as np
import pytest

from pipelines.compare import ancova, mixed
from pipelines.compare.covariates import choose, design_matrix
from pipelines.compare.results import NotEstimableError

PEOPLE = 24
RANDOM = np.random.default_rng(20260101)
BASELINE = RANDOM.normal(25, 6, PEOPLE)
ARM = np.arange(PEOPLE) % 2
POINTS = 0.6 * BASELINE - 3 * ARM + RANDOM.normal(0, 4, PEOPLE)

MONTHS = np.tile([2, 5, 8], PEOPLE)
PATIENTS = np.repeat([f"p{person:02d}" for person in range(PEOPLE)], 3)
SCORES = (
    np.repeat(POINTS + RANDOM.normal(0, 4, PEOPLE), 3)
    - 0.4 * MONTHS
    + RANDOM.normal(0, 3, 3 * PEOPLE)
)


def fit_ancova(points=POINTS, arm=ARM, **covariates):
    return ancova.fit(points, arm, covariates or {"baseline_points": BASELINE})


def fit_mixed(points=SCORES, months=MONTHS, arm=None, patients=PATIENTS, **covariates):
    arm = np.repeat(ARM, 3) if arm is None else arm
    return mixed.fit(
        points,
        months,
        arm,
        patients,
        covariates or {"baseline_points": np.repeat(BASELINE, 3)},
    )


@pytest.mark.parametrize("fit", [fit_ancova, fit_mixed])
def test_swapping_the_arms_mirrors_the_estimate(fit):
    arm = ARM if fit is fit_ancova else np.repeat(ARM, 3)
    forward, reverse = fit(arm=arm).contrast, fit(arm=1 - arm).contrast

    assert forward.estimate == pytest.approx(-reverse.estimate, abs=1e-6)
    assert forward.low == pytest.approx(-reverse.high, abs=1e-6)
    assert forward.p_value == pytest.approx(reverse.p_value, abs=1e-6)
    assert forward.exposed_level == pytest.approx(reverse.comparator_level, abs=1e-6)


@pytest.mark.parametrize("fit", [fit_ancova, fit_mixed])
def test_the_levels_differ_by_the_estimate_and_surround_the_mean(fit):
    contrast = fit().contrast

    assert contrast.exposed_level - contrast.comparator_level == pytest.approx(
        contrast.estimate
    )
    points = POINTS if fit is fit_ancova else SCORES
    middle = (contrast.exposed_level + contrast.comparator_level) / 2
    assert middle == pytest.approx(points.mean(), abs=0.5)


def test_ancova_removes_a_difference_that_baseline_explains():
    arm = np.repeat([0, 1], 12)
    baseline = np.concatenate([np.arange(12) + 20, np.arange(12) + 30]).astype(float)
    wobble = np.tile([0.5, -0.5, 0.2, -0.2], 6)
    found = ancova.fit(baseline / 2 + wobble, arm, {"baseline_points": baseline})

    assert found.contrast.low < 0 < found.contrast.high
    assert found.coefficients["baseline_points"] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_missing_values_are_refused_by_name_and_position(bad):
    points = POINTS.copy()
    points[[2, 7]] = bad
    with pytest.raises(ValueError, match=r"ANCOVA: points .* positions \[2, 7\]"):
        fit_ancova(points=points)
    months = MONTHS.astype(float)
    months[5] = bad
    with pytest.raises(ValueError, match=r"Mixed model: month .* positions \[5\]"):
        fit_mixed(months=months)


def test_lengths_that_differ_are_refused():
    with pytest.raises(ValueError, match="same length"):
        fit_ancova(points=POINTS[:-1])
    with pytest.raises(ValueError, match="same length"):
        fit_mixed(patients=PATIENTS[:-1])


@pytest.mark.parametrize("fit", [fit_ancova, fit_mixed])
def test_a_covariate_that_is_the_arm_again_cannot_be_told_apart(fit):
    arm = ARM if fit is fit_ancova else np.repeat(ARM, 3)
    with pytest.raises(NotEstimableError, match="cannot be told apart"):
        fit(is_on_medication_at_start=1 - arm)


def test_one_person_who_alone_determines_a_term_is_refused():
    only_one = np.zeros(PEOPLE)
    only_one[3] = 1
    with pytest.raises(NotEstimableError, match="One person alone"):
        fit_ancova(rare=only_one)


def test_as_many_terms_as_scores_is_refused():
    with pytest.raises(NotEstimableError, match="as many terms"):
        ancova.fit([1.0, 2.0, 4.0], [0, 1, 0], {"baseline_points": [3.0, 5.0, 9.0]})


def test_the_mixed_model_needs_somebody_with_two_scores():
    with pytest.raises(NotEstimableError, match="Nobody has more than one"):
        mixed.fit(POINTS, MONTHS[:PEOPLE], ARM, PATIENTS[::3], {"b": BASELINE})


def test_a_mixed_model_that_does_not_converge_is_never_returned(monkeypatch):
    # No iteration at all: every optimiser stops before its maximum.
    monkeypatch.setattr(
        mixed, "OPTIMISERS", {"bfgs": {"maxiter": 0}, "lbfgs": {"maxiter": 0}}
    )
    with pytest.raises(NotEstimableError, match="did not converge with any of 2"):
        fit_mixed()


def test_a_second_optimiser_takes_over_and_is_named(monkeypatch):
    monkeypatch.setattr(mixed, "OPTIMISERS", {"bfgs": {"maxiter": 0}, "powell": {}})
    found = fit_mixed()

    assert found.optimiser == "powell"
    monkeypatch.undo()
    assert found.contrast.estimate == pytest.approx(
        fit_mixed().contrast.estimate, abs=1e-5
    )


def test_a_false_maximum_below_the_model_it_contains_is_refused(monkeypatch):
    monkeypatch.setattr(mixed, "LIKELIHOOD_TOLERANCE", -1e6)
    with pytest.raises(NotEstimableError, match="did not converge"):
        fit_mixed()


def test_without_spread_between_people_it_is_least_squares():
    random = np.random.default_rng(3)
    errors = random.normal(0, 5, (PEOPLE, 3))
    # Everyone's own mean is pulled to zero: the intercepts' variance is estimated as 0.
    errors -= 0.9 * errors.mean(axis=1, keepdims=True)
    points = np.repeat(0.5 * BASELINE - 2 * ARM, 3) - 0.3 * MONTHS + errors.ravel()
    found = fit_mixed(points=points)
    matrix = design_matrix(
        {
            "month": MONTHS,
            "is_exposed": np.repeat(ARM, 3),
            "b": np.repeat(BASELINE, 3),
        }
    )
    expected, residue, *_ = np.linalg.lstsq(matrix, points, rcond=None)

    assert found.random_intercept_sd == pytest.approx(0, abs=1e-3)
    assert found.contrast.estimate == pytest.approx(expected[2], abs=1e-5)
    assert found.residual_sd == pytest.approx(
        np.sqrt(residue[0] / len(points)), abs=1e-4
    )


def test_with_one_follow_up_for_everyone_month_is_left_out():
    twice = np.repeat(np.arange(12), 2)
    found = mixed.fit(POINTS, np.full(PEOPLE, 2), ARM, twice, {"b": BASELINE})

    assert "month" not in found.coefficients


def test_constant_and_unmeasured_covariates_are_dropped_by_name():
    found = choose(
        {
            "varies": [1, 2, np.nan, 4],
            "constant": [1, 1, np.nan, 1],
            "unknown": [np.nan] * 4,
        },
        people=4,
    )

    assert list(found.values) == ["varies"]
    assert found.constant == ("constant",)
    assert found.not_measured == ("unknown",)
    # A missing value in a covariate that is dropped costs nobody.
    assert found.is_complete.tolist() == [True, True, False, True]
    assert found.sentence() == (
        "The same for everyone: constant. Not measured: unknown."
    )


def test_the_rank_does_not_depend_on_a_columns_unit():
    years = np.linspace(0, 1, 10)
    assert design_matrix({"a": years * 1e9, "b": years**2 * 1e-9}).shape == (10, 3)
