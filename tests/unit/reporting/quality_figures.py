"""The reports on data quality, as a release may have them beside those of the trial.

`add` fills them for a service of two sources, one of them simulated. `add_many` fills
the largest that a page must hold.
"""

from datetime import date

import duckdb

from pipelines.reporting.tables import OPTIONAL

NORTH, EAST = "north", "simulated_east"

TYPES = {
    "status": "varchar",
    "is_late": "boolean",
    "is_in_force": "boolean",
    "is_suppressed": "boolean",
    "is_beyond": "boolean",
    "month": "date",
    "last_sent_on": "date",
    "newest_delivery_on": "date",
    "data_to": "date",
    "next_due_on": "date",
    "refused_at": "timestamp",
    "expected_every_days": "integer",
    "failed_rate": "double",
    "tolerated_share": "double",
    "earlier_value": "double",
    "value": "double",
    "limit_value": "double",
}
"""Types of the columns that are neither text nor a `_count`."""

USABILITY = [
    ("outcomes_by_month", "Outcomes by month", "green", "Every check that feeds it passed.", 0, 0, None),
    ("variation_between_sites", "Variation between sites", "green", "Every check that feeds it passed.", 0, 0, None),
    ("length_of_therapy", "Length of therapy", "amber", "3.4% of sessions fail “a clinician's day has room for its sessions”, 1% is tolerated. North is late.", 1, 1, "clinician_day_has_room_for_its_sessions"),
    ("therapy_and_medication", "Therapy and medication", "red", "12% of medications fail “days supply is between 1 and 400”. Doses cannot be counted.", 2, 0, "medications.fills_do_not_overlap"),
    ("homework", "Homework", "not_measured", "No source sends homework_completed_percent.", 0, 0, None),
]  # fmt: skip

FRESHNESS = [
    (NORTH, "Northern data office", "data@north.example", "increment", True, date(2026, 9, 3), date(2026, 9, 3), date(2026, 8, 31), 31, date(2026, 10, 4), True),
    (EAST, "The simulator", None, "full", True, date(2026, 11, 2), date(2026, 11, 2), date(2026, 10, 31), 31, date(2026, 12, 3), False),
]  # fmt: skip

REFUSED = [
    (NORTH, "2026-10-01", "2026-10-02 07:30:00", "identified", "sessions.csv: column 9 looks like names (412 of 980 values). Leave the column out and send the delivery again.", 2),
    (EAST, "2026-11-01", "2026-11-03 06:10:00", "contract", "assessments: the column instrument is missing. The nearest name sent is instrumnet.", 1),
]  # fmt: skip

DRIFT = [
    (NORTH, "sessions", "rows", "site 4f1c", 1204.0, 310.0, 700.0, True),
    (NORTH, "assessments", "blank_share", "total_points", 0.021, 0.184, 0.071, True),
    (NORTH, "assessments", "score_mean", "phq9", 12.4, 12.9, 13.6, False),
    (EAST, "patients", "rows", None, 5000.0, 5080.0, 6000.0, False),
]  # fmt: skip

BUSY = "clinician_day_has_room_for_its_sessions"
QUIET = "session_is_not_after_death"
RULE = "held_on_is_given"
HIDDEN = "fills_do_not_overlap"

CATALOGUE = [
    ("landing", "sessions", BUSY, "plausibility", "warning", "data_steward", "More sessions than a day holds are often copies of one another.", "length_of_therapy, outcomes_by_month", "Look for sessions that were exported once per participant.", "clinician and day", "select clinician_id || ' ' || held_on as unit, held_on as on_day,\n    count(*) > 16 as is_failed\nfrom judged\ngroup by clinician_id, held_on", 0.01, "Group sessions on training days reach it."),
    ("landing", "sessions", QUIET, "plausibility", "warning", "data_steward", "A session after death belongs to somebody else.", "length_of_therapy", "Compare the person's identifiers at the source.", "session", "select session_id as unit, held_on as on_day, held_on > died_on as is_failed from judged", 0.0, ""),
    ("landing", "sessions", RULE, "completeness", "warning", "data_steward", "The contract requires it; nothing can be counted without it.", "", "Export the day on which the session was held.", "row", "select row_position from sessions where held_on_text is null", 0.0, ""),
    ("landing", "medications", "medication_id_is_given", "completeness", "warning", "pharmacy", "Without it nobody can tell two fills apart.", "therapy_and_medication", "Export the day of dispensing.", "row", "", 0.0, ""),
    ("landing", "medications", HIDDEN, "plausibility", "warning", "pharmacy", "Two fills at once count a dose twice.", "therapy_and_medication", "Merge fills of the same day.", "fill", "select medication_id as unit, started_on as on_day, false as is_failed from judged", 0.0, ""),
    ("landing", "sessions", "session_id_is_given_once", "conformance", "critical", "data_steward", "One key with two contents: nobody can say which one holds.", "", "Send each session once.", "row", "", 0.0, ""),
    ("marts", "fct_assessments", "fct_assessments__follow_up_scored", "completeness", "warning", "pipeline", "Few follow-ups are scored.", "outcomes_by_month", "", "row", "", 0.0, ""),
    ("marts", "fct_episodes", "fct_episodes__one_row_per_episode", "conformance", "critical", "pipeline", "Two rows would count a course of care twice.", "", "", "row", "", 0.0, ""),
]  # fmt: skip

