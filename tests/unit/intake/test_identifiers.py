"""Each kind of identifier refuses a delivery, and its nearest clean look-alike does not."""

import csv
from dataclasses import dataclass

import duckdb
import pytest
from support import FEEDS, MARKER, TRIAL, write_delivery

from pipelines.errors import DeliveryRefusedError
from pipelines.intake import adapters
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.identifiers import find_identifiers, labels, refuse_identified
from pipelines.intake.identifiers.kinds import KINDS
from pipelines.intake.identifiers.tripwire import look_through

NAMES = ["Ada Lovelace", "Grace Hopper", "Mary B. Shelley", "Anna O'Neill-Smith"]
WORDS = ["north", "midlands", "east", "london"]
LATEST_YEAR = 2026


@dataclass(frozen=True)
class Case:
    """A column with an identifier, and a clean one that looks nearly the same."""

    kind: str
    planted: list
    clean: list
    header: str = ""
    clean_header: str = ""


def among(value: str) -> list[str]:
    return [*WORDS, value]


def among_codes(value: str) -> list[str]:
    return ["F32.1", "F33.0", "F41.2", "F43.1", value]


CASES = {
    "a name in one cell": Case("name", among("Linda Hughes"), among("London Central")),
    "a name in small letters": Case(
        "name", among("linda hughes"), among("linden house")
    ),
    "last name first": Case("name", among("HUGHES, LINDA"), among("Irish, White")),
    "a title": Case("name", among("Dr Abara"), among("Drs agree")),
    "many names": Case(
        "name", NAMES, ["Oak House", "Elm Lodge", "Mill Lane", "Old Hall"]
    ),
    "first names": Case(
        "name",
        ["Linda", "Susan", "Kevin", "Brian", "Julie"],
        ["Sertraline", "Duloxetine", "Lithium", "Trazodone", "Bupropion"],
    ),
    "a hospital with a person's name": Case(
        "name", among("James Hughes"), ["James Hughes", "Oak House"], "who", "hospital"
    ),
    "names by the column": Case("name", ["a", "b"], ["a", "b"], "Surname", "site_name"),
    "camel case": Case("name", ["a", "b"], ["a", "b"], "patientName", "drugName"),
    "e-mail": Case("e-mail", among("someone@example.org"), among("1 @ 50 mg")),
    "e-mail in a text": Case("e-mail", among("ask jane@example.org"), among("a@b")),
    "e-mail by the column": Case("e-mail", ["a"], ["a"], "E-Mail", "email_consent"),
    "UK phone": Case("phone", among("020 7946 0958"), among("20 79 46")),
    "US phone": Case("phone", among("(555) 010-9999"), among("(555) mg")),
    "foreign phone": Case("phone", among("+33 1 23 45 67 89"), among("+33 1")),
    "phone with a plus": Case("phone", among("+447700900123"), among("+4477")),
    "UK phone without spaces": Case(
        "phone", among_codes("07700900123"), among_codes("0770090012")
    ),
    "US phones without dashes": Case(
        "phone",
        [f"{203 + 13 * n}{555 + n % 7}{1000 + 37 * n}" for n in range(60)],
        [f"{105 + n % 895}{(n * 7919) % 10_000_000:07}" for n in range(60)],
    ),
    "phone by the column": Case("phone", ["a"], ["1"], "Tel_No", "phone_calls_count"),
    "SSN": Case("social security number", among("078-05-1120"), among("078-05-112")),
    "SSNs without dashes": Case(
        "social security number",
        [
            f"{(n * 7 + 1) % 665 + 1:03}{n % 99 + 1:02}{n * 31 + 1:04}"
            for n in range(150)
        ],
        [
            f"{(n * 7919 + 104729) * 6007 % 900_000_000 + 100_000_000}"
            for n in range(150)
        ],
    ),
    "NHS numbers": Case(
        "NHS number", ["9434765919", "4010232137"], ["9434765918", "4010232138"]
    ),
    "one NHS number": Case(
        "NHS number", among_codes("9434765919"), among_codes("943476591")
    ),
    "NHS number with spaces": Case(
        "NHS number", among("943 476 5919"), among("943 476 59")
    ),
    "NHS number by the column": Case(
        "NHS number", ["1"], ["R1"], "NHS_No", "nhs_region"
    ),
    "CHI number": Case(
        "CHI number", among_codes("0101702345"), among_codes("01017012")
    ),
    "CHI number by the column": Case("CHI number", ["1"], ["1"], "CHI", "chi_squared"),
    "NI number": Case(
        "National Insurance number", among("AB123456C"), among("AB12345C")
    ),
    "NI number with spaces": Case(
        "National Insurance number", among("ab 12 34 56 c"), among("ab 12 34 c")
    ),
    "national id by the column": Case(
        "national id number", ["1"], ["1"], "DNI", "dna_rate"
    ),
    "Medicare number": Case(
        "health plan number", among("1EG4-TE5-MK73"), among("0EG4-TE5-MK73")
    ),
    "Medicare number without dashes": Case(
        "health plan number", among("1EG4TE5MK73"), among("1SG4TE5MK73")
    ),
    "MRN": Case("record number", among("MRN0012345"), among("MRN0")),
    "a counter of eight digits": Case(
        "record number",
        [str(20_410_000 + 37 * n) for n in range(50)],
        [str(10_000_000 + (n * 7919 * 104729) % 90_000_000) for n in range(50)],
    ),
    "zeros in front": Case(
        "record number",
        [f"{310_000 + 11 * n:010}" for n in range(50)],
        [f"{310_000 + 11 * n:07}" for n in range(50)],
    ),
    "a long number among words": Case(
        "record number", among("83920174"), among("8392017")
    ),
    "SNOMED among words": Case("record number", among("83920174"), among("370143000")),
    "regions of the ONS": Case(
        "record number",
        [f"E12{4100 + 37 * n:06}" for n in range(9)],
        [f"E12{4100 + 37 * n:06}" for n in range(9)],
        "code_of",
        "region",
    ),
    "seconds since 1970": Case(
        "record number",
        [str(1_767_000_000 + 997 * n) for n in range(50)],
        [str(1_767_000_000 + 997 * n) for n in range(50)],
        "number_of_record",
        "created_at",
    ),
    "account by the column": Case(
        "account number", ["1"], ["1"], "IBAN", "account_type"
    ),
    "licence by the column": Case("licence number", ["1"], ["1"], "gmc_no", "licensed"),
    "NPI": Case(
        "NPI",
        ["1234567893", "1003000126", "1245319599"],
        ["1234567894", "1003000127", "1245319590"],
    ),
    "births": Case(
        "birth date",
        [f"{year}-03-14" for year in range(1940, 2000, 5)],
        [f"{year}-03-14" for year in range(2014, 2026)],
    ),
    "births written otherwise": Case(
        "birth date",
        [f"14/03/{year}" for year in range(1940, 2000, 5)],
        [f"14/03/{year}" for year in range(2014, 2026)],
    ),
    "births with two figures": Case(
        "birth date",
        [f"14/03/{year % 100:02}" for year in range(1940, 2000, 5)],
        [f"14/03/{year % 100:02}" for year in range(2014, 2026)],
    ),
    "births of eight digits": Case(
        "birth date",
        [f"{year}0314" for year in range(1940, 2000, 5)],
        [f"{year}0314" for year in range(2014, 2026)],
    ),
    "an old date among words": Case(
        "birth date", among("1957-03-14"), among("2025-03-14")
    ),
    "dates of an old trial": Case(
        "birth date",
        [f"{year}-03-14" for year in range(1940, 2000, 5)],
        [f"1999-{month:02}-14" for month in range(1, 13)],
    ),
    "born": Case("birth date", ["x"], ["1980"], "born_on", "birth_year"),
    "age of 90": Case("age over 89", ["90", "50"], ["89", "90+"], "age", "AGE"),
    "band over 89": Case("age over 89", ["90-94"], ["85-89"], "age_band", "age_group"),
    "a score of 90": Case("age over 89", ["90"], ["90"], "age_years", "stage"),
    "ZIP+4": Case("ZIP code", among("99950-1234"), among("9995-1234")),
    "five digits of a place": Case(
        "ZIP code", ["99950"], ["999"], "region", "Home area"
    ),
    "five digits of a procedure": Case(
        "ZIP code", ["90834"], ["90834"], "city", "cpt_code"
    ),
    "five digits among words": Case("ZIP code", among("99950"), among("99999")),
    "ZIP by the column": Case("ZIP code", ["1"], ["123"], "zip5", "zip3"),
    "UK postcode": Case("UK postcode", among("SW1A 1AA"), among("SW1A")),
    "UK postcode without a space": Case(
        "UK postcode", among("sw1a1aa"), among("sw1a1a")
    ),
    "postcode districts": Case(
        "UK postcode", ["SW1A", "LS2", "EH1", "M1"], ["F32", "E11", "M54", "N18"]
    ),
    "Canadian postcode": Case("Canadian postcode", among("K1A 0B1"), among("K1A 0B")),
    "postcode by the column": Case("postcode", ["1"], ["1"], "PLZ", "postcode_area"),
    "street": Case("address", among("221 Baker Street"), among("Baker Street Clinic")),
    "German street": Case("address", among("Hauptstraße 12"), among("Hauptstelle 12")),
    "post office box": Case("address", among("PO Box 123"), among("PO 123 mg")),
    "address by the column": Case("address", ["1"], ["1"], "addr_1", "address_type"),
    "IP address": Case("IP address", among("192.0.2.1"), among("192.0.2")),
    "IP address, version 6": Case(
        "IP address", among("2001:db8::1"), among("10:30:00")
    ),
    "web address": Case("web address", among("https://example.org/a"), among("and/or")),
    "web address without https": Case(
        "web address", among("www.example.org"), among("e.g. x")
    ),
    "network card": Case(
        "vehicle or device", among("00:1B:44:11:3A:B7"), among("00:1B:44:11")
    ),
    "vehicle by the column": Case(
        "vehicle or device", ["1"], ["1"], "VIN", "device_type"
    ),
    "photo by the column": Case(
        "biometric or photo", ["1"], ["1"], "Photo", "photo_consent"
    ),
    "65 characters": Case("free text", among("a" * 65), among("a" * 64)),
    "a sentence": Case(
        "free text",
        among("she said it helps a lot"),
        among("does not want to answer this question"),
    ),
    "notes by the column": Case(
        "free text", ["1"], ["1"], "Session Notes", "notes_count"
    ),
    "twenty different phrases": Case(
        "free text",
        [f"one two three four five six seven word{'x' * n}" for n in range(20)],
        ["one two three four five six seven eight"] * 20,
    ),
    "an empty column": Case("name", ["x"], ["", " "], "last_name", "Forename"),
}


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str], list]:
    """Both columns of every case, judged at once; headers that repeat go to more files."""
    con = duckdb.connect(config={"threads": 1})
    files: list[dict] = []
    places = {}
    for name, case in CASES.items():
        for side in ("planted", "clean"):
            header = case.header if side == "planted" else case.clean_header
            header = header or f"column_{len(places)}"
            position = next(
                (n for n, file in enumerate(files) if header.lower() not in file),
                len(files),
            )
            if position == len(files):
                files.append({})
            files[position][header.lower()] = (header, getattr(case, side))
            places[name, side] = (position + 1, header)
    names = [f"file{n}.csv" for n in range(len(files))]
    for name, file in zip(names, files, strict=True):
        longest = max(len(cells) for _, cells in file.values())
        columns = ", ".join(f'unnest(?::varchar[]) as "{h}"' for h, _ in file.values())
        con.execute(
            f"create table {adapters.view_of(name)} as select {columns}",
            [c + [None] * (longest - len(c)) for _, c in file.values()],
        )
    findings = look_through(con, names, LATEST_YEAR)
    con.close()
    return {
        key: [f for f in findings if (f.file_position, f.column_name) == place]
        for key, place in places.items()
    }


