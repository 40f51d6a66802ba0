"""Write the SQL of one column: a date in its form, a code map, a flag.

A code map needs words. Words of our own vocabulary are written as a matter of
course. A word of the source's own is written only where it cannot be about one
person: see `MAXIMUM_WORDS`, `LONGEST_WORD` and `FEWEST_ROWS`.
"""

import re
from dataclasses import dataclass

import duckdb

from pipelines.intake.contract import Column
from pipelines.intake.draft.matching import Match
from pipelines.intake.draft.shapes import ISO, SAMPLE_ROWS, Shape, identifier
from pipelines.intake.draft.vocabulary import NO, YES, code_of, ingredients, plain
from pipelines.settings import Disclosure
from pipelines.sql import quoted

MAXIMUM_WORDS = 30
"""Distinct words of a column whose words may be written. A code list is short; a
column with more words may hold names, or somebody's own words."""

LONGEST_WORD = 24
"""Characters of a word that may be written: a code, not a sentence."""

FEWEST_ROWS = Disclosure().minimum_cell_count
"""Rows in which a word must stand to be written, where it is not one of ours: the
count below which a release shows nothing either."""

MISSING_TOLD = "-- a word for nothing known becomes blank"

CODES_A_LINE = 3
"""Codes of the contract on one line of a comment, so that it fits on a screen."""

SAFE_WORD = re.compile(rf"[\w .,/&()+-]{{1,{LONGEST_WORD}}}")
"""Words that can stand in a comment without ending it."""


@dataclass(frozen=True)
class Written:
    """The SQL of one column of a feed."""

    lines: tuple[str, ...]
    """Comments first, then the expression; the last line ends on `as <column>`."""

    decisions: int = 0
    """How many `-- decide:` it holds."""


def expression(
    con: duckdb.DuckDBPyConnection, rows: str, match: Match, decimal: str
) -> Written:
    """Return the SQL that makes a contract column of a file's column.

    What does not fit is passed on as it is, so that the row rules refuse and count
    it; nothing is turned into a null in silence.

    Args:
        con: Connection that reads the delivery.
        rows: The file's rows, as a table or a query in brackets.
        match: The two columns.
        decimal: Mark of decimals in this source, `.` or `,`.
    """
    column, shape = match.column, match.shape
    written = Written((f"{shape.text} as {column.name}",))
    if column.kind == "date":
        written = date(shape, column.name)
    elif column.kind == "boolean" and shape.given:
        written = _flag(shape, column.name)
    elif column.kind == "code":
        written = _code_map(con, rows, shape, column)
    elif column.kind == "integer":
        written = Written((f"{number(shape, decimal)} as {column.name}",))
    elif column.name == "ingredient":
        written = _ingredient(con, rows, shape)
    if shape.missing:
        written = Written((MISSING_TOLD, *written.lines), written.decisions)
    if match.is_by_content:
        told = "-- decide: chosen by its content, not by its name"
        return Written((told, *written.lines), written.decisions + 1)
    return written


def date(shape: Shape, name: str) -> Written:
    """Return the SQL of a day; an ambiguous form is named and must be decided."""
    forms = shape.date_forms
    column = identifier(shape.name)
    if not forms or forms[0] == ISO:
        return Written((f"{shape.text} as {name}",))
    lines = []
    if len(forms) > 1:
        either = " or ".join(form.words for form in forms)
        lines.append(f"-- decide: {either}? No day above 12 says which")
    lines += [
        "coalesce(",
        f"    strftime(try_strptime({column}, '{forms[0].pattern}'), '%Y-%m-%d'),",
        f"    {shape.text}",
        f") as {name}",
    ]
    return Written(tuple(lines), int(len(forms) > 1))


def number(shape: Shape, decimal: str) -> str:
    """Return the SQL of a whole number; a decimal comma becomes a point."""
    if decimal == "," and shape.counts["comma"]:
        return f"replace({shape.text}, ',', '.')"
    return shape.text