RESULTS = [
    ("landing", "sessions", BUSY, "gx", "plausibility", "warning", "fail", 1200, 41),
    ("landing", "sessions", QUIET, "gx", "plausibility", "warning", "pass", 5200, 0),
    ("landing", "sessions", RULE, "gx", "completeness", "warning", "fail", 5214, 14),
]


def _checks_by_month() -> list[tuple]:
    """Fourteen months; north was not tested in one, and one is hidden."""
    found = []
    for source, part in ((NORTH, 1), (EAST, 2)):
        for number in range(14):
            month = date(2025 + (6 + number) // 12, (6 + number) % 12 + 1, 1)
            if source == NORTH and number == 4:
                continue
            failed = (number * part) % 5 * 4
            hidden = source == NORTH and number == 7
            tested, counted = 400, None if hidden else failed
            rate = None if hidden else failed / tested
            found += [
                (source, "sessions", BUSY, month, None if hidden else tested, counted, rate, hidden),
                (source, "sessions", QUIET, month, 400, 0, 0.0, False),
                (source, "sessions", RULE, month, 410, 3, 3 / 410, False),
                (source, "medications", HIDDEN, month, None, None, None, True),
            ]  # fmt: skip
    return found


def _usability_by_month() -> list[tuple]:
    statuses = ("green", "green", "amber", "red", "not_measured")
    return [
        (
            row[0],
            row[1],
            date(2026, month, 1),
            statuses[(number + month) % 5],
            "As told.",
        )
        for number, row in enumerate(USABILITY)
        for month in range(1, 11)
    ]


def create(con: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Make the tables, empty; all of `OPTIONAL` where none is named."""
    for name in names or OPTIONAL:
        typed = ", ".join(f"{c} {column_type(c)}" for c in OPTIONAL[name].split())
        con.execute(f"create table reports.rpt_{name} ({typed})")


def column_type(column: str) -> str:
    fallback = "bigint" if column.endswith("_count") else "varchar"
    return TYPES.get(column, fallback)


def fill(con: duckdb.DuckDBPyConnection, name: str, rows: list[tuple]) -> None:
    """Add rows to one of the tables."""
    places = ", ".join("?" * len(rows[0]))
    con.executemany(f"insert into reports.rpt_{name} values ({places})", rows)


def add(con: duckdb.DuckDBPyConnection) -> None:
    """Add the reports on data quality of two sources."""
    create(con)
    fill(con, "usability_by_report", USABILITY)
    fill(con, "usability_by_month", _usability_by_month())
    fill(con, "freshness_by_source", FRESHNESS)
    fill(con, "checks_by_feed_and_month", _checks_by_month())
    fill(con, "refused_deliveries", REFUSED)
    fill(con, "drift_by_feed", DRIFT)
    fill(con, "check_catalogue", CATALOGUE)
    fill(con, "data_quality_by_check", RESULTS)


def add_many(con: duckdb.DuckDBPyConnection, checks: int, months: int) -> None:
    """Add `checks` record checks over `months` months of three sources."""
    create(con)
    con.execute(
        "insert into reports.rpt_check_catalogue select 'landing', feed, "
        "'check_number_' || n || '_holds_for_every_row_of_the_feed', 'plausibility', "
        "'warning', 'data_steward', 'A sentence that says why it matters to a reader.', "
        "'outcomes_by_month, length_of_therapy', 'A sentence that says what to mend.', "
        "feed, 'select 1 as is_failed', 0.01, 'A reason.' "
        f"from (select n, ['sessions', 'assessments', 'medications'][1 + n % 3] as feed "
        f"from range({checks}) as numbers(n))"
    )
    con.execute(
        "insert into reports.rpt_checks_by_feed_and_month select source, table_name, "
        "check_id, date '2023-11-01' + to_months(m::integer), 1000, "
        "hash(check_id, m) % 90, (hash(check_id, m) % 90) / 1000, false "
        "from reports.rpt_check_catalogue, "
        "unnest(['north', 'south', 'simulated_east']) as sources(source), "
        f"range({months}) as numbers(m)"
    )
    fill(con, "usability_by_report", USABILITY)
    fill(con, "freshness_by_source", FRESHNESS)
