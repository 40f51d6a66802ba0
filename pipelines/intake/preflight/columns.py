"""Compare a feed's columns with the contract: missing, strange, renamed."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipelines.errors import PipelineError
from pipelines.intake import adapters
from pipelines.intake.contract import Feed
from pipelines.intake.deliveries import Delivery, ending_of
from pipelines.intake.draft.matching import feed_of_file, match_feed, nearest
from pipelines.intake.draft.shapes import ISO, Shape, identifier, measure
from pipelines.intake.draft.vocabulary import is_all_ours
from pipelines.intake.feeds import FEEDS
from pipelines.intake.preflight.findings import Problem
from pipelines.sql import quoted


@dataclass(frozen=True)
class Examined:
    """One feed's columns, as the delivery sends them."""

    feed: Feed
    rows: str
    """The feed's rows as a query in brackets; empty if it is not sent or unreadable."""

    sent: tuple[str, ...]
    """Contract columns that are sent, by their names in the delivery."""

    filled_in: tuple[str, ...]
    """Required columns that are not sent."""

    row_count: int
    problems: tuple[Problem, ...]

    @property
    def trial_sql(self) -> str:
        """The rows with the contract's columns only, the required ones empty."""
        names = [identifier(name) for name in self.sent]
        names += [f"null::varchar as {identifier(name)}" for name in self.filled_in]
        if not self.rows:
            columns = [c.name for c in self.feed.columns if c.is_required]
            nothing = ", ".join(f"null::varchar as {name}" for name in columns)
            return f"select {nothing} where false"
        return f"select {', '.join(names)} from {self.rows} as feed_rows"


def examine(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    feed: Feed,
    files: tuple[Path, ...],
) -> Examined:
    """Return how one feed's columns fit the contract; never raises for the delivery.

    Args:
        con: The delivery's confined connection.
        delivery: What is looked at.
        feed: The feed of the contract.
        files: Every file that was sent, so that positions are those of the folder.
    """
    try:
        relation = adapters.read_feed(con, delivery, feed)
    except PipelineError as error:
        problem = Problem(bare(error, name_of(delivery)), feed.name)
        return Examined(feed, "", (), (), 0, (problem,))
    if relation is None:
        problems = _required_feed(delivery, feed, files)
        return Examined(feed, "", (), (), 0, problems)
    rows = _rows(con, delivery, feed)
    count = _count(con, rows)
    if count is None:
        problem = Problem(
            "the adapter fails on its rows",
            feed.name,
            "Use try_cast in place of cast, so that the row can be named.",
        )
        return Examined(feed, "", (), (), 0, (problem,))
    source = delivery.source
    names = {column.sent_as(source.date_mode): column for column in feed.columns}
    allowed = {*names, "is_deleted"} if source.kind == "increment" else set(names)
    sent = tuple(name for name in relation.columns if name in allowed)
    strange = [name for name in relation.columns if name not in allowed]
    missing = tuple(
        name
        for name, column in names.items()
        if column.is_required and name not in sent
    )
    shapes = [
        replace(shape, position=relation.columns.index(shape.name) + 1)
        for shape in measure(con, rows, strange)
    ]
    told = _suggestions(con, rows, feed, shapes, set(sent))
    problems = [
        Problem(
            f"required column(s) missing: {', '.join(missing)}",
            feed.name,
            "Add them to the extract or to the adapter.",
        )
    ] * bool(missing)
    problems += [
        Problem(
            f"{_column(shape)} is not in the contract",
            feed.name,
            f"It looks like {told[shape.position]}: rename it, or map it in the adapter."
            if shape.position in told
            else "Leave it out of the adapter, or of the extract.",
        )
        for shape in shapes
    ]
    return Examined(feed, rows, sent, missing, count, tuple(problems))


