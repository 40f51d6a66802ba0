import numpy as np
import polars as pl
import pytest
from simulate.small_service import SEED, default, drawn, feeds, happened

from pipelines.simulate import blocks, comparisons, moments, service, truth
from pipelines.simulate.parameters import BLOCK_PATIENTS, scenario


@pytest.fixture(scope="module")
def effects():
    """Effects among two blocks of people."""
    return truth.effects(default(), SEED, 2 * BLOCK_PATIENTS)


@pytest.fixture(scope="module")
def pairs():
    """Potential outcomes of the first block."""
    return truth.potential_outcomes(default(), SEED, 0)


def _effect(effects, comparison, outcome, scale, population="all"):
    return effects.row(
        by_predicate=(pl.col("comparison_id") == comparison)
        & (pl.col("outcome_id") == outcome)
        & (pl.col("scale") == scale)
        & (pl.col("population_id") == population),
        named=True,
    )


def test_every_comparison_outcome_and_population_is_there(effects):
    named = {c.comparison_id for c in comparisons.comparisons()}
    outcomes = {
        *(
            f"phq9_{kind}_{at}"
            for kind in ("points", "response")
            for at in truth.MONTHS
        ),
        "phq9_remission_12mo",
        "phq9_relapse_12mo",
        "phq9_not_well_24mo",
        "wsas_points_12mo",
        "swls_points_12mo",
        "injury_12mo",
    }

    assert set(effects["comparison_id"]) == named
    assert set(effects["outcome_id"]) == outcomes
    assert set(effects["population_id"]) == set(truth.POPULATIONS)
    assert effects["std_error"].is_finite().all()
    key = ["comparison_id", "outcome_id", "population_id", "scale"]
    assert effects.select(key).is_unique().all()


def test_effects_are_means_of_the_potential_outcomes():
    small = truth.effects(default(), SEED, BLOCK_PATIENTS)
    (block,) = blocks.spread(default(), BLOCK_PATIENTS)
    pairs = truth.potential_outcomes(default(), SEED, block)
    for comparison, outcome in (
        ("long_vs_short_term", "phq9_points_24mo"),
        ("therapy_plus_medication_vs_therapy", "phq9_response_6mo"),
    ):
        mine = pairs.filter(
            (pl.col("comparison_id") == comparison) & (pl.col("outcome_id") == outcome)
        )
        gain = (mine["exposed_outcome"] - mine["comparator_outcome"]).to_numpy()
        scale = "mean_difference" if "points" in outcome else "risk_difference"
        row = _effect(small, comparison, outcome, scale)

        assert row["effect"] == pytest.approx(gain.mean())
        assert row["std_error"] == pytest.approx(gain.std() / np.sqrt(len(gain)))
        assert row["patients_count"] == mine.height


def test_effects_do_not_hang_on_how_blocks_are_grouped(effects, monkeypatch):
    monkeypatch.setattr(truth, "BLOCKS_AT_ONCE", 1)
    alone = truth.effects(default(), SEED, 2 * BLOCK_PATIENTS)

    # sums of other orders: the last digit
    assert np.allclose(alone["effect"], effects["effect"], atol=1e-9)
    assert alone["patients_count"].equals(effects["patients_count"])


def test_pairs_are_of_patients_in_the_records(pairs):
    assert set(pairs["patient_id"]) <= set(feeds(0)["patients"]["patient_id"])
    key = ["patient_id", "comparison_id", "outcome_id"]
    assert pairs.select(key).is_unique().all()


def test_who_did_by_chance_what_a_strategy_sets_has_its_outcome(pairs):
    """Consistency: the records hold one of the two potential outcomes."""
    block = happened(0)
    week = truth.MONTHS["6mo"]
    new = block.choices.medication_week < service.NEVER
    ids = feeds(0)["patients"]["patient_id"]
    factual = pl.DataFrame(
        {
            "patient_id": ids,
            "starts": new,
            "points": block.course.points[week].astype(float),
        }
    )
    mine = pairs.filter(
        (pl.col("comparison_id") == "therapy_plus_medication_vs_therapy")
        & (pl.col("outcome_id") == "phq9_points_6mo")
    ).join(factual, on="patient_id")
    started, none = mine.filter("starts"), mine.filter(~pl.col("starts"))

    assert min(started.height, none.height) > 50
    assert (started["exposed_outcome"] == started["points"]).all()
    assert (none["comparator_outcome"] == none["points"]).all()


