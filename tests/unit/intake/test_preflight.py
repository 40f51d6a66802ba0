"""`outcomes check` names every fault of a delivery at once, and no value."""

import io
import json
import shutil

import pytest
from rich.console import Console
from support import FEEDS, MARKER, add_clinic, write_delivery

from pipelines.delivery_views import SCREEN_LINES, SHORT_LIST, show_preflight
from pipelines.errors import DeliveryRefusedError, UsageError
from pipelines.intake.ingest import ingest
from pipelines.intake.preflight.findings import Preflight, Problem
from pipelines.intake.preflight.gaps import find_gaps
from pipelines.intake.preflight.run import preflight

RUN = "check"
BASE = {name: FEEDS[name] for name in ("patients", "assessments")}
"""The least that a full source sends."""

VISITS = [
    {
        "session_id": f"s{n}",
        "patient_id": f"p{1 + n % 2}",
        "held_on": "2026-01-05",
        "attendance": "attended",
    }
    for n in range(40)
]


def deliver(tmp_path, feeds, name="2026-03-01", manifest=None):
    return write_delivery(tmp_path / "clinic" / name, feeds, manifest)


def shown(found, **how) -> str:
    """What the command prints."""
    text = io.StringIO()
    console = Console(file=text, width=200, soft_wrap=True)
    show_preflight(console, found, **{"show_all": False, "as_json": False} | how)
    return text.getvalue()


def told(found) -> dict[str, list[str]]:
    """Problems by feed, each with its hint."""
    by_feed: dict[str, list[str]] = {}
    for problem in found.problems:
        by_feed.setdefault(problem.feed, []).append(f"{problem.what} {problem.hint}")
    return by_feed


def test_a_good_delivery_fits_on_one_screen_and_loads_nothing(
    home, clinic, settings, tmp_path
):
    folder = deliver(tmp_path, FEEDS)
    found = preflight(home, settings, RUN, folder)

    assert found.would_load
    assert [(feed.name, feed.row_count) for feed in found.feeds] == [
        ("patients", 2),
        ("episodes", 2),
        ("assessments", 8),
    ]
    assert len(shown(found).splitlines()) <= 24
    assert "This delivery would load." in shown(found)
    assert not home.raw_file.exists()
    assert list(home.scratch.glob("*")) == []
    read = json.loads(shown(found, as_json=True))
    assert read["would_load"] is True
    assert [feed["name"] for feed in read["feeds"]] == [f.name for f in found.feeds]
    assert read["gaps"]["questions_count"] == found.gaps.questions_count


def test_every_fault_is_named_in_one_look(home, clinic, settings, tmp_path):
    feeds = {
        "patients": [
            {"patient_id": f"p{n}", "Gender": "F", "shoe": MARKER} for n in (1, 2)
        ],
        "sessions": [
            {
                "session_id": f"s{n}",
                "patient_id": f"p{1 + n % 2}",
                "visit_date": "05.01.2026",
                "attendance": ("Completed", "No Show", MARKER)[n % 3],
                "duration_minutes": "50,5",
            }
            for n in range(30)
        ],
        "scores": FEEDS["assessments"],
        "medications": [
            {
                "medication_id": f"m{n}",
                "patient_id": "p1",
                "ingredient": "sertraline",
                "started_on": "03/04/2026",
                "is_in_use_at_index": "true",
                "record_type": MARKER if n else "dispensed",
            }
            for n in range(2)
        ],
    }
    folder = deliver(tmp_path, feeds)
    (folder / "episodes.csv").write_text(
        f"episode_id,patient_id\ne1,p1\n{MARKER},1,2\n"
    )
    (folder / "notes.txt").write_text(MARKER)

    found = preflight(home, settings, RUN, folder)
    problems = told(found)

    assert set(problems) == {"", "patients", "sessions", "assessments", "medications"}
    strange, unreadable = problems[""]
    assert "1 of 6 entries are not plain .csv" in strange
    assert "file 1 (episodes.csv)" in unreadable
    assert [line.split(":")[0] for line in problems["patients"]] == [
        "column 2 (Gender) is not in the contract It looks like sex",
        "column 3 is not in the contract Leave it out of the adapter, or of the extract.",
    ]
    missing, renamed, words, comma = problems["sessions"]
    assert missing.startswith("required column(s) missing: held_on")
    assert "It looks like held_on, as day.month.year" in renamed
    assert "3 distinct word(s). They look like attended (10 rows)" in words
    assert "did_not_attend (10 rows); 10 row(s) look like none" in words
    assert "Decimal commas" in comma
    assert "File 4 (in order of name) looks like it" in problems["assessments"][0]
    days, codes = problems["medications"]
    assert "day/month/year or month/day/year" in days
    assert "1 distinct word(s). Codes: dispensed, prescribed, reported." in codes
    everything = shown(found, show_all=True) + shown(found, as_json=True)
    assert MARKER not in everything + repr(found)
    assert not home.raw_file.exists()


