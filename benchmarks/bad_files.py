"""The makers of bad files: each takes a random generator and returns files by name.

Every file that has any text holds `MARKER` in a cell, a name or a comment. It stands for
a patient's value: no message may ever show it.
"""

import codecs
import gzip
import io
import json
import random
import string
import zipfile
from collections.abc import Callable

import duckdb
from pyarrow.parquet import write_table

from pipelines.sql import quoted

MARKER = "SECRET4242"
HEADER = "assessment_id,patient_id,instrument,completed_on,total_points"
PATIENTS = f"patient_id,sex,region\np1,female,{MARKER}\np2,male,{MARKER}\n".encode()
LONG_LINE_BYTES = 10_000_000
BOMB_BYTES = 400_000_000
"""Above the bound on what a small packed file may unpack to."""

SQL_NAMES = (
    '"; drop table patients; --',
    "x' || (select 1) || '",
    "select * from duckdb_settings()",
    "a\" from file; attach 'x' as y; --",
    "rowid",
    "columns(*)",
    "{batch}",
    "$1",
    "text.patients",
    "yielded; copy (select 1) to 'x.csv'",
    "\\",
    "''",
    "`",
)
STRANGE_VALUES = (
    "1e400", "-0", "nan", "infinity", "99999999999999999999", "9999-99-99",
    "0000-00-00", "294277-01-01", "2024-02-30", "\u202e", "\ufeff", "👩‍⚕️" * 9,
    "%s%n{0}", "=cmd|'/c calc'!A1", "null", " ", "'",
)  # fmt: skip


def _good(rng: random.Random, rows: int = 40) -> str:
    lines = [HEADER]
    for n in range(rows):
        points = rng.choice((str(rng.randrange(28)), MARKER if n == 3 else "7"))
        lines.append(f"a{n},p{1 + n % 2},phq9,2026-01-{1 + n % 28:02},{points}")
    return "\n".join(lines) + "\n"


def _csv(content: str | bytes, name: str = "assessments.csv") -> dict[str, bytes]:
    return {name: content.encode() if isinstance(content, str) else content}


def _parquet(rng: random.Random, query: str) -> bytes:
    with duckdb.connect() as con:
        table = con.execute(query).to_arrow_table()
    written = io.BytesIO()
    write_table(table, written, compression=rng.choice(("snappy", "zstd", "none")))
    return written.getvalue()


def _good_parquet(rng: random.Random) -> bytes:
    return _parquet(
        rng,
        "select 'a' || n as assessment_id, 'p1' as patient_id, 'phq9' as instrument, "
        f"date '2026-01-01' as completed_on, {quoted(MARKER)} as collection_reason, "
        "(n % 27)::integer as total_points from range(500) as made(n)",
    )


def _random_bytes(rng: random.Random) -> dict[str, bytes]:
    name = rng.choice(("assessments.csv", "assessments.parquet", "assessments.csv.gz"))
    return {name: rng.randbytes(rng.randrange(20_000))}


def _random_text(rng: random.Random) -> dict[str, bytes]:
    letters = string.ascii_letters + ',,,,;;\t|""\'\n\n\r\\ \0é€' + MARKER
    return _csv("".join(rng.choices(letters, k=rng.randrange(1, 5_000))))


def _flipped_bytes(rng: random.Random) -> dict[str, bytes]:
    return _csv(_flipped(rng, _good(rng).encode()))


def _flipped(rng: random.Random, content: bytes) -> bytes:
    flipped = bytearray(content)
    for _ in range(rng.randrange(1, 9)):
        flipped[rng.randrange(len(flipped))] = rng.randrange(256)
    return bytes(flipped)


def _cut_csv(rng: random.Random) -> dict[str, bytes]:
    good = _good(rng).encode()
    return _csv(good[: rng.randrange(len(good))])


def _cut_parquet(rng: random.Random) -> dict[str, bytes]:
    good = _good_parquet(rng)
    return {"assessments.parquet": good[: rng.randrange(len(good))]}


def _corrupted_parquet(rng: random.Random) -> dict[str, bytes]:
    return {"assessments.parquet": _flipped(rng, _good_parquet(rng))}


