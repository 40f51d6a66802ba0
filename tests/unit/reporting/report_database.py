"""A `reports` schema for tests of the pages, in memory or in a file.

Every table of the contract is made, with the trial's figures in it. `spoil` changes
one table before a page is built.
"""

import duckdb
from unit.reporting import trial_figures as trial

from pipelines.reporting.passport import Passport
from pipelines.reporting.tables import TABLES

PASSPORT = Passport(
    release_id="20261122T201530Z",
    run_id="20261122T201530Z",
    as_of="2026-11-22T20:15:30Z",
    built_at="2026-11-22T20:17:02Z",
    disclosure_profile="public_data",
    next_release_due="2026-11-29",
    git_commit="0123456789abcdef0123456789abcdef01234567",
    is_simulated=False,
)

NUMBERS = (
    "_points",
    "_rate",
    "limit_low",
    "limit_high",
    "_level",
    "mean_low",
    "mean_high",
)
WHOLE = {"follow_up_month", "month", "step_number", "min_points", "max_points"}

COMPUTERISED = (
    "Therapy here is computerised CBT: a programme on a computer, not sessions with a "
    "clinician. The result does not carry over to other therapy."
)
MISSING_LATER = (
    "Many people have no score at the later follow-ups, and those who stay may differ "
    "from those who leave."
)

COMPARISONS = [
    (
        "therapy_vs_usual_care",
        "Q1",
        "Do people with depression score lower after therapy (computerised CBT, in the "
        "data so far) than after usual care?",
        "People whose course of care was allocated at random to therapy or to usual "
        "care, with a depression questionnaire before it began.",
        "Therapy",
        "Usual care",
        "randomised",
        "The day of the questionnaire before treatment (day 0).",
        f"{COMPUTERISED}\nPeople are compared as they were allocated, whether or not "
        f"they used what they were offered.\n{MISSING_LATER}",
        "1",
        "5d0c3a9b71e2448fa6b09c1d2e3f4a5b5d0c3a9b71e2448fa6b09c1d2e3f4a5b",
        "bdi_ii_points_all_follow_ups",
        "mixed_model",
    ),
    (
        "trial_therapy_plus_medication_vs_therapy",
        "Q4",
        "Among people in therapy, do those who also take medication score lower than "
        "those who do not?",
        "People in therapy, with a depression questionnaire before it began, whose use "
        "of antidepressant medication at that time is known.",
        "Therapy and medication",
        "Therapy alone",
        "description",
        "The day of the questionnaire before treatment (day 0).",
        "A description, not an effect: nobody was allocated to medication at random.\n"
        f"{COMPUTERISED}\n{MISSING_LATER}",
        "1",
        "6e1d4bac82f3559fb7c1ad2e3f405b6c6e1d4bac82f3559fb7c1ad2e3f405b6c",
        "bdi_ii_points_2mo",
        "ancova",
    ),
    (
        "trial_therapy_plus_medication_vs_medication",
        "Q3",
        "Among people on antidepressant medication, do those who also get therapy score "
        "lower than those on medication alone?",
        "People on antidepressant medication at day 0 whose course of care was allocated "
        "at random to therapy or to usual care.",
        "Therapy and medication",
        "Medication alone",
        "randomised",
        "The day of the questionnaire before treatment (day 0).",
        "Therapy was allocated at random separately for people on and off medication, so "
        f"this is a randomised contrast.\n{COMPUTERISED}\n{MISSING_LATER}",
        "1",
        "7f2e5cbd9304660ac8d2be3f40516c7d7f2e5cbd9304660ac8d2be3f40516c7d",
        "bdi_ii_points_all_follow_ups",
        "mixed_model",
    ),
]

QUESTIONS = [
    ("Q1", "Therapy is effective", "Do people who were offered therapy have fewer symptoms afterwards than people who were not?", "answered", "Estimated effect over all follow-ups: 2.3 BDI-II points lower with therapy (95% interval −5.6 to 0.9), from 100 randomised people.", "therapy_vs_usual_care"),
    ("Q2", "Therapy alone may not be enough when depression is severe", "Is the advantage of adding therapy different for people who start with severe symptoms?", "not_measured", "Not compared in this release: too few people with severe symptoms for a contrast.", None),
    ("Q3", "Therapy added to medication helps", "Do people on medication improve more when they also have therapy?", "withheld", "Withheld: 12 people on medication alone have the outcome, at least 20 are needed.", "trial_therapy_plus_medication_vs_medication"),
    ("Q4", "Therapy with medication helps more than therapy alone", "Do people in therapy improve more when they are also on medication?", "answered", "At 2 months, therapy with medication went with scores 2.5 points lower (−7.0 to 2.0): no clear difference. A description, not an effect.", "trial_therapy_plus_medication_vs_therapy"),
    ("Q5", "Therapy makes it easier to stay on medication", "Do people who start medication take it longer when they also have therapy?", "not_measured", "Needs the feed sessions, which no source sends.", None),
    ("Q9", "Homework helps", "Do symptoms fall after sessions whose homework was done?", "not_measured", "Needs the feed sessions, which no source sends.", None),
    ("Q15", "Longer therapy helps more than shorter when depression is chronic or resistant", "Does long-term therapy help more than short-term therapy, and for whom?", "not_measured", "Needs the feed sessions, which no source sends.", None),
    ("Q21", "Therapy helps to learn one's triggers and patterns", "Do people learn what brings their depression on?", "not_answerable", "No standard questionnaire measures it.", None),
]  # fmt: skip

