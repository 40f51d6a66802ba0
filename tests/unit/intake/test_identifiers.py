import pytest
from support import FEEDS, write_delivery

from pipelines.errors import DeliveryRefusedError
from pipelines.intake import adapters
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.identifiers import find_identifiers, refuse_identified

NAMES = ["Ada Lovelace", "Grace Hopper", "Mary B. Shelley", "Anna O'Neill-Smith"]


def findings(clinic, tmp_path, columns):
    rows = [
        dict(zip(columns, row, strict=True))
        for row in zip(*columns.values(), strict=True)
    ]
    folder = write_delivery(tmp_path / "2026-03-01", {**FEEDS, "extra": rows})
    delivery = read_delivery(folder, clinic)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with adapters.delivery_connection(delivery, scratch, "1GB") as con:
        return find_identifiers(con, delivery)


IDENTIFIED = {
    "names by content": ({"x": NAMES}, "name"),
    "names by title": ({"Surname": ["a", "b"]}, "name"),
    "camel case title": ({"patientName": ["a", "b"]}, "name"),
    "e-mail": ({"x": ["a", "someone@example.org"]}, "e-mail"),
    "phone": ({"x": ["020 7946 0958", "b"]}, "phone"),
    "US phone": ({"x": ["(555) 010-9999", "b"]}, "phone"),
    "SSN": ({"x": ["078-05-1120", "b"]}, "social security number"),
    "record number": ({"MRN": ["1", "2"]}, "record number"),
    "NHS number": ({"nhs_number": ["1", "2"]}, "record number"),
    "birth date": ({"date_of_birth": ["1980-01-01", "1990-01-01"]}, "birth date"),
    "postcode": ({"x": ["SW1A 1AA", "b"]}, "UK postcode"),
    "ZIP": ({"zip": ["12345", "23456"]}, "address"),
    "age over 89": ({"age": ["90", "50"]}, "age over 89"),
    "last name, first name": ({"x": ["DOE, JANE", "Roe, Richard B."]}, "name"),
    "short title of a name": ({"fname": ["a", "b"]}, "name"),
    "e-mail inside a text": ({"x": ["ring jane@example.org", "b"]}, "e-mail"),
    "phone inside a text": ({"x": ["ring 555-123-4567 today", "b"]}, "phone"),
    "NHS numbers": ({"x": ["9434765919", "4010232137"]}, "NHS number"),
    "five-digit ZIP": ({"zip5": ["90211", "10001"]}, "address"),
    "born": ({"born_on": ["1950-02-01", "1960-01-01"]}, "birth date"),
    "IP": ({"x": ["192.0.2.1", "b"]}, "IP address"),
    "URL": ({"x": ["https://example.org/a", "b"]}, "web address"),
    "free text": ({"x": ["a" * 65, "b"]}, "free text"),
    "notes by title": ({"session_notes": ["a", "b"]}, "free text"),
}


@pytest.mark.parametrize(("columns", "kind"), IDENTIFIED.values(), ids=IDENTIFIED)
def test_an_identifier_is_found_and_its_kind_named(clinic, tmp_path, columns, kind):
    found = findings(clinic, tmp_path, columns)

    assert [finding.kind for finding in found] == [kind]


CLEAN = {
    "codes": {"modality": ["cbt", "interpersonal"]},
    "pseudonyms": {"patient_key": ["9f86d081884c7d65", "2c26b46b68ffc68f"]},
    "dates": {"held_on": ["2026-01-01", "2026-01-02"]},
    "instants": {"extracted_at": ["2026-01-01 10:00:00", "2026-01-01T10:00:00Z"]},
    "an age of 89": {"age": ["89", "18"]},
    "64 characters": {"x": ["a" * 64, "b"]},
    "numbers of ten digits": {"x": ["9434765918", "4010232138", "1234567890"]},
    "decimals": {"dose": ["112.5", "0.25"]},
    "a site's name, many times": {"site_name": ["North Clinic"] * 6},
    "a birth year": {"birth_year": ["1980", "1990"]},
    "an empty column of names": {"last_name": ["", ""]},
}


@pytest.mark.parametrize("columns", CLEAN.values(), ids=CLEAN)
def test_a_clean_column_is_let_through(clinic, tmp_path, columns):
    assert findings(clinic, tmp_path, columns) == []


def test_the_refusal_names_position_kind_and_count_but_no_value(clinic, tmp_path):
    rows = [{"id": str(n), "who": name} for n, name in enumerate(NAMES)]
    folder = write_delivery(tmp_path / "2026-03-01", {**FEEDS, "extra": rows})
    delivery = read_delivery(folder, clinic)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with (
        adapters.delivery_connection(delivery, scratch, "1GB") as con,
        pytest.raises(DeliveryRefusedError) as caught,
    ):
        refuse_identified(con, delivery)

    message = str(caught.value)
    assert "file 3, column 2: name, 4 value(s)" in message
    assert not any(name in message for name in NAMES)
