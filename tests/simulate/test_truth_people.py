"""Whose truth it is: people of the whole service, of each group, and no others."""

import numpy as np
import polars as pl
import pytest
from simulate.small_service import SEED, default, drawn, feeds

from pipelines.simulate import (
    blocks,
    comparisons,
    course,
    people,
    records,
    service,
    truth,
)
from pipelines.simulate.blocks import Sharing
from pipelines.simulate.making import Wanted, make
from pipelines.simulate.parameters import BLOCK_PATIENTS, scenario

INTERACTIONS = ("interaction_mean_difference", "interaction_risk_difference")


def _one(effects, **values) -> dict:
    return effects.row(
        by_predicate=pl.all_horizontal(pl.col(k) == v for k, v in values.items()),
        named=True,
    )


@pytest.mark.parametrize(
    ("patients", "wanted"),
    [
        (1, 1),
        (100, 10),
        (100, 150_000),
        (4_100, 2_048),
        (4_100, 4_096),
        (4_100, 4_100),
        (60_000, 150_000),
        (100_000, 150_000),
        (1_700_000, 1),
        (1_700_000, 150_000),
    ],
)
def test_blocks_of_the_truth_hold_enough_people_and_few_more(patients, wanted):
    parameters = scenario("default", patients)
    used = blocks.spread(parameters, wanted)
    people_count = sum(blocks.people_of(parameters, block) for block in used)

    assert used == sorted(set(used))
    assert (
        wanted
        <= people_count
        < max(wanted, patients % BLOCK_PATIENTS) + (2 * BLOCK_PATIENTS)
    )
    if wanted <= patients:
        assert max(used) < parameters.blocks
    else:
        assert used[: parameters.blocks] == list(range(parameters.blocks))


def test_blocks_lie_evenly_among_those_of_a_large_service():
    parameters = scenario("default", 1_700_000)
    used = np.array(blocks.spread(parameters, 150_000))
    step = parameters.blocks / len(used)

    assert np.abs(used - step * (np.arange(len(used)) + 0.5)).max() <= 1


def _referred_days(monkeypatch, parameters, patients) -> np.ndarray:
    """Days of referral of everybody whose truth is worked out."""
    seen, draw = [], people.draw

    def drawn_and_seen(*arguments):
        made = draw(*arguments)
        seen.append(made.referred_day)
        return made

    monkeypatch.setattr(people, "draw", drawn_and_seen)
    truth.effects(parameters, SEED, patients)
    return np.concatenate(seen)


def test_the_truth_of_a_large_service_is_that_of_its_whole_calendar(monkeypatch):
    parameters = scenario("default", 60 * BLOCK_PATIENTS, years=3)
    days = _referred_days(monkeypatch, parameters, 4 * BLOCK_PATIENTS)

    assert len(days) == 4 * BLOCK_PATIENTS
    quarters = np.histogram(days, 4, (0, parameters.data_days))[0]
    assert (quarters == BLOCK_PATIENTS).all()


def test_people_beyond_the_service_are_referred_over_the_whole_calendar():
    parameters = scenario("default", 100, years=3)
    place = service.build(parameters, SEED)
    days = people.draw(parameters, SEED, 7, place).referred_day

    quarters = np.histogram(days, 4, (0, parameters.data_days))[0] / len(days)
    assert np.allclose(quarters, 0.25, atol=0.05)


@pytest.mark.parametrize("patients", [1, 100, BLOCK_PATIENTS + 100])
def test_potential_outcomes_are_of_people_of_the_service(patients):
    parameters = scenario("default", patients)
    last = parameters.blocks - 1
    count = parameters.block_patients(last)
    made = truth.potential_outcomes(parameters, SEED, last)
    sent = records.clean_block(parameters, SEED, last, count)["patients"]

    assert set(made["patient_id"]) <= set(sent["patient_id"])
    assert made.schema == truth.PAIR_COLUMNS
    if patients > 1:
        assert made["patient_id"].n_unique() > 0.3 * count


def test_nobody_to_compare_is_no_fault(monkeypatch):
    monkeypatch.setattr(truth, "BASELINE_FROM", 28)
    parameters = scenario("default", 3)

    made = truth.potential_outcomes(parameters, SEED, 0)

    assert made.is_empty()
    assert made.schema == truth.PAIR_COLUMNS
    assert truth.effects(parameters, SEED, 3).is_empty()


def test_effects_count_each_person_of_the_service_once():
    parameters = scenario("default", BLOCK_PATIENTS + 100)
    made = truth.effects(parameters, SEED, parameters.patients)
    row = _one(
        made,
        comparison_id=comparisons.USUAL_CARE,
        outcome_id="phq9_points_6mo",
        population_id="all",
    )
    pairs = [truth.potential_outcomes(parameters, SEED, block) for block in (0, 1)]
    mine = pl.concat(pairs).filter(
        (pl.col("comparison_id") == comparisons.USUAL_CARE)
        & (pl.col("outcome_id") == "phq9_points_6mo")
    )

    assert row["patients_count"] == mine.height


def test_the_folder_has_a_truth_of_nobody_but_its_patients(tmp_path):
    wanted = Wanted(scenario("default", 100), SEED, truth_patients=3_000)
    make(wanted, tmp_path / "service", Sharing())
    (patients,) = (tmp_path / "service" / "delivery").rglob("patients.parquet")
    pairs = tmp_path / "service" / "truth" / "potential_outcomes.parquet"
    readme = (tmp_path / "service" / "README.md").read_text(encoding="utf-8")

    compared = set(pl.read_parquet(pairs)["patient_id"])
    assert compared
    assert compared <= set(pl.read_parquet(patients)["patient_id"])
    assert wanted.truth_people == 100 + 2 * BLOCK_PATIENTS
    assert "| Truth | effects from 4,196 people |" in readme


