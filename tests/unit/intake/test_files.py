"""Which files are read, in which forms, and what is said of one that is not."""

import codecs
import gzip
import io

import duckdb
import pyarrow
import pytest
from pyarrow import parquet
from support import FEEDS, MARKER, SOURCE_YML, write_delivery

from pipelines.errors import DeliveryRefusedError, UsageError
from pipelines.intake import adapters, files
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.landing import land
from pipelines.intake.sources import load_source

HEADER = "patient_id,region,birth_year"
PLAIN = f'{HEADER}\np1,Nord,1980\np2,"Süd,\nOst",1970\n'
ROWS = [("p1", "Nord", "1980"), ("p2", "Süd,\nOst", "1970")]


def as_parquet(text):
    written = io.BytesIO()
    columns = {"patient_id": ["p1"], "region": [text], "birth_year": ["1980"]}
    parquet.write_table(pyarrow.table(columns), written)
    return written.getvalue()


FORMS = {
    "UTF-8": ({"patients.csv": PLAIN.encode()}, ""),
    "UTF-8 with its mark": ({"patients.csv": PLAIN.encode("utf-8-sig")}, ""),
    "a quoted name after the mark": (
        {"patients.csv": PLAIN.replace("patient_id", '"patient_id"').encode("utf-8-sig")},
        "",
    ),
    "line ends of Windows": (
        {"patients.csv": PLAIN.replace("\n", "\r\n").replace(",\r\n", ",\n").encode()},
        "",
    ),
    "Latin-1": ({"patients.csv": PLAIN.encode("latin-1")}, "{encoding: latin-1}"),
    "Windows-1252": (
        {"patients.csv": PLAIN.encode("cp1252")},
        "{encoding: windows-1252}",
    ),
    "UTF-16": ({"patients.csv": PLAIN.encode("utf-16")}, "{encoding: utf-16}"),
    "UTF-16, big end first": (
        {"patients.csv": codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be")},
        "{encoding: utf-16}",
    ),
    "gzip": ({"patients.csv.gz": gzip.compress(PLAIN.encode())}, ""),
    "gzip and Latin-1": (
        {"patients.csv.gz": gzip.compress(PLAIN.encode("latin-1"))},
        "{encoding: latin-1}",
    ),
    "capitals in the ending": ({"PATIENTS.CSV": PLAIN.encode()}, ""),
    "two parts": (
        {
            "patients_1.csv": f"{HEADER}\np1,Nord,1980\n".encode(),
            "patients.2.csv.gz": gzip.compress(
                'region,birth_year,patient_id\n"Süd,\nOst",1970,p2\n'.encode()
            ),
        },
        "",
    ),
    **{
        f"delimited by {delimiter!r}": (
            {"patients.csv": PLAIN.replace(",", delimiter, 2).replace("1,N", f"1{delimiter}N")
             .replace("d,1980", f"d{delimiter}1980").replace("p2,", f"p2{delimiter}")
             .replace('",1970', f'"{delimiter}1970').encode()},
            f'{{delimiter: "{escaped}"}}',
        )
        for delimiter, escaped in ((";", ";"), ("\t", "\\t"), ("|", "|"), ("^", "^"))
    },
}  # fmt: skip


@pytest.mark.parametrize(("content", "csv"), FORMS.values(), ids=FORMS)
def test_a_file_is_read_in_the_form_that_source_yml_gives(opened, content, csv):
    assert sorted(opened(content, csv)) == ROWS


def test_parquet_with_capitals_in_its_ending_is_read(opened):
    assert opened({"Patients.PARQUET": as_parquet("Süd")}) == [("p1", "Süd", "1980")]


def test_windows_1252_keeps_the_euro_sign_that_latin_1_has_not(opened):
    sent = {"patients.csv": f"{HEADER}\np1,€,1980\n".encode("cp1252")}

    assert opened(sent, "{encoding: windows-1252}") == [("p1", "€", "1980")]


@pytest.mark.parametrize("letter", [b"\x7f", b"\xa0", b"\xff"])
def test_latin_1_may_hold_each_character_that_it_has(opened, letter):
    sent = {"patients.csv": f"{HEADER}\np1,".encode() + letter + b",1980\n"}

    assert opened(sent, "{encoding: latin-1}") == [
        ("p1", letter.decode("latin-1"), "1980")
    ]


REFUSED = {
    "a delimiter that is another": (
        PLAIN.replace(",", ";"),
        "",
        r"one column only.*looks delimited by ';' \(3 fields\).*csv: delimiter",
    ),
    "a tab where semicolons were said": (
        PLAIN.replace(",", "\t"),
        "{delimiter: ';'}",
        "looks delimited by a tab",
    ),
    "a line for Excel before the header": (
        f"sep=;\n{PLAIN}",
        "",
        "begins with a line `sep=`, which only Excel reads",
    ),
    "a line for Excel with the delimiter that was said": (
        f"sep=,\n{PLAIN}",
        "",
        "begins with a line `sep=`, which only Excel reads",
    ),
    "UTF-16 where UTF-8 was said": (
        PLAIN.encode("utf-16"),
        "",
        r"not in the encoding that source.yml gives \(utf-8\); it looks like utf-16",
    ),
    "UTF-16 without its mark": (PLAIN.encode("utf-16-le"), "", "looks like utf-16"),
    "UTF-8 where UTF-16 was said": (
        PLAIN,
        "{encoding: utf-16}",
        "looks like utf-8 or a one-byte encoding",
    ),
    "the mark of UTF-8 where Latin-1 was said": (
        PLAIN.encode("utf-8-sig"),
        "{encoding: latin-1}",
        "looks like utf-8",
    ),
    "Latin-1 where UTF-8 was said": (
        PLAIN.encode("latin-1"),
        "",
        "not in the encoding that source.yml gives",
    ),
    "bytes that Windows-1252 has not": (
        f"{HEADER}\np1,".encode() + b"\x81,1\n",
        "{encoding: windows-1252}",
        "not in the encoding",
    ),
    **{
        f"the byte {letter.hex()}, which Latin-1 has not": (
            f"{HEADER}\np1,{MARKER}".encode() + letter + b",1\n",
            "{encoding: latin-1}",
            "characters that latin-1 does not have.*is it windows-1252.*csv: encoding",
        )
        for letter in (b"\x80", b"\x9f")
    },
    "no header": (
        f"p1,{MARKER},1980\np2,Nord,1970\n".replace("p1", "2024-01-01"),
        "",
        "no header line.*2 are numbers or dates",
    ),
    "a first record with a blank": (
        f"p1,{MARKER},1980,,other,a,b,c\n",
        "",
        "no header line.*1 are numbers or dates",
    ),
    "a name left out": (
        f"{HEADER},,other\np1,{MARKER},1980,,x\n",
        "",
        "needs a header line.*1 are blank",
    ),
    "a workbook": (b"PK\x03\x04" + MARKER.encode(), "", "a zip archive or an Excel"),
    "gzip without its ending": (gzip.compress(PLAIN.encode()), "", "packed with gzip"),
    "a record too long": (
        f"{HEADER}\np1," + "x" * 3_000_000 + ",1980\n",
        "",
        "longer than 2 MB",
    ),
    "a header without end": ("x" * 2_000_000, "", "header line is longer than 1 MB"),
    "more columns than any extract has": (
        ",".join(f"c{n}" for n in range(1_001)) + "\n",
        "",
        "has 1001 columns; at most 1000",
    ),
    "a name with a control character": (
        f"{HEADER},a\0b\np1,x,1,2\n",
        "",
        "plain names",
    ),
    "a long name": (f"{HEADER},{'n' * 129}\np1,x,1,2\n", "", "first at position 4"),
}


@pytest.mark.parametrize(("content", "csv", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_with_a_file_is_said_in_words(opened, content, csv, told):
    sent = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(DeliveryRefusedError, match=told) as caught:
        opened({"patients.csv": sent}, csv)

    assert MARKER not in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 4


KEPT = {
    "1,000 columns": f"{HEADER}," + ",".join(f"c{n}" for n in range(997)),
    "a name of 128 characters": f"{HEADER},{'n' * 128}",
    "half of the names are numbers": f"{HEADER},1,2,3",
}


@pytest.mark.parametrize("header", KEPT.values(), ids=KEPT)
def test_a_header_at_its_limit_is_read(opened, header):
    record = "p1,Nord,1980" + "," * (header.count(",") - 2)

    assert opened({"patients.csv": f"{header}\n{record}\n".encode()}) == [ROWS[0]]


def test_one_name_more_that_is_a_number_is_no_header(opened):
    with pytest.raises(DeliveryRefusedError, match="no header line"):
        opened({"patients.csv": f"{HEADER},1,2,3,4\n".encode()})


def test_parts_of_a_feed_must_have_the_same_columns(opened):
    parts = {"patients.csv": PLAIN.encode(), "patients_old.csv": b"patient_id\np3\n"}
    with pytest.raises(
        DeliveryRefusedError, match=r"position\(s\) \[2\].*other columns"
    ):
        opened(parts)


@pytest.mark.parametrize(("size", "is_refused"), [(1000, False), (1001, True)])
def test_a_packed_file_may_unpack_to_so_much(opened, monkeypatch, size, is_refused):
    monkeypatch.setattr(files, "UNPACKED_BYTES", 1000)
    monkeypatch.setattr(files, "UNPACKED_RATIO", 1)
    text = f"{HEADER}\np1,Nord,1980\np2,".encode().ljust(size - 3, b"x") + b",1\n"
    packed = {"patients.csv.gz": gzip.compress(text)}
    if is_refused:
        with pytest.raises(DeliveryRefusedError, match="unpacks to more than"):
            opened(packed)
    else:
        assert len(opened(packed)) == 2


def test_a_large_packed_file_may_be_a_hundred_times_its_size(opened, monkeypatch):
    monkeypatch.setattr(files, "UNPACKED_BYTES", 0)
    bomb = gzip.compress(b"\n" * 10_000_000)
    with pytest.raises(DeliveryRefusedError, match="unpacks to more than"):
        opened({"patients.csv.gz": bomb})


def test_a_parquet_file_cannot_claim_endless_records(opened, monkeypatch):
    monkeypatch.setattr(files, "RECORDS_PER_BYTE", 0)
    with pytest.raises(DeliveryRefusedError, match="records for each of its bytes"):
        opened({"patients.parquet": as_parquet(MARKER)})


@pytest.mark.parametrize("delimiter", ["a", "7", '"', "'", "\\n", ";;", ""])
def test_a_delimiter_is_one_character_that_no_value_is_made_of(home, delimiter):
    folder = home.sources / "clinic"
    folder.mkdir(parents=True)
    escaped = delimiter.replace('"', '\\"')
    dialect = f'csv: {{delimiter: "{escaped}"}}\n'
    (folder / "source.yml").write_text(SOURCE_YML.format(kind="full") + dialect)

    with pytest.raises(UsageError, match="delimiter of one character"):
        load_source(folder)


def test_positions_run_on_from_part_to_part(clinic, tmp_path):
    """Rows are told by their position in the feed: a broken one in the second part."""
    folder = write_delivery(tmp_path / "2026-03-01", FEEDS)
    (folder / "patients_2.csv").write_text(
        "patient_id,birth_year,sex\np3,1980,male\np3,1980,male\np4,x,female\n"
    )
    delivery = read_delivery(folder, clinic)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with adapters.delivery_connection(delivery, scratch, "1GB") as con:
        landed = land(con, delivery, adapters.collect_feeds(con, delivery, scratch))

    assert (landed["patients"].yielded_count, landed["patients"].duplicate_count) == (
        5,
        1,
    )
    with duckdb.connect(str(scratch / adapters.LANDING_DATABASE)) as con:
        broken = con.execute("select * from patients_broken").fetchall()
        kept = con.execute("select row_position from patients order by 1").fetchall()
        text = con.execute(
            "select row_position, birth_year from text.patients"
        ).fetchall()
    assert broken == [(5, "birth_year_is_an_integer")]
    assert kept == [(1,), (2,), (3,), (5,)]
    assert text == [(5, "x")]
