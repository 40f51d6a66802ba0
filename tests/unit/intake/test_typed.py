"""Shortcuts in typing give what the long way gives."""

import duckdb
import pytest

from pipelines.intake.contract import Column
from pipelines.intake.typed import WHOLE_NUMBER, trimmed, typed, typed_integer

BLANKS = [" ", "\u00a0", "\u2003", "\u3000"]


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a b",
        "é",
        "",
        "\t",
        "\t a ",
        "!",
        " !",
        "a\n",
        *BLANKS,
        *(f"{blank}a" for blank in BLANKS),
        *(f"a{blank}" for blank in BLANKS),
        *(f"é{blank}" for blank in BLANKS),
    ],
)
def test_blanks_of_every_kind_are_cut_off(text):
    found, all_the_same = duckdb.execute(
        f"select {trimmed('x')}, nullif(trim(x), '') from (select ?::varchar as x)",
        [text],
    ).fetchone()

    assert found == all_the_same


def test_one_character_is_a_whole_number_only_if_it_is_a_figure():
    different, whole = duckdb.execute(
        f"select count(*) filter ({typed_integer('x')} is distinct from "
        f"case when regexp_full_match(x, '{WHOLE_NUMBER}') then try_cast(x as integer) "
        f"end), count({typed_integer('x')}) from (select chr(i::integer) as x "
        "from range(1, 12000) as characters(i))"
    ).fetchone()

    assert (different, whole) == (0, 10)


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ("2015-01-31", True),
        ("1800-01-01", True),
        ("2200-12-31", True),
        ("1799-12-31", False),
        ("2201-01-01", False),
        ("2015-02-29", False),
        ("2015-1-31", False),
        ("2015-01-1", False),
        ("2015/01/31", False),
        ("2015 01 31", False),
        ("18000-01-1", False),
        ("18000-01-01", False),
        ("2015-01-31 (BC)", False),
        ("2015-01-31 00:00", False),
        ("infinity", False),
        ("epoch", False),
    ],
)
def test_days_are_read_in_one_form_only(text, is_read):
    day = Column("x", "date", "a day")
    (found,) = duckdb.execute(
        f"select ({typed(day, is_relative=False)})::varchar from (select ? as x)",
        [text],
    ).fetchone()

    assert found == (text if is_read else None)