def _nested_parquet(rng: random.Random) -> dict[str, bytes]:
    value = rng.choice(
        ("{'a': {'b': [1, 2]}}", "[[n]]", "'x'::blob", "map {'k': n}",
         "170141183460469231731687303715884105727::hugeint", "'infinity'::double",
         "timestamp '2026-01-01 00:00:00'", "null", "'00000000-0000-4000-8000-000000000000'::uuid", "time '10:00'")
    )  # fmt: skip
    column = rng.choice(
        ("total_points", "completed_on", "patient_id", "collection_reason")
    )
    others = {
        "assessment_id": "'a' || n",
        "patient_id": "'p1'",
        "instrument": "'phq9'",
        "completed_on": "date '2026-01-01'",
        "total_points": "3",
        "session_id": quoted(MARKER),
    } | {column: value}
    chosen = ", ".join(f"{sql} as {name}" for name, sql in others.items())
    query = f"select {chosen} from range(30) as made(n)"
    return {"assessments.parquet": _parquet(rng, query)}


def _long_line(rng: random.Random) -> dict[str, bytes]:
    filler = rng.choice((b"x", b"x,", b'"', b'""', b" ", b"\0"))
    line = (filler * LONG_LINE_BYTES)[:LONG_LINE_BYTES]
    start = rng.choice((b"", HEADER.encode() + b"\n", HEADER.encode() + b"\na1,p1,"))
    return _csv(start + MARKER.encode() + line)


