"""Length of therapy: known truth, an oracle for the error, and each weight by hand."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, root
from scipy.special import expit
from statsmodels.api import Logit

from pipelines.compare import duration, stopping
from pipelines.compare.duration import Grace, Observation
from pipelines.compare.results import NotEstimableError
from pipelines.compare.stopping import PersonWeeks

WEEKS, LONG, SHORT = 20, 16, 8


def courses(people, seed, until=None, keeps=False):
    """Weekly scores of people who stop when they are better; stopping is worse.

    `until` makes everybody stop by that week; `keeps` lets nobody stop before LONG.
    """
    rng = np.random.default_rng(seed)
    own = rng.normal(size=people)
    score = 10 + 2 * own
    scores = np.empty((WEEKS + 1, people))
    stop = np.full(people, WEEKS + 1)
    for week in range(WEEKS + 1):
        scores[week] = score
        inside = stop > WEEKS
        stops = rng.random(people) < expit(-2.2 - 0.25 * (score - 8))
        if keeps:
            stops &= week >= LONG
        if until is not None:
            stops |= week >= until
        stop[inside & stops & (week > 0)] = week
        score = score - 0.35 * (stop > week) + 0.3 * rng.normal(size=people)
    return scores, stop, score


def person_weeks(scores, stop, last=LONG):
    people = scores.shape[1]
    final = np.minimum(stop, last - 1)
    rows = [(i, w) for i in range(people) for w in range(1, final[i] + 1)]
    person, week = np.array(rows).T
    history = np.stack(
        [np.ones(len(person)), scores[week, person] - 8, week / 10], axis=1
    )
    return PersonWeeks(person, week, history, stop[person] == week, people)


@pytest.fixture(scope="module")
def some():
    scores, stop, outcome = courses(3000, seed=1)
    return person_weeks(scores, stop), stop, outcome


def until(people):
    return np.full(people, LONG)


def test_the_model_of_stopping_is_statsmodels(some):
    weeks, _, _ = some
    fitted = Logit(weeks.is_stop.astype(float), weeks.history).fit(disp=0, tol=1e-12)

    ours = stopping.fit(weeks)

    assert ours.coefficients == pytest.approx(fitted.params, abs=1e-8)
    inverse = np.linalg.inv(ours.information * weeks.people_count)
    assert np.sqrt(np.diag(inverse)) == pytest.approx(fitted.bse, rel=1e-6)


def test_the_truth_is_found_where_the_plain_average_is_wrong():
    stays = courses(200_000, seed=2, keeps=True)[2].mean()
    stops = courses(200_000, seed=2, until=SHORT)[2].mean()
    truth = stays - stops
    scores, stop, outcome = courses(20_000, seed=3)
    found = duration.estimate(
        person_weeks(scores, stop), stop, until(20_000), Grace(SHORT), outcome
    )
    plain = outcome[stop >= LONG].mean() - outcome[stop <= SHORT].mean()

    assert truth < -1
    assert plain - truth > 5 * found.contrast.std_error
    assert abs(found.contrast.estimate - truth) < 3 * found.contrast.std_error
    assert found.contrast.low < found.contrast.estimate < found.contrast.high
    assert 0 < found.long.largest_share < 0.05


def test_under_uniform_grace_each_week_counts_the_same():
    """Everybody stops at the same rate: the followers are the plain averages."""
    rng = np.random.default_rng(4)
    stop = np.minimum(rng.geometric(0.1, 30_000), WEEKS + 1)
    scores = np.zeros((WEEKS + 1, 30_000))
    weeks = person_weeks(scores, stop)
    weeks = PersonWeeks(
        weeks.person, weeks.week, weeks.history[:, :1], weeks.is_stop, 30_000
    )
    outcome = stop.astype(float)
    found = duration.estimate(
        weeks, stop, until(30_000), Grace(8, 4, allows_earlier=False), outcome
    )

    assert found.contrast.comparator_level == pytest.approx(9.5, abs=0.05)
    assert set(stop[found.short.weight > 0]) == {8, 9, 10, 11}
    # all who were in therapy in week 8 are stood for
    assert found.short.weight.sum() == pytest.approx((stop >= 8).sum(), rel=0.03)
    assert found.long.weight.sum() == pytest.approx(30_000, rel=0.03)


def test_a_session_stands_for_the_weeks_since_the_one_before():
    """Sessions every two weeks, one in four stops at each, whoever they are."""
    rng = np.random.default_rng(8)
    stop = 2 * rng.geometric(0.25, 20_000)
    rows = [(i, w) for i, s in enumerate(stop) for w in range(2, min(s, 14) + 1, 2)]
    person, week = np.array(rows).T
    one = np.ones((len(rows), 1))
    weeks = PersonWeeks(person, week, one, week == stop[person], 20_000, 2 * one[:, 0])
    hazard = stopping.fit(weeks).hazard

    arm = duration.stopping_early(
        weeks, hazard, stop, Grace(8, 6, allows_earlier=False)
    )

    # weeks 8 to 13: of the session in week 8 one, 9 and 10, 11 and 12, then 13
    by_week = [arm.weight[stop == w].sum() for w in (8, 10, 12, 14)]
    still = (stop >= 8).sum()
    expected = [still / 6, still / 3, still / 3, still / 6]
    assert by_week == pytest.approx(expected, rel=0.1)
    assert arm.weight.sum() == pytest.approx(still, rel=0.03)
    assert set(stop[arm.weight > 0]) == {8, 10, 12, 14}


@pytest.mark.parametrize(
    ("week", "since", "covered"),
    [
        (7, 3, 0),  # before the grace weeks
        (8, 5, 1),
        (9, 1, 1),
        (10, 4, 3),
        (13, 2, 2),
        (15, 4, 2),  # the first session after them stands for what is left
        (15, 1, 0),
        (14, 1, 0),
    ],
)
def test_the_weeks_that_a_session_stands_for(week, since, covered):
    weeks = PersonWeeks(
        np.array([0]),
        np.array([week]),
        np.ones((1, 1)),
        np.array([True]),
        1,
        np.array([float(since)]),
    )

    assert Grace(8, 6).covered(weeks).tolist() == [covered]
    assert Grace(8, 6).lets_stay(weeks).tolist() == [week < 8 or covered > 0]


@pytest.mark.parametrize("since", [np.ones(1), np.array([1.0, 0.5])])
def test_weeks_since_are_one_a_row_and_one_at_least(since):
    with pytest.raises(ValueError, match="Weeks since"):
        PersonWeeks(
            np.array([0, 0]),
            np.array([1, 2]),
            np.ones((2, 1)),
            np.array([False, True]),
            1,
            since,
        )


@pytest.mark.parametrize(
    ("stops_in", "allows_earlier", "follows"),
    [
        (7, True, True),
        (7, False, False),
        (8, False, True),
        (10, False, True),
        (11, True, False),
    ],
)
def test_who_follows_the_short_strategy(some, stops_in, allows_earlier, follows):
    weeks, stop, _ = some
    hazard = stopping.fit(weeks).hazard
    arm = duration.stopping_early(weeks, hazard, stop, Grace(8, 3, allows_earlier))

    weights = arm.weight[stop == stops_in]
    assert ((weights > 0) == follows).all()
    assert len(weights) > 10


def test_a_weight_by_hand(some):
    weeks, stop, _ = some
    hazard = stopping.fit(weeks).hazard
    stays = duration.staying(weeks, hazard, stop, until(3000))
    stops = duration.stopping_early(weeks, hazard, stop, Grace(8, 3))
    stayer, stopper = np.flatnonzero(stop >= LONG)[0], np.flatnonzero(stop == 9)[0]
    mine = weeks.person == stayer
    p = hazard[mine]
    q = dict(
        zip(
            weeks.week[weeks.person == stopper],
            hazard[weeks.person == stopper],
            strict=True,
        )
    )

    assert stays.weight[stayer] == pytest.approx(1 / np.prod(1 - p))
    assert stops.weight[stopper] == pytest.approx(1 / (3 * (1 - q[8]) * q[9]))


def stacked_error(weeks, stop, outcome, grace, observed, seen_history):
    """Solve and differentiate all estimating equations numerically: the oracle."""
    n, k = weeks.people_count, weeks.history.shape[1]
    z = seen_history

    def pieces(theta):
        alpha, mu = theta[:k], theta[k : k + 2]
        gammas = theta[k + 2 :].reshape(2, -1)
        p = expit(weeks.history @ alpha)
        rows = np.zeros((n, k))
        np.add.at(rows, weeks.person, weeks.history * (weeks.is_stop - p)[:, None])
        log_long, log_short = np.zeros(n), np.zeros(n)
        np.add.at(log_long, weeks.person, -np.log1p(-p))
        inside = (weeks.week >= grace.first_week) & (
            weeks.week < grace.first_week + grace.weeks
        )
        chance = np.where(weeks.is_stop, np.log(p), np.log1p(-p))
        np.add.at(log_short, weeks.person, np.where(inside, -chance, 0))
        last = grace.first_week + grace.weeks
        in_grace = (stop >= grace.first_week) & (stop < last)
        weight = [
            np.where(stop >= LONG, np.exp(log_long), 0),
            np.where(in_grace, np.exp(log_short) / grace.weeks, 0)
            + (stop < grace.first_week),
        ]
        parts = [rows]
        for arm in range(2):
            chance_seen = expit(z @ gammas[arm])
            follows = weight[arm] > 0
            parts.append((follows * (observed - chance_seen))[:, None] * z)
            mean_part = weight[arm] * observed / chance_seen * (outcome - mu[arm])
            parts.append(mean_part[:, None])
        return np.concatenate([parts[0], parts[2], parts[4], parts[1], parts[3]], 1)

    def total(theta):
        return pieces(theta).mean(0)

    start = np.zeros(k + 2 + 2 * z.shape[1])
    start[:k] = stopping.fit(weeks).coefficients
    solved = root(total, start, tol=1e-12).x
    bread = np.linalg.inv(approx_fprime(solved, total, 1e-6))
    meat = pieces(solved).T @ pieces(solved) / n
    covariance = bread @ meat @ bread.T / n
    contrast = np.zeros(len(solved))
    contrast[k], contrast[k + 1] = 1, -1
    return contrast @ solved, np.sqrt(contrast @ covariance @ contrast * n / (n - 1))


@pytest.mark.parametrize("grace", [Grace(8), Grace(8, 4)])
def test_the_error_is_that_of_the_stacked_equations(some, grace):
    weeks, stop, outcome = some
    rng = np.random.default_rng(5)
    history = np.stack([np.ones(3000), rng.normal(size=3000)], axis=1)
    observed = rng.random(3000) < expit(history @ [0.8, 0.6])

    ours = duration.estimate(
        weeks, stop, until(3000), grace, outcome, Observation(observed, history)
    ).contrast
    estimate, error = stacked_error(weeks, stop, outcome, grace, observed, history)

    assert ours.estimate == pytest.approx(estimate, abs=1e-6)
    assert ours.std_error == pytest.approx(error, rel=1e-4)


def test_clusters_of_one_change_nothing_and_shared_ones_do(some):
    weeks, stop, outcome = some
    shared = np.arange(3000) % 12
    alone, own, twelve = (
        duration.estimate(
            weeks, stop, until(3000), Grace(8), outcome + shared, cluster=cluster
        ).contrast
        for cluster in (None, np.arange(3000), shared)
    )

    assert own == alone
    assert twelve.estimate == alone.estimate
    assert twelve.std_error != alone.std_error
    # t with eleven degrees of freedom is wider than the normal
    assert (twelve.high - twelve.low) / twelve.std_error == pytest.approx(
        2 * 2.201, abs=0.01
    )


def test_what_cannot_be_estimated_says_so(some):
    weeks, stop, outcome = some
    with pytest.raises(NotEstimableError, match="follows the strategy"):
        duration.estimate(weeks, stop, until(3000) + 100, Grace(8), outcome)
    with pytest.raises(NotEstimableError, match="nothing to model"):
        stopping.fit(
            PersonWeeks(
                weeks.person,
                weeks.week,
                weeks.history,
                np.zeros_like(weeks.is_stop),
                3000,
            )
        )
    twice = np.concatenate([weeks.history, weeks.history[:, :1]], axis=1)
    doubled = PersonWeeks(weeks.person, weeks.week, twice, weeks.is_stop, 3000)
    with pytest.raises(NotEstimableError, match="cannot be told apart"):
        stopping.fit(doubled)


def test_rows_out_of_order_are_refused(some):
    weeks, _, _ = some
    with pytest.raises(ValueError, match="in order"):
        PersonWeeks(weeks.person[::-1], weeks.week, weeks.history, weeks.is_stop, 3000)


def test_the_spline_is_a_line_beyond_its_outer_knots():
    x = np.linspace(-10, 40, 501)
    terms = np.stack(stopping.restricted_cubic_spline(x, (1, 5, 9, 13)), axis=1)
    bends = np.diff(terms, 2, axis=0)

    outside = (x[1:-1] < 0.9) | (x[1:-1] > 13.1)
    assert np.abs(bends[outside]).max() < 1e-9
    assert np.abs(bends[~outside][:, 1:]).max() > 1e-6
    assert terms.shape[1] == 3
