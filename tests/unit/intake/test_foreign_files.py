"""How a stranger's files are written: delimiter, encoding, days, numbers."""

import gzip

import duckdb
import pytest

from pipelines.errors import UsageError
from pipelines.intake.draft import dialect
from pipelines.intake.draft.dialect import agree, sniff
from pipelines.intake.draft.shapes import AT_ONCE, DATE_FORMS, MOSTLY, measure


def sniffed(tmp_path, content: bytes, name="a.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return sniff(path)


@pytest.mark.parametrize(
    ("content", "delimiter", "encoding"),
    [
        (b"a,b\n1,2\n", ",", "utf-8"),
        (b"a;b\n1,5;2,5\n", ";", "utf-8"),
        (b'a\tb\n"x\ny"\t2\n', "\t", "utf-8"),
        ("a|b\nö|2\n".encode(), "|", "utf-8"),
        ("a;b\nö;2\n".encode("latin-1"), ";", "latin-1"),
        (b"a;b\n1;\xe9", ";", "latin-1"),  # the last byte but begins a letter of UTF-8
        (b"a;b\n\xa0;2\n", ";", "latin-1"),
        (b"a;b\n\x9f;2\n", ";", "windows-1252"),
        ("a;b\n“ö”;2\n".encode("cp1252"), ";", "windows-1252"),
        ("a;€\nö;2\n".encode("cp1252"), ";", "windows-1252"),
        ("a;b\nö;2\n".encode("utf-16"), ";", "utf-16"),
        ("\ufeffa,b\nö,2\n".encode(), ",", "utf-8"),
    ],
)
def test_a_dialect_is_told_from_the_file(tmp_path, content, delimiter, encoding):
    found = agree([sniffed(tmp_path, content)])

    assert (found.delimiter, found.encoding) == (delimiter, encoding)


def test_a_gzipped_file_is_told_like_a_plain_one(tmp_path):
    found = sniffed(tmp_path, gzip.compress(b"a;b\n1;2\n"), "a.csv.gz")

    assert agree([found]).delimiter == ";"


def test_a_damaged_gzip_is_a_message_and_no_traceback(tmp_path):
    with pytest.raises(UsageError, match="cannot be opened or unpacked"):
        sniffed(tmp_path, b"no gzip", "a.csv.gz")


def test_one_column_goes_with_any_delimiter_and_ascii_with_latin_1(tmp_path):
    one = sniffed(tmp_path, b"a\n1\n", "one.csv")
    other = sniffed(tmp_path, "a;b\nö;1\n".encode("latin-1"), "other.csv")

    found = agree([one, other])

    assert (found.delimiter, found.encoding) == (";", "latin-1")


@pytest.mark.parametrize(
    ("letter", "encoding"),
    [("ö".encode(), "utf-8"), (b"\xf6", "latin-1"), (b"\x80", "windows-1252")],
)
def test_a_letter_late_in_a_long_file_tells_its_encoding(
    tmp_path, monkeypatch, letter, encoding
):
    monkeypatch.setattr(dialect, "SAMPLE_BYTES", 10)
    found = sniffed(tmp_path, b"a;b\n" + b"1;2\n" * 50 + letter + b";2\n")

    assert agree([found]).encoding == encoding


def test_no_more_of_a_file_is_looked_at_than_has_a_bound(tmp_path, monkeypatch):
    """A packed file can be made to fill hours."""
    monkeypatch.setattr(dialect, "SAMPLE_BYTES", 4)
    monkeypatch.setattr(dialect, "MOST_SAMPLES", 2)

    assert sniffed(tmp_path, b"a;b\n1;2\n1;2\x80").encodings[0] == "windows-1252"
    assert sniffed(tmp_path, b"a;b\n1;2\n1;2\n\x80").encodings[0] == "utf-8"


def test_files_in_latin_1_and_in_windows_1252_have_the_latter_in_common(tmp_path):
    one = sniffed(tmp_path, "a;b\nö;1\n".encode("latin-1"), "one.csv")
    other = sniffed(tmp_path, "a;b\n€;1\n".encode("cp1252"), "other.csv")

    assert agree([one, other]).encoding == "windows-1252"


def test_files_written_in_two_ways_are_named_by_position(tmp_path):
    first = sniffed(tmp_path, b"a;b\n1;2\n", "1.csv")
    second = sniffed(tmp_path, b"a,b\n1,2\n", "2.csv")

    with pytest.raises(UsageError, match=r"file 1 has a semicolon.*file 2 has a comma"):
        agree([first, second])


def shape_of(values: list[str]):
    with duckdb.connect() as con:
        con.execute("create table t (v varchar)")
        con.executemany("insert into t values (?)", [[value] for value in values])
        return measure(con, "t", ["v"])[0]


@pytest.mark.parametrize("form", DATE_FORMS, ids=lambda form: form.pattern)
def test_every_form_of_a_day_is_told_from_the_others(form):
    with duckdb.connect() as con:
        rows = con.execute(
            "select strftime(timestamp '2026-01-11 10:30:00' "
            f"+ to_days(i::integer), '{form.pattern}') from range(20) as r(i)"
        ).fetchall()

    assert shape_of([row[0] for row in rows]).date_forms == (form,)


def test_days_that_could_be_months_have_two_forms():
    words = [form.words for form in shape_of(["03/04/2026", "12/12/2026"]).date_forms]

    assert words == ["day/month/year", "month/day/year"]


def test_a_column_has_a_form_if_nine_in_ten_values_have_it():
    nine, eight = ["2026-01-05"] * 9, ["2026-01-05"] * 8

    assert MOSTLY == 0.9
    assert shape_of([*nine, "x"]).date_forms
    assert not shape_of([*eight, "x", "y"]).date_forms
    assert shape_of(["1,5"] * 9 + ["x"]).is_number
    assert not shape_of(["1,5"] * 8 + ["x", "y"]).is_number
    assert not shape_of(["", ""]).is_number


def test_of_many_columns_few_are_looked_at_by_one_statement():
    """Of a thousand in one, DuckDB took 23 GB to plan."""
    values = ["2026-01-05", "1.5", "F32.1", "17"]
    columns = [f"c{n}" for n in range(2 * AT_ONCE + 3)]
    given = ", ".join(f"'{values[n % 4]}' as c{n}" for n in range(len(columns)))
    con, asked = duckdb.connect(), []

    class Counting:
        def execute(self, sql):
            asked.append(sql)
            return con.execute(sql)

    found = measure(Counting(), f"(select {given})", columns)

    assert len(asked) == 3
    assert [(shape.position, shape.name) for shape in found] == [
        (n + 1, name) for n, name in enumerate(columns)
    ]
    for shape in found:
        (alone,) = measure(con, f"(select {given})", [shape.name])
        assert (shape.counts, shape.dates) == (alone.counts, alone.dates)
    assert measure(con, "(select 1)", []) == []
