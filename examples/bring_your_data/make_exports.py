"""Make three exports in other systems' shapes. Every person in them is made up.

    python examples/bring_your_data/make_exports.py FOLDER

The same seed gives the same bytes. `ehr_visits` lies beside this file, for
docs/bring_your_data.md; the tests make all three and compare.
"""

import csv
import random
import sys
from datetime import date, timedelta
from pathlib import Path

SEED = 20261130
PEOPLE = 40
"""Made-up people in each export: enough that each code stands in many rows."""

FIRST_DAY = date(2026, 1, 5)


def write_ehr_visits(folder: Path) -> Path:
    """Write one wide spreadsheet: a row per visit, scores at several dates in columns."""
    draw = random.Random(SEED)
    items = [f"PHQ9_q{n}" for n in range(1, 10)]
    header = [
        "Encounter ID", "Patient Key", "Year of Birth", "Gender", "Provider ID",
        "Provider Type", "Visit Date", "Visit Status", "Visit Mode", "Therapy Type",
        "Visit Minutes", *items, "PHQ9_Total", "GAD7 Total", "PHQ9_Intake_Date",
        "PHQ9_Intake_Total", "PHQ9_M6_Date", "PHQ9_M6_Total", "Billing Class",
    ]  # fmt: skip
    rows = []
    for person in range(1, PEOPLE + 1):
        start = FIRST_DAY + timedelta(days=draw.randrange(90))
        level = draw.randrange(8, 22)
        about = [f"k{person:04}", 1950 + draw.randrange(55), draw.choice("FM")]
        intake = [_us(start - timedelta(days=7)), level]
        later = [_us(start + timedelta(days=182)), max(0, level - draw.randrange(12))]
        provider = draw.randrange(1, 7)
        for visit in range(draw.randrange(4, 9)):
            status = draw.choices(
                ["Completed", "No Show", "Canceled by Patient", "Left Early"],
                [75, 10, 8, 7],
            )[0]
            answers = [""] * 11
            if status == "Completed":
                points = [draw.choice((0, 1, 1, 2, 2, 3)) for _ in items]
                answers = [*points, sum(points), draw.randrange(0, 18)]
            rows.append(
                [
                    f"v{person:04}{visit:02}", *about, f"c{provider}",
                    ("LCSW", "PsyD", "PhD", "LMFT", "LMFT", "LPC")[provider - 1],
                    _us(start + timedelta(days=7 * visit)), status,
                    draw.choice(("Office", "Video Visit", "Telephone")),
                    ("CBT", "CBT", "IPT")[provider % 3], draw.choice((30, 45, 50)),
                    *answers, *intake, *later, draw.choice(("A1", "A2")),
                ]
            )  # fmt: skip
    return _write(folder / "visits.csv", header, rows)


def write_pharmacy_claims(folder: Path) -> Path:
    """Write a pharmacy's members and fills, without scores."""
    draw = random.Random(SEED + 1)
    drugs = (
        ("SERTRALINE HCL", 50), ("ESCITALOPRAM OXALATE", 10), ("BUPROPION XL", 150),
        ("LISINOPRIL", 20),
    )  # fmt: skip
    members, fills = [], []
    for person in range(1, PEOPLE + 1):
        member = f"m{person:05}"
        members.append(
            [member, 1950 + draw.randrange(55), draw.choice("FM"), "PPO", "20250101",
             "20261231"]
        )  # fmt: skip
        drug, strength = draw.choice(drugs)
        filled = FIRST_DAY + timedelta(days=draw.randrange(60))
        for fill in range(draw.randrange(1, 7)):
            days = draw.choice((30, 30, 90))
            fills.append(
                [f"r{person:05}{fill}", member, f"{filled:%Y%m%d}",
                 f"{drug} {strength} MG TAB", f"{strength} MG", days, days]
            )  # fmt: skip
            filled += timedelta(days=days + draw.randrange(5))
    _write(
        folder / "members.csv",
        ["MEMBER_ID", "YOB", "SEX_CODE", "PLAN_TYPE", "ELIG_START", "ELIG_END"],
        members,
    )
    return _write(
        folder / "rx_fills.csv",
        ["CLAIM_ID", "MEMBER_ID", "FILL_DATE", "DRUG_NAME", "STRENGTH", "QUANTITY",
         "DAYS_SUPPLY"],
        fills,
    )  # fmt: skip


def write_german_clinic(folder: Path) -> Path:
    """Write semicolons, decimal commas, Latin-1 and days as dd.mm.yyyy."""
    draw = random.Random(SEED + 2)
    people, sessions, scores = [], [], []
    for person in range(1, PEOPLE + 1):
        key = f"p{person:03}"
        sex = draw.choice(("weiblich", "männlich"))
        people.append([key, 1950 + draw.randrange(55), sex, "Thüringen"])
        start = FIRST_DAY + timedelta(days=draw.randrange(90))
        for visit in range(draw.randrange(4, 9)):
            day = f"{start + timedelta(days=7 * visit):%d.%m.%Y}"
            status = draw.choices(
                ["erschienen", "nicht erschienen", "vom Patienten abgesagt",
                 "verschoben"], [76, 8, 8, 8],
            )[0]  # fmt: skip
            done = f"{draw.randrange(0, 201) / 2:.1f}".replace(".", ",")
            sessions.append(
                [f"t{person:03}{visit:02}", key, day, status, 50,
                 draw.choice(("Einzel", "Gruppe")), done]
            )  # fmt: skip
            if status == "erschienen":
                scores.append(
                    [f"f{person:03}{visit:02}", key, draw.choice(("PHQ-9", "BDI-II")),
                     day, draw.randrange(0, 27)]
                )  # fmt: skip
    german = {"delimiter": ";", "encoding": "latin-1"}
    _write(
        folder / "patienten.csv",
        ["Patienten-ID", "Geburtsjahr", "Geschlecht", "Bundesland"],
        people,
        **german,
    )
    _write(
        folder / "sitzungen.csv",
        ["Termin-ID", "Patienten-ID", "Termindatum", "Termin-Status", "Dauer",
         "Behandlungsform", "Hausaufgaben Prozent"],
        sessions,
        **german,
    )  # fmt: skip
    return _write(
        folder / "frageboegen.csv",
        ["Fragebogen-ID", "Patienten-ID", "Fragebogen", "Ausgefüllt am", "Summenwert"],
        scores,
        **german,
    )


EXPORTS = {
    "ehr_visits": write_ehr_visits,
    "pharmacy_claims": write_pharmacy_claims,
    "german_clinic": write_german_clinic,
}
"""Each export by the name of its folder."""

EXTRACTED_ON = "2026-10-31"
"""Name of each delivery's folder: the day on which it was extracted."""


def _us(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _write(
    path: Path,
    header: list[str],
    rows: list[list],
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


if __name__ == "__main__":
    for name, write in EXPORTS.items():
        write(Path(sys.argv[1]) / name / EXTRACTED_ON)
