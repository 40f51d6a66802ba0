"""Hedges' g of a published worked example.

Borenstein M, Hedges LV, Higgins JPT, Rothstein HR. Introduction to Meta-Analysis.
Wiley 2009, chapter 4: means 103 and 100, standard deviations 5.5 and 4.5, 50 people
each, so d = 0.5970, J = 0.9923, g = 0.5924 and a variance of 0.0411.
"""

import numpy as np
import pytest

from pipelines.compare.unadjusted import hedges_g


def fifty(mean, sd):
    """Make 50 scores with exactly this mean and standard deviation."""
    scores = np.linspace(-1, 1, 50)
    return mean + sd * scores / scores.std(ddof=1)


def test_g_is_the_books():
    assert hedges_g(fifty(103, 5.5), fifty(100, 4.5)).estimate == pytest.approx(
        0.5924, abs=5e-5
    )


def test_the_variance_is_our_rule_and_near_the_books():
    found = hedges_g(fifty(103, 5.5), fifty(100, 4.5))

    # METHODS 9: (n1 + n2) / (n1 n2) + g^2 / (2 (n1 + n2)).
    assert found.std_error**2 == pytest.approx(100 / 2500 + 0.5924**2 / 200, abs=1e-6)
    # The book multiplies the same expression in d by J^2, which gives 0.0411.
    assert found.std_error**2 == pytest.approx(0.0411, rel=0.02)
    assert found.std_error**2 > 0.0411
