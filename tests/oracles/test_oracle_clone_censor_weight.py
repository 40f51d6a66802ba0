"""The product's clone-censor-weight against one written apart from it."""

import numpy as np
import pytest
from oracles import clone_censor_weight
from oracles.length_people import HISTORY, OBSERVATION, Product, courses

from pipelines.compare import bootstrap

PEOPLE = 600


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("gap_weeks", [1, 2, 3, 4, 5])
def test_the_product_and_the_oracle_agree(gap_weeks, missing, clustered):
    people, sessions = courses(PEOPLE, 7, gap_weeks, missing)
    of_cluster = people if clustered else people.with_columns(cluster="unit")

    theirs = clone_censor_weight.estimate(of_cluster, sessions, HISTORY, OBSERVATION)
    ours = Product.of(people, sessions, clustered).estimate()

    contrast = ours.contrast
    assert contrast.exposed_level == pytest.approx(theirs.long_mean, abs=1e-6)
    assert contrast.comparator_level == pytest.approx(theirs.short_mean, abs=1e-6)
    assert contrast.std_error == pytest.approx(theirs.std_error, abs=1e-6)
    for strategy, found in (("long", ours.long), ("short", ours.short)):
        weights = theirs.weights.filter(strategy=strategy)
        assert weights.height > 30
        expected = np.zeros(PEOPLE)
        expected[weights["unit"].to_numpy()] = weights["weight"].to_numpy()
        np.testing.assert_allclose(found.weight, expected, atol=1e-6)


@pytest.mark.parametrize("clustered", [False, True])
def test_the_sandwich_is_near_a_full_bootstrap(clustered):
    """200 replicates know a standard error to about 5 %."""
    product = Product.of(*courses(1_500, 8), clustered)
    found = bootstrap.estimate(
        product.refit(), 1_500, product.cluster, replicates=200, seed=1
    )

    sandwich = product.estimate().contrast.std_error
    assert found.failed_count == 0
    assert sandwich == pytest.approx(found.std_error, rel=0.1)
