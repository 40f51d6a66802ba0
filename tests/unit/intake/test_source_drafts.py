"""What a drafted source holds, asks and may never hold."""

import csv
from pathlib import Path

import duckdb
import pytest
from support import MARKER

from pipelines.errors import DeliveryRefusedError, UsageError
from pipelines.intake.draft import expressions
from pipelines.intake.draft.source import draft_source
from pipelines.intake.preflight.run import preflight
from pipelines.intake.sources import load_source


def visits(folder: Path, statuses: list[str], header="Visit Status", **more) -> Path:
    """A file of visits, one per status."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "visits.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Visit ID", "Patient Key", "Visit Date", header, *more])
        for n, status in enumerate(statuses):
            day = f"2026-01-{1 + n % 28:02}"
            writer.writerow([f"v{n}", f"k{n % 30}", day, status, *more.values()])
    return folder


def drafted(home, name="clinic") -> str:
    return "".join(
        path.read_text(encoding="utf-8") for path in (home.sources / name).iterdir()
    )


FEWEST = expressions.FEWEST_ROWS
LONGEST = expressions.LONGEST_WORD
MANY = [f"w{n:02}" for n in range(expressions.MAXIMUM_WORDS - 1)]  # and "Completed"


@pytest.mark.parametrize(
    ("statuses", "word", "is_written"),
    [
        (["secret4242"] * FEWEST, "secret4242", True),
        (["secret4242"] * (FEWEST - 1), "secret4242", False),
        (["x" * LONGEST] * FEWEST, "x" * LONGEST, True),
        (["x" * (LONGEST + 1)] * FEWEST, "x" * LONGEST, False),
        (["a\nselect 1"] * FEWEST, "select 1", False),
        (["a'quote"] * FEWEST, "quote", False),
        (MANY * FEWEST, "w00", True),
        ([*MANY, "w99"] * FEWEST, "w00", False),
    ],
    ids=["eleven rows", "ten rows", "24 letters", "25 letters", "a line end", "a quote",
         "30 words", "31 words"],
)  # fmt: skip
def test_a_word_is_drafted_only_where_it_cannot_be_about_one_person(
    home, settings, tmp_path, statuses, word, is_written
):
    folder = visits(tmp_path / "2026-01-31", ["Completed", *statuses])
    draft_source(home, settings, "clinic", folder)

    assert (word in drafted(home)) is is_written
    assert "decide: " in drafted(home)


def test_no_word_of_a_column_that_is_not_recognised_is_drafted(
    home, settings, tmp_path
):
    folder = visits(tmp_path / "2026-01-31", ["Completed"] * 40, Shoe=MARKER)
    found = draft_source(home, settings, "clinic", folder)

    assert MARKER not in drafted(home)
    assert MARKER not in repr(found)
    (left_out,) = found.left_out
    assert left_out.columns == ("number 5",)  # Shoe is no word of ours


def test_a_draft_can_be_read_by_its_owner_only(home, settings, tmp_path):
    folder = visits(tmp_path / "2026-01-31", ["Completed"] * 3)
    draft_source(home, settings, "clinic", folder)

    modes = {p.stat().st_mode & 0o077 for p in (home.sources / "clinic").iterdir()}
    assert modes == {0}


def test_a_header_cannot_break_out_of_the_drafted_sql(home, settings, tmp_path):
    header = 'Visit Status" from x; --'
    folder = visits(tmp_path / "2026-01-31", ["Completed"] * 3, **{'a" b: [': "1"})
    (folder / "odd.csv").write_text(
        '"PatientKey","' + header.replace('"', '""') + '"\nk1,2\n'
    )
    draft_source(home, settings, "clinic", folder)

    # every drafted query has been run once, to count its keys
    assert load_source(home.sources / "clinic").name == "clinic"


def test_a_typed_parquet_file_is_drafted_and_runs(home, settings, tmp_path):
    folder = tmp_path / "2026-01-31"
    folder.mkdir()
    with duckdb.connect() as con:
        con.execute(
            "copy (select 'v' || i as visit_id, i % 9 as patient_key, "
            "date '2026-01-05' as visit_date, i % 2 = 0 as visit_status, "
            f"7 as phq9_total from range(40) as r(i)) to '{folder}/visits.parquet'"
        )
    found = draft_source(home, settings, "clinic", folder)

    assert {feed.name for feed in found.feeds} == {
        "patients",
        "sessions",
        "assessments",
    }
    assert "columns(*)::varchar from delivery_parquet('visits.parquet')" in drafted(
        home
    )


def test_an_ambiguous_day_is_named_and_left_to_a_person(home, settings, tmp_path):
    folder = visits(tmp_path / "2026-01-31", ["Completed"])
    (folder / "rx_fills.csv").write_text(
        "Claim ID,Patient Key,Drug Name,Fill Date\nc1,k0,Sertraline,03/04/2026\n"
    )
    found = draft_source(home, settings, "clinic", folder)

    assert "-- decide: day/month/year or month/day/year?" in drafted(home)
    assert {feed.name: feed.decisions for feed in found.feeds}["medications"] == 1


@pytest.mark.parametrize(
    ("more", "kind", "is_told_why"),
    [({"PHQ9 Total": "7"}, "full", False), ({}, "increment", True)],
)
def test_the_kind_is_asked_in_plain_words(
    home, settings, tmp_path, more, kind, is_told_why
):
    folder = visits(tmp_path / "2026-01-31", ["Completed"] * 3, **more)
    draft_source(home, settings, "clinic", folder)
    described = (home.sources / "clinic" / "source.yml").read_text()

    assert (
        f"kind: {kind} # decide: does each delivery hold everything (full: what is not "
        "sent again no longer counts) or only what is new (increment)?\n" in described
    )
    assert ("A full source must send patients and assessments" in described) is (
        is_told_why
    )


def test_a_dose_is_offered_and_not_taken_for_that_of_a_day(home, settings, tmp_path):
    folder = visits(tmp_path / "2026-01-31", ["Completed"])
    (folder / "rx_fills.csv").write_text(
        "Claim ID,Patient Key,MED_NAME,DOSE_MG,Fill Date\n"
        "c1,k0,Sertraline,50,2026-01-15\n"
    )
    draft_source(home, settings, "clinic", folder)

    assert "-- decide: is this the daily dose?" in drafted(home)
    assert """regexp_extract("DOSE_MG", '[0-9.]+') as double) as daily_dose_mg""" in (
        drafted(home)
    )


def test_ids_that_clash_are_told_before_the_delivery_is_refused(
    home, settings, tmp_path
):
    folder = visits(tmp_path / "2026-01-31", ["Completed"])
    (folder / "members.csv").write_text("Member ID,Sex\nk0,F\nk0,M\n")
    draft_source(home, settings, "clinic", folder)

    assert "1 patient_id(s) have rows that differ" in drafted(home)


def test_a_value_that_cannot_be_read_is_kept_to_be_counted(home, settings, tmp_path):
    """A drafted cast that gave null would lose the value without a word."""
    folder = visits(tmp_path / "2026-01-31", ["Completed"] * 40)
    lines = (folder / "visits.csv").read_text().replace("2026-01-", "5/1/20")
    (folder / "visits.csv").write_text(lines.replace("5/1/2001,", "soon,", 1))
    draft_source(home, settings, "clinic", folder)
    (home.sources / "clinic" / "source.yml").write_text(
        (home.sources / "clinic" / "source.yml")
        .read_text()
        .replace("full", "increment")
    )

    found = preflight(home, settings, "check", folder, "clinic")

    quarantined = [one for one in found.warnings if one.is_quarantine]
    assert [(one.check_id, one.failed_count) for one in quarantined] == [
        ("held_on_is_a_date", 1)
    ]


REFUSED = {
    "a name with capitals": ("North Clinic", "lower snake case"),
    "a name that leads elsewhere": ("../clinic", "lower snake case"),
    "a name that is taken": ("taken", "There is a source taken already"),
}


@pytest.mark.parametrize(("name", "told"), REFUSED.values(), ids=REFUSED)
def test_a_draft_never_overwrites_and_takes_a_plain_name(
    home, settings, tmp_path, name, told
):
    kept = home.sources / "taken" / "source.yml"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")
    folder = visits(tmp_path / "2026-01-31", ["Completed"])

    with pytest.raises(UsageError, match=told):
        draft_source(home, settings, name, folder)
    assert kept.read_text() == "mine"
    assert [path.name for path in home.sources.iterdir()] == ["taken"]


def test_what_cannot_be_drafted_is_refused_and_leaves_nothing(home, settings, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "sheet.xlsx").write_text("x")
    unknown = tmp_path / "unknown"
    unknown.mkdir()
    (unknown / "a.csv").write_text("shoe,size\n1,2\n")

    for folder, told in (
        (tmp_path / "nowhere", "no such delivery folder"),
        (empty, "no .csv, .csv.gz or .parquet file"),
        (unknown, "seems to hold a feed"),
    ):
        with pytest.raises(UsageError, match=told):
            draft_source(home, settings, "clinic", folder)
    left = [*home.sources.glob("*"), *home.scratch.glob("*")]
    assert left == []


def test_no_draft_is_made_from_files_that_look_identified(home, settings, tmp_path):
    folder = visits(tmp_path / "2026-01-31", ["Completed"] * 3, surname=MARKER)

    with pytest.raises(DeliveryRefusedError, match="does not look de-identified") as no:
        draft_source(home, settings, "clinic", folder)
    assert MARKER not in str(no.value)
    assert not (home.sources / "clinic").exists()


def test_a_file_that_breaks_off_is_refused_by_its_position(home, settings, tmp_path):
    folder = visits(tmp_path / "2026-01-31", ["Completed"] * 3)
    with (folder / "visits.csv").open("a") as file:
        file.write(f"{MARKER},2,3,4,5,6\n")

    with pytest.raises(DeliveryRefusedError, match="file 1") as no:
        draft_source(home, settings, "clinic", folder)
    assert MARKER not in str(no.value)
