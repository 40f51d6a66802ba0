"""Results of checks, from Great Expectations and from dbt alike."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from pipelines.errors import CheckFailedError


@dataclass(frozen=True)
class CheckResult:
    """One check on one table: whether it held and on how many rows it did not.

    `status` is `pass`, `fail`, or `error` when the check could not be evaluated.
    Counts are null where the check has none (a column list, say).
    """

    run_id: str
    stage: str
    table_name: str
    check_id: str
    tool: str
    category: str
    severity: str
    status: str
    tested_count: int | None
    failed_count: int | None
    source: str | None
    load_id: str | None
    checked_at: str

    @property
    def stops_the_run(self) -> bool:
        """True for a failed critical check, and for any that could not be evaluated."""
        return self.status == "error" or (
            self.status == "fail" and self.severity == "critical"
        )


def now() -> str:
    """Return the present instant in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def record(checks_file: Path, results: Iterable[CheckResult]) -> None:
    """Append results to a run's file, one JSON object a line."""
    checks_file.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(asdict(result)) + "\n" for result in results)
    with checks_file.open("a", encoding="utf-8") as file:
        file.write(lines)


def read(checks_file: Path) -> list[CheckResult]:
    """Return a run's results in the order they happened; empty if there are none."""
    if not checks_file.exists():
        return []
    names = [item.name for item in fields(CheckResult)]
    rows = map(json.loads, checks_file.read_text(encoding="utf-8").splitlines())
    return [CheckResult(**{name: row[name] for name in names}) for row in rows]


def forget(checks_file: Path, stages: Iterable[str]) -> None:
    """Drop a run's results of stages that are about to be done again."""
    again = set(stages)
    kept = [result for result in read(checks_file) if result.stage not in again]
    checks_file.unlink(missing_ok=True)
    record(checks_file, kept)


def mend(checks_file: Path) -> None:
    """Cut off the part of a line that a killed process left at the end."""
    with checks_file.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        if not end:
            return
        file.seek(end - 1)
        if file.read() == b"\n":
            return
    text = checks_file.read_bytes()
    part = checks_file.with_suffix(".part")
    part.write_bytes(text[: text.rfind(b"\n") + 1])
    part.replace(checks_file)


def describe(result: CheckResult) -> str:
    """Say in one line which check it was and on how many rows it did not hold."""
    name = f"{result.table_name}.{result.check_id}"
    if result.status == "error":
        return f"{name} could not be evaluated"
    if result.failed_count is None:
        return f"{name} does not hold"
    of = f" of {result.tested_count}" if result.tested_count else ""
    return f"{name} does not hold in {result.failed_count}{of} row(s)"


def stop_on_failure(results: Iterable[CheckResult], stage: str) -> None:
    """Raise if a critical check failed or any check could not be evaluated.

    Raises:
        CheckFailedError: Names the stage and each check, with counts.
    """
    stopping = [result for result in results if result.stops_the_run]
    if stopping:
        raise CheckFailedError(
            f"The guard of stage {stage} stopped the run:\n"
            + "\n".join(f"  - {describe(result)}" for result in stopping)
            + "\nNothing was published; the last good release stays current."
            "\nWhat to do: docs/runbooks/check_failed.md"
        )
