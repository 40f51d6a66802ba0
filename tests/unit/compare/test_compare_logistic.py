import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from statsmodels.api import Logit

from pipelines.compare import logistic
from pipelines.compare.logistic import NotSettledError
from pipelines.compare.results import NotEstimableError


def people(count, seed):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(count), rng.normal(size=(count, 2))])
    return x, rng.random(count) < expit(x @ [-1.5, 0.8, -0.3])


@pytest.mark.parametrize("many", [4_999, 5_000, 5_001])
def test_it_is_statsmodels_wherever_it_begins(many, monkeypatch):
    monkeypatch.setattr(logistic, "MANY", many)
    x, y = people(5_000, 1)
    expected = Logit(y, x).fit(disp=False, method="newton", tol=1e-12)
    found = logistic.fit(x, y)

    np.testing.assert_allclose(found, expected.params, atol=1e-9)
    information = logistic.information(x, expit(x @ found))
    np.testing.assert_allclose(
        np.sqrt(np.diag(np.linalg.inv(information))), expected.bse, atol=1e-9
    )


def test_blocks_add_up_to_all_rows(monkeypatch):
    x, _ = people(100, 2)
    chance = np.linspace(0.1, 0.9, 100)
    whole = x.T @ (x * (chance * (1 - chance))[:, None])

    for block in (1, 33, 100, 101):
        monkeypatch.setattr(logistic, "BLOCK", block)
        np.testing.assert_allclose(logistic.information(x, chance), whole, atol=1e-12)


def test_a_rare_term_that_the_first_rows_lack_is_still_fitted(monkeypatch):
    monkeypatch.setattr(logistic, "MANY", 1)
    x, y = people(2_000, 3)
    rare = np.where(np.arange(2_000) % logistic.EVERY == 1, 1.0, 0.0)
    x = np.column_stack([x, rare])

    np.testing.assert_allclose(
        logistic.fit(x, y),
        Logit(y, x).fit(disp=False, method="newton", tol=1e-12).params,
        atol=1e-9,
    )


def test_a_row_that_counts_three_times_is_as_good_as_three_rows():
    x, y = people(800, 5)
    times = np.random.default_rng(6).integers(0, 4, 800)
    expected = logistic.fit(np.repeat(x, times, axis=0), np.repeat(y, times))

    np.testing.assert_allclose(logistic.fit(x, y, times), expected, atol=1e-9)
    with pytest.raises(NotEstimableError, match="nothing to model"):
        logistic.fit(x, y, np.where(y, 0, 1))


@pytest.mark.parametrize("start", [[0, 0, 0], [-1.5, 0.8, -0.3], [500, -900, 40]])
def test_where_it_begins_does_not_matter(start):
    x, y = people(800, 7)
    np.testing.assert_allclose(
        logistic.fit(x, y, start=np.array(start, float)),
        logistic.fit(x, y),
        atol=1e-9,
    )


def test_what_cannot_be_fitted_says_so(monkeypatch):
    x, y = people(200, 4)
    with pytest.raises(NotEstimableError, match="nothing to model"):
        logistic.fit(x, np.ones(200, bool))
    with pytest.raises(NotEstimableError, match="cannot be told apart"):
        logistic.fit(np.column_stack([x, np.zeros(200)]), y)
    monkeypatch.setattr(logistic, "MANY", 1)
    with pytest.raises(NotEstimableError, match="separates people completely"):
        logistic.fit(x, x[:, 1] > 0)


def by_direct_search(x, y):
    """The largest posterior under normal priors of 2.5 on all but the intercept."""

    def minus_log_posterior(b):
        eta = x @ b
        return (np.logaddexp(0, eta) - y * eta).sum() + (b[1:] ** 2).sum() / 12.5

    def slope(b):
        return x.T @ (expit(x @ b) - y) + np.r_[0, b[1:]] / 6.25

    start = np.zeros(x.shape[1])
    return minimize(
        minus_log_posterior, start, jac=slope, method="BFGS", options={"gtol": 1e-9}
    ).x


