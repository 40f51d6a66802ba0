"""The small language of the case book: cells to rows of the input contract's feeds.

Days are whole numbers from day 0; entries of a cell stand between commas.

    sessions      days 0 7 14, missed day 21, days 28 to 70 every 7, follow_up day 130
    phq9, gad7    18 on day -3, 9 on day 49, 3 3 2 ? 1 1 0 0 0 on day 60
    other_scores  bdi_ii 20 on day -3, isi 15 on day 0
    medication    sertraline 50mg days 0 28 56 for 28, citalopram prescribed day 5 for 30
    diagnoses     F32.1 day -100, F31.1 day 5 inactive
    episode       referred -20 started 0 ended 100 end_reason completed
    patient       born 1980 died 120 observed_from -400

A word that is not known is an error that says where it stands.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from casebook.book import Case

from pipelines.intake.contract import instrument_ranges
from pipelines.intake.feeds import FEEDS, MODALITIES

Row = dict[str, Any]

DAY_0 = date(2020, 1, 1)
DATA_TO = 2000
ATTENDANCE = {
    "missed": "did_not_attend",
    "cancelled_late": "cancelled_late_by_patient",
    "cancelled": "cancelled_by_patient",
    "cancelled_by_service": "cancelled_by_service",
}
SESSION_TYPES = {
    "assessment": "assessment",
    "treatment": "treatment",
    "follow_up": "follow_up",
    "untyped": None,
}
BARE = {
    **{word: ("attendance", code) for word, code in ATTENDANCE.items()},
    **{word: ("session_type", code) for word, code in SESSION_TYPES.items()},
    **{word: ("modality", word) for word in MODALITIES},
    **{f: ("format", f) for f in ("individual", "couple", "family", "group")},
    **{m: ("delivery_mode", m) for m in ("in_person", "video", "phone", "online")},
}
REASONS = ("session", "scheduled_follow_up", "return")
RECORD_TYPES = ("dispensed", "prescribed", "reported")
EPISODE_DAYS = {"referred": "referred_on", "started": "started_on", "ended": "ended_on"}
PATIENT_DAYS = {
    "died": "died_on",
    "observed_from": "observed_from",
    "observed_to": "observed_to",
}
WHOLE = re.compile(r"-?\d+")
DOSE = re.compile(r"(\d+(?:\.\d+)?)mg")


def on(day: int) -> date:
    return DAY_0 + timedelta(days=day)


def day_of(value: date) -> int:
    return (value - DAY_0).days


def data_to(case: Case) -> int:
    text = case.cells["data_to"]
    return _whole(case, "data_to", text) if text else DATA_TO


def rows(case: Case) -> dict[str, list[Row]]:
    """Return a case's rows by feed, without the keys of source and load."""
    patient_id = f"{case.name}:p"
    feeds: dict[str, list[Row]] = {
        "patients": [_patient(case)],
        "episodes": list(_episodes(case)),
        "sessions": list(_sessions(case)),
        "assessments": list(_assessments(case)),
        "medications": list(_medications(case)),
        "diagnoses": list(_diagnoses(case)),
    }
    for feed, found in feeds.items():
        key = FEEDS[feed].columns[0].name
        for number, row in enumerate(found, start=1):
            row["patient_id"] = patient_id
            if key != "patient_id":
                row[key] = f"{case.name}:{feed[0]}{number:03d}"
    return feeds


def _patient(case: Case) -> Row:
    row: Row = {}
    for word, value in _pairs(case, "patient", case.cells["patient"]):
        if word in PATIENT_DAYS:
            row[PATIENT_DAYS[word]] = on(_whole(case, "patient", value))
        elif word == "born":
            row["birth_year"] = _whole(case, "patient", value)
        elif word in ("sex", "index_year"):
            row[word] = value
        else:
            raise _unknown(case, "patient", word)
    return row


def _episodes(case: Case) -> Iterator[Row]:
    columns = {column.name: column for column in FEEDS["episodes"].columns}
    for entry in case.entries("episode"):
        row: Row = {}
        for word, value in _pairs(case, "episode", entry):
            if word in EPISODE_DAYS:
                row[EPISODE_DAYS[word]] = on(_whole(case, "episode", value))
            elif word in columns:
                codes = columns[word].codes
                if codes and value not in codes:
                    raise _unknown(case, "episode", value)
                row[word] = value
            else:
                raise _unknown(case, "episode", word)
        yield row


def _sessions(case: Case) -> Iterator[Row]:
    recorded = len(case.entries("episode"))
    for entry in case.entries("sessions"):
        row: Row = {"attendance": "attended", "session_type": "treatment"}
        episode = "1" if recorded == 1 else None
        left = []
        for word in entry.split():
            name, _, value = word.partition("=")
            if word in BARE:
                column, code = BARE[word]
                row[column] = code
            elif name == "people":
                row["participants_count"] = _whole(case, "sessions", value)
            elif name in ("clinician", "site"):
                row[f"{name}_id"] = f"{case.name}:{value}"
            elif name == "episode" and value.isdigit():
                episode = value
            else:
                left.append(word)
        if recorded > 1 and episode is None:
            raise case.error(f"sessions: say `episode=1` or the like in {entry!r}")
        if episode is not None:
            row["episode_id"] = _episode_id(case, episode)
        for day in _days(case, "sessions", left):
            yield {**row, "held_on": on(day)}


