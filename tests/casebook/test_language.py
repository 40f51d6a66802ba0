"""What a cell of the case book means, and what is said of one that means nothing."""

import re

import pytest
from casebook import answers, book, language, raw_file, thresholds

from pipelines.checks import casebook
from pipelines.settings import PROJECT_ROOT


def a_case(**cells: str) -> book.Case:
    given = {"case": "made_up", "story": "A story.", "expected": "episodes=1", **cells}
    return book.Case("topic", 7, {name: given.get(name, "") for name in book.COLUMNS})


def write(folder, *rows: str, columns=book.COLUMNS):
    text = "\n".join([",".join(columns), *rows])
    (folder / "topic.csv").write_text(text, encoding="utf-8")
    return folder


def days(case: book.Case, feed: str, column: str) -> list[int]:
    return [language.day_of(row[column]) for row in language.rows(case)[feed]]


def test_sessions_with_their_words():
    case = a_case(
        sessions="days 0 7, missed day 21, cbt group people=3 days 28 to 42 every 7"
    )
    rows = language.rows(case)["sessions"]

    assert days(case, "sessions", "held_on") == [0, 7, 21, 28, 35, 42]
    assert [row["attendance"] for row in rows[:3]] == [
        "attended",
        "attended",
        "did_not_attend",
    ]
    assert (rows[3]["modality"], rows[3]["format"]) == ("cbt", "group")
    assert rows[3]["participants_count"] == 3
    assert rows[0]["session_type"] == "treatment"
    assert (
        language.rows(a_case(sessions="untyped day 0"))["sessions"][0]["session_type"]
        is None
    )


def test_scores_as_totals_and_as_answers():
    case = a_case(
        phq9="18 on day -3, 3 ? 2 on day 0, 14 with 2 2 on day 9 return, 5 on days 20 30"
    )
    first, second, third, *last = language.rows(case)["assessments"]

    assert first["total_points"] == 18
    assert {k: v for k, v in second.items() if k.startswith("item")} == {
        "item_1": 3,
        "item_3": 2,
    }
    assert "total_points" not in second
    assert (third["total_points"], third["item_2"]) == (14, 2)
    assert third["collection_reason"] == "return"
    assert days(case, "assessments", "completed_on") == [-3, 0, 9, 20, 30]
    assert [row["total_points"] for row in last] == [5, 5]


def test_medication_with_dose_supply_and_end():
    case = a_case(
        medication="sertraline 50mg days 0 28 for 28, citalopram reported day 5 until 9, "
        "lithium prescribed day 3 open, sertraline in_use_at_start"
    )
    first, _, third, fourth, fifth = language.rows(case)["medications"]

    assert (first["daily_dose_mg"], first["days_supply"]) == ("50", 28)
    assert first["record_type"] == "dispensed"
    assert language.day_of(third["ended_on"]) == 9
    assert "ended_on" not in fourth
    assert "days_supply" not in fourth
    assert fifth["is_in_use_at_index"] is True
    assert "started_on" not in fifth