CHECKS_BY_STAGE = [
    ("landing", 31, 31, 0, 0),
    ("raw", 42, 42, 0, 0),
    ("staging", 38, 38, 0, 0),
    ("intermediate", 17, 17, 0, 0),
    ("marts", 64, 63, 1, 0),
    ("estimates", 12, 12, 0, 0),
    ("aggregates", 9, 9, 0, 0),
    ("reports", 21, 21, 0, 0),
]

CHECKS = [
    ("landing", "assessments", "total_points_whole_number", "gx", "conformance", "critical", "pass", 380, 0),
    ("raw", "patients", "patient_id_unique", "gx", "conformance", "critical", "pass", 100, 0),
    ("staging", "stg_episodes", "stg_episodes__one_row_per_episode", "dbt", "conformance", "critical", "pass", 100, 0),
    ("marts", "fct_assessments", "fct_assessments__follow_up_scored", "dbt", "completeness", "warning", "fail", 400, 120),
    ("reports", "rpt_effects_by_comparison", "withheld_rows_have_no_numbers", "gx", "conformance", "critical", "pass", 42, 0),
]  # fmt: skip

NOT_MEASURED = [
    ("beat_the_blues", table, column, needs, reason)
    for needs, reason, tables in (
        ("sessions", "The source sends no feed sessions.", {"fct_episodes": ["attended_sessions_count", "format", "delivery_mode", "length_class"], "fct_sessions": ["session_id"]}),
        ("patients.birth_year", "The source sends no column birth_year.", {"dim_patients": ["birth_year", "age_at_start"]}),
        ("diagnoses", "The source sends no feed diagnoses.", {"fct_episodes": ["has_bipolar_diagnosis"]}),
    )
    for table, columns in tables.items()
    for column in columns
]  # fmt: skip

FEEDS = [
    ("beat_the_blues", "assessments", 380, 380, 0, 0, True),
    ("beat_the_blues", "clinicians", None, None, None, None, False),
    ("beat_the_blues", "diagnoses", None, None, None, None, False),
    ("beat_the_blues", "episodes", 100, 100, 0, 0, True),
    ("beat_the_blues", "medications", 44, 44, 0, 0, True),
    ("beat_the_blues", "patients", 100, 100, 0, 0, True),
    ("beat_the_blues", "sessions", None, None, None, None, False),
    ("beat_the_blues", "sites", None, None, None, None, False),
]


def open_reports(path: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """Make the `reports` schema with the trial's figures and return its connection."""
    con = duckdb.connect(path)
    con.execute("create schema reports")
    for name, columns in TABLES.items():
        typed = ", ".join(f"{column} {_type(column)}" for column in columns.split())
        con.execute(f"create table reports.rpt_{name} ({typed})")
    for name, rows in _tables().items():
        places = ", ".join("?" * len(rows[0]))
        con.executemany(f"insert into reports.rpt_{name} values ({places})", rows)
    return con


def spoil(con: duckdb.DuckDBPyConnection, *statements: str) -> None:
    """Change the fixture: one SQL statement after another."""
    for statement in statements:
        con.execute(statement)


def _type(column: str) -> str:
    if column.startswith("is_"):
        return "boolean"
    if column == "data_to":
        return "date"
    if column in WHOLE or column.endswith("_count"):
        return "bigint"
    is_number = column.endswith(NUMBERS) or column.startswith(("estimate", "p_value"))
    is_number = is_number or column == "value"
    return "double" if is_number and column != "estimator_id" else "varchar"


def _as_stated(row: tuple) -> tuple:
    """Add what a trial's protocol says beside the words above; arms are in its name."""
    exposed, _, comparator = row[0].removeprefix("trial_").partition("_vs_")
    target_trial = (
        *("trial", "People of the trial.", exposed, "As allocated.", comparator),
        *("As allocated.", "By chance.", "Eight months.", "As allocated.", "everyone"),
        *("", "", "2026-11-01"),
    )
    return (*row, *target_trial)


def _tables() -> dict[str, list[tuple]]:
    is_randomised = {row[0]: row[6] == "randomised" for row in COMPARISONS}
    return {
        "sources": [
            (
                "beat_the_blues",
                "Proudfoot et al. 2003, Psychological Medicine 33:217-227",
                "the maintainers of this project",
                "public_data",
                None,
                100,
                False,
            )
        ],
        "comparisons": [_as_stated(row) for row in COMPARISONS],
        "effects_by_comparison": [
            (
                *(*row[:2], "all", row[2], "protocol", *row[3:14], None),
                *(is_randomised[row[0]], row[14], row[15] is not None, row[15], False),
                *(None, None),
            )
            for row in trial.EFFECTS
        ],
        "scores_by_arm_and_follow_up": [(*row, False) for row in trial.SCORES],
        "outcomes_by_arm_and_follow_up": [(*row, False) for row in trial.OUTCOMES],
        "patient_flow_by_arm": [(*row, False) for row in trial.FLOW],
        "questions": QUESTIONS,
        "data_quality_by_check": CHECKS,
        "data_quality_by_stage": CHECKS_BY_STAGE,
        "not_measured": NOT_MEASURED,
        "reconciliation_by_feed": FEEDS,
        "instruments": [
            ("bdi_ii", "BDI-II", 0, 63, None, 14, 20, None, 29, 10, 14),
            ("gad7", "GAD-7", 0, 21, None, 5, 10, None, 15, None, None),
            ("swls", "SWLS", 5, 35, None, None, None, None, None, None, None),
        ],
    }
