"""Faults that show only beside the delivery before."""

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipelines.simulate.faults.broken import (
    MANIFEST,
    Broken,
    cut_at_line,
    every,
    on_files,
    on_rows,
)


def _drop_manifest_and_cut(folder: Path) -> None:
    path = folder / "sessions.csv"
    path.write_text(cut_at_line(path.read_text(encoding="utf-8")), encoding="utf-8")
    (folder / MANIFEST).unlink()


def _late(folder: Path) -> None:
    """The delivery turns up dated before the one that came first."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    day = date.fromisoformat(folder.name) - timedelta(days=120)
    manifest["extracted_at"] = f"{day.isoformat()}T02:00:00Z"
    manifest["data_to"] = (day - timedelta(days=1)).isoformat()
    path.write_text(json.dumps(manifest), encoding="utf-8")


def _repeat_rows(frame: pl.DataFrame) -> pl.DataFrame:
    key = frame.columns[0]
    copies = [frame.with_columns(pl.col(key) + f"r{n}") for n in range(2)]
    return pl.concat([frame, *copies])


def _swap_attendance(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(every(3, "did_not_attend", "attendance"))


def _newest_month(frame: pl.DataFrame) -> pl.DataFrame:
    month = pl.col("held_on").str.slice(0, 7)
    return frame.filter(month == month.max())


def _renumber_all(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        frame = pl.read_csv(path, infer_schema=False)
        if "patient_id" in frame.columns:
            frame.with_columns(pl.col("patient_id") + "new").write_csv(path)


def _as_first(folder: Path) -> None:
    """Make the second delivery the first one's copy, delivery.json included."""
    first = min(path for path in folder.parent.iterdir() if path.is_dir())
    (folder / MANIFEST).write_bytes((first / MANIFEST).read_bytes())


DRIFT_FAULTS = (
    Broken(
        "feed_missing_this_time",
        "sessions",
        "The sessions' file, which came last time, did not come.",
        on_files(lambda folder: (folder / "sessions.csv").unlink()),
        "has no sessions feed",
        is_second=True,
    ),
    Broken(
        "truncated_without_manifest",
        "sessions",
        "Three fifths of the rows, cut at a line, and no delivery.json.",
        on_files(_drop_manifest_and_cut),
        "sessions.volume_is_as_before",
        is_second=True,
        is_loaded=True,
    ),
    Broken(
        "same_delivery_twice",
        "sessions",
        "The same files under another folder's name.",
        on_files(lambda folder: _as_first(folder), is_sealed=False),
        "loaded before",
        is_second=True,
    ),
    Broken(
        "late_delivery",
        "sessions",
        "A delivery that is older than the one loaded before it.",
        on_files(_late, is_sealed=False),
        "loads.delivery_is_newer_than_those_loaded",
        is_second=True,
    ),
    Broken(
        "jump_of_volume",
        "sessions",
        "Three times as many sessions as last time.",
        on_rows("sessions", _repeat_rows),
        "sessions.volume_is_as_before",
        is_second=True,
        is_loaded=True,
    ),
    Broken(
        "newest_month_called_full",
        "sessions",
        "A full delivery that holds the sessions of its newest month only.",
        on_rows("sessions", _newest_month),
        "sessions.earlier_months_are_sent_again",
        is_second=True,
        is_loaded=True,
    ),
    Broken(
        "jump_of_blanks",
        "assessments",
        "Three totals in five are blank that were given last time.",
        on_rows(
            "assessments",
            lambda frame: frame.with_columns(
                every(5, pl.lit(None, pl.String), "total_points"),
            ).with_columns(
                every(2, pl.lit(None, pl.String), "total_points"),
            ),
        ),
        "assessments.a_total_or_an_item_is_given",
        is_second=True,
    ),
    Broken(
        "drift_of_codes",
        "sessions",
        "One session in three is now coded as not attended.",
        on_rows("sessions", _swap_attendance),
        "sessions.code_shares_are_as_before",
        is_second=True,
        is_loaded=True,
    ),
    Broken(
        "renumbered_patients",
        "patients",
        "Everybody has a new pseudonym.",
        on_files(_renumber_all),
        "patients.patients_are_known_as_before",
        is_second=True,
        is_loaded=True,
    ),
)
