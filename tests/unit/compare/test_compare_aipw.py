"""AIPW: found truth, two chances to be right, and the same sums by statsmodels."""

import numpy as np
import pytest
from scipy.special import expit
from statsmodels.api import OLS, Logit

from pipelines.compare import aipw, clustering
from pipelines.compare.results import NotEstimableError

TRUTH = -2.0


def people(count, seed, bent=False):
    """Severe people get the exposed arm; `bent` makes the outcome curve."""
    rng = np.random.default_rng(seed)
    severity = rng.normal(size=count)
    exposed = rng.random(count) < expit(severity - 0.3)
    outcome = 10 + 3 * severity + TRUTH * exposed + rng.normal(size=count)
    if bent:
        outcome += severity**3
    return outcome, exposed, severity[:, None]


def test_the_truth_is_found_where_the_plain_average_is_wrong():
    outcome, exposed, severity = people(20_000, 1)
    found = aipw.estimate(outcome, exposed, severity).contrast

    plain = outcome[exposed].mean() - outcome[~exposed].mean()
    assert plain > 0
    assert abs(found.estimate - TRUTH) < 3 * found.std_error
    assert found.std_error < 0.05


def test_a_wrong_outcome_model_is_made_good_by_the_weights():
    outcome, exposed, severity = people(100_000, 2, bent=True)
    found = aipw.estimate(outcome, exposed, severity).contrast
    by_model = OLS(
        outcome, np.column_stack([np.ones(len(outcome)), exposed, severity])
    ).fit()

    assert abs(found.estimate - TRUTH) < 3 * found.std_error
    assert abs(by_model.params[1] - TRUTH) > 10 * by_model.bse[1]


def test_a_wrong_propensity_is_made_good_by_the_outcome_model():
    rng = np.random.default_rng(3)
    severity = rng.normal(size=50_000)
    exposed = rng.random(50_000) < expit(severity**2 - 1)
    outcome = 3 * severity + TRUTH * exposed + rng.normal(size=50_000)

    found = aipw.estimate(outcome, exposed, severity[:, None]).contrast

    assert abs(found.estimate - TRUTH) < 3 * found.std_error


@pytest.mark.parametrize("is_binary", [False, True])
def test_the_sums_are_those_of_statsmodels_fits(is_binary):
    outcome, exposed, severity = people(2_000, 4)
    cluster = np.random.default_rng(5).integers(0, 150, 2_000)
    if is_binary:
        outcome = (outcome > 10).astype(float)
    ours = aipw.estimate(
        outcome, exposed, severity, cluster, is_binary=is_binary, seed=7
    )

    matrix = np.column_stack([np.ones(2_000), severity])
    numbers, count = clustering.numbered(cluster, 2_000)
    fold = clustering.folds(numbers, count, aipw.FOLDS, seed=7)
    psi = np.empty(2_000)
    for number in range(aipw.FOLDS):
        here, rest = fold == number, fold != number
        chance = Logit(exposed[rest].astype(float), matrix[rest]).fit(disp=0, tol=1e-12)
        e = chance.predict(matrix[here])
        mean = []
        for arm in (True, False):
            among = rest & (exposed == arm)
            fit = (
                Logit(outcome[among], matrix[among]).fit(disp=0, tol=1e-12)
                if is_binary
                else OLS(outcome[among], matrix[among]).fit()
            )
            mean.append(fit.predict(matrix[here]))
        a, y = exposed[here], outcome[here]
        psi[here] = (
            mean[0] - mean[1] + a * (y - mean[0]) / e - ~a * (y - mean[1]) / (1 - e)
        )
    sums = np.array([(psi - psi.mean())[cluster == c].sum() for c in set(cluster)])
    error = np.sqrt(len(sums) / (len(sums) - 1) * (sums**2).sum()) / 2_000

    assert ours.contrast.estimate == pytest.approx(psi.mean(), abs=1e-6)
    assert ours.contrast.std_error == pytest.approx(error, abs=1e-6)


def test_no_cluster_is_fitted_on_and_used_in_one_fold():
    numbers, count = clustering.numbered(["b", "a", "b", "c", "a", "d"], 6)
    fold = clustering.folds(numbers, count, 3, seed=1)

    assert count == 4
    for cluster in range(count):
        assert len(set(fold[numbers == cluster])) == 1
    assert set(fold) == {0, 1, 2}


def test_the_interval_covers_as_often_as_it_says():
    inside = 0
    for seed in range(300):
        found = aipw.estimate(*people(400, 1000 + seed)).contrast
        inside += found.low <= TRUTH <= found.high

    assert 0.91 < inside / 300 < 0.985


@pytest.mark.parametrize(("clusters", "wide"), [(99, 1.9845), (100, 1.95996)])
def test_few_clusters_are_held_against_t(clusters, wide):
    found = clustering.contrast(3.0, 1.0, 0.5, clusters, "any")

    assert (found.high - found.low) / (2 * 0.5) == pytest.approx(wide, abs=1e-3)
    assert found.estimate == 2


def test_the_same_seed_gives_the_same_estimate_and_another_nearly():
    outcome, exposed, severity = people(2_000, 6)
    first, again, other = (
        aipw.estimate(outcome, exposed, severity, seed=seed).contrast
        for seed in (1, 1, 2)
    )

    assert first == again
    assert first.estimate != other.estimate
    assert first.estimate == pytest.approx(other.estimate, abs=0.02)


def test_what_cannot_be_estimated_says_so():
    outcome, _exposed, severity = people(50, 7)
    with pytest.raises(NotEstimableError, match="nothing to model"):
        aipw.estimate(outcome, np.ones(50, bool), severity)
    with pytest.raises(NotEstimableError, match="One cluster alone"):
        clustering.error_of_mean(outcome, np.zeros(50, int), 1)


@pytest.mark.parametrize("is_of_shares", [False, True])
def test_a_fold_that_begins_where_the_last_ended_comes_to_the_same_end(
    is_of_shares, monkeypatch
):
    monkeypatch.setattr(aipw, "MANY", 0)
    rng = np.random.default_rng(5)
    matrix = np.column_stack(
        [np.ones(3_000), rng.normal(size=(3_000, 2)), np.arange(3_000) < 30]
    )
    is_case = rng.random(3_000) < expit(matrix @ [-1.0, 0.5, 1.5, 0.4])
    one, two, lacks = slice(0, 2_000), slice(15, 3_000), slice(30, 3_000)
    model = aipw._Logistic(is_of_shares)

    for others in (one, two, lacks, one):  # in one of them nobody has the last term
        found = model(matrix[others], is_case[others], matrix)
        anew = aipw._Logistic()(matrix[others], is_case[others], matrix)
        np.testing.assert_allclose(found, anew, atol=1e-9)
    assert (model._last is None) == is_of_shares