@pytest.mark.parametrize("name", CASES)
def test_an_identifier_is_found_and_its_kind_named(name, found):
    assert [finding.kind for finding in found[name, "planted"]] == [CASES[name].kind]


@pytest.mark.parametrize("name", CASES)
def test_its_nearest_clean_look_alike_is_let_through(name, found):
    assert found[name, "clean"] == []


def test_every_kind_has_a_case():
    assert {case.kind for case in CASES.values()} == {kind.name for kind in KINDS}


def test_kinds_that_a_column_name_tells_are_those_of_the_page():
    assert set(labels.NAMED) == {k.name for k in KINDS if k.by_column_name} - {
        "age over 89",  # told by name and value together
        "Canadian postcode",
    }


CLEAN = {
    "pseudonyms": ["9f86d081884c7d65", "2c26b46b68ffc68f"],
    "UUIDs": ["3f2504e0-4f89-41d3-9a0c-0305e82c3301"] * 2,
    "instants": ["2026-01-01 10:00:00", "2026-01-01T10:00:00Z"],
    "relative days": ["-400", "0", "1200"],
    "numbers of ten digits": ["9434765918", "4010232138", "1234567890"],
    "decimals": ["112.5", "0.25", "1e-5"],
    "codes": ["did_not_attend", "cancelled_by_patient"],
    "ethnic groups": ["Any other White background", "White and Black Caribbean"],
    "payers": ["Blue Cross Blue Shield", "Kaiser Permanente"],
    "diagnoses": ["Major Depressive Disorder", "Recurrent depression, moderate"],
    "states": ["West Virginia", "North Carolina", "Georgia", "Washington"],
}


