"""Identifiers for planting: each kind in the forms that people write it in.

Kinds have the names that the tripwire gives them. Forms are from the public
definitions named in docs/tripwire.md.
"""

import csv
import uuid
from importlib import resources
from random import Random

from pipelines.simulate.tripwire import numbers, of_contacts, of_people, people
from pipelines.simulate.tripwire.forms import CELL, SHARE, WHOLE, Form, of
from pipelines.simulate.tripwire.of_contacts import CONTACTS, PLACES
from pipelines.simulate.tripwire.of_numbers import NUMBERS
from pipelines.simulate.tripwire.of_people import NAMES, OTHERS

FORMS = (*NAMES, *CONTACTS, *NUMBERS, *PLACES, *OTHERS)
"""What the tripwire says it finds."""

BEYOND = (
    Form("name", "one first name in one cell", people.given, (CELL,)),
    Form("name", "one surname in one cell", people.surname, (CELL,)),
    Form("name", "surnames in a share of a column", people.surname, (SHARE,)),
    Form("name", "a name from elsewhere in one cell", people.from_elsewhere, (CELL,)),
    Form(
        "social security number",
        "nine digits in one cell",
        of(numbers.ssn, "{0}{1}{2}"),
        (CELL,),
    ),
    Form(
        "phone",
        "US, ten digits in one cell",
        of(of_contacts.us_phone, "{0}{1}{2}"),
        (CELL,),
    ),
    Form(
        "NHS number",
        "one among random numbers of ten digits",
        numbers.nhs,
        (CELL,),
        among="numbers",
    ),
    Form(
        "birth date",
        "one among other dates",
        lambda r: of_people.old_birth(r).isoformat(),
        (CELL,),
        among="dates",
    ),
    Form(
        "ZIP code",
        "a column of five digits, its name says nothing",
        lambda r: numbers.digits(r, 5),
        (WHOLE,),
    ),
    Form(
        "record number",
        "random hospital numbers of 8 digits",
        lambda r: numbers.digits(r, 8, "123456789"),
        (WHOLE,),
    ),
    Form(
        "free text",
        "a few words",
        lambda r: r.choice(
            ("wife left in May", "lost job at the bakery", "lives with sister")
        ),
        (CELL,),
    ),
    Form(
        "name",
        "initials",
        lambda r: f"{people.given(r)[0]}{people.surname(r)[0]}",
        (WHOLE,),
    ),
)
"""What it does not promise: counted apart, and said in docs/tripwire.md."""


def headers() -> list[tuple[str, str]]:
    """Return (kind, header): what exporters call such columns, collected by us."""
    text = resources.files("pipelines.simulate.tripwire") / "headers.csv"
    rows = csv.DictReader(text.read_text(encoding="utf-8").splitlines())
    return [(row["kind"], row["header"]) for row in rows]


def pseudonym(rng: Random) -> str:
    """Return a value that says nothing, for columns that their name gives away."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
