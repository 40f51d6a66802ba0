"""Faults in the form of a delivery: its files, its lines, its delivery.json."""

import json
from pathlib import Path

import polars as pl

from pipelines.simulate.faults.broken import (
    MANIFEST,
    Broken,
    as_one,
    cut_at_line,
    on_files,
    on_rows,
    on_text,
)

UNREADABLE = "cannot be read"


def _cut(text: str, share: float = 0.6) -> str:
    """Cut a file in the middle of a line."""
    end = text.index("\n", int(len(text) * share))
    return text[: end - 7]


def _cut_unsealed(folder: Path) -> None:
    path = folder / "sessions.csv"
    path.write_text(cut_at_line(path.read_text(encoding="utf-8")), encoding="utf-8")


def _wrong_count(folder: Path) -> None:
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"]["sessions.csv"] = {
        "rows": manifest["files"]["sessions.csv"]["rows"] + 1
    }
    path.write_text(json.dumps(manifest), encoding="utf-8")


def _without_date(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    folder.rename(folder.parent / "final_version")


def _other_content(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(
        [frame, frame.head(3).with_columns(pl.lit("601").alias("duration_minutes"))]
    )


FORM_FAULTS = (
    Broken(
        "key_with_two_contents",
        "sessions",
        "Three keys are sent twice with different content.",
        on_rows("sessions", _other_content),
        "sessions.session_id_is_given_once",
    ),
    Broken(
        "renamed_column",
        "sessions",
        "`held_on` is called `session_date`.",
        on_rows("sessions", lambda frame: frame.rename({"held_on": "session_date"})),
        "not in the contract",
    ),
    Broken(
        "missing_required_column",
        "sessions",
        "`attendance` is not sent.",
        on_rows("sessions", lambda frame: frame.drop("attendance")),
        "required column(s) missing",
    ),
    Broken(
        "unknown_column",
        "patients",
        "A column `ward` that nobody asked for.",
        on_rows("patients", as_one("ward", "w1")),
        "not in the contract",
    ),
    Broken(
        "column_named_twice",
        "sessions",
        "Two columns have one name.",
        on_text("sessions", lambda text: text.replace("clinician_id", "episode_id", 1)),
        "a name of its own",
    ),
    Broken(
        "header_missing",
        "sessions",
        "The file begins with its first row.",
        on_text("sessions", lambda text: text.split("\n", 1)[1]),
        "no header line",
    ),
    Broken(
        "required_feed_missing",
        "assessments",
        "The questionnaires' file did not come.",
        on_files(lambda folder: (folder / "assessments.csv").unlink()),
        "has no assessments feed",
    ),
    Broken(
        "named_file_missing",
        "sessions",
        "delivery.json names a file that did not come.",
        on_files(lambda folder: (folder / "sessions.csv").unlink(), is_sealed=False),
        "did not arrive",
    ),
    Broken(
        "empty_feed",
        "sessions",
        "A file with a header and no row.",
        on_rows("sessions", lambda frame: frame.head(0)),
        "sessions.sessions_are_not_empty",
    ),
    Broken(
        "truncated_file",
        "sessions",
        "The file ends in the middle of a line.",
        on_text("sessions", _cut),
        UNREADABLE,
    ),
    Broken(
        "truncated_against_manifest",
        "sessions",
        "The file ends at a line, shorter than delivery.json says.",
        on_files(_cut_unsealed, is_sealed=False),
        "differ from the sha256",
    ),
    Broken(
        "count_against_manifest",
        "sessions",
        "delivery.json counts one record more.",
        on_files(_wrong_count, is_sealed=False),
        "but delivery.json says",
    ),
    Broken(
        "wrong_delimiter",
        "sessions",
        "Semicolons where source.yml says commas.",
        on_text("sessions", lambda text: text.replace(",", ";")),
        "looks delimited by",
    ),
    Broken(
        "wrong_encoding",
        "sites",
        "A site's name in Latin-1 where source.yml says UTF-8.",
        on_text("sites", lambda text: text.replace("ite 1", "ité 1", 1), "latin-1"),
        "not in the encoding",
    ),
    Broken(
        "utf_16",
        "sessions",
        "The file is in UTF-16.",
        on_text("sessions", lambda text: text, "utf-16"),
        "looks like utf-16",
    ),
    Broken(
        "open_quote",
        "sessions",
        "A quote is opened and never closed.",
        on_text("sessions", lambda text: text.replace("\n", '\n"', 3)),
        UNREADABLE,
    ),
    Broken(
        "one_cell_too_many",
        "sessions",
        "One line has one cell too many.",
        on_text(
            "sessions",
            lambda text: text.rstrip("\n") + ",x\n",
        ),
        UNREADABLE,
    ),
    Broken(
        "strange_file",
        "sessions",
        "An Excel file among the others.",
        on_files(lambda folder: (folder / "sessions.xlsx").write_bytes(b"PK")),
        "are not plain",
    ),
    Broken(
        "undated",
        "sessions",
        "The folder is called `final_version` and there is no delivery.json.",
        on_files(_without_date),
        "does not say when it was extracted",
    ),
    Broken(
        "manifest_is_not_json",
        "sessions",
        "delivery.json breaks off.",
        on_files(
            lambda folder: (folder / MANIFEST).write_text('{"files": ', "utf-8"),
            is_sealed=False,
        ),
        "is not valid JSON",
    ),
    Broken(
        "decimal_commas_throughout",
        "medications",
        "Every dose has a decimal comma.",
        on_rows(
            "medications",
            lambda frame: frame.with_columns(
                pl.col("daily_dose_mg").str.replace(".", ",", literal=True)
            ),
        ),
        "medications.daily_dose_mg_is_a_number",
    ),
    Broken(
        "excel_dates_throughout",
        "sessions",
        "Days are counted from 1900, as Excel does.",
        on_rows("sessions", as_one("held_on", "45291")),
        "sessions.held_on_is_a_date",
    ),
)
