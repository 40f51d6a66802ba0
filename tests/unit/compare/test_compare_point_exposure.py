"""A choice made on day 0: known effects, missing outcomes, and who is left out."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from made_up_comparisons import (
    BY_DAY_ZERO,
    EFFECT,
    LAX,
    by_contract,
    choices,
    new_build,
    outcome,
    write,
)
from scipy.special import expit

from pipelines.compare import point_exposure, units
from pipelines.compare.from_day_zero import FromDayZero
from pipelines.compare.protocols import Primary
from pipelines.compare.results import NotEstimableError

ADJUSTED = [name for name in BY_DAY_ZERO if name != "unadjusted"]
RANGES = {"phq9": (0, 27)}


def people_of(made, protocol=None):
    con = new_build()
    write(con, "long_vs_short_term_by_contract", made)
    return units.read(con, protocol or by_contract())[0]


def prepared_of(made, protocol=None, least_chance=0.02, of=None):
    protocol = protocol or by_contract()
    of = of or protocol.outcomes[0]
    sample = units.sample(people_of(made, protocol), of)
    return point_exposure.prepare(sample, protocol, of, least_chance)


def estimate(prepared, estimator_id, of=None):
    found = point_exposure.fit(prepared, estimator_id, of or outcome())
    return found.fitted.contrast


@pytest.fixture(scope="module")
def all_seen():
    return prepared_of(choices(4_000, 1))


@pytest.fixture(scope="module")
def some_missing():
    return prepared_of(choices(4_000, 1, missing=True))


@pytest.mark.parametrize("estimator_id", ADJUSTED)
def test_the_effect_is_found_where_the_plain_difference_is_wrong(
    all_seen, estimator_id
):
    found = estimate(all_seen, estimator_id)
    plain = estimate(all_seen, "unadjusted")

    assert abs(found.estimate - EFFECT) < 3 * found.std_error
    assert found.std_error < 0.15
    assert plain.estimate - EFFECT > 10 * plain.std_error


@pytest.mark.parametrize("estimator_id", ADJUSTED)
def test_missing_outcomes_that_go_with_the_last_score_are_weighted_for(
    some_missing, estimator_id
):
    found = estimate(some_missing, estimator_id)
    biased = estimate(some_missing.observed(), estimator_id)

    assert 0.6 < some_missing.sample.is_observed.mean() < 0.85
    assert abs(found.estimate - EFFECT) < 3 * found.std_error
    assert found.std_error < 0.2
    assert abs(biased.estimate - EFFECT) > 5 * biased.std_error


@pytest.mark.parametrize("estimator_id", ADJUSTED)
def test_outcomes_of_those_not_seen_change_nothing(some_missing, estimator_id):
    sample = some_missing.sample
    zeros = np.where(sample.is_observed, sample.values, 0.0)
    spoiled = replace(some_missing, sample=replace(sample, values=zeros))

    first, again = (
        estimate(one, estimator_id).estimate for one in (some_missing, spoiled)
    )
    assert np.isfinite(first)
    assert first == pytest.approx(again, abs=1e-9)


def test_a_share_is_compared_as_a_share():
    of = outcome("phq9_response_12mo")
    made = choices(4_000, 2)
    prepared = prepared_of(made, by_contract(outcomes=(of,)), of=of)
    severity = (made["baseline_phq9_points"].to_numpy() - 16) / 3
    chance = [expit(-0.3 - 0.4 * severity + 0.8 * arm).mean() for arm in (1, 0)]

    for estimator_id in ("iptw", "aipw"):
        found = estimate(prepared, estimator_id, of)
        truth = chance[0] - chance[1]
        assert abs(found.estimate - truth) < 3 * found.std_error
        assert 0 < found.comparator_level < found.exposed_level < 1
    plain = estimate(prepared, "unadjusted", of)
    assert plain.variance_method == "newcombe_hybrid_score"
    assert chance[0] - chance[1] - plain.estimate > 0.05


def test_each_estimator_says_what_its_people_are_worth(some_missing):
    sample = some_missing.sample
    seen = [
        (arm & sample.is_observed).sum()
        for arm in (sample.is_exposed, ~sample.is_exposed)
    ]
    for estimator_id in ADJUSTED:
        found = point_exposure.fit(some_missing, estimator_id, outcome())
        for size, count in zip(found.fitted.effective_sizes, seen, strict=True):
            assert 0.3 * count < size < count
        assert found.propensity.shape == sample.values.shape
    plain = point_exposure.fit(some_missing, "unadjusted", outcome())
    assert plain.propensity is None
    assert plain.fitted.effective_sizes is None


def test_weights_by_hand():
    chance, exposed = np.array([0.2, 0.2, 0.8]), np.array([True, False, True])

    assert point_exposure.design_weight(chance, "everyone", exposed) == pytest.approx(
        [5, 1.25, 1.25]
    )
    assert point_exposure.design_weight(chance, "overlap", exposed) == pytest.approx(
        [0.8, 0.2, 0.2]
    )


def test_the_plain_difference_by_hand():
    values, exposed = np.array([1.0, 5, 9, 2, 4, 6]), np.arange(6) < 3
    found = point_exposure.plain_fit(
        values[exposed], values[~exposed], outcome(), exposed, ~exposed, np.arange(6)
    )

    assert found.contrast.estimate == 1.0
    assert found.influences[0].tolist() == [-8, 0, 8, 0, 0, 0]
    assert found.influences[1].tolist() == [0, 0, 0, -4, 0, 4]
    with pytest.raises(NotEstimableError, match="fewer than two people"):
        point_exposure.plain_fit(
            values[:1], values[1:], outcome(), exposed, ~exposed, np.arange(6)
        )


def lopsided(chance_among_few):
    """200 women of whom few are exposed, 400 men of whom half are."""
    few = round(200 * chance_among_few)
    exposed = np.r_[np.arange(200) < few, np.arange(400) < 200]
    made = choices(600, 3)
    arms = by_contract().exposed.arm, by_contract().comparator.arm
    return made.with_columns(
        arm=pl.Series(np.where(exposed, *arms).tolist()),
        is_female=pl.Series((np.arange(600) < 200).tolist()),
        baseline_phq9_points=15.0,
        format=pl.lit("individual"),
    )


@pytest.mark.parametrize(
    ("few", "least_chance", "left_out"),
    [(0.05, 0.04, (0, 0)), (0.05, 0.06, (10, 190)), (0.95, 0.06, (190, 10))],
)
def test_who_could_hardly_have_had_the_other_arm_is_left_out(
    few, least_chance, left_out
):
    prepared = prepared_of(lopsided(few), least_chance=least_chance)

    assert prepared.left_out == left_out
    assert prepared.sample.frame.height == 600 - sum(left_out)
    # among the men alone, sex tells nothing
    assert prepared.names == (("is_female",) if left_out == (0, 0) else ())
    assert len(prepared.terms) == len(prepared.sample.values)


def test_the_limit_itself_is_enough():
    made = lopsided(0.05)
    exposed = made["arm"].to_numpy() == by_contract().exposed.arm
    women = np.arange(600) < 200
    matrix = np.column_stack([np.ones(600), women])
    chance = expit(matrix @ point_exposure.logistic.shrink(matrix, exposed))[0]

    assert prepared_of(made, least_chance=chance - 1e-9).left_out == (0, 0)
    assert prepared_of(made, least_chance=chance + 1e-9).left_out == (10, 190)


def test_people_of_a_category_without_counterpart_are_left_out():
    made = choices(600, 4)
    comparator = made["arm"].to_numpy() == by_contract().comparator.arm
    alone = np.flatnonzero(comparator)[:30]
    groups = made["format"].to_numpy().astype(object)
    groups[alone] = "family"

    prepared = prepared_of(made.with_columns(format=pl.Series(groups.tolist())))

    assert prepared.left_out == (0, 30)
    assert "family" not in set(prepared.sample.frame["format"])
    assert "format_family" not in prepared.names


@pytest.mark.parametrize(("smaller", "squares"), [(40, True), (39, False)])
def test_squares_need_ten_people_a_term(smaller, squares):
    """Four terms with the square: 40 of the smaller arm are needed."""
    made = choices(400, 5)
    arms = by_contract().exposed.arm, by_contract().comparator.arm
    order = np.random.default_rng(6).permutation(400)
    made = made.with_columns(
        arm=pl.Series(np.where(order < smaller, *arms).tolist()),
        format=pl.Series(np.where(order % 2, "individual", "group").tolist()),
    )
    prepared = prepared_of(made, least_chance=0.0)

    assert ("baseline_phq9_points_squared" in prepared.names) is squares


def test_an_arm_that_nobody_has_cannot_be_modelled():
    made = choices(100, 6).with_columns(arm=pl.lit(by_contract().exposed.arm))
    with pytest.raises(NotEstimableError, match="nothing to model"):
        prepared_of(made)


def engine(made, main="iptw", **changes):
    protocol = by_contract(primary=Primary("phq9_points_12mo", main), **changes)
    return FromDayZero(people_of(made, protocol), protocol, LAX, RANGES)


def variants_of(made, main="iptw", **changes):
    found = engine(made, main, **changes).vary(outcome())
    return {one.specification_id: one.estimates["mean_difference"] for one in found}


def test_the_other_ways_to_analyse_are_there_and_near_or_far():
    made = choices(4_000, 1, missing=True)
    main = estimate(prepared_of(made), "iptw")
    found = variants_of(made)

    assert list(found) == [
        "complete_cases",
        "multiple_imputation",
        "worst_case",
        "best_case",
    ]
    imputed = found["multiple_imputation"]
    assert imputed.variance_method == "multiple_imputation"
    assert abs(imputed.estimate - EFFECT) < 3 * imputed.std_error
    assert imputed.estimate == pytest.approx(main.estimate, abs=2 * main.std_error)
    assert found["complete_cases"].estimate == pytest.approx(
        estimate(prepared_of(made).observed(), "iptw").estimate
    )
    # the worst score in the exposed arm and the best in the other, and turned over
    assert found["worst_case"].estimate > main.estimate + 2
    assert found["best_case"].estimate < main.estimate - 2


def test_a_term_of_nobody_who_is_observed_is_left_out_of_the_complete_cases():
    made = choices(4_000, 1, missing=True)
    seen = made["phq9_points_12mo"].is_not_null().to_numpy()
    by_format = np.where(seen, "individual", "group")
    prepared = prepared_of(made.with_columns(format=pl.Series(by_format)))

    left_out = set(prepared.names) - set(prepared.observed().names)
    found = variants_of(made.with_columns(format=pl.Series(by_format)))

    assert [name for name in left_out if "format" in name]
    assert found["complete_cases"].estimate == pytest.approx(
        estimate(prepared_of(made.filter(pl.Series(seen))), "iptw").estimate, abs=0.2
    )


def test_the_worst_case_by_hand():
    """Nothing but arms: the exposed arm's missing scores are 27, the other's 0."""
    made = choices(400, 7, missing=True, confounding=0.0).with_columns(
        is_female=pl.lit(True),
        format=pl.lit("individual"),
        baseline_phq9_points=pl.Series([15.0, 16.0] * 200),
    )
    frame = people_of(made)
    points = frame["phq9_points_12mo"]
    exposed = frame["is_exposed"].to_numpy()
    even = np.arange(400) % 2 == 0

    def level(arm, missing):
        """Mean in an arm, standardised for the two scores on day 0."""
        values = points.fill_null(missing).to_numpy()
        return np.mean([values[arm & half].mean() for half in (even, ~even)])

    found = variants_of(made)

    assert found["worst_case"].estimate == pytest.approx(
        level(exposed, 27.0) - level(~exposed, 0.0), abs=1e-8
    )
    assert found["best_case"].estimate == pytest.approx(
        level(exposed, 0.0) - level(~exposed, 27.0), abs=1e-8
    )


def test_where_everybody_is_seen_only_complete_cases_remain():
    found = variants_of(choices(400, 8))

    assert list(found) == ["complete_cases"]


def test_a_share_has_no_worst_points():
    of = outcome("phq9_response_12mo")
    made = engine(choices(600, 9, missing=True), outcomes=(of,))
    attempt = made.begin(of, "all")
    made.fit_main(attempt)

    assert list(made.variants(attempt)) == ["complete_cases", "multiple_imputation"]


def recent_of_all_who_have_any(made):
    """Having none and having a recent one add up to everybody."""
    has_any = made["last_phq9_points_before_12mo"].is_not_null()
    recent = made["recent_phq9_count_before_12mo"].clip(1).set(~has_any, 0)
    return made.with_columns(recent_phq9_count_before_12mo=recent)


def a_category_of_one_arm_not_seen_again(made):
    """15 people of either arm have it; of the exposed ones nobody has the outcome."""
    exposed = made["arm"].to_numpy() == by_contract().exposed.arm
    few = np.r_[np.flatnonzero(exposed)[:15], np.flatnonzero(~exposed)[:15]]
    in_few = np.isin(np.arange(made.height), few)
    family = np.where(in_few, "family", made["format"].to_numpy())
    return made.with_columns(
        format=pl.Series(family.tolist()),
        phq9_points_12mo=made["phq9_points_12mo"].set(
            pl.Series((in_few & exposed).tolist()), None
        ),
    )


@pytest.mark.parametrize(
    "spoil", [recent_of_all_who_have_any, a_category_of_one_arm_not_seen_again]
)
def test_scores_are_imputed_though_some_terms_tell_nobody_apart(spoil):
    imputed = variants_of(spoil(choices(2_000, 10, missing=True)))[
        "multiple_imputation"
    ]

    assert not isinstance(imputed, str), imputed
    assert abs(imputed.estimate - EFFECT) < 3 * imputed.std_error
