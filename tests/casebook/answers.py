"""What the models say of a story, looked up flag by flag.

    episodes, episodes_90, episodes_180, spells    how many there are
    episode1.<column>              fct_episodes, in order of day 0
    episode1.phq9.<column>         fct_episode_outcomes (any instrument)
    episode1.nhs.<column>          fct_episode_recoveries
    episode1.relapse.<column>      fct_relapses
    spell1.<column>                fct_medication_spells, in order of the first day
    session1.<column>              fct_sessions, in the order written
    phq9_1.<column>                fct_assessments, in the order written

A day is a number from day 0; `episode` of a session or score is the number of its
episode; a row that is not there is `none`, one that is there and matters by itself
`given`.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from casebook.book import Case
from casebook.language import day_of

from pipelines.intake.contract import instrument_ranges

Row = dict[str, Any]
PART_TABLES = {"nhs": "fct_episode_recoveries", "relapse": "fct_relapses"}


@dataclass(frozen=True)
class Expectation:
    """One flag of a story and what it should be."""

    path: str
    value: str


def expectations(case: Case) -> list[Expectation]:
    """Read `episodes=2; episode1.is_finished=true`.

    Raises:
        BookError: An entry is not of that form.
    """
    found = []
    for entry in case.entries("expected", ";"):
        path, between, value = (part.strip() for part in entry.partition("="))
        if not (path and between and value):
            raise case.error(f"expected: {entry!r} is not of the form flag=value")
        found.append(Expectation(path, value))
    return found


class Answers:
    """The rows that the build has of all stories' people."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.columns: dict[str, set[str]] = {}
        self.episodes = self._grouped(con, "fct_episodes", "index_on, episode_id")
        self.spells = self._grouped(
            con, "fct_medication_spells", "started_on nulls last, ingredient"
        )
        self.sessions = self._grouped(con, "fct_sessions", "session_id")
        self.scores = self._grouped(con, "fct_assessments", "assessment_id")
        self.parts = {
            table: self._grouped(con, table, "episode_id")
            for table in ("fct_episode_outcomes", *PART_TABLES.values())
        }
        self.eligible = {
            row[0]
            for row in con.execute(
                "select episode_id from intermediate.int_episodes_eligible_for_comparison"
            ).fetchall()
        }
        self.columns["fct_episodes"].add("is_eligible_for_comparison")
        for rows in self.episodes.values():
            for row in rows:
                row["is_eligible_for_comparison"] = row["episode_id"] in self.eligible
        self.variants = {
            days: dict(
                con.execute(
                    "select patient_id, count(distinct episode_id) from "
                    f"intermediate.int_sessions_grouped_into_episodes_{days} group by all"
                ).fetchall()
            )
            for days in (90, 180)
        }

    def _grouped(
        self, con: duckdb.DuckDBPyConnection, table: str, order: str
    ) -> dict[str, list[Row]]:
        result = con.execute(
            f"select * from marts.{table} where patient_id like '%:p' order by {order}"
        )
        names = [column[0] for column in result.description]
        self.columns[table] = set(names)
        groups: dict[str, list[Row]] = defaultdict(list)
        for values in result.fetchall():
            row = dict(zip(names, values, strict=True))
            groups[row["patient_id"]].append(row)
        return groups

    def found(self, case: Case, path: str) -> str:
        """Return a flag's value as it would be written in the case book.

        Raises:
            BookError: There is no such flag.
        """
        patient, (first, *rest) = f"{case.name}:p", path.split(".")
        if first in ("episodes", "episodes_90", "episodes_180", "spells"):
            return str(self._count(patient, first))
        what, number = self._numbered(case, path, first)
        if what == "episode":
            return self._of_episode(case, path, number, rest)
        if what == "spell":
            table, rows = "fct_medication_spells", self.spells[patient]
        elif what == "session":
            table, rows = "fct_sessions", self.sessions[patient]
        else:
            table = "fct_assessments"
            rows = [s for s in self.scores[patient] if s["instrument"] == what]
        row = rows[number - 1] if number <= len(rows) else None
        return self._value(case, path, table, row, rest)

    def _count(self, patient: str, what: str) -> int:
        if what == "episodes":
            return len(self.episodes[patient])
        if what == "spells":
            return len(self.spells[patient])
        return self.variants[int(what.removeprefix("episodes_"))].get(patient, 0)

    def _numbered(self, case: Case, path: str, text: str) -> tuple[str, int]:
        found = re.fullmatch(r"(episode|spell|session)(\d+)|([a-z0-9_]+)_(\d+)", text)
        if not found or (found[3] and found[3] not in instrument_ranges()):
            raise case.error(f"expected: {path!r} is not understood")
        what, number = found[1] or found[3], int(found[2] or found[4])
        if not number:
            raise case.error(f"expected: {path!r} counts from 0; the first is 1")
        return what, number

    def _of_episode(self, case: Case, path: str, number: int, rest: list[str]) -> str:
        episodes = self.episodes[f"{case.name}:p"]
        episode = episodes[number - 1] if number <= len(episodes) else None
        if not rest or rest[0] not in {*PART_TABLES, *instrument_ranges()}:
            return self._value(case, path, "fct_episodes", episode, rest)
        part, *rest = rest
        table = PART_TABLES.get(part, "fct_episode_outcomes")
        rows = [
            row
            for row in self.parts[table][f"{case.name}:p"]
            if episode
            and row["episode_id"] == episode["episode_id"]
            and (part in PART_TABLES or row["instrument"] == part)
        ]
        return self._value(case, path, table, rows[0] if rows else None, rest)

    def _value(
        self, case: Case, path: str, table: str, row: Row | None, rest: list[str]
    ) -> str:
        if not rest:
            return "given" if row else "none"
        (column,) = rest if len(rest) == 1 else ("",)
        is_episode_number = column == "episode" and table in (
            "fct_sessions",
            "fct_assessments",
        )
        if not is_episode_number and column not in self.columns[table]:
            raise case.error(f"expected: {path!r}: {table} has no such column")
        if row is None:
            return "(no such row)"
        if is_episode_number:
            keys = [e["episode_id"] for e in self.episodes[row["patient_id"]]]
            known = row["episode_id"] in keys
            return written(keys.index(row["episode_id"]) + 1 if known else None)
        return written(row[column])


def written(value: Any) -> str:
    """Return a value as the case book writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return str(day_of(value))
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return str(value)
