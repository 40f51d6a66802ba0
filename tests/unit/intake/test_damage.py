"""A damaged file, and a folder that is no delivery, are named in one screen."""

import gzip

import duckdb
import pytest
from support import FEEDS, MARKER, add_clinic, sent, write_delivery

from pipelines.errors import DeliveryRefusedError, UsageError
from pipelines.intake.preflight.run import preflight

PACKED = gzip.compress(
    "".join(f"{n},{MARKER},{n * 7919 % 1013}\n" for n in range(3_000)).encode()
)


def parquet(tmp_path):
    path = tmp_path / "whole.parquet"
    duckdb.sql(
        "select md5(n::varchar) as patient_id from range(9000) as made(n)"
    ).write_parquet(str(path))
    return path.read_bytes()


def changed(content, at):
    """Return bytes with one turned over, counted from the end if negative."""
    spoiled = bytearray(content)
    spoiled[at] ^= 0xFF
    return bytes(spoiled)


DAMAGED = {
    "a packed file cut short": ("x.csv.gz", lambda _: PACKED[:900], "is cut short"),
    "a packed file changed": (
        "x.csv.gz",
        lambda _: changed(PACKED, len(PACKED) // 2),
        "is damaged",
    ),
    "a packed file whose sum is wrong": (
        "x.csv.gz",
        lambda _: changed(PACKED, -6),
        "is damaged",
    ),
    "a plain file called packed": (
        "x.csv.gz",
        lambda _: b"patient_id\n" + MARKER.encode(),
        "is not packed with gzip, as its name says",
    ),
    "an empty packed file": ("x.csv.gz", lambda _: b"", "is empty"),
    "an empty CSV": ("x.csv", lambda _: b"", "is empty"),
    "a Parquet file cut short": (
        "x.parquet",
        lambda folder: parquet(folder)[:4_000],
        "is cut short: it does not end as a Parquet file does",
    ),
    "a Parquet file changed": (
        "x.parquet",
        lambda folder: changed(parquet(folder), -6),
        "it is damaged",
    ),
    "a CSV called Parquet": (
        "x.parquet",
        lambda _: b"patient_id\n" + MARKER.encode(),
        "is no Parquet file, as its name says",
    ),
    "an empty Parquet file": ("x.parquet", lambda _: b"", "is empty"),
    "a start and no more": ("x.parquet", lambda _: b"PAR1", "is cut short"),
}


@pytest.mark.parametrize(("name", "content", "told"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_told_by_what_is_wrong_with_it(
    home, settings, loading, clinic, tmp_path, name, content, told
):
    folder = loading.deliver("2026-03-01", FEEDS)
    (folder / name).write_bytes(content(tmp_path))
    (error,) = loading.ingest().refused.values()

    assert "file 4 (in order of name)" in str(error)
    assert told in str(error)
    assert "ask for" in str(error).lower()
    assert MARKER not in str(error)
    assert ("csv`" in str(error)) is False  # no dialect mends it
    assert len(str(error).splitlines()) <= 4


def test_a_check_of_damaged_files_names_each_once_and_fits_a_screen(
    home, settings, tmp_path
):
    folder = write_delivery(tmp_path / "2026-03-01", {"sites": [{"site_id": "s"}]})
    (folder / "assessments.csv.gz").write_bytes(PACKED[:900])
    (folder / "patients.parquet").write_bytes(parquet(tmp_path)[:4_000])
    found = preflight(home, settings, "run", folder)

    named = [one.what for one in found.problems if one.what.startswith("file")]
    assert [text.partition(":")[0] for text in named] == [
        "file 1 (assessments.csv.gz) is cut short",
        "file 2 (patients.parquet) is cut short",
    ]
    assert "opened or unpacked" not in str(found.problems)


@pytest.mark.parametrize("place", ["/", "landing", "landing/clinic"])
def test_a_folder_of_folders_is_no_delivery(home, settings, place):
    add_clinic(home, "full")
    write_delivery(home.landing / "clinic" / "2026-03-01", sent("x"))

    with pytest.raises(UsageError, match="This is no delivery: it holds") as caught:
        preflight(home, settings, "run", home.root / place)

    assert "such as landing/<source>/<delivery>" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 2


def test_a_delivery_without_a_source_is_not_called_by_another_name(
    home, settings, tmp_path
):
    (tmp_path / "empty").mkdir()

    with pytest.raises(DeliveryRefusedError, match=r"^The delivery has no \.csv"):
        preflight(home, settings, "run", tmp_path / "empty")
