"""Which comparison answers a question, and in what words."""

import duckdb
import pytest

from pipelines.compare import protocols
from pipelines.release.questions import _absence, answer_questions

NAMES = {"isi": "Insomnia Severity Index", "pss10": "Perceived Stress Scale"}


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        (["sessions"], "No source sends the sessions feed."),
        (["episodes|sessions"], "No source sends the episodes or sessions feed."),
        (
            ["sessions", "clinicians"],
            "No source sends the sessions and clinicians feeds.",
        ),
        (
            ["sessions", "instrument.isi|instrument.pss10"],
            "No source sends the sessions feed, nor scores on the Insomnia Severity "
            "Index or Perceived Stress Scale.",
        ),
        (
            ["instrument.isi"],
            "No source sends scores on the Insomnia Severity Index.",
        ),
    ],
)
def test_what_is_missing_is_said_in_words(missing, sentence):
    assert _absence(missing, NAMES) == sentence


LENGTH = "long_vs_short_term"
BY_CONTRACT = "long_vs_short_term_by_contract"
TRIAL = "trial_therapy_plus_medication_vs_medication"
ADDED = "therapy_plus_medication_vs_medication"
SHOWN = {
    "is_withheld": False,
    "reason": None,
    "estimate": -2.2,
    "low": -3.1,
    "high": -1.3,
}
WITHHELD = {
    **dict.fromkeys(("estimate", "low", "high")),
    "is_withheld": True,
    "reason": "The sides differ too much.",
}
HIDDEN = {**WITHHELD, "is_withheld": False, "reason": None}


@pytest.fixture(scope="module")
def planned():
    return protocols.load_all()


@pytest.fixture
def answered(planned):
    """Answer one question from the main estimates of some comparisons."""
    con = duckdb.connect()
    for schema in ("seeds", "quality", "marts", "reports"):
        con.execute(f"create schema {schema}")
    con.execute(
        "create table quality.reconciliation (feed varchar, is_supplied boolean)"
    )
    con.execute("create table marts.fct_assessments (instrument varchar)")
    con.execute(
        "create table seeds.instruments as select 'phq9' as instrument, "
        "'PHQ-9' as name, true as is_lower_better"
    )
    con.execute(
        "create table reports.rpt_effects_by_comparison (comparison_id varchar, "
        "outcome_id varchar, estimator_id varchar, population_id varchar, "
        "specification_id varchar, scale varchar, estimate double, estimate_low double, estimate_high double, "
        "is_randomised boolean, is_primary boolean, is_withheld boolean, "
        "withheld_reason varchar)"
    )

    by_id = {one.comparison_id: one for one in planned}

    def answer(question_id, preferred, effects, outcome_id=None):
        con.execute(
            "create or replace table seeds.questions as select ? as question_id, "
            "'Claim' as claim, 'Asked?' as question, ?::varchar as comparison_id, "
            "?::varchar as outcome_id, "
            "null as needs, null as note, true as is_answerable",
            [question_id, preferred, outcome_id],
        )
        con.execute("delete from reports.rpt_effects_by_comparison")
        for comparison_id, effect in effects.items():
            con.execute(
                "insert into reports.rpt_effects_by_comparison "
                "values (?, ?, ?, 'all', 'protocol', 'mean_difference', "
                "?, ?, ?, ?, true, ?, ?)",
                [
                    comparison_id,
                    outcome_id or by_id[comparison_id].primary.outcome_id,
                    by_id[comparison_id].primary.estimator_id,
                    *(effect[name] for name in ("estimate", "low", "high")),
                    comparison_id.startswith("trial_"),
                    *(effect["is_withheld"], effect["reason"]),
                ],
            )
        return answer_questions(con, planned).to_dicts()[0]

    yield answer
    con.close()


@pytest.mark.parametrize(
    ("question", "preferred", "effects", "chosen"),
    [
        ("Q15", LENGTH, {LENGTH: SHOWN, BY_CONTRACT: SHOWN}, LENGTH),
        ("Q15", BY_CONTRACT, {LENGTH: SHOWN, BY_CONTRACT: SHOWN}, BY_CONTRACT),
        ("Q15", LENGTH, {LENGTH: WITHHELD, BY_CONTRACT: SHOWN}, BY_CONTRACT),
        ("Q15", LENGTH, {LENGTH: HIDDEN, BY_CONTRACT: SHOWN}, BY_CONTRACT),
        ("Q15", None, {LENGTH: SHOWN, BY_CONTRACT: SHOWN}, LENGTH),
        ("Q3", ADDED, {TRIAL: SHOWN, ADDED: SHOWN}, TRIAL),
        ("Q3", ADDED, {TRIAL: WITHHELD, ADDED: SHOWN}, ADDED),
        ("Q3", ADDED, {TRIAL: WITHHELD, ADDED: WITHHELD}, TRIAL),
        ("Q3", ADDED, {}, ADDED),  # none was made; the seed's stays
    ],
)
def test_a_question_takes_the_comparison_that_tells_most(
    answered, question, preferred, effects, chosen
):
    assert answered(question, preferred, effects)["comparison_id"] == chosen


@pytest.mark.parametrize(
    ("effect", "status", "answer"),
    [
        (
            SHOWN,
            "answered",
            "Estimated effect, not randomised: 2.2 points lower on the PHQ-9 at 12 months "
            "with long-term therapy than with short-term therapy (difference −2.2 points, "
            "95% interval −3.1 to −1.3; lower is better). It is about adults who start "
            "therapy for depression with a PHQ-9 of 10 or more. It does not show what a "
            "trial would: a reason to stop or to go on that nobody recorded may play a "
            "part.",
        ),
        (WITHHELD, "withheld", "The sides differ too much."),
        (HIDDEN, "withheld", "Too few people to show."),
    ],
)
def test_an_answer_says_whom_it_is_about_and_what_it_leaves_open(
    answered, effect, status, answer
):
    row = answered("Q15", None, {LENGTH: effect})

    assert (row["status"], row["answer"]) == (status, answer)


def test_an_answer_says_of_how_many_comparisons_it_is_one(answered):
    one = answered("Q15", LENGTH, {LENGTH: SHOWN})
    two = answered("Q15", LENGTH, {LENGTH: SHOWN, BY_CONTRACT: WITHHELD})

    assert "comparisons made" not in one["answer"]
    assert two["answer"].endswith(" One of 2 comparisons made for this question.")


def test_a_randomised_answer_is_an_estimated_effect_without_more(answered):
    answer = answered("Q3", None, {TRIAL: SHOWN})["answer"]

    assert answer.startswith("Estimated effect: −2.2 points (")
    assert "not randomised" not in answer


def test_a_question_about_another_outcome_takes_that_one(answered):
    found = answered("Q16", LENGTH, {LENGTH: SHOWN}, "wsas_points_12mo")

    assert found["status"] == "answered"
    assert "2.2" in found["answer"]

    # the primary outcome does not answer it
    nothing = answered("Q16", LENGTH, {}, "wsas_points_12mo")
    assert nothing["status"] == "not_answerable"
