"""Answer each question of the article from the estimates, or say why not."""

from dataclasses import dataclass

import duckdb
import polars as pl

from pipelines.compare.protocols import Protocol

ESTIMATES_CAN_ANSWER = ("mean_difference", "risk_difference")
"""Scales that a sentence is made of."""


@dataclass(frozen=True)
class Answer:
    """Where a question stands, in one sentence."""

    status: str
    sentence: str


def state_comparisons(protocols: tuple[Protocol, ...]) -> pl.DataFrame:
    """Return one row per protocol, as reports.rpt_comparisons shows it."""
    return pl.DataFrame(
        [
            {
                "comparison_id": protocol.comparison_id,
                "family": protocol.family,
                "question_ids": " ".join(protocol.question_ids),
                "question": protocol.question,
                "population": protocol.population,
                "eligibility": "\n".join(protocol.eligibility),
                "exposed_arm": protocol.exposed.arm,
                "exposed_label": protocol.exposed_label,
                "exposed_strategy": protocol.exposed.strategy,
                "comparator_arm": protocol.comparator.arm,
                "comparator_label": protocol.comparator_label,
                "comparator_strategy": protocol.comparator.strategy,
                "design": protocol.design,
                "time_zero": protocol.time_zero,
                "assignment": protocol.assignment,
                "follow_up": protocol.follow_up,
                "causal_contrast": protocol.causal_contrast,
                "target": protocol.target,
                "covariates": " ".join(protocol.covariates),
                "subgroups": " ".join(protocol.subgroups),
                "decided_on": protocol.decided_on,
                "caveats": "\n".join(protocol.caveats),
                "protocol_version": protocol.version,
                "protocol_hash": protocol.hash,
                "primary_outcome_id": protocol.primary.outcome_id,
                "primary_estimator_id": protocol.primary.estimator_id,
            }
            for protocol in protocols
        ]
    )


def answer_questions(
    con: duckdb.DuckDBPyConnection, protocols: tuple[Protocol, ...]
) -> pl.DataFrame:
    """Return one row per question of seeds.questions, with its status and sentence.

    Args:
        con: The build, with seeds.questions, quality.reconciliation, and
            reports.rpt_effects_by_comparison as it will be shown.
        protocols: The comparisons that were run.
    """
    by_id = {protocol.comparison_id: protocol for protocol in protocols}
    supplied = {
        row[0]
        for row in con.execute(
            "select distinct feed from quality.reconciliation where is_supplied"
        ).fetchall()
    }
    primaries = {
        row["comparison_id"]: row
        for row in con.sql(
            "select * from reports.rpt_effects_by_comparison where is_primary"
        )
        .pl()
        .iter_rows(named=True)
    }
    supplied |= {
        f"instrument.{row[0]}"
        for row in con.execute(
            "select distinct instrument from marts.fct_assessments"
        ).fetchall()
    }
    names = dict(
        con.execute("select instrument, name from seeds.instruments").fetchall()
    )
    rows = []
    questions = con.sql("select * from seeds.questions order by question_id").pl()
    for question in questions.iter_rows(named=True):
        comparison_id = question["comparison_id"]
        answer = _answer(
            question,
            supplied,
            names,
            by_id.get(comparison_id),
            primaries.get(comparison_id),
        )
        rows.append(
            {
                "question_id": question["question_id"],
                "claim": question["claim"],
                "question": question["question"],
                "status": answer.status,
                "answer": answer.sentence,
                "comparison_id": comparison_id,
            }
        )
    return pl.DataFrame(rows)


def _answer(
    question: dict,
    supplied: set[str],
    names: dict[str, str],
    protocol: Protocol | None,
    effect: dict | None,
) -> Answer:
    note = question["note"]
    if not question["is_answerable"]:
        return Answer("not_answerable", f"{note or 'No measure of it is agreed'}.")
    missing = [
        need
        for need in (question["needs"] or "").split()
        if not supplied & set(need.split("|"))
    ]
    if missing:
        return Answer("not_measured", _absence(missing, names))
    if protocol is None or effect is None:
        return Answer(
            "not_answerable", "This version does not make this comparison yet."
        )
    if effect["is_withheld"]:
        return Answer("withheld", effect["withheld_reason"])
    if effect["estimate"] is None:
        return Answer("withheld", "Too few people to show.")
    return Answer("answered", _sentence(protocol, effect))


def _sentence(protocol: Protocol, effect: dict) -> str:
    unit = "points" if effect["scale"] == "mean_difference" else "percentage points"
    scale = 1 if effect["scale"] == "mean_difference" else 100
    estimate, low, high = (
        effect[name] * scale for name in ("estimate", "estimate_low", "estimate_high")
    )
    kind = (
        "Estimated effect"
        if effect["is_randomised"]
        else "Difference, adjusted for what was recorded; a description, not an effect"
    )
    clear = "" if low > 0 or high < 0 else " The interval includes no difference."
    return (
        f"{kind}: {_signed(estimate)} {unit} ({protocol.exposed_label.lower()} minus "
        f"{protocol.comparator_label.lower()}; 95% interval {_signed(low)} to "
        f"{_signed(high)}; lower is better).{clear}"
        if effect["scale"] == "mean_difference"
        else f"{kind}: {_signed(estimate)} {unit} ({protocol.exposed_label.lower()} "
        f"minus {protocol.comparator_label.lower()}; 95% interval {_signed(low)} to "
        f"{_signed(high)}).{clear}"
    )


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "\N{MINUS SIGN}")


def _absence(missing: list[str], names: dict[str, str]) -> str:
    """Say which feeds, and scores on which questionnaires, no source sends."""
    feeds = [need for need in missing if not need.startswith("instrument.")]
    scores = [
        " or ".join(
            names[choice.removeprefix("instrument.")] for choice in need.split("|")
        )
        for need in missing
        if need.startswith("instrument.")
    ]
    parts = []
    if feeds:
        noun = "feed" if len(feeds) == 1 else "feeds"
        parts.append(f"the {' and '.join(feeds)} {noun}")
    parts += [f"scores on the {score}" for score in scores]
    return f"No source sends {', nor '.join(parts)}."
