"""Check as much of a delivery as can be checked although it would be refused.

Loading stops at the first fault. Here what is faulty is set aside, so that one look
names every fault: a file that cannot be read, a column that is not in the contract,
a feed that is missing. What is left goes through the same guards as when it loads.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.checks.results import CheckResult, read
from pipelines.errors import PipelineError
from pipelines.intake import adapters
from pipelines.intake.checking import checked
from pipelines.intake.deliveries import Delivery
from pipelines.intake.draft.vocabulary import is_all_ours
from pipelines.intake.feeds import FEEDS
from pipelines.intake.preflight.columns import Examined, bare, name_of
from pipelines.intake.preflight.findings import Problem
from pipelines.intake.preflight.values import PATIENTS_ARE_KNOWN
from pipelines.intake.trial import temporary
from pipelines.settings import Home, Settings

RUN = "trial"
FEED_MISSING = re.compile(r"has no (\w+) feed")

TOGETHER = "few_rows_are_refused"
"""The check on the rows that all rules of a feed refuse together."""


@dataclass(frozen=True)
class TrialHome(Home):
    """The same home, with check results of its own that nobody reads later."""

    results: Path = Path()

    @property
    def checks(self) -> Path:
        """Where the trial's results go."""
        return self.results


@dataclass(frozen=True)
class Tried:
    """What the guards said about what could be laid out."""

    results: tuple[CheckResult, ...]
    problems: tuple[Problem, ...]


def set_unreadable_aside(
    delivery: Delivery, scratch: Path, settings: Settings
) -> tuple[Delivery, tuple[Problem, ...]]:
    """Return the delivery without the files that cannot be read, and each one's fault.

    Args:
        delivery: What to read.
        scratch: Folder for temporary ones, one per file.
        settings: Resources.
    """
    readable, problems = [], []
    for position, path in enumerate(delivery.files, start=1):
        alone = replace(delivery, files=(path,))
        error = _fault_of(alone, scratch, settings)
        if error is not None:
            name = f" ({path.name})" if is_all_ours(path.name) else ""
            told = re.sub(
                r"^file 1 (\(in order\s+of name\) )?",
                "",
                bare(error, name_of(delivery)).removesuffix("\nNothing was loaded."),
            )
            problems.append(Problem(f"file {position}{name} {told}"))
        if error is None or not _fault_of(
            replace(alone, declared_rows={}), scratch, settings
        ):
            readable.append(path)
    return replace(delivery, files=tuple(readable), declared_rows={}), tuple(problems)


def try_out(
    home: Home, settings: Settings, delivery: Delivery, examined: list[Examined]
) -> Tried:
    """Check what fits of a delivery with the guards of loading.

    Args:
        home: Where the raw warehouse is.
        settings: Limits and resources.
        delivery: Its readable files.
        examined: How each feed's columns fit.

    Returns:
        Results of the rows that are there; a rule about what is not is left out.
    """
    set_aside = {
        one.feed.name
        for one in examined
        if not one.rows and (one.problems or one.feed.is_required)
    }
    problems = []
    by_name = {one.feed.name: one for one in examined}
    with temporary(home.scratch) as folder:
        trial_home = TrialHome(home.root, folder / "checks")
        for _ in FEEDS:  # at most each feed is found missing once
            error = _refusal(trial_home, settings, delivery, by_name, set_aside)
            missing = FEED_MISSING.search(str(error)) if error else None
            if not missing or missing.group(1) in set_aside:
                break
            set_aside.add(missing.group(1))
            told = "it was sent before, and is missing now"
            hint = "If it may be missing, name it under `optional_feeds` in source.yml."
            problems.append(Problem(told, missing.group(1), hint))
        results = read(trial_home.checks_file(RUN))
    if error and not results:
        problems.append(Problem(bare(error, name_of(delivery))))
    kept = tuple(one for one in results if _is_meant(one, by_name, set_aside))
    return Tried(kept, tuple(problems))


def _refusal(
    home: Home,
    settings: Settings,
    delivery: Delivery,
    examined: dict[str, Examined],
    set_aside: set[str],
) -> PipelineError | None:
    sql = {
        name: one.trial_sql
        for name, one in examined.items()
        if one.problems or name in set_aside
    }
    source = replace(delivery.source, adapters={**delivery.source.adapters, **sql})
    try:
        with checked(
            home, settings, RUN, replace(delivery, source=source), home.scratch
        ):
            return None
    except PipelineError as error:
        return error


def _is_meant(
    result: CheckResult, examined: dict[str, Examined], set_aside: set[str]
) -> bool:
    """Leave out what a stand-in breaks: its fault has been told."""
    if result.table_name in set_aside or result.table_name not in examined:
        return False
    if result.check_id in (TOGETHER, f"{result.table_name}_are_not_empty"):
        return False  # of rows that a stand-in broke; each rule is told by itself
    if result.check_id == PATIENTS_ARE_KNOWN:
        patients = examined["patients"]
        return "patients" not in set_aside and not patients.filled_in
    filled_in = examined[result.table_name].filled_in
    return not any(result.check_id.startswith(f"{name}_") for name in filled_in)


def _fault_of(
    delivery: Delivery, scratch: Path, settings: Settings
) -> PipelineError | None:
    try:
        with (
            temporary(scratch) as folder,
            adapters.delivery_connection(
                delivery, folder, settings.memory_limit
            ) as con,
        ):
            adapters.count_records(con, delivery)
    except PipelineError as error:
        return error
    return None