def test_sessions_belong_to_the_recorded_episode():
    one = a_case(episode="started 0 ended 9", sessions="day 0")
    two = a_case(episode="started 0, started 50", sessions="episode=2 day 50")

    assert language.rows(one)["sessions"][0]["episode_id"] == "made_up:e001"
    assert language.rows(two)["sessions"][0]["episode_id"] == "made_up:e002"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"sessions": "days 0 7, mised day 14"}, "sessions: 'mised' is not understood"),
        ({"sessions": "days 0 to 20 every 7"}, "does not reach day 20"),
        ({"sessions": "missed"}, "sessions: a day is missing"),
        ({"phq9": "18 day 0"}, "phq9: '18 day 0' lacks `on day ...`"),
        ({"phq9": "18.5 on day 0"}, "phq9: '18.5' is not understood"),
        ({"other_scores": "bdi2 18 on day 0"}, "other_scores: 'bdi2' is not"),
        ({"medication": "sertraline day 0"}, "say `for` days, `until` a day or `open`"),
        ({"medication": "sertraline day 0 fro 28 open"}, "'fro' is not understood"),
        ({"episode": "started 0 end_reason compleeted"}, "'compleeted' is not"),
        ({"episode": "started"}, "not made of pairs"),
        ({"episode": "started 0, started 9", "sessions": "day 0"}, "say `episode=1`"),
        ({"patient": "borne 1980"}, "patient: 'borne' is not understood"),
        ({"diagnoses": "F32 day x"}, "diagnoses: 'x' is not understood"),
    ],
)
def test_a_spelling_error_is_told_with_its_place(cells, said):
    with pytest.raises(book.BookError, match=re.escape(said)) as error:
        language.rows(a_case(**cells))

    assert str(error.value).startswith("topic.csv, line 7 (made_up): ")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('one,"A story.",,,,,,,,-3=18,,,,,episodes=1', "phq9 begins with -"),
        ("one,A story.,,,,,,,1/2,,,,,,episodes=1", "may take '1/2' for a date"),
        ("one,,,,,,,,,,,,,,episodes=1", "story is empty"),
        ("One case,A story.,,,,,,,,,,,,,episodes=1", "small letters"),
        ("one,A story.,,", "another number of cells"),
    ],
)
def test_a_row_that_cannot_stand(tmp_path, row, said):
    with pytest.raises(book.BookError, match=re.escape(said)):
        book.read(write(tmp_path, row))


def test_two_stories_of_one_name(tmp_path):
    row = "one,A story.,,,,,,,,,,,,,episodes=1"

    assert len(book.read(write(tmp_path, row))) == 1
    (tmp_path / "twice").mkdir()
    with pytest.raises(book.BookError, match="has a case of that name"):
        book.read(write(tmp_path / "twice", row, row))


def test_other_columns(tmp_path):
    with pytest.raises(book.BookError, match="the columns must be case, story"):
        book.read(write(tmp_path, columns=("case", "tale")))


def test_an_unknown_setting_and_an_unknown_threshold():
    with pytest.raises(book.BookError, match="setting: 'no_session' is none of"):
        raw_file.settings(a_case(setting="no_session"))
    with pytest.raises(book.BookError, match="no seed has 'episode_gap'"):
        thresholds.told([a_case(thresholds="episode_gap:at")])
    with pytest.raises(book.BookError, match="must end in below, at, above"):
        thresholds.told([a_case(thresholds="episode_gap_days:on")])


def test_expected_flags():
    case = a_case(expected="episodes=2; episode1.is_finished=true;")

    assert [(e.path, e.value) for e in answers.expectations(case)] == [
        ("episodes", "2"),
        ("episode1.is_finished", "true"),
    ]
    with pytest.raises(book.BookError, match="not of the form flag=value"):
        answers.expectations(a_case(expected="episodes 2"))


def test_the_page_is_written_from_the_files_as_they_are():
    page = (PROJECT_ROOT / "docs" / "casebook.md").read_text(encoding="utf-8")

    assert page == casebook.render(), "run: make docs"


def test_the_pages_examples_can_be_read():
    """The header's table of examples is the language, not a memory of it."""
    rows = re.findall(r"^\| (`[^|]+) \| ([^|]+) \|$", casebook.HEADER, re.MULTILINE)
    examples = {
        column: re.sub(r" \([^)]*\)", "", text).strip()
        for columns, text in rows
        for column in re.findall(r"`(\w+)`", columns)
    }
    assert set(examples) == set(casebook.RECORDS) | {"expected"}
    examples["episode"] = examples["episode"].partition(";")[0]
    examples["setting"] = examples["setting"].replace(",", "")
    case = a_case(**examples)

    assert all(language.rows(case).values())
    assert raw_file.settings(case) == list(raw_file.SETTINGS)
    assert answers.expectations(case)
    assert language.DATA_TO == casebook.DATA_TO
