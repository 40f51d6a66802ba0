"""Clear what a killed process left, before anything else is done."""

import shutil

import duckdb

from pipelines import private
from pipelines.checks import results
from pipelines.intake import journal, ledger, raw
from pipelines.intake.sources import DRAFTING
from pipelines.settings import Home

PART_SUFFIX = ".part"
"""Of a file that is being written and has not replaced the one of its name."""

SPILLED_SUFFIX = ".duckdb.tmp"
"""Of the folder beside a database in which DuckDB puts what memory does not hold."""


def recover(home: Home) -> None:
    """Make the raw tables, and sweep and finish what a killed process left.

    Gone are: scratch files and DuckDB's own, half a draft of a source, rows that were not
    accepted, half a copy of the warehouse, half a line of check results, and the
    quarantine of loads that were not accepted or whose rows are gone. Lines that
    audit.jsonl lacks are added. What others could read of the restricted folders is
    closed to them.
    """
    shutil.rmtree(home.scratch, ignore_errors=True)
    private.tighten(home)
    for folder in (home.raw_file.parent, home.checks):
        for path in folder.glob(f"*{PART_SUFFIX}"):
            path.unlink()
    for folder in home.raw_file.parent.glob(f"*{SPILLED_SUFFIX}"):
        shutil.rmtree(folder)
    for folder in home.sources.glob(f"{DRAFTING}*"):
        shutil.rmtree(folder, ignore_errors=True)
    raw.prepare(home.raw_file)
    journal.tell(home, after_a_kill=True)
    sweep_quarantine(home)
    for path in home.checks.glob("*.jsonl"):
        results.mend(path)


def sweep_quarantine(home: Home) -> None:
    """Remove the refused rows of loads that hold none: unaccepted, or purged."""
    with duckdb.connect(str(home.raw_file), read_only=True) as con:
        kept = {x.load_id for x in ledger.loads_of(con) if x.purged_at is None}
    for folder in home.quarantine.glob("*/*/"):
        if folder.name not in kept:
            shutil.rmtree(folder)