def _assessments(case: Case) -> Iterator[Row]:
    for column in ("phq9", "gad7"):
        for entry in case.entries(column):
            yield from _scores(case, column, column, entry)
    for entry in case.entries("other_scores"):
        instrument, _, rest = entry.partition(" ")
        if instrument not in instrument_ranges():
            raise _unknown(case, "other_scores", instrument)
        yield from _scores(case, "other_scores", instrument, rest)


def _scores(case: Case, column: str, instrument: str, entry: str) -> Iterator[Row]:
    """Read `18 on day -3`, `3 3 ? 1 on day 0` or `14 with 3 3 2 on day 0 return`."""
    points, between, when = entry.partition(" on ")
    if not between:
        raise case.error(f"{column}: {entry!r} lacks `on day ...`")
    row: Row = {"instrument": instrument}
    total, between, answers = points.rpartition(" with ")
    answered = (answers if between else points).split()
    if between or len(answered) > 1:
        for number, answer in enumerate(answered, start=1):
            if answer != "?":
                row[f"item_{number}"] = _whole(case, column, answer)
    else:
        total = points
    if total:
        row["total_points"] = _whole(case, column, total)
    days = []
    for word in when.split():
        if word in REASONS:
            row["collection_reason"] = word
        elif word.startswith("episode="):
            row["episode_id"] = _episode_id(case, word.partition("=")[2])
        else:
            days.append(word)
    for day in _days(case, column, days):
        yield {**row, "completed_on": on(day)}


def _medications(case: Case) -> Iterator[Row]:
    for entry in case.entries("medication"):
        ingredient, *words = entry.split()
        row: Row = {"ingredient": ingredient, "record_type": "dispensed"}
        left: list[str] = []
        is_bounded = False
        while words:
            word = words.pop(0)
            if dose := DOSE.fullmatch(word):
                row["daily_dose_mg"] = dose[1]
            elif word in RECORD_TYPES:
                row["record_type"] = word
            elif word in ("for", "until") and words:
                number, is_bounded = _whole(case, "medication", words.pop(0)), True
                if word == "for":
                    row["days_supply"] = number
                else:
                    row["ended_on"] = on(number)
            elif word in ("in_use_at_start", "not_in_use_at_start"):
                row["is_in_use_at_index"] = word == "in_use_at_start"
            elif word == "open":
                is_bounded = True
            else:
                left.append(word)
        if not left and "is_in_use_at_index" in row:
            yield row
            continue
        if not is_bounded:
            raise case.error(
                f"medication: say `for` days, `until` a day or `open` in {entry!r}"
            )
        for day in _days(case, "medication", left):
            yield {**row, "started_on": on(day)}


def _diagnoses(case: Case) -> Iterator[Row]:
    for entry in case.entries("diagnoses"):
        code, *words = entry.split()
        row: Row = {"code": code}
        for word in ("active", "inactive"):
            if word in words:
                words.remove(word)
                row["is_active"] = word == "active"
        for day in _days(case, "diagnoses", words):
            yield {**row, "recorded_on": on(day)}


def _episode_id(case: Case, number: str) -> str:
    if not number.isdigit() or not 0 < int(number) <= len(case.entries("episode")):
        raise case.error(f"there is no recorded episode {number}")
    return f"{case.name}:e{int(number):03d}"


def _pairs(case: Case, column: str, text: str) -> Iterator[tuple[str, str]]:
    words = text.split()
    if len(words) % 2:
        raise case.error(f"{column}: {text!r} is not made of pairs of name and value")
    return zip(words[::2], words[1::2], strict=True)


def _days(case: Case, column: str, words: list[str]) -> list[int]:
    """Read `days 0 7 14` and `days 0 to 70 every 7`; the word itself may be left out."""
    left = [word for word in words if word not in ("day", "days")]
    if len(left) == 5 and (left[1], left[3]) == ("to", "every"):
        first, last, step = (_whole(case, column, left[n]) for n in (0, 2, 4))
        days = list(range(first, last + 1, step)) if step > 0 else []
        if not days or days[-1] != last:
            raise case.error(f"{column}: `{' '.join(left)}` does not reach day {last}")
        return days
    if not left:
        raise case.error(f"{column}: a day is missing")
    return [_whole(case, column, word) for word in left]


def _whole(case: Case, column: str, text: str) -> int:
    if not WHOLE.fullmatch(text):
        raise _unknown(case, column, text)
    return int(text)


def _unknown(case: Case, column: str, word: str) -> Exception:
    return case.error(f"{column}: {word!r} is not understood")
