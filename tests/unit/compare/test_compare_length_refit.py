"""The point fitted again is that of the whole estimator on copies of the people."""

from dataclasses import replace

import numpy as np
import pytest
from oracles.length_people import Product, courses

from pipelines.compare.results import NotEstimableError


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("gap_weeks", [1, 2])
def test_a_draw_gives_what_the_estimator_gives_on_copies(gap_weeks, missing):
    product = Product.of(*courses(500, 1, gap_weeks, missing))
    refit, rng = product.refit(), np.random.default_rng(2)

    for drawn in (np.arange(500), *rng.integers(500, size=(3, 500))):
        expected = product.drawn(drawn).estimate().contrast.estimate
        assert refit(drawn) == pytest.approx(expected, abs=1e-9)


def test_without_followers_or_outcomes_there_is_no_estimate():
    product = Product.of(*courses(300, 3))
    early = np.flatnonzero((product.stop < 26) & (product.stop < product.until))
    with pytest.raises(NotEstimableError, match="Nobody with the outcome"):
        product.refit()(early)

    unseen = replace(product, outcome=np.full(300, np.nan))
    with pytest.raises(NotEstimableError, match="Nobody with the outcome"):
        unseen.refit()(np.arange(300))
