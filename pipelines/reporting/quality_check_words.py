"""Sentences of the page of one check, for readers and for engineers."""

from collections.abc import Mapping, Sequence

from pipelines.reporting import formatting as fmt
from pipelines.reporting.quality_rows import Check, dated, iso
from pipelines.reporting.quality_words import plain, share
from pipelines.reporting.tables import Row

CATEGORIES: Mapping[str, str] = {
    "conformance": "Conformance: is it in the agreed form?",
    "completeness": "Completeness: is it there?",
    "plausibility": "Plausibility: can it be true?",
}
"""Kahn's three kinds of checks, each as the question it answers."""


def trend(check: Check) -> str:
    """State what a check found in the newest month, and the most it found."""
    if not check.months:
        return "No month was tested"
    shown = [row for row in check.months if row["failed_rate"] is not None]
    if not shown:
        return "Too few rows to show what it found"
    if not check.has_failed:
        return "Nothing failed" + _in_months(shown)
    in_months = dated(shown)
    if not any(row["failed_rate"] for row in in_months):
        most = max(shown, key=_rate_then_source)
        return f"{share(most['failed_rate'])} failed of what has no day"
    newest = max(iso(row["month"]) for row in in_months)
    own = [row for row in in_months if iso(row["month"]) == newest]
    last, most = (max(rows, key=_rate_then_source) for rows in (own, in_months))
    failed = share(last["failed_rate"]) if last["failed_rate"] else "Nothing"
    told = f"{failed} failed in {fmt.month(newest)}"
    if most is last:
        return f"{told}, the most so far"
    when = fmt.month(most["month"])
    return f"{told}; the most was {share(most['failed_rate'])}, in {when}"


def _in_months(rows: Sequence[Row]) -> str:
    months = len({iso(row["month"]) for row in dated(rows)})
    return f" in {fmt.plural(months, 'month')}" if months else ""


def _rate_then_source(row: Row) -> tuple[float, str]:
    return (row["failed_rate"], row["source"])


def weight(check: Check) -> str:
    """Say what happens to a delivery when a check fails."""
    if check.is_row_rule:
        return (
            "The run goes on. Rows that fail are set aside, not loaded. If they are too "
            "many, the delivery is refused."
        )
    return "The run goes on, and the failure is shown. Nothing is refused."


def consequence(check: Check) -> str:
    """Say in a title what happens to rows that fail."""
    if check.is_row_rule:
        return "Rows that fail are set aside"
    return "Rows that fail stay in, and are counted here"


def tolerance(check: Check) -> list[str]:
    """Say which share may fail, and why."""
    why = plain(check.row["tolerated_why"])
    if check.tolerated is None:
        return [
            "A few slips are to be expected. Reports count what is set aside of a feed "
            "by all its rules together.",
            why,
        ]
    if not check.tolerated:
        return ["Nothing: a single failure counts against its reports.", why]
    return [f"Up to {100 * check.tolerated:g} in 100.", why]


def touches(titles: list[str]) -> str:
    """State which reports the rows of a check feed."""
    if not titles:
        return "No report depends on it"
    if len(titles) > MOST_NAMED:
        return f"{len(titles)} reports depend on it"
    verb = "depends" if len(titles) == 1 else "depend"
    return f"{fmt.listing([f'“{title}”' for title in titles])} {verb} on it"


MOST_NAMED = 3
"""Reports that a title names."""


def effect_on_rows(check: Check) -> str:
    """Say what becomes of rows that fail, for a reader of reports."""
    if check.is_row_rule:
        return "The rows are kept apart and are in no report. Their number is shown."
    return (
        "The rows stay in the reports. If they are many, a report says: use with care."
    )


def whom_to_ask(check: Check) -> str:
    """Say who knows more about a check."""
    owner = fmt.humanise(check.row["owner"] or "")
    of_source = "Each source's own owner is listed under freshness."
    return f"The {owner}. {of_source}" if owner else of_source


def last_run(check: Check) -> list[str]:
    """Say how a check ended when it was last run."""
    found = []
    for row in check.results:
        failed, tested = row["failed_count"], row["tested_count"]
        if row["status"] == "error":
            found.append("It could not be evaluated.")
        elif None in (failed, tested):
            found.append("Too few to show.")
        elif not failed:
            found.append(f"None of {fmt.count(tested)} failed.")
        else:
            found.append(f"{fmt.count(failed)} of {fmt.count(tested)} failed.")
    return found or ["It has no result in this run."]


def where_to_look(check: Check) -> list[tuple[str, list[str], str]]:
    """Say how to find the rows that failed, with a query to copy."""
    if check.is_row_rule:
        told = [
            "They are kept in quarantine/<source>/<load_id>/, a file for each feed. "
            "row_position is the row's place in what the source sent.",
            "In DuckDB, from the folder of the warehouse:",
        ]
        found = [("Find the rows", told, _quarantined(check))]
        if check.query:
            found.append(("The rule, as it runs", [], check.query))
        return found
    told = [
        "The check's own query. judged holds the rows of this feed, the names of feeds "
        "every current row. unit says which row; is_failed, that it failed.",
    ]
    return [("Find the rows", told, check.query)]


def _quarantined(check: Check) -> str:
    file = f"quarantine/*/*/{check.feed}.parquet"
    return (
        f"select filename, row_position\nfrom read_parquet('{file}', filename = true)\n"
        f"where check_id = '{check.id}'\norder by filename, row_position"
    )
