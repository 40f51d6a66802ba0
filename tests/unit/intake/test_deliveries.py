import hashlib
from dataclasses import replace
from datetime import datetime

import pytest
from support import FEEDS, MARKER, write_delivery

from pipelines.errors import DeliveryRefusedError
from pipelines.intake.deliveries import read_delivery


def test_the_folder_name_dates_a_delivery(clinic, tmp_path):
    dated = read_delivery(write_delivery(tmp_path / "2026-03-01", FEEDS), clinic)
    timed = read_delivery(write_delivery(tmp_path / "20260301T0630Z", FEEDS), clinic)

    assert dated.extracted_at == datetime(2026, 3, 1)
    assert timed.extracted_at == datetime(2026, 3, 1, 6, 30)


def test_the_manifests_own_clock_wins_and_is_taken_to_utc(clinic, tmp_path):
    manifest = {"extracted_at": "2026-03-01T08:00:00+02:00", "data_to": "2026-02-28"}
    delivery = read_delivery(write_delivery(tmp_path / "x", FEEDS, manifest), clinic)

    assert delivery.extracted_at == datetime(2026, 3, 1, 6)
    assert delivery.data_to.isoformat() == "2026-02-28"


def test_the_same_content_under_another_name_is_the_same_load(clinic, tmp_path):
    one = read_delivery(write_delivery(tmp_path / "2026-03-01", FEEDS), clinic)
    two = read_delivery(write_delivery(tmp_path / "2026-03-02", FEEDS), clinic)
    other = {**FEEDS, "patients": FEEDS["patients"][:1]}
    three = read_delivery(write_delivery(tmp_path / "2026-03-03", other), clinic)

    assert one.load_id == two.load_id != three.load_id


@pytest.mark.parametrize(
    ("name", "manifest", "message"),
    [
        ("delivery", None, "does not say when"),
        ("2026-13-01", None, "does not say when"),
        ("2026-03-01", {"extracted_at": "yesterday"}, "not an ISO time"),
        ("2026-03-01", {"data_to": "March"}, "not an ISO date"),
        ("2026-03-01", {"data_to": "0001-01-01"}, "lies before 1980"),
        ("2026-03-01", {"data_to": "1979-12-31"}, "lies before 1980"),
        ("2026-03-01", {"data_to": "2026-03-03"}, "after the day of extraction"),
        ("0001-01-01", None, "extracted before 1980"),
        ("x", {"extracted_at": "1979-12-31T23:59:59"}, "extracted before 1980"),
        ("2026-03-01", {"colour": "red"}, "may hold only"),
        ("2026-03-01", {"files": {"sites.csv": {}}}, "did not arrive"),
        ("2026-03-01", {"files": {"patients.csv": {"rows": "2"}}}, "a whole number"),
        ("x", {"extracted_at": "0001-01-01T00:00:00+23:59"}, "not an ISO time"),
        ("2026-03-01", {"files": {"patients.csv": {"sha256": "0"}}}, "differ from"),
        ("2026-03-01", {"files": ["patients.csv"]}, "whole number"),
    ],
)
def test_a_delivery_that_is_not_what_it_says_is_refused(
    clinic, tmp_path, name, manifest, message
):
    folder = write_delivery(tmp_path / name, FEEDS, manifest)
    with pytest.raises(DeliveryRefusedError, match=message):
        read_delivery(folder, clinic)


@pytest.mark.parametrize(
    ("name", "data_to"),
    [
        ("1980-01-01", "1980-01-01"),
        ("2026-03-01", "1980-01-01"),
        ("2026-03-01", "2026-03-02"),  # its clock may be ahead of UTC
    ],
)
def test_a_delivery_may_cover_days_from_1980_to_its_extraction(
    clinic, tmp_path, name, data_to
):
    folder = write_delivery(tmp_path / name, FEEDS, {"data_to": data_to})

    assert read_delivery(folder, clinic).data_to.isoformat() == data_to


def test_a_manifest_that_is_a_folder_is_refused(clinic, tmp_path):
    folder = write_delivery(tmp_path / "2026-03-01", FEEDS)
    (folder / "delivery.json").mkdir()
    with pytest.raises(DeliveryRefusedError, match=r"delivery\.json is not a file"):
        read_delivery(folder, clinic)


def test_a_true_manifest_is_accepted(clinic, tmp_path):
    plain = write_delivery(tmp_path / "2026-03-01", FEEDS)
    digest = hashlib.sha256((plain / "patients.csv").read_bytes()).hexdigest()
    manifest = {"files": {"patients.csv": {"sha256": digest, "rows": 2}}}
    folder = write_delivery(tmp_path / "2026-03-02", FEEDS, manifest)

    assert read_delivery(folder, clinic).declared_rows == {"patients.csv": 2}


def test_an_empty_folder_and_broken_json_are_refused(clinic, tmp_path):
    empty = tmp_path / "2026-03-01"
    empty.mkdir()
    with pytest.raises(DeliveryRefusedError, match=r"has no \.csv"):
        read_delivery(empty, clinic)
    folder = write_delivery(tmp_path / "2026-03-02", FEEDS)
    for broken in ("{" + MARKER, "[" * 100_000, "9" * 5_000):
        (folder / "delivery.json").write_text(broken)
        with pytest.raises(DeliveryRefusedError, match="not valid JSON") as caught:
            read_delivery(folder, clinic)
        assert MARKER not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sites.xlsx", "would not be read"),
        ("sites.gz", "would not be read"),
        ("sites*.csv", "would not be read"),
        ("si\ntes.csv", "would not be read"),
        ("s\udcefte.csv", "would not be read"),
        ("patients.parquet", "differ only in their ending"),
        ("patients.csv.gz", "differ only in their ending"),
        ("PATIENTS.CSV", "or in capital letters"),
    ],
)
def test_a_file_that_would_be_passed_over_refuses_the_delivery(
    clinic, tmp_path, name, message
):
    folder = write_delivery(tmp_path / "2026-03-01", FEEDS)
    (folder / name).write_text("site_id\ns1\n")
    with pytest.raises(DeliveryRefusedError, match=message):
        read_delivery(folder, clinic)


def test_a_folder_inside_a_delivery_is_refused_and_a_dot_file_is_not(clinic, tmp_path):
    folder = write_delivery(tmp_path / "2026-03-01", FEEDS)
    (folder / ".DS_Store").write_text("x")
    assert len(read_delivery(folder, clinic).files) == len(FEEDS)

    (folder / "sites.parquet").mkdir()
    with pytest.raises(DeliveryRefusedError, match="would not be read"):
        read_delivery(folder, clinic)


def test_a_link_out_of_the_delivery_is_refused(clinic, tmp_path):
    folder = write_delivery(tmp_path / "2026-03-01", FEEDS)
    outside = tmp_path / "outside.csv"
    outside.write_text(f"site_id\n{MARKER}\n")
    (folder / "sites.csv").symlink_to(outside)

    with pytest.raises(DeliveryRefusedError, match="no links to elsewhere"):
        read_delivery(folder, clinic)


def test_files_read_by_another_adapter_are_another_load_of_the_same_files(
    clinic, tmp_path
):
    folder = write_delivery(tmp_path / "2026-03-01", FEEDS)
    before = read_delivery(folder, clinic)
    after = read_delivery(folder, replace(clinic, fingerprint="mended"))

    assert before.files_id == after.files_id
    assert before.load_id != after.load_id