@pytest.mark.parametrize("cells", CLEAN.values(), ids=CLEAN)
def test_what_services_send_is_let_through(cells):
    con = duckdb.connect(config={"threads": 1})
    con.execute(
        f"create table {adapters.view_of('a.csv')} as select unnest(?) as x", [cells]
    )

    assert look_through(con, ["a.csv"], LATEST_YEAR) == []


def judged(clinic, tmp_path, feeds):
    folder = write_delivery(tmp_path / "2026-03-01", feeds)
    delivery = read_delivery(folder, clinic)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with adapters.delivery_connection(delivery, scratch, "1GB") as con:
        findings = find_identifiers(con, delivery)
        try:
            refuse_identified(con, delivery)
        except DeliveryRefusedError as error:
            return findings, str(error)
    return findings, ""


def test_the_refusal_names_position_kind_and_count_but_no_value(clinic, tmp_path):
    rows = [{"id": str(n), "who": name} for n, name in enumerate(NAMES)]
    rows[0]["id"] = f"{MARKER}@example.org"
    findings, message = judged(clinic, tmp_path, {**FEEDS, "extra": rows})

    assert "  - file 3, column 1: e-mail, 1 value(s)\n" in message
    assert "  - file 3, column 2: name, 4 value(s)\n" in message
    assert len(findings) == 2
    assert "who" not in message
    assert not any(value in message for value in (*NAMES, MARKER))