@pytest.mark.parametrize("count", [40, 400])
def test_shrinking_finds_the_largest_posterior(count):
    x, y = people(count, 8)
    found = logistic.shrink(x, y)

    np.testing.assert_allclose(found, by_direct_search(x, y), atol=1e-6)
    plain = logistic.fit(x, y)
    assert (np.abs(found[1:]) < np.abs(plain[1:])).all()
    assert np.abs(found - plain).max() > 1e-4


def test_shrinking_leaves_the_intercept_free():
    x, _ = people(2_000, 9)
    few = np.arange(2_000) < 4
    found = logistic.shrink(x[:, :1], few)

    assert found[0] == pytest.approx(np.log(4 / 1_996), abs=1e-9)


def test_shares_will_do_for_cases():
    x, y = people(300, 10)
    shares = np.where(y, 0.8, 0.3)

    np.testing.assert_allclose(
        logistic.shrink(x, shares), by_direct_search(x, shares), atol=1e-6
    )


def test_only_people_whom_a_term_separates_are_shrunk():
    x, y = people(300, 11)
    found = logistic.fit_or_shrink(x, y)

    np.testing.assert_array_equal(found.coefficients, logistic.fit(x, y))
    assert not found.precision.any()

    site = (np.arange(300) < 8).astype(float)
    all_cases = np.column_stack([x, site])
    y = y | (site > 0)
    with pytest.raises(NotSettledError, match="separates people completely"):
        logistic.fit(all_cases, y)
    found = logistic.fit_or_shrink(all_cases, y)

    np.testing.assert_allclose(
        found.coefficients, by_direct_search(all_cases, y), atol=1e-6
    )
    assert 0.5 < found.coefficients[3] < 10


@pytest.fixture
def steps_without_a_prior(monkeypatch):
    """Count the fits that went the long way, which a separated column is spared."""
    climb, fits = logistic._climbed, []

    def counted(matrix, y, times, start, prior):
        fits.extend([] if prior.any() else [len(y)])
        return climb(matrix, y, times, start, prior)

    monkeypatch.setattr(logistic, "_climbed", counted)
    return fits


@pytest.mark.parametrize("kind", [0.0, 1.0])
@pytest.mark.parametrize("scale", [1.0, -2.0])
def test_a_site_of_one_kind_is_seen_without_a_step_and_one_person_undoes_it(
    kind, scale, steps_without_a_prior
):
    x, y = people(300, 16)
    site = np.arange(300) < 8
    matrix = np.column_stack([x, scale * site])
    y = np.where(site, kind, y)

    found = logistic.fit_or_shrink(matrix, y)

    assert not steps_without_a_prior
    np.testing.assert_array_equal(found.coefficients, logistic.shrink(matrix, y))
    with pytest.raises(NotSettledError, match="separates people completely"):
        logistic.fit(matrix, y)

    y[0] = 1 - kind
    assert not logistic.fit_or_shrink(matrix, y).precision.any()
    y[0] = 0.5  # a share is of both kinds
    assert not logistic.fit_or_shrink(matrix, y).precision.any()


def test_near_the_end_the_slope_of_the_slope_is_kept(monkeypatch):
    x, y = people(5_000, 1)
    made, squared = [], logistic._squared
    monkeypatch.setattr(
        logistic, "_squared", lambda *given: made.append(1) or squared(*given)
    )
    found = logistic.fit(x, y)
    kept = len(made)
    monkeypatch.setattr(logistic, "NEAR", 0.0)
    np.testing.assert_allclose(logistic.fit(x, y), found, atol=1e-11)

    assert kept < len(made) - kept


