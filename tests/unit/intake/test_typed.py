"""Shortcuts in typing give what the long way gives."""

import duckdb
import pytest

from pipelines.intake.typed import WHOLE_NUMBER, trimmed, typed_integer

BLANKS = [" ", "\u00a0", "\u2003", "\u3000"]


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a b",
        "é",
        "",
        "\t",
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