def feed_of_name(path: Path) -> str:
    """Return the feed that a file is named: `sessions.csv`, or a part of several.

    Examples:
        >>> feed_of_name(Path("sessions_2025.csv.gz")), feed_of_name(Path("x.csv"))
        ('sessions', '')
    """
    name = path.name.lower()
    named = (feed for feed in FEEDS if re.fullmatch(rf"{feed}[._-].+", name))
    return next(named, "")


def name_of(delivery: Delivery) -> str:
    """Return `<source>/<delivery>`, as messages name it."""
    return f"{delivery.source.name}/{delivery.name}"


def bare(error: PipelineError, delivery: str) -> str:
    """Return an error's message without the delivery's name, which is known.

    Args:
        error: What was raised.
        delivery: `<source>/<delivery>`.
    """
    told = str(error)
    for start, instead in (
        (f"Delivery {delivery}: ", ""),
        (f"Delivery {delivery}, ", ""),
        (f"Delivery {delivery} ", "the delivery "),
    ):
        if told.startswith(start):
            return instead + told.removeprefix(start)
    return told


def _count(con: duckdb.DuckDBPyConnection, rows: str) -> int | None:
    """Return how many rows there are; none if one of them cannot be made."""
    try:
        # each column is made, so that a failing cast is found here
        counted = con.execute(
            f"select count(*) from {rows} as made where hash(made) is not null"
        )
    except duckdb.Error:
        return None  # its message repeats the value
    return counted.fetchone()[0]


def _rows(con: duckdb.DuckDBPyConnection, delivery: Delivery, feed: Feed) -> str:
    sql = delivery.source.adapters.get(feed.name)
    if sql is None:
        parts = (path for path in delivery.files if feed_of_name(path) == feed.name)
        return "(" + " union all by name ".join(map(_file, parts)) + ")"
    statement = con.extract_statements(sql)[0].query
    return f"(\n{statement.strip().rstrip(';')}\n)"


def _file(path: Path) -> str:
    macro = "delivery_parquet" if path.suffix.lower() == ".parquet" else "delivery_csv"
    return f"select * from {macro}({quoted(path.name)})"


def _suggestions(
    con: duckdb.DuckDBPyConnection,
    rows: str,
    feed: Feed,
    strange: list[Shape],
    sent: set[str],
) -> dict[int, str]:
    """Return, by position, which contract column a strange one looks like and why."""
    told = {}
    matched = match_feed(con, rows, feed, strange, is_named_after=True)
    for name, match in matched.items():
        if name not in sent:
            why = " (by what it holds)" if match.is_by_content else ""
            forms = match.shape.date_forms
            if match.column.kind == "date" and forms and forms[0] != ISO:
                why += f", as {' or '.join(form.words for form in forms)}"
            told[match.shape.position] = f"{name}{why}"
    for shape in strange:
        near = nearest(feed, shape.name)
        if near and near not in sent and shape.position not in told:
            told[shape.position] = f"{near}, in another form"
    return told


def _column(shape: Shape) -> str:
    """Name a strange column only where each word is ours; it may be a first row."""
    name = f" ({shape.name})" if is_all_ours(shape.name) else ""
    return f"column {shape.position}{name}"


def _required_feed(
    delivery: Delivery, feed: Feed, files: tuple[Path, ...]
) -> tuple[Problem, ...]:
    if not (feed.is_required and delivery.source.kind == "full"):
        return ()
    alike = {
        position: ending_of(path.name)
        for position, path in enumerate(files, start=1)
        if feed_of_file(path.name) == feed.name
    }
    names = " or ".join(f"{feed.name}{e}" for e in dict.fromkeys(alike.values()))
    hint = (
        f"File {', '.join(map(str, alike))} (in order of name) looks like it: "
        f"call it {names}, or map it in {feed.name}.sql."
        if alike
        else f"Send {feed.name}.csv, or map a file in {feed.name}.sql."
    )
    return (Problem("the delivery has no such feed, and must have", feed.name, hint),)