def test_a_column_is_named_only_where_its_name_gives_it_away(clinic, tmp_path):
    rows = [{"surname": "x", "payer": "someone@example.org"}]
    _, message = judged(clinic, tmp_path, {**FEEDS, "extra": rows})

    assert "file 3, column 1 (surname): name, 1 value(s)" in message
    assert "file 3, column 2: e-mail, 1 value(s)" in message


def test_a_header_that_is_a_value_is_found_and_not_shown(clinic, tmp_path):
    rows = [{"p1": "p2", "Linda Hughes": "x", "1957-03-14": "y", "SW1A 1AA": "z"}]
    _, message = judged(clinic, tmp_path, {**FEEDS, "extra": rows})

    assert "file 3, column 2 (header): name, 1 value(s)" in message
    assert "file 3, column 3 (header): birth date, 1 value(s)" in message
    assert "file 3, column 4 (header): UK postcode, 1 value(s)" in message
    assert not any(value in message for value in ("Hughes", "1957", "SW1A"))


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("export_linda_hughes", "name"),
        ("MRN0012345", "record number"),
        ("9434765919_scores", "NHS number"),
        ("scores 1957-03-14", "birth date"),
        ("scores_2026-03-01", None),
        ("assessments_part_2", None),
        ("site_12_london_central", None),
    ],
)
def test_an_identifier_in_a_file_name_is_found_and_not_shown(
    clinic, tmp_path, file, kind
):
    findings, message = judged(clinic, tmp_path, {file: [{"patient_id": "p1"}]})

    assert [finding.kind for finding in findings] == ([kind] if kind else [])
    assert not kind or f"file 1 (its name): {kind}, 1 value(s)" in message
    assert file not in message


def test_the_message_fits_one_screen(clinic, tmp_path):
    rows = [{f"surname_{n}": "x" for n in range(40)}]
    findings, message = judged(clinic, tmp_path, {**FEEDS, "extra": rows})

    assert len(findings) == 40
    assert "  and 25 more\n" in message
    assert len(message.splitlines()) < 24


def test_one_cell_in_many_thousands_is_seen():
    con = duckdb.connect(config={"threads": 1})
    con.execute(
        f"create table {adapters.view_of('a.csv')} as select 'p' || md5(i::varchar) as "
        "patient_id, case when i = 123456 then 'Linda Hughes' else 'p' || md5(i::varchar)"
        " end as session_id, i % 28 as total_points from range(200000) as t(i)"
    )

    (finding,) = look_through(con, ["a.csv"], LATEST_YEAR)

    assert (finding.column_name, finding.kind, finding.count) == (
        "session_id",
        "name",
        1,
    )


def test_numbers_that_a_program_stored_as_fractions_are_read_as_whole():
    con = duckdb.connect(config={"threads": 1})
    con.execute(
        f"create table {adapters.view_of('a.csv')} as select unnest("
        "[9434765919.0, 4010232137.0]::double[]) as x, unnest(['9434765919.0', "
        "'4010232137.0']) as y, unnest([0.5, 9434765919.5]::double[]) as z"
    )

    findings = look_through(con, ["a.csv"], LATEST_YEAR)

    assert [(f.column_name, f.kind) for f in findings] == [
        ("x", "NHS number"),
        ("y", "NHS number"),
    ]


def test_the_trial_that_we_ship_is_let_through():
    con = duckdb.connect(config={"threads": 1})
    (path,) = (TRIAL / "delivery").rglob("*.csv")
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    columns = ", ".join(f'unnest(?::varchar[]) as "{name}"' for name in header)
    con.execute(
        f"create table {adapters.view_of('a.csv')} as select {columns}",
        [list(cells) for cells in zip(*rows, strict=True)],
    )

    assert look_through(con, ["a.csv"], LATEST_YEAR) == []
