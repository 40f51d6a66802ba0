"""Sendings as files in landing, loaded by the product's own ingest."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from loads.sendings import Row, Sending
from loads.warehouse import READ, connect
from support import SOURCE_YML

from pipelines.intake.ingest import ingest
from pipelines.intake.queue import Outcome
from pipelines.settings import Home, Settings

FIRST_YEAR = 1950
"""A patient's value is the years from here to the year of birth."""

SCORE = {
    "assessment_id": "a",
    "instrument": "phq9",
    "completed_on": "2025-12-01",
    "total_points": "9",
}
"""What a full delivery must hold beside its patients."""


class RealHome:
    """A home with some sources."""

    def __init__(self, root: Path, sources: Mapping[str, str]) -> None:
        """Describe the sources, by name and kind, each in a namespace of its own."""
        self.home = Home(root)
        for source, kind in sources.items():
            folder = self.home.sources / source
            folder.mkdir(parents=True)
            yml = SOURCE_YML.format(kind=kind).replace("clinic", source)
            (folder / "source.yml").write_text(yml + "optional_feeds: [sites]\n")

    def ingest(self, sendings: Iterable[Sending]) -> Outcome:
        """Put what has arrived into landing, and load it."""
        for sent in sendings:
            # the source's clock is the date in the folder's name
            name = f"{sent.extracted_at:%Y-%m-%d}_{sent.name}"
            folder = self.home.landing / sent.source / name
            if not folder.exists():
                _write(folder, sent)
        outcome = ingest(self.home, Settings(threads=1, memory_limit="1GB"), "run")
        assert outcome.refused == {}
        return outcome

    def rows(self) -> set[tuple[str, str, str, int]]:
        """Return source, feed, key and value of the rows that staging counts."""
        if not self.home.raw_file.exists():
            return set()
        with connect(self.home.raw_file) as con:
            con.execute("set variable as_of = (now() at time zone 'UTC')")
            found = con.execute(" union all ".join(READ)).fetchall()
        return {
            (
                source,
                feed,
                key.removeprefix(f"{source}:"),
                int(value) - FIRST_YEAR * (feed == "patients"),
            )
            for source, feed, key, value in found
        }


def _write(folder: Path, sent: Sending) -> None:
    folder.mkdir(parents=True)
    for feed, rows in sent.feeds:
        make = _patient if feed == "patients" else _site
        made = [make(row) for row in rows]
        if sent.kind == "increment":
            for row, line in zip(rows, made, strict=True):
                line["is_deleted"] = str(row.is_deleted).lower()
        _write_csv(folder / f"{feed}.csv", made)
    if sent.kind == "full":
        key = dict(sent.feeds)["patients"][0].key
        _write_csv(folder / "assessments.csv", [{**SCORE, "patient_id": key}])


def _patient(row: Row) -> dict[str, str]:
    return {"patient_id": row.key, "birth_year": str(FIRST_YEAR + row.value)}


def _site(row: Row) -> dict[str, str]:
    return {"site_id": row.key, "region": str(row.value)}


def _write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
