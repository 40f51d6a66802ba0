"""Sentences about the records themselves: checks, questions, counts, what is missing."""

from pipelines.reporting import formatting as fmt
from pipelines.reporting.tables import Rows
from pipelines.reporting.words import TOO_FEW


def quality(stages: Rows) -> str:
    """State how the checks of the run ended."""
    checks = sum(row["checks_count"] for row in stages)
    passed = sum(row["passed_count"] for row in stages)
    failed = sum(row["failed_count"] for row in stages)
    warnings = sum(row["warnings_count"] for row in stages)
    if checks == 0:
        return "No check was recorded"
    if failed:
        return f"{fmt.plural(failed, 'check')} of {fmt.count(checks)} failed"
    if warnings:
        were = fmt.plural(warnings, "warning")
        return f"{fmt.count(passed)} of {fmt.count(checks)} checks passed, with {were}"
    return f"All {fmt.count(checks)} checks passed"


def questions(rows: Rows) -> str:
    """State how many of the questions have an answer."""
    if not rows:
        return "No question was asked of these records"
    statuses = [row["status"] for row in rows]
    answered, withheld = statuses.count("answered"), statuses.count("withheld")
    verb = "is" if answered == 1 else "are"
    text = f"{answered} of {fmt.plural(len(rows), 'question')} {verb} answered"
    return f"{text}, {withheld} withheld" if withheld else text


def not_measured(rows: Rows) -> str:
    """State what is missing and how much depends on it."""
    if not rows:
        return "Everything this release describes was measured"
    return f"{fmt.plural(len(rows), 'column')} could not be filled from these records"


def reconciliation(rows: Rows) -> str:
    """State whether every record that came in is accounted for."""
    supplied = [row for row in rows if row["is_supplied"]]
    if not supplied:
        return "No record came in"
    keys = ("yielded_count", "loaded_count", "quarantined_count", "duplicate_count")
    if any(row[key] is None for row in supplied for key in keys):
        return f"{TOO_FEW} every record count"
    came, loaded, aside, repeated = (sum(row[key] for row in supplied) for key in keys)
    if came != loaded + aside + repeated:
        gap = abs(came - loaded - aside - repeated)
        verb = "is" if gap == 1 else "are"
        return f"{fmt.plural(gap, 'record')} {verb} not accounted for"
    parts = [f"{fmt.count(loaded)} loaded"]
    if aside:
        parts.append(f"{fmt.count(aside)} set aside")
    if repeated:
        parts.append(f"{fmt.plural(repeated, 'exact duplicate')} left out")
    return f"Every record is accounted for: {fmt.count(came)} in, {fmt.listing(parts)}"
