"""Answer each question of the article from the estimates, or say why not."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import polars as pl

from pipelines.compare.protocols import Protocol
from pipelines.reporting import measured, service_words
from pipelines.reporting.tables import Row


@dataclass(frozen=True)
class Answer:
    """Where a question stands, in a few short sentences."""

    status: str
    sentence: str


@dataclass(frozen=True)
class Candidate:
    """A comparison made for a question, with its primary estimate as it is shown."""

    protocol: Protocol
    effect: Mapping


def answer_questions(
    con: duckdb.DuckDBPyConnection, protocols: tuple[Protocol, ...]
) -> pl.DataFrame:
    """Return one row per question of seeds.questions, with its status and sentence.

    Args:
        con: The build, with seeds.questions, quality.reconciliation, and
            reports.rpt_effects_by_comparison as it will be shown.
        protocols: The comparisons that were run.
    """
    supplied = {
        row[0]
        for row in con.execute(
            "select distinct feed from quality.reconciliation where is_supplied"
        ).fetchall()
    }
    effects = _effects(con, protocols)
    supplied |= {
        f"instrument.{row[0]}"
        for row in con.execute(
            "select distinct instrument from marts.fct_assessments"
        ).fetchall()
    }
    instruments = {
        row["instrument"]: row
        for row in con.sql("select * from seeds.instruments").pl().iter_rows(named=True)
    }
    rows = []
    questions = con.sql("select * from seeds.questions order by question_id").pl()
    for question in questions.iter_rows(named=True):
        made = [
            Candidate(protocol, effects[key])
            for protocol in protocols
            if _is_asked(question, protocol)
            and (key := (protocol.comparison_id, _asked_of(question, protocol)))
            in effects
        ]
        chosen = choose(made, question["comparison_id"])
        answer = _answer(question, supplied, instruments, chosen, len(made))
        comparison_id = question["comparison_id"]
        if chosen is not None:
            comparison_id = chosen.protocol.comparison_id
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


def _effects(
    con: duckdb.DuckDBPyConnection, protocols: tuple[Protocol, ...]
) -> dict[tuple[str, str], dict]:
    """Return the difference in each outcome, as each protocol's primary estimator has it."""
    estimators = {one.comparison_id: one.primary.estimator_id for one in protocols}
    rows = con.sql(
        "select * from reports.rpt_effects_by_comparison "
        "where population_id = 'all' and specification_id = 'protocol' "
        "and scale in ('mean_difference', 'risk_difference')"
    ).pl()
    return {
        (row["comparison_id"], row["outcome_id"]): row
        for row in rows.iter_rows(named=True)
        if row["estimator_id"] == estimators.get(row["comparison_id"])
    }


def _asked_of(question: dict, protocol: Protocol) -> str:
    """Name the outcome of a question: its own, or the protocol's primary."""
    return question["outcome_id"] or protocol.primary.outcome_id


def _is_asked(question: dict, protocol: Protocol) -> bool:
    """Tell whether a comparison is about a question, by its protocol or by the seed."""
    is_named = question["comparison_id"] == protocol.comparison_id
    return is_named or question["question_id"] in protocol.question_ids


def choose(made: list[Candidate], preferred: str | None) -> Candidate | None:
    """Choose the comparison that answers a question, never by what it found.

    One that is shown before one that is withheld or hidden, then one that chance
    allocated, then the seed's, then by name.

    Args:
        made: The comparisons that were made for the question.
        preferred: The comparison_id that seeds.questions names; may be null.

    Returns:
        None where none was made.
    """
    return min(
        made,
        key=lambda one: (
            one.effect["is_withheld"],
            one.effect["estimate"] is None,
            not one.effect["is_randomised"],
            one.protocol.comparison_id != preferred,
            one.protocol.comparison_id,
        ),
        default=None,
    )


def _answer(
    question: dict,
    supplied: set[str],
    instruments: Mapping[str, Row],
    chosen: Candidate | None,
    made_count: int,
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
        names = {code: row["name"] for code, row in instruments.items()}
        return Answer("not_measured", _absence(missing, names))
    if chosen is None:
        return Answer(
            "not_answerable", "This version does not make this comparison yet."
        )
    if chosen.effect["is_withheld"]:
        return Answer("withheld", chosen.effect["withheld_reason"])
    if chosen.effect["estimate"] is None:
        return Answer("withheld", "Too few people to show.")
    sentence = _sentence(chosen.protocol, chosen.effect, instruments)
    others = f" One of {made_count} comparisons made for this question."
    return Answer("answered", sentence + (others if made_count > 1 else ""))


def _sentence(
    protocol: Protocol, effect: Mapping, instruments: Mapping[str, Row]
) -> str:
    if protocol.design in service_words.DOES_NOT_SHOW:
        outcome = next(
            one for one in protocol.outcomes if one.outcome_id == effect["outcome_id"]
        )
        return service_words.answer(
            design=protocol.design,
            labels=(protocol.exposed_label, protocol.comparator_label),
            population=protocol.population,
            what=measured.read(
                outcome.outcome_id, outcome.month, outcome.role, instruments
            ),
            effect=effect,
        )
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
    better = "; lower is better" if effect["scale"] == "mean_difference" else ""
    return (
        f"{kind}: {_signed(estimate)} {unit} ({protocol.exposed_label.lower()} minus "
        f"{protocol.comparator_label.lower()}; 95% interval {_signed(low)} to "
        f"{_signed(high)}{better}).{clear}"
    )


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "\N{MINUS SIGN}")


def _absence(missing: list[str], names: dict[str, str]) -> str:
    """Say which feeds, and scores on which questionnaires, no source sends."""
    feeds = [
        need.replace("|", " or ")
        for need in missing
        if not need.startswith("instrument.")
    ]
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