def test_the_score_of_day_zero_is_the_one_the_weeks_begin_with():
    group = truth._Group.of(default(), SEED, [0, 1])
    ran = course.run(default(), group.place, group.who, group.choices, group.drawn)

    assert (group.first_points == ran.points[0]).all()


@pytest.fixture(scope="module")
def modified():
    """Where only the chronic gain from length: effects among one block."""
    parameters = scenario("effect_modification", patients=BLOCK_PATIENTS)
    return truth.effects(parameters, SEED, BLOCK_PATIENTS)


@pytest.mark.parametrize(
    ("population", "trait", "outcome"),
    [
        ("chronic", "is_chronic", "phq9_points_12mo"),
        ("chronic", "is_chronic", "phq9_response_24mo"),
        ("treatment_resistant", "is_resistant", "phq9_points_24mo"),
    ],
)
def test_an_interaction_is_one_groups_difference_less_the_others(
    modified, population, trait, outcome
):
    parameters = scenario("effect_modification", patients=BLOCK_PATIENTS)
    inside = getattr(drawn(parameters).people, trait)
    ids = feeds(0)["patients"]["patient_id"]
    mine = (
        truth.potential_outcomes(parameters, SEED, 0)
        .filter(
            (pl.col("comparison_id") == comparisons.LENGTH)
            & (pl.col("outcome_id") == outcome)
        )
        .join(pl.DataFrame({"patient_id": ids, "inside": inside}), on="patient_id")
    )
    gain = (mine["exposed_outcome"] - mine["comparator_outcome"]).to_numpy()
    those = mine["inside"].to_numpy()
    errors = [gain[group].std() / np.sqrt(group.sum()) for group in (those, ~those)]
    kind = "mean_difference" if "points" in outcome else "risk_difference"
    where = {"comparison_id": comparisons.LENGTH, "outcome_id": outcome}
    row = _one(modified, **where, population_id=population, scale=f"interaction_{kind}")
    others = _one(modified, **where, population_id=f"not_{population}", scale=kind)

    assert others["effect"] == pytest.approx(gain[~those].mean())
    assert others["patients_count"] == (~those).sum()
    assert row["exposed_level"] == pytest.approx(gain[those].mean())
    assert row["comparator_level"] == pytest.approx(gain[~those].mean())
    assert row["effect"] == pytest.approx(gain[those].mean() - gain[~those].mean())
    assert row["std_error"] == pytest.approx(np.hypot(*errors))
    assert row["patients_count"] == min(those.sum(), (~those).sum())


def test_interactions_are_of_two_populations_on_the_scale_of_differences(modified):
    rows = modified.filter(pl.col("scale").str.starts_with("interaction_"))

    assert set(rows["scale"]) == set(INTERACTIONS)
    assert set(rows["population_id"]) == {"chronic", "treatment_resistant"}
    assert set(rows["comparison_id"]) == {
        c.comparison_id for c in comparisons.comparisons()
    }
    # nobody who is treatment-resistant is a new user
    new = rows.filter(pl.col("comparison_id") == comparisons.ADD_MEDICATION)
    assert set(new["population_id"]) == {"chronic"}


def test_length_has_an_interaction_with_chronicity_where_it_should(modified):
    row = _one(
        modified,
        comparison_id=comparisons.LENGTH,
        outcome_id="phq9_points_12mo",
        population_id="chronic",
        scale="interaction_mean_difference",
    )

    assert row["effect"] < -3 * row["std_error"] < 0


def test_under_null_there_is_no_interaction():
    parameters = scenario("null", patients=BLOCK_PATIENTS)
    made = truth.effects(parameters, SEED, BLOCK_PATIENTS)
    rows = made.filter(pl.col("scale").is_in(INTERACTIONS))

    assert rows.height > 500
    assert (rows["effect"] == 0).all()
    assert (rows["std_error"] == 0).all()


def test_couple_therapy_is_compared_among_people_who_have_a_partner():
    pairs = truth.potential_outcomes(default(), SEED, 0)
    has_partner = pl.DataFrame(
        {
            "patient_id": feeds(0)["patients"]["patient_id"],
            "has_partner": drawn(default()).people.has_partner,
        }
    )
    share = (
        pairs.join(has_partner, on="patient_id")
        .group_by("comparison_id")
        .agg(pl.col("has_partner").mean())
    )
    shares = dict(share.iter_rows())
    formats = {name: s for name, s in shares.items() if name.startswith("format_")}
    couple = {name for name in formats if "couple" in name}

    assert len(formats) == 6
    assert len(couple) == 3
    assert all((formats[name] == 1) == (name in couple) for name in formats)
    assert all(shares[name] < 0.8 for name in shares if name not in couple)


def test_questions_without_a_truth_are_listed_each_with_one_sentence():
    questions = [question for question, _ in comparisons.WITHOUT_TRUTH]
    told = " ".join(questions)

    for question in ("Q5", "Q6", "Q13", "Q18", "Q20", "four sessions", "36 months"):
        assert question in told
    assert len(questions) == len(set(questions)) == 7
    for question, why in comparisons.WITHOUT_TRUTH:
        assert question.endswith("?")
        assert why.endswith(".")
        assert why.count(".") == 1


def test_no_outcome_lies_beyond_what_is_said_to_be_simulated():
    assert max(truth.MONTHS.values()) == truth.WEEKS - 1 == 104