@pytest.mark.parametrize(("broken", "would_load"), [(2, True), (3, False)])
def test_a_row_rule_refuses_only_above_its_share(
    home, clinic, settings, tmp_path, broken, would_load
):
    """Two of forty is the limit of five in a hundred; three is above it."""
    rows = [dict(row) for row in VISITS]
    for row in rows[:broken]:
        row["attendance"] = MARKER
    found = preflight(
        home, settings, RUN, deliver(tmp_path, {**BASE, "sessions": rows})
    )

    assert found.would_load is would_load
    assert MARKER not in shown(found, show_all=True)
    if would_load:
        (one,) = (warned for warned in found.warnings if warned.is_quarantine)
        assert (one.failed_count, one.tested_count) == (2, 40)
        assert "2 of 40 rows, attendance_is_a_known_code" in shown(found)
    else:
        (problem,) = found.problems
        assert "does not hold in 3 of 40 row(s)" in problem.what


def test_a_delivery_without_a_source_is_held_against_our_own_names(
    home, settings, tmp_path
):
    found = preflight(home, settings, RUN, deliver(tmp_path, BASE))

    assert (found.is_described, found.would_load) == (False, True)
    assert "would load once a source describes it" in shown(found)
    assert "outcomes source new NAME --from DELIVERY" in shown(found)


def test_a_semicolon_file_without_a_source_is_read_as_it_is_written(
    home, settings, tmp_path
):
    folder = deliver(tmp_path, BASE)
    for path in folder.iterdir():
        path.write_text(path.read_text().replace(",", ";"))

    assert preflight(home, settings, RUN, folder).would_load


def test_an_undated_delivery_is_looked_through_all_the_same(
    home, clinic, settings, tmp_path
):
    found = preflight(home, settings, RUN, deliver(tmp_path, BASE, name="november"))

    (problem,) = found.problems
    assert problem.what.startswith("the delivery does not say when it was extracted")
    assert [feed.row_count for feed in found.feeds] == [2, 8]


def test_what_needs_the_day_of_extraction_is_not_measured_without_one(
    home, clinic, settings, tmp_path
):
    """Nor is it told to be late, beside a delivery that has a day."""
    loaded = deliver(tmp_path, BASE)
    shutil.copytree(loaded, home.landing / "clinic" / loaded.name)
    assert ingest(home, settings, "load").loaded
    sent = deliver(tmp_path, {**BASE, "sessions": VISITS}, name="november")
    found = preflight(home, settings, RUN, sent)

    assert [one for one in found.warnings if "future" in one.check_id] == []
    assert not found.is_late


def test_an_identified_delivery_is_refused_and_its_rows_are_left_alone(
    home, clinic, settings, tmp_path
):
    rows = [{**row, "surname": MARKER} for row in FEEDS["patients"]]
    found = preflight(
        home, settings, RUN, deliver(tmp_path, {**FEEDS, "patients": rows})
    )

    assert "does not look de-identified" in found.problems[0].what
    assert found.warnings == ()
    assert MARKER not in shown(found, show_all=True)


def test_a_feed_that_was_sent_before_and_is_missing_now_is_named(
    home, clinic, settings, tmp_path
):
    folder = deliver(tmp_path, {**FEEDS, "sessions": VISITS})
    shutil.copytree(folder, home.landing / "clinic" / folder.name)
    assert ingest(home, settings, "load").loaded
    rest = {"patients": FEEDS["patients"], "assessments": FEEDS["assessments"]}
    found = preflight(home, settings, RUN, deliver(tmp_path, rest, name="2026-03-02"))

    assert set(told(found)) == {"episodes", "sessions"}
    assert {p.what for p in found.problems} == {
        "it was sent before, and is missing now"
    }


def test_sql_that_does_not_fit_is_a_fault_like_any_other(
    home, clinic, settings, tmp_path
):
    (home.sources / "clinic" / "patients.sql").write_text(
        "select pid as patient_id from delivery_csv('patients.csv')"
    )
    (home.sources / "clinic" / "episodes.sql").write_text("select 1; select 2")
    found = preflight(home, settings, RUN, deliver(tmp_path, FEEDS))

    problems = told(found)
    assert "does not fit its files" in problems["patients"][0]
    assert "must be exactly one SELECT" in problems["episodes"][0]
    assert "assessments" not in problems  # nothing is said of patients not read


def test_an_adapter_that_fails_on_a_row_is_named_without_the_value(
    home, clinic, settings, tmp_path
):
    (home.sources / "clinic" / "patients.sql").write_text(
        "select patient_id, cast(sex as integer) as birth_year "
        "from delivery_csv('patients.csv')"
    )
    rows = [{**row, "sex": MARKER} for row in FEEDS["patients"]]
    found = preflight(
        home, settings, RUN, deliver(tmp_path, {**BASE, "patients": rows})
    )

    (problem,) = found.problems
    assert (problem.feed, problem.what) == ("patients", "the adapter fails on its rows")
    assert MARKER not in shown(found, show_all=True)