def test_long_term_helps_those_still_ill_at_week_26(effects):
    decision = _effect(
        effects, comparisons.DECISION, "phq9_points_12mo", "mean_difference"
    )
    whole = _effect(effects, comparisons.LENGTH, "phq9_points_24mo", "mean_difference")

    assert decision["effect"] < -2 * decision["std_error"]
    assert whole["effect"] < -5 * whole["std_error"]


def test_medication_raises_response_by_about_a_quarter(effects):
    row = _effect(
        effects, comparisons.ADD_MEDICATION, "phq9_response_6mo", "risk_ratio"
    )

    assert abs(row["effect"] - 1.27) < 0.03 + 3 * row["std_error"]


def test_nothing_changes_injuries(effects):
    rows = effects.filter(
        (pl.col("outcome_id") == "injury_12mo") & (pl.col("scale") == "risk_difference")
    )

    assert (rows["effect"] == 0).all()
    assert (rows["std_error"] == 0).all()
    assert (rows["exposed_level"] > 0.02).any()


def test_under_null_nothing_has_an_effect():
    pairs = truth.potential_outcomes(scenario("null", patients=8192), SEED, 0)

    same = pairs["exposed_outcome"].eq_missing(pairs["comparator_outcome"])

    assert same.all()


def test_under_effect_modification_only_the_chronic_gain_from_length():
    parameters = scenario("effect_modification", patients=BLOCK_PATIENTS)
    made = truth.effects(parameters, SEED, BLOCK_PATIENTS)
    pairs = truth.potential_outcomes(parameters, SEED, 0)
    chronic = drawn(parameters).people.is_chronic
    ids = feeds(0)["patients"]["patient_id"]
    mine = pairs.filter(
        (pl.col("comparison_id") == comparisons.LENGTH)
        & (pl.col("outcome_id") == "phq9_points_12mo")
    ).join(pl.DataFrame({"patient_id": ids, "chronic": chronic}), on="patient_id")
    gain = mine["exposed_outcome"] - mine["comparator_outcome"]

    assert gain.filter(mine["chronic"]).mean() < -1
    assert abs(gain.filter(~mine["chronic"]).mean()) < 0.35
    row = _effect(
        made, comparisons.LENGTH, "phq9_points_12mo", "mean_difference", "chronic"
    )
    assert row["effect"] == pytest.approx(gain.filter(mine["chronic"]).mean())


def _scores(*weeks_below, illness=()):
    points = np.full((truth.WEEKS, 1), 12, np.int8)
    for first, last in weeks_below:
        points[first : last + 1] = 3
    for week in illness:
        points[week] = 10
    return points


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (_scores(), np.nan),
        (_scores((4, 7)), np.nan),
        (_scores((4, 8)), 1.0),
        (_scores((4, 104)), 0.0),
        (_scores((0, 4)), np.nan),
        (_scores((4, 104), illness=[60]), 1.0),
        (_scores((4, 104), illness=[61]), 0.0),
        (_scores((4, 104), illness=[64]), 0.0),
        (_scores((48, 104)), 0.0),
        (_scores((52, 104)), np.nan),
    ],
)
def test_relapse_is_read_off_a_grid_of_four_weeks(points, expected):
    assert truth.relapses(points)[0] == pytest.approx(expected, nan_ok=True)


def test_moments_give_the_error_of_a_paired_difference():
    rng = np.random.default_rng(1)
    x = rng.normal(1, 2, 5000)
    y = 0.5 * x + rng.normal(0, 1, 5000)

    rows = moments.effect_rows(("c", "phq9_points_6mo", "all"), moments.moments(x, y))

    assert rows[0][3] == "mean_difference"
    assert rows[0][6] == pytest.approx((x - y).mean())
    assert rows[0][7] == pytest.approx((x - y).std() / np.sqrt(5000))


def test_moments_of_two_groups_take_off_what_they_share():
    """People with an outcome in one arm only: checked by resampling."""
    rng = np.random.default_rng(2)

    def draw():
        base = rng.random(400)
        x = np.where(rng.random(400) < 0.7, (base < 0.5) * 1.0, np.nan)
        y = np.where(rng.random(400) < 0.6, (base < 0.3) * 1.0, np.nan)
        return moments.effect_rows(("c", "relapse", "all"), moments.moments(x, y))

    found = [draw() for _ in range(600)]
    for scale in (0, 1):
        spread = np.std([rows[scale][6] for rows in found])
        stated = np.mean([rows[scale][7] for rows in found])
        assert stated == pytest.approx(spread, rel=0.12)
