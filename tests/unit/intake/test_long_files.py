"""Long files: no record is cut in two, lost or moved, however DuckDB reads them."""

import duckdb
import pytest

from pipelines.errors import DeliveryRefusedError
from pipelines.intake import long_files

HEADER = "patient_id,region,birth_year\n"
ENOUGH = 16 << 20
"""Bytes; DuckDB begins anew within a file after some eight million."""

INSIDE = "p,Nord,1980\n" * 3_000
"""In quotes: lines that look like records."""


def csv_of(line, count):
    return (HEADER + "".join(line.format(n=n) for n in range(count))).encode()


def with_quoted_lines():
    return csv_of(f'p{{n}},"{INSIDE}",1990\n', ENOUGH // len(INSIDE))


@pytest.fixture
def ways(monkeypatch):
    """Read files of a megabyte at once, and note in which ways the reader was asked."""
    monkeypatch.setattr(long_files, "AT_ONCE_BYTES", 1 << 20)
    asked, read = [], long_files.read

    class Noting:
        def __init__(self, con):
            self.con = con

        def execute(self, sql):
            if sql.startswith("create"):
                ends = {"buffer_size = 1048576)": "at once", "parallel = false)": "all"}
                asked.append(
                    next((ends[e] for e in ends if sql.endswith(e)), "in order")
                )
            return self.con.execute(sql)

    monkeypatch.setattr(
        long_files, "read", lambda con, *given: read(Noting(con), *given)
    )
    return asked


def test_quoted_lines_that_look_like_records_stay_in_their_record(opened, ways):
    rows = opened({"patients.csv": with_quoted_lines()})

    assert ways == ["in order", "all"]
    assert len(rows) == ENOUGH // len(INSIDE)
    assert rows[-1] == (f"p{len(rows) - 1}", INSIDE, "1990")
    assert {row[2] for row in rows} == {"1990"}


@pytest.mark.parametrize("quoted_lines", [True, False])
@pytest.mark.parametrize("end", ["", "\n", "\np9,Nord,1980\n", '\np9,No"rd,1980\n'])
def test_what_follows_a_quote_that_is_not_closed_is_not_passed_over(
    opened, quoted_lines, end
):
    before = (
        with_quoted_lines()
        if quoted_lines
        else csv_of("p{n},Nord,1980\n", ENOUGH // 20)
    )
    with pytest.raises(DeliveryRefusedError, match="a quote is not closed") as refused:
        opened({"patients.csv": before + b'p,"Ost,1980' + end.encode()})

    lines = before.count(b"\n") + 1
    told = str(refused.value)
    assert f"at line {lines}:" in told or "at line" not in told


FAULTS = {
    "a field too few": (b"p,Nord\n", "more or fewer fields"),
    "a field too many": (b"p,Nord,1,2\n", "more or fewer fields"),
    "another encoding": (b"p,\xfc,1\n", "not in the encoding"),
    "a long record": (b"p," + b"x" * 2_200_000 + b",1\n", "longer than 2 MB"),
}


@pytest.mark.parametrize(("end", "told"), FAULTS.values(), ids=FAULTS)
def test_a_wrong_guess_does_not_hide_the_true_reason(opened, ways, end, told):
    with pytest.raises(DeliveryRefusedError, match=told) as refused:
        opened({"patients.csv": with_quoted_lines() + end})

    assert ways == ["in order", "all"]
    assert "quote is not closed:" not in str(refused.value)


def test_what_duckdb_drops_at_the_end_of_its_buffer_is_missed_in_spite_of_inches(
    opened, ways
):
    """DuckDB 1.5 drops the rest after a buffer of 32,000,000 bytes that ends in a \\r."""
    line, buffer = "p0,Nord,1980\r\n", 32_000_001
    text = HEADER.replace("\n", "\r\n")
    text += line * ((buffer - len(text)) // len(line) - 1)
    text += (
        f"p,{'x' * (buffer - len(text) - len('p,,1980' + chr(13) + chr(10)))},1980\r\n"
    )
    count = text.count("\r\n") - 1
    text += '"p\nq",5" x,1980\r\n' + line * 1_000 + 'p,6" x,1980\r\n'
    rows = opened({"patients.csv": text.encode()})

    assert ways == ["in order", "all"]
    assert len(rows) == count + 1_002


@pytest.mark.parametrize("style", [', "', ',"'])
@pytest.mark.parametrize("last", ['p,"Nord" ,1980\n', 'p, "Nord",1980\n', ""])
def test_spaces_beside_quotes_are_passed_over_wherever_duckdb_begins(
    opened, ways, style, last
):
    text = with_quoted_lines().decode().replace(',"', style) + last
    rows = opened({"patients.csv": text.encode()})

    assert ways == ["in order", "all"]
    assert len(rows) == ENOUGH // len(INSIDE) + bool(last)
    assert rows[0][1] == INSIDE


def test_too_little_memory_is_not_called_a_fault_of_the_file(tmp_path):
    class Small:
        def __init__(self):
            self.con = duckdb.connect()

        def execute(self, sql):
            if sql.endswith("parallel = false)"):
                raise duckdb.OutOfMemoryException
            if sql.startswith("create"):
                raise duckdb.InvalidInputException("Value with unterminated quote")
            return self.con.execute(sql)

    path = tmp_path / "some.csv"
    path.write_text('a\n"b"\n')
    with pytest.raises(duckdb.OutOfMemoryException):
        long_files.read(Small(), "some", path, "read_csv(", ",")


def test_where_duckdb_finds_fewer_records_than_there_are_nothing_is_kept(
    opened, monkeypatch
):
    lines = long_files.Lines(1_000_000, are_plain=False)
    monkeypatch.setattr(long_files, "count_lines", lambda *_: lines)
    monkeypatch.setattr(long_files, "_records_by_the_rules", lambda *_: {999_999})

    with pytest.raises(DeliveryRefusedError, match="records cannot be told apart"):
        opened({"patients.csv": csv_of("p{n},Nord,1980\n", ENOUGH // 20)})


@pytest.mark.parametrize("end", ["\n", ""])
def test_lines_that_are_records_are_read_at_once_and_stay_in_order(opened, ways, end):
    count = ENOUGH // 20
    content = csv_of("p{n},Nord,1980\n", count).removesuffix(b"\n") + end.encode()
    rows = opened({"patients.csv": content})

    assert ways == ["at once"]
    assert [row[0] for row in rows] == [f"p{n}" for n in range(count)]


@pytest.mark.parametrize(
    ("more", "end", "expected"),
    [
        ("\n\np,Nord,1980", "\n", ["at once"]),
        ('p,"No\nrd",1980', "\n", ["in order"]),
        ('p,"Nord",1980', "\r\n", ["in order"]),
        ('p,No"rd,1980', "\n", ["in order"]),
        ('p,No"rd,"1980"\np,"Nord",1980', "\r\n", ["in order"]),
    ],
    ids=["blank lines", "a quoted line", "Windows", "an inch", "an inch, Windows"],
)
def test_whatever_ends_a_line_all_records_are_read(opened, ways, more, end, expected):
    count = ENOUGH // 20
    content = csv_of("p{n},Nord,1980\n", count) + more.encode()
    rows = opened({"patients.csv": content.replace(b"\n", end.encode())})

    assert ways == expected
    assert len(rows) == count + more.replace("No\nrd", "").count("p")
    assert [row[0] for row in rows[:count]] == [f"p{n}" for n in range(count)]
    assert rows[-1][0] == "p"
    assert rows[-1][2] == "1980"


@pytest.mark.parametrize("quote", ["", '"'])
def test_of_a_broken_record_far_into_a_file_the_line_is_told(opened, ways, quote):
    whole = f"p{{n}},{quote}Nord{quote},1980\n"
    count = ENOUGH // 20
    end = csv_of(whole, 9).removeprefix(HEADER.encode())

    with pytest.raises(DeliveryRefusedError) as refused:
        opened({"patients.csv": csv_of(whole, count) + b"p,Nord\n" + end})

    assert f"at line {count + 2}: a record has more or fewer" in str(refused.value)


def test_who_interrupts_the_reading_is_not_answered_by_another_try(tmp_path):
    class Interrupted:
        def execute(self, sql):
            if sql.startswith("create"):
                raise duckdb.InterruptException
            return duckdb.connect().execute(sql)

    path = tmp_path / "some.csv"
    path.write_text(HEADER)
    with pytest.raises(duckdb.InterruptException):
        long_files.read(Interrupted(), "some", path, "read_csv(", ",")


@pytest.mark.parametrize(
    ("text", "count", "are_plain"),
    [
        (b"", 0, True),
        (b"a,b", 1, True),
        (b"a,b\n", 1, True),
        (b"a,b\n1,2\n3,4", 3, True),
        (b'a,b\n1,"2"\n', 2, False),
        (b'a,b\n1,"2\n\n"\n3,"4""\n"', 3, False),
        (b'a,b\n1,"2\n3,4\n', None, False),
        (b"a,b\r\n1,2\r\n", 2, False),
        (b'\xef\xbb\xbf"a",b\r\n1,2\r\n', 2, False),
        (b'a,b\n1,5"\n2,6"\n', None, False),
        (b'a,b\n1, "5"\n', None, False),
        (b'a,b\n1,"5"" x"\n"2",6\n', 3, False),
    ],
)
@pytest.mark.parametrize("chunk", [1, 2, 3, 1 << 20])
def test_lines_are_counted_that_do_not_end_within_quotes(
    tmp_path, monkeypatch, text, count, are_plain, chunk
):
    monkeypatch.setattr(long_files, "CHUNK_BYTES", chunk)
    path = tmp_path / "some.csv"
    path.write_bytes(text)

    assert long_files.count_lines(path) == long_files.Lines(count, are_plain)