def _packed_bomb(rng: random.Random) -> dict[str, bytes]:
    size = rng.choice((BOMB_BYTES, BOMB_BYTES // 20, BOMB_BYTES // 100))
    written = io.BytesIO()
    with gzip.GzipFile(fileobj=written, mode="wb", mtime=0, compresslevel=1) as packed:
        packed.write(HEADER.encode() + b"\n" + MARKER.encode())
        block = rng.choice((b"\0", b",", b"a\n", b"x")) * 1_000_000
        for _ in range(size // len(block)):
            packed.write(block)
    return _csv(written.getvalue(), "assessments.csv.gz")


def _damaged_gzip(rng: random.Random) -> dict[str, bytes]:
    good = gzip.compress(_good(rng).encode(), mtime=0)
    spoiled = rng.choice(
        (_flipped(rng, good), good[: rng.randrange(len(good))], good * 2)
    )
    return _csv(spoiled, "assessments.csv.gz")


def _wrong_encoding(rng: random.Random) -> dict[str, bytes]:
    text = _good(rng).replace("phq9", rng.choice(("phq9é", "phq9€", "phq9\u3042")), 2)
    encoding = rng.choice(
        ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "shift_jis",
         "utf-8-sig", "utf-7", "cp037")
    )  # fmt: skip
    encoded = text.encode(encoding, errors="replace")
    bom = rng.choice((b"", b"", codecs.BOM_UTF8, codecs.BOM_UTF16_BE, b"\xff\xfe"))
    return _csv(bom + encoded)


def _nul_bytes(rng: random.Random) -> dict[str, bytes]:
    content = bytearray(_good(rng).encode())
    for _ in range(rng.randrange(1, 30)):
        content.insert(rng.randrange(len(content)), 0)
    return _csv(bytes(content))


def _sql_in_names(rng: random.Random) -> dict[str, bytes]:
    names = rng.sample(SQL_NAMES, 3) + HEADER.split(",")
    rng.shuffle(names)
    cells = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    return _csv(cells + "\n" + ",".join([MARKER] * len(names)) + "\n")


def _many_columns(rng: random.Random) -> dict[str, bytes]:
    count = rng.choice((200, 900, 1_001, 5_000, 50_000))
    names = HEADER + "".join(f",c{n}" for n in range(count))
    return _csv(names + "\n" + MARKER + "," * (names.count(",")) + "\n")


def _empty(rng: random.Random) -> dict[str, bytes]:
    return {
        rng.choice(
            ("assessments.csv", "assessments.parquet", "assessments.csv.gz")
        ): b""
    }


def _only_a_header(rng: random.Random) -> dict[str, bytes]:
    return _csv(rng.choice((HEADER, HEADER + "\n", HEADER + "\r\n\r\n", MARKER, "\n")))


def _unclosed_quotes(rng: random.Random) -> dict[str, bytes]:
    content = list(_good(rng))
    for _ in range(rng.randrange(1, 4)):
        content.insert(rng.randrange(len(content)), '"')
    return _csv("".join(content))


def _strange_names(rng: random.Random) -> dict[str, bytes]:
    name = rng.choice(
        ("a'b.csv", 'a"b.csv', ".hidden.csv", "..csv", ".csv", "x.csv/", "-rf.csv",
         "%s.csv", "assessments.CSV", "assessments.csv.gz", "a\nb.csv", "e\u0301.csv",
         "é.csv", "x" * 200 + ".csv", "assessments_2.csv", "assessments..csv", "con.csv",
         "file_that_was_not_sent.csv", "$(id).csv", "a;b.csv", "[x].csv", "delivery.csv")
    )  # fmt: skip
    good = _good(rng).encode()
    return {"assessments.csv": good, name: rng.choice((good, PATIENTS, b""))}


def _other_delimiter(rng: random.Random) -> dict[str, bytes]:
    return _csv(_good(rng).replace(",", rng.choice((";", "\t", "|", " ", "::", "§"))))


def _odd_lines(rng: random.Random) -> dict[str, bytes]:
    lines = _good(rng).split("\n")
    for _ in range(rng.randrange(1, 6)):
        odd = rng.choice((HEADER, "", ",,,,", "# " + MARKER, lines[1], MARKER * 40))
        lines.insert(rng.randrange(len(lines)), odd)
    return _csv(rng.choice(("\n", "\r\n", "\r", "\n\r")).join(lines))


def _strange_values(rng: random.Random) -> dict[str, bytes]:
    lines = _good(rng).split("\n")
    for _ in range(rng.randrange(1, 12)):
        cells = lines[rng.randrange(1, 30)].split(",")
        cells[rng.randrange(len(cells))] = rng.choice(STRANGE_VALUES)
        lines[rng.randrange(1, 30)] = ",".join(cells)
    return _csv("\n".join(lines))


def _broken_manifest(rng: random.Random) -> dict[str, bytes]:
    manifest = rng.choice(
        ("[" * 100_000, '{"files": {"assessments.csv": {"rows": "' + MARKER + '"}}}',
         '{"files": {"assessments.csv": {"rows": 1e999, "sha256": 7}}}', "nan", '"x"',
         json.dumps({"extracted_at": MARKER}), json.dumps({MARKER: 1}), "\0", "{}",
         json.dumps({"data_to": [MARKER]}), json.dumps({"files": {MARKER: {"rows": 1}}}),
         json.dumps({"extracted_at": "0001-01-01T00:00:00+23:59"}), "9" * 5_000)
    )  # fmt: skip
    return _csv(_good(rng)) | {"delivery.json": manifest.encode()}


def _another_format(rng: random.Random) -> dict[str, bytes]:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("xl/workbook.xml", MARKER)
    content = rng.choice(
        (written.getvalue(), _good_parquet(rng), gzip.compress(b"a,b\n1,2\n", mtime=0),
         b"SQLite format 3\0" + MARKER.encode(), b"%PDF-1.7 " + MARKER.encode(),
         b"<html>" + MARKER.encode(), b'{"a": "' + MARKER.encode() + b'"}')
    )  # fmt: skip
    return {rng.choice(("assessments.csv", "assessments.parquet")): content}


Maker = Callable[[random.Random], dict[str, bytes]]
KINDS: dict[str, tuple[Maker, float]] = {
    "random bytes": (_random_bytes, 10),
    "random text": (_random_text, 10),
    "flipped bytes": (_flipped_bytes, 10),
    "cut CSV": (_cut_csv, 6),
    "cut Parquet": (_cut_parquet, 6),
    "corrupted Parquet": (_corrupted_parquet, 8),
    "nested Parquet": (_nested_parquet, 3),
    "line of 10 MB": (_long_line, 0.5),
    "gzip bomb": (_packed_bomb, 0.3),
    "damaged gzip": (_damaged_gzip, 5),
    "wrong encoding": (_wrong_encoding, 6),
    "NUL bytes": (_nul_bytes, 4),
    "SQL in column names": (_sql_in_names, 4),
    "very many columns": (_many_columns, 1),
    "empty file": (_empty, 1),
    "only a header": (_only_a_header, 1),
    "unclosed quotes": (_unclosed_quotes, 5),
    "strange file names": (_strange_names, 3),
    "other delimiter": (_other_delimiter, 3),
    "odd lines": (_odd_lines, 6),
    "strange values": (_strange_values, 6),
    "broken delivery.json": (_broken_manifest, 3),
    "another format": (_another_format, 2),
}
"""Each kind's maker, and how often it is drawn."""