def test_a_file_shorter_than_it_says_is_a_fault_and_is_still_read(
    home, clinic, settings, tmp_path
):
    manifest = {"files": {"patients.csv": {"rows": 3}}}
    found = preflight(home, settings, RUN, deliver(tmp_path, BASE, manifest=manifest))

    (problem,) = found.problems
    assert "holds 2 records, but delivery.json says 3" in problem.what
    assert [feed.name for feed in found.feeds] == ["patients", "assessments"]


def test_unknown_words_go_into_a_file_of_the_users_own_and_nowhere_else(
    home, clinic, settings, tmp_path
):
    rows = [{**row, "attendance": MARKER} for row in VISITS]
    folder = deliver(tmp_path, {**BASE, "sessions": rows})
    target = tmp_path / "words.csv"
    preflight(home, settings, RUN, folder, values_file=target)

    assert target.stat().st_mode & 0o077 == 0
    assert target.read_text().splitlines() == [
        "feed,column,value,rows",
        f"sessions,attendance,{MARKER},40",
    ]
    with pytest.raises(UsageError, match="Nothing was overwritten"):
        preflight(home, settings, RUN, folder, values_file=target)


def test_a_long_list_is_cut_until_all_of_it_is_asked_for():
    problems = tuple(Problem(f"fault {n}") for n in range(SCREEN_LINES + 2))
    found = Preflight("clinic", True, (), (), problems, (), find_gaps(set()))

    assert "and 2 more: --all" in shown(found)
    assert f"fault {SCREEN_LINES + 1}" in shown(found, show_all=True)
    assert f"fault {SCREEN_LINES - 1}" in shown(found)
    assert f"fault {SCREEN_LINES}" not in shown(found)


def test_of_what_follows_a_long_list_the_first_is_shown_all_the_same():
    problems = tuple(Problem(f"fault {n}", "", "Mend it.") for n in range(20))
    changes = tuple(f"change {n}" for n in range(20))
    gaps = find_gaps(set())
    found = Preflight("clinic", True, (), (), problems, (), gaps, changes=changes)

    told = shown(found)
    assert told.count("Mend it.") == 1  # under the first of those that share it
    assert told.count("  - fault") == SCREEN_LINES - 1
    assert told.count("  - change") == SHORT_LIST
    assert "and 18 more: --all" in told
    assert shown(found, show_all=True).count("  - ") == 40


def test_days_that_are_right_but_for_a_few_are_not_told_to_be_in_another_form(
    home, clinic, settings, tmp_path
):
    rows = [
        {**FEEDS["assessments"][0], "assessment_id": f"a{n}", "completed_on": day}
        for n, day in enumerate(["2026-01-05"] * 19 + ["soon"])
    ]
    sent = deliver(tmp_path, {**BASE, "assessments": rows})
    found = preflight(home, settings, RUN, sent)
    (about_days,) = [one for one in found.warnings if "is_a_date" in one.check_id]

    assert about_days.failed_count == 1
    assert about_days.hint == ""


def test_what_is_not_sent_leaves_its_questions_and_columns_unmeasured():
    everything = {"patients", "episodes", "sessions", "assessments", "medications"}
    without = find_gaps(everything - {"medications"})
    gone = {gap.question_id for gap in without.questions}

    assert "Q3" in gone - {gap.question_id for gap in find_gaps(everything).questions}
    assert ("fct_episodes", "medication_group") in {
        (gap.table_name, gap.column_name)
        for gap in without.columns
        if "medications" in gap.missing
    }


def test_sessions_stand_in_for_episodes_that_are_not_sent():
    """They are derived from sessions then, so that their questions are measured."""
    without = find_gaps({"patients", "sessions", "assessments"})
    neither = find_gaps({"patients", "assessments"})

    assert "Q1" not in {gap.question_id for gap in without.questions}
    assert ("Q1", ("episodes|sessions",)) in {
        (gap.question_id, gap.missing) for gap in neither.questions
    }


def test_wrong_use_is_a_message_about_what_to_type(home, settings, tmp_path):
    add_clinic(home, "full")
    folder = deliver(tmp_path, FEEDS)

    with pytest.raises(UsageError, match="no such delivery folder"):
        preflight(home, settings, RUN, tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"There is no source other\. Known: clinic"):
        preflight(home, settings, RUN, folder, "other")


@pytest.mark.parametrize("source", ["clinic", "of_nobody"])
def test_a_name_that_is_not_in_utf_8_is_told_as_such(
    home, clinic, settings, tmp_path, source
):
    folder = write_delivery(tmp_path / source / "2026-03-01", FEEDS)
    (folder / "caf\udce9.csv").write_text("site_id\ns1\n")
    with pytest.raises(DeliveryRefusedError, match="which is in UTF-8"):
        preflight(home, settings, RUN, folder)
