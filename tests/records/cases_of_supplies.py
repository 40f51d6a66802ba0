"""Rows of medications on both sides of each check."""

from datetime import date

from records.judging import Case, days


def drugs(check_id: str, doubted: tuple[str, ...], *rows: dict, **more) -> Case:
    return Case("medications", check_id, doubted, {"medications": list(rows), **more})


def drug(name: str, on: date = date(2024, 3, 1), **more) -> dict:
    return {"medication_id": name, "started_on": on, **more}


def fills(name: str, *supplies: int, every: int = 1, **more) -> list[dict]:
    """Fills of one patient, so many days apart."""
    first_days = days(len(supplies), step=every)
    return [
        drug(f"{name}{n}", day, patient_id=name, days_supply=supply, **more)
        for n, (day, supply) in enumerate(zip(first_days, supplies, strict=True))
    ]


PERSON = [{"patient_id": "p1", "birth_year": 1980, "died_on": date(2024, 5, 1)}]

CASES = (
    drugs(
        "ingredient_is_known",
        ("b",),
        drug("a"),
        drug("b", ingredient="sertralin"),
        drug("c", ingredient="antidepressant_unspecified"),
    ),
    drugs(
        "atc_code_has_its_form",
        ("b", "c"),
        drug("a", atc_code="N06AB06"),
        drug("b", atc_code="N06AB6"),
        drug("c", atc_code="n06ab06"),
        drug("d", atc_code="N06A"),
    ),
    drugs(
        "atc_code_is_the_ingredients",
        ("b",),
        drug("a", atc_code="N06AB06"),
        drug("b", atc_code="N06AX16"),
        drug("c", atc_code="N06AB"),
        drug("d", atc_code="N06AB6"),  # told as a code of another form
    ),
    drugs(
        "daily_dose_is_plausible",
        ("b", "d"),
        drug("a", daily_dose_mg=1),  # a fiftieth of 50 mg
        drug("b", daily_dose_mg=0.9),
        drug("c", daily_dose_mg=500),
        drug("d", daily_dose_mg=501),
        drug("e", daily_dose_mg=0.05, ingredient="lithium"),  # counted in mmol
    ),
    drugs(
        "days_supply_is_given",
        ("b",),
        drug("a", days_supply=28),
        drug("b"),
        drug("c", record_type="reported"),
    ),
    drugs(
        "started_on_is_not_in_the_future",
        ("b",),
        drug("a", date(2024, 7, 2)),
        drug("b", date(2024, 7, 3)),
    ),
    drugs(
        "started_on_is_not_before_birth",
        ("b",),
        drug("a", date(1980, 1, 1)),
        drug("b", date(1979, 12, 31)),
        drug("c", date(2024, 1, 1), patient_id="p2"),
        patients=[*PERSON, {"patient_id": "p2", "birth_year": 2085}],
    ),
    drugs(
        "started_on_is_not_after_death",
        ("b",),
        drug("a", date(2024, 5, 1)),
        drug("b", date(2024, 5, 2)),
        patients=PERSON,
    ),
    drugs(
        "medication_is_sent_once",
        ("b",),
        drug("a", days_supply=28),
        drug("b", days_supply=28),
        drug("c", days_supply=56),
        drug("d", days_supply=28, daily_dose_mg=50),
    ),
    drugs(
        "supply_is_not_piled_up",
        ("piled2",),
        *fills("piled", 91, 92, 28),  # 181 days in hand on the third day
        *fills("ahead", 91, 91, 28),  # 180
        *fills("two_strengths", 91, daily_dose_mg=50),
        *fills("two_strengths_", 91, daily_dose_mg=100),
        *fills("gap", 28, 28, 28, every=200),  # what ran out is not owed later
        *fills("gap", 180, daily_dose_mg=20),
    ),
    drugs(
        "supply_is_not_piled_up",
        ("gap3",),
        *fills("gap", 28, 28),
        drug("gap2", date(2025, 1, 1), patient_id="gap", days_supply=182),
        drug("gap3", date(2025, 1, 2), patient_id="gap", days_supply=28),
        drug("gap4", date(2025, 1, 3), patient_id="other", days_supply=28),
    ),
)
