"""Values that are counted and not looked at change nothing that is found."""

import duckdb
import pytest

from pipelines.intake import adapters
from pipelines.intake.identifiers import counting, forms, numbers, values
from pipelines.intake.identifiers.tripwire import look_through

LATEST_YEAR = 2024

ALPHABETS = {
    "hexadecimal": "0123456789abcdef",
    "base32": "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
    "digits and E": "0123456789012345678E",
    "what identifiers are made of": "0123456789MRNACCTHOSPto",
}
LENGTHS = range(1, 21)
NEAR_IDENTIFIERS = (
    "1EG4TE5MK73",  # Medicare, without dashes
    "AB123456C",  # National Insurance
    "SW1A1AA",
    "K1A0B1",
    "MRN00123456",
    "12march2020",
    "1e5e5a1b",
    "12345e12",
    "1e400",
    "95to100a2b",
    "abcde1234567",
    "a1b2c3d4é",
)

PLANTED = {
    "nothing": [],
    "one NHS number": ["9434765919"],
    "some NHS numbers": [f"94347659{n:02}" for n in range(100)],
    "a counter": [str(20_000_000 + n) for n in range(1_000)],
    "a counter with a prefix": [f"MRN{20_000_000 + n}" for n in range(40)],
    "one number of ten characters": ["MRN1234567"],
    "one name": ["Linda Hughes"],
    "a postcode": ["SW1A1AA", "AB123456C", "1EG4TE5MK73"],
    "births": [f"19{n:02}-03-04" for n in range(30, 90)],
    "great ages": ["95to100a", "96to98", "120years"],
}


def random_texts(alphabet: str, length: int, many: int) -> str:
    """SQL of a list of made-up pseudonyms; the same each time."""
    letters = " || ".join(
        f"'{alphabet}'[1 + ((hash(100 * i + {n}) >> 20) % {len(alphabet)})::bigint]"
        for n in range(length)
    )
    return f"select {letters} as text from range({many}) as made(i)"


@pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS.keys())
def test_what_is_passed_over_has_no_form_of_an_identifier(alphabet):
    con = duckdb.connect()
    texts = " union all ".join(
        [
            *(f"({random_texts(alphabet, length, 3_000)})" for length in LENGTHS),
            *(f"select '{text}'" for text in NEAR_IDENTIFIERS),
        ]
    )
    told = " or ".join(
        f"(length(text) in {(*form.lengths, 0)} and {form.condition})"
        for form in numbers.COMPACT_FORMS
    )
    passed, compact, of_a_form, counters = con.execute(
        f"select count(*), count(*) filter ({forms.form_of('text')} = 'compact'), "
        f"count(*) filter ({told}), count(*) filter (regexp_full_match(text, "
        "'[A-Za-z]{0,5}[-_ ]?[0-9]+')) "
        f"from ({texts}) where {forms.is_short_pseudonym('text')}"
    ).fetchone()

    assert passed
    assert (compact, of_a_form, counters) == (passed, 0, 0)


@pytest.mark.parametrize("name", ["x", "age_band"])
@pytest.mark.parametrize("length", [10, 16, 20])
def test_passing_over_changes_no_finding(monkeypatch, name, length):
    con = duckdb.connect()
    con.execute("set threads = 1")
    columns = [
        f"list_concat((select list('1a2b' || text) from "
        f"({random_texts(ALPHABETS['hexadecimal'], length - 4, many)})), ?::varchar[])"
        f' as "{name}_{number}_{many}"'
        for number in range(len(PLANTED))
        for many in (30, 2_000)
    ]
    planted = [texts for texts in PLANTED.values() for _ in range(2)]
    longest = 2_000 + max(map(len, planted))
    con.execute(
        f"create table {adapters.view_of('a.csv')} as with lists as "
        f"(select {', '.join(columns)}) select "
        + ", ".join(
            f'unnest(list_resize("{column}", {longest})) as "{column}"'
            for column in (c.rsplit(' as "', 1)[1].rstrip('"') for c in columns)
        )
        + " from lists",
        planted,
    )
    monkeypatch.setattr(values, "FEW_RECORDS", 1_000)
    monkeypatch.setattr(values, "MANY_RECORDS", 1_000)
    monkeypatch.setattr(values, "MANY_DIFFERENT", 20)
    passed_over = {}
    monkeypatch.setattr(
        counting,
        "_forms",
        lambda con, counted, count=counting._forms: (
            passed_over.update(counted) or count(con, counted)
        ),
    )

    found = look_through(con, ["a.csv"], LATEST_YEAR)
    was_passed_over = bool(passed_over)
    monkeypatch.setattr(forms, "is_short_pseudonym", lambda text: "false")
    of_all = look_through(con, ["a.csv"], LATEST_YEAR)

    assert found == of_all
    assert found
    assert was_passed_over is (name != "age_band")