def _flag(shape: Shape, name: str) -> Written:
    column = identifier(shape.name)
    yes, no = (", ".join(map(quoted, words)) for words in (YES, NO))
    return Written(
        (
            f"case when lower(trim({column})) in ({yes})",
            "    then 'true'",
            f"    when lower(trim({column})) in ({no})",
            "    then 'false'",
            f"    else {shape.text}",
            f"end as {name}",
        )
    )


def _code_map(
    con: duckdb.DuckDBPyConnection, rows: str, shape: Shape, column: Column
) -> Written:
    text = identifier(shape.name)
    words = _words_of(con, rows, shape)
    known = {word: code_of(column.name).get(plain(word)) for word, _ in words}
    if all(word in column.codes for word, _ in words):
        return Written((f"lower(trim({shape.text})) as {column.name}",))
    unknown = [(word, count) for word, count in words if known[word] is None]
    may_be_written = len(words) <= MAXIMUM_WORDS
    lines = [f"case lower(trim({text}))"]
    lines += [
        f"    when {quoted(word)} then '{code}'" for word, code in known.items() if code
    ]
    decisions, hidden = 0, 0
    for word, count in unknown:
        if may_be_written and count >= FEWEST_ROWS and SAFE_WORD.fullmatch(word):
            lines.append(f"    -- decide: when '{word}' then '<code>'")
            decisions += 1
        else:
            hidden += 1
    if hidden:
        lines.append(
            f"    -- decide: {'over ' if len(words) > MAXIMUM_WORDS else ''}{hidden} "
            "other word(s), not written here: too rare, too long or too many"
        )
        decisions += 1
    if decisions:
        lines += [
            f"    -- {'codes:' if at == 0 else '      '} "
            f"{', '.join(column.codes[at : at + CODES_A_LINE])}"
            for at in range(0, len(column.codes), CODES_A_LINE)
        ]
    if len(lines) == 1:
        return Written((f"{shape.text} as {column.name}",))
    if not any(known.values()):  # SQL wants at least one case
        lines[1:1] = ["    when '' then null"]
    lines += [f"    else {shape.text}", f"end as {column.name}"]
    return Written(tuple(lines), decisions)


def _words_of(
    con: duckdb.DuckDBPyConnection, rows: str, shape: Shape
) -> list[tuple[str, int]]:
    """Return a column's distinct words and their rows, at most one over the limit."""
    text = f"lower(trim({shape.text}))"
    return con.execute(
        f"select {text} as word, count(*) from (select * from {rows} "
        f"limit {SAMPLE_ROWS}) where word <> '' group by word "
        f"order by count(*) desc, word limit {MAXIMUM_WORDS + 1}"
    ).fetchall()


def _ingredient(con: duckdb.DuckDBPyConnection, rows: str, shape: Shape) -> Written:
    """Find the ingredients that we know in a drug's name; keep other names, plain."""
    column = identifier(shape.name)
    text = f"lower({column}::varchar)"
    # the longest first: citalopram is a part of escitalopram
    whens = " ".join(
        f"when contains({text}, '{name}') then '{name}'" for name in ingredients()
    )
    counts = dict(
        con.execute(
            f"select case {whens} end as ingredient, count(*) from (select * from "
            f"{rows} limit {SAMPLE_ROWS}) where {shape.text} is not null group by ingredient"
        ).fetchall()
    )
    found = [name for name in ingredients() if name in counts]
    others = counts.get(None, 0)
    lines = ["case"] if found else []
    lines += [
        f"    when contains(lower({column}), '{name}') then '{name}'" for name in found
    ]
    if others:
        lines.append(
            f"    -- decide: {others} row(s) name another drug; leave out with "
            "`where` what is no antidepressant"
        )
    plain_name = f"lower(regexp_replace(trim({shape.text}), '[^A-Za-z0-9]+', '_', 'g'))"
    if not found:
        return Written((*lines, f"{plain_name} as ingredient"), int(bool(others)))
    lines += [f"    else {plain_name}", "end as ingredient"]
    return Written(tuple(lines), int(bool(others)))