@pytest.mark.parametrize("seed", range(6))
def test_a_site_without_a_term_of_its_own_is_noticed_if_all_of_it_are_cases(seed):
    """No term by itself separates people: the intercept less every other site does.

    There Newton's steps may end for want of slope, which is no maximum.
    """
    rng = np.random.default_rng(seed)
    numbers, site = rng.normal(size=(1_500, 3)), rng.integers(0, 9, 1_500)
    others = (site[:, None] == np.arange(1, 9)).astype(float)
    matrix = np.column_stack([np.ones(1_500), numbers, others])
    y = (rng.random(1_500) < 0.9) | (site == 0)

    with pytest.raises(NotSettledError, match="separates people completely"):
        logistic.fit(matrix, y)
    found = logistic.fit_or_shrink(matrix, y)
    chance = expit(matrix @ found.coefficients)

    assert np.linalg.eigvalsh(found.information(matrix, chance))[0] > 0.1


def test_a_term_that_few_carry_is_no_separation():
    x, y = people(1_500, 15)
    few = (np.arange(1_500) < 4).astype(float)
    y[:4] = [True, False, True, True]

    found = logistic.fit_or_shrink(np.column_stack([x, few]), y)

    assert not found.precision.any()


def test_what_cannot_be_modelled_is_not_shrunk_either():
    x, y = people(200, 12)
    with pytest.raises(NotEstimableError, match="nothing to model"):
        logistic.fit_or_shrink(x, np.zeros(200, bool))
    with pytest.raises(NotEstimableError, match="cannot be told apart"):
        logistic.fit_or_shrink(np.column_stack([x, np.zeros(200)]), y)


def test_the_earlier_of_two_columns_that_say_the_same_is_kept():
    x, _ = people(50, 13)
    one, two = x[:, 1], x[:, 2]
    matrix = np.column_stack([np.ones(50), one, 0 * one, two, 1e6 * (one + two), one])

    told = logistic.told_apart(matrix)

    assert told.tolist() == [True, True, False, True, False, False]
    assert logistic.told_apart(matrix[:2, [0, 1, 3]]).tolist() == [True, True, False]


@pytest.mark.parametrize("apart", [0, 1e-12, 1e-8, 1e-6, 1e-4, 0.005, 0.02, 1])
def test_the_short_way_to_tell_columns_apart_is_the_long_way(monkeypatch, apart):
    x, _ = people(5_000, 14)
    matrix = np.column_stack([x, x[:, 1] + x[:, 2] + apart * x[:, -1] ** 2])
    asked = []
    monkeypatch.setattr(
        np.linalg, "qr", lambda *a, qr=np.linalg.qr, **k: asked.append(1) or qr(*a, **k)
    )

    told = logistic.told_apart(matrix)

    assert bool(asked) is (apart < 0.02)
    monkeypatch.setattr(logistic, "SURELY_APART", 2.0)
    assert told.tolist() == logistic.told_apart(matrix).tolist()
    assert told[-1] == (apart > 1e-7)


def test_no_columns_are_told_apart_without_harm():
    assert logistic.told_apart(np.ones((5, 0))).tolist() == []


@pytest.mark.parametrize("cases", [0, 1])
def test_a_climb_without_end_is_given_up_early_and_a_far_top_is_reached(
    cases, monkeypatch
):
    """One case among 20,000 people of a site has a top, far away; none has none."""
    monkeypatch.setattr(logistic, "MOST_STEPS", 25)
    at_site = np.repeat([0.0, 1.0], 20_000)
    y = np.zeros(40_000, bool)
    y[:2_000] = True
    y[20_000 : 20_000 + cases] = True
    x = np.column_stack([np.ones(40_000), at_site])

    if cases:
        expected = [np.log(1 / 9), np.log(1 / 19_999) - np.log(1 / 9)]
        np.testing.assert_allclose(logistic.fit(x, y), expected, atol=1e-9)
    else:
        steps = []
        squared = logistic._squared
        monkeypatch.setattr(
            logistic, "_squared", lambda *given: steps.append(1) or squared(*given)
        )
        with pytest.raises(NotSettledError):
            logistic.fit(x, y)
        # Newton's steps go by 1: 25 of them until no slope is left, 50 at the most.
        assert 20 < len(steps) < 25
