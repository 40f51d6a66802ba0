"""Put planted and clean columns together, by seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from pipelines.simulate.making import Wanted, make_block
from pipelines.simulate.parameters import BLOCK_PATIENTS, scenario
from pipelines.simulate.records import fixed_tables
from pipelines.simulate.tripwire import clean, planted
from pipelines.simulate.tripwire.forms import CELL, SHARE, WHOLE, Form

ROWS = (25, 60, 150, 400)
"""Rows of a column; small files are as common as larger ones."""

SHARES = (0.02, 0.6)
"""Least and most share (0-1) of cells that hold the identifier, where a share does."""

PLAIN_HEADERS = [
    "x1",
    "field_07",
    "value",
    "code_2",
    "col12",
    "Spalte3",
    "attribute",
    "item_text",
    "var_9",
    "data_4",
]
"""Headers that say nothing."""

BY_NAME = "column name"
CLEAN = ""


@dataclass(frozen=True)
class Column:
    """One labelled column."""

    header: str
    values: tuple[str, ...]
    kind: str
    """What was planted; empty in a clean column."""

    form: str
    """How it is written; the group of a clean column."""

    planted: str
    is_promised: bool = True
    """False for what the tripwire does not say that it finds."""


def planted_columns(seed: int, each: int) -> Iterator[Column]:
    """Make planted columns: so many of every form and way of planting.

    Args:
        seed: Same seed, same columns.
        each: Columns of every form, way of planting and telling header.
    """
    for is_promised, forms in ((True, planted.FORMS), (False, planted.BEYOND)):
        for form in forms:
            for how in form.planted:
                rng = Random(f"{seed}/{form.kind}/{form.name}/{how}/{is_promised}")
                for _ in range(each):
                    yield _plant(rng, form, how, is_promised)
    yield from _told_by_name(seed, each)


def _plant(rng: Random, form: Form, how: str, is_promised: bool) -> Column:
    rows = max(rng.choice(ROWS), form.least_rows)
    header = rng.choice(form.headers or tuple(PLAIN_HEADERS))
    if how == WHOLE:
        values = [form.make(rng) for _ in range(rows)]
    else:
        values = _others(rng, form.among, rows)
        count = 1 if how == CELL else max(1, round(rows * rng.uniform(*SHARES)))
        for place in rng.sample(range(rows), count):
            values[place] = form.make(rng)
    return Column(header, tuple(values), form.kind, form.name, how, is_promised)


def _others(rng: Random, among: str, rows: int) -> list[str]:
    """Return the clean cells that a planted one stands among."""
    if among == "words":
        name = rng.choice(
            ("region", "ethnicity", "payer", "modality", "sex", "end_reason")
        )
        make = clean.GROUPS["lists of words"][name]
    elif among == "ages":
        make = clean.QUANTITIES["age"]
    elif among == "dates":
        make = clean.TIMES["held_on"]
    elif among == "numbers":
        make = clean.PSEUDONYMS["decimal_10"]
    else:
        make = rng.choice(
            (
                clean.PSEUDONYMS["letter_and_hex"],
                clean.PSEUDONYMS["uuid"],
                clean.CODES["icd_10"],
                clean.CODES["atc_code"],
                clean.QUANTITIES["total_points"],
                clean.QUANTITIES["daily_dose_mg"],
                clean.TIMES["held_on"],
                *(
                    clean.GROUPS["lists of words"][name]
                    for name in ("ethnicity", "modality", "end_reason", "sex", "region")
                ),
            )
        )
    return [make(rng) for _ in range(rows)]


def _told_by_name(seed: int, each: int) -> Iterator[Column]:
    for kind, header in planted.headers():
        rng = Random(f"{seed}/{kind}/{header}")
        for _ in range(max(1, each // 4)):
            rows = rng.choice(ROWS[:2])
            values = tuple(planted.pseudonym(rng) for _ in range(rows))
            yield Column(header, values, kind, header, BY_NAME)


def clean_columns(seed: int, each: int) -> Iterator[Column]:
    """Make clean columns: so many of every sort, and of every column of the contract."""
    for group, makers in clean.GROUPS.items():
        for name, make in makers.items():
            rng = Random(f"{seed}/{group}/{name}")
            for _ in range(_clean_each(each)):
                header = name
                if group == "pseudonyms":
                    header = rng.choice(clean.PSEUDONYM_HEADERS)
                values = tuple(make(rng) for _ in range(rng.choice(ROWS)))
                yield Column(header, values, CLEAN, group, name)
    yield from _contract_columns(seed, each)


def _clean_each(each: int) -> int:
    """A quarter more of each: there are fewer sorts of clean columns than of planted."""
    return each + each // 4


def _contract_columns(seed: int, each: int) -> Iterator[Column]:
    """Take columns of the simulator's records, as a CSV would hold them."""
    wanted = Wanted(scenario("default", BLOCK_PATIENTS), seed)
    frames = {
        **fixed_tables(wanted.parameters, seed),
        **make_block(wanted, 0, BLOCK_PATIENTS),
    }
    for feed, frame in frames.items():
        for name in frame.columns:
            held = [str(v) for v in frame[name].drop_nulls().head(20_000).to_list()]
            if not held:
                continue
            rng = Random(f"{seed}/{feed}/{name}")
            for _ in range(_clean_each(each)):
                rows = min(rng.choice(ROWS), len(held))
                start = rng.randrange(0, len(held) - rows + 1)
                values = tuple(held[start : start + rows])
                yield Column(name, values, CLEAN, "contract", f"{feed}.{name}")


__all__ = [
    "BY_NAME",
    "CELL",
    "CLEAN",
    "SHARE",
    "WHOLE",
    "Column",
    "clean_columns",
    "planted_columns",
]
