"""Match a file's columns to the columns of the contract, by name and by content."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

import duckdb

from pipelines.intake.contract import Column, Feed
from pipelines.intake.draft.shapes import SAMPLE_ROWS, Shape, identifier
from pipelines.intake.draft.vocabulary import (
    COLUMN_WORDS,
    FEED_COLUMN_WORDS,
    FILE_WORDS,
    GENERIC_WORDS,
    code_of,
    plain,
    synonyms,
)
from pipelines.intake.feeds import FEEDS
from pipelines.sql import quoted

NEAR = 0.85
"""Likeness (0-1) of two names, from which one may be the other misspelt: one wrong
letter in seven, or two in fourteen."""

SHORTEST_NEAR = 5
"""Letters. Of shorter names, one letter more or less is often another word."""

ENDINGS = re.compile(r"_(code|cd|desc|description|txt|text|value|dt)$")


@dataclass(frozen=True)
class Match:
    """One column of a file that may be a column of the contract."""

    column: Column
    shape: Shape
    score: float
    """1 is the contract's own name; ranks, nothing more."""

    is_by_content: bool = False


def feed_of_file(name: str) -> str:
    """Return the feed that a file is named after; empty where none or several are."""
    words = set(plain(name).split("_"))
    named = [feed for feed, known in FILE_WORDS.items() if words & set(known.split())]
    return named[0] if len(named) == 1 else ""


def name_score(feed: str, column: str, name: str, is_named_after: bool) -> float:
    """Return how well a name says that it is a contract column, from 0 to 1.

    Args:
        feed: The feed of the contract.
        column: Its column.
        name: Name in the file, as it is.
        is_named_after: The file is named after this feed.
    """
    told, others = plain(name), synonyms(feed, column)
    if told == column:
        return 1.0
    if told in others:
        return 0.95
    if sorted(told.split("_")) == sorted(column.split("_")):
        return 0.9
    if ENDINGS.sub("", told) in (column, *others):
        return 0.85
    if is_named_after and told in GENERIC_WORDS.get(feed, {}).get(column, "").split():
        return 0.7
    if told not in _names_of_columns() and min(len(told), len(column)) >= SHORTEST_NEAR:
        likeness = max(_likeness(told, one) for one in (column, *others))
        return 0.8 * likeness if likeness >= NEAR else 0.0
    return 0.0


def fits(column: Column, shape: Shape) -> bool:
    """Tell whether a column's values have the kind that the contract wants.

    A code fits whatever its words are: a person says what they mean.
    """
    if not shape.given:
        return True
    if column.kind == "date":
        return bool(shape.date_forms)
    if column.name in ("birth_year", "index_year"):
        return shape.is_mostly("year")
    if column.kind in ("integer", "number"):
        return shape.is_number
    if column.kind == "boolean":
        return shape.is_mostly("flag")
    if column.name == "code":
        return shape.is_mostly("icd10")
    return True


def match_feed(
    con: duckdb.DuckDBPyConnection,
    rows: str,
    feed: Feed,
    shapes: list[Shape],
    is_named_after: bool,
) -> dict[str, Match]:
    """Return the best column of the file for each contract column that has one.

    Args:
        con: Connection that reads the delivery.
        rows: The file's rows, as a table or a query in brackets.
        feed: The feed of the contract.
        shapes: The file's columns that may still be used.
        is_named_after: The file is named after this feed.
    """
    candidates = [
        Match(column, shape, score)
        for column in feed.columns
        for shape in shapes
        if (score := name_score(feed.name, column.name, shape.name, is_named_after))
        and fits(column, shape)
    ]
    matched = _best(candidates, {})
    if is_named_after or len(matched) > 1:
        used = {match.shape.position for match in matched.values()}
        spare = [shape for shape in shapes if shape.position not in used]
        matched = _best(_by_content(con, rows, feed, spare, matched), matched)
    return matched


def nearest(feed: Feed, name: str) -> str:
    """Return the contract column that a name comes closest to; empty if none does."""
    scores = [
        (name_score(feed.name, column.name, name, True), column.name)
        for column in feed.columns
    ]
    best = max(scores)
    return best[1] if best[0] > 0 else ""


def holds_only_codes(
    con: duckdb.DuckDBPyConnection, rows: str, name: str, column: Column
) -> bool:
    """Tell whether every given value is a known word of a code, and two codes occur."""
    words = code_of(column.name)
    if not words:
        return False
    listed = ", ".join(quoted(word) for word in words)
    text = plain_sql(f"{identifier(name)}::varchar")
    given, known, kinds = con.execute(
        f"select count(*), count(*) filter (word in ({listed})), "
        f"count(distinct word) from (select {text} as word from "
        f"(select * from {rows} limit {SAMPLE_ROWS})) where word <> ''"
    ).fetchone()
    return given > 0 and known == given and kinds > 1


def plain_sql(text: str) -> str:
    """SQL of `vocabulary.plain` for a value, without its splitting of capitals."""
    for letter, spelt in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = f"replace({text}, '{letter}', '{spelt}')"
    return (
        f"trim(regexp_replace(strip_accents(lower({text})), '[^a-z0-9]+', '_', 'g'), "
        "'_')"
    )


def _by_content(
    con: duckdb.DuckDBPyConnection,
    rows: str,
    feed: Feed,
    spare: list[Shape],
    matched: dict[str, Match],
) -> list[Match]:
    found = []
    for column in feed.columns:
        if column.name in matched:
            continue
        if column.kind == "date" and column.is_required:
            dated = [shape for shape in spare if shape.date_forms]
            if len(dated) == 1:
                found.append(Match(column, dated[0], 0.5, is_by_content=True))
        elif column.name == "code":
            found += [
                Match(column, shape, 0.5, is_by_content=True)
                for shape in spare
                if shape.is_mostly("icd10")
            ]
        elif column.kind == "code":
            found += [
                Match(column, shape, 0.4, is_by_content=True)
                for shape in spare
                if shape.given
                and not shape.is_number
                and holds_only_codes(con, rows, shape.name, column)
            ]
    return found


def _best(candidates: list[Match], matched: dict[str, Match]) -> dict[str, Match]:
    """Give each contract column and each file column away once, the best first."""
    chosen = dict(matched)
    used = {match.shape.position for match in chosen.values()}
    for match in sorted(
        candidates, key=lambda m: (-m.score, m.shape.position, m.column.name)
    ):
        if match.column.name not in chosen and match.shape.position not in used:
            chosen[match.column.name] = match
            used.add(match.shape.position)
    return chosen


def _likeness(one: str, other: str) -> float:
    compared = SequenceMatcher(None, one, other, autojunk=False)
    # the two quick ones are upper bounds, and most pairs end at them
    if compared.real_quick_ratio() < NEAR or compared.quick_ratio() < NEAR:
        return 0.0
    return compared.ratio()


@cache
def _names_of_columns() -> frozenset[str]:
    """Every name that is known to mean one column, so that it is no misspelling."""
    known = (*COLUMN_WORDS.values(), *FEED_COLUMN_WORDS.values())
    return frozenset(
        {word for words in known for word in words.split()}
        | {column.name for feed in FEEDS.values() for column in feed.columns}
    )
