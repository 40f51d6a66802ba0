"""Identifiers for planting: each kind in the forms that people write it in.

Kinds have the names that the tripwire gives them. Forms are from the public
definitions named in docs/tripwire.md.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from pipelines.simulate.tripwire import numbers, people

WHOLE, SHARE, CELL = "whole column", "share of a column", "one cell"
ANY = (WHOLE, SHARE, CELL)


@dataclass(frozen=True)
class Form:
    """One way of writing one kind of identifier."""

    kind: str
    name: str
    make: Callable[[Random], str]
    planted: tuple[str, ...] = ANY
    headers: tuple[str, ...] = ()
    """Where it stands; plain headers that say nothing if empty."""

    least_rows: int = 0
    among: str = "anything"
    """What the other cells are: `anything`, or `words` where only that tells it."""


def _full(rng: Random) -> tuple[str, str]:
    return people.given(rng), people.surname(rng)


def _two(rng: Random, form: str) -> str:
    given, surname = _full(rng)
    return form.format(
        g=given,
        s=surname,
        i=given[0],
        m=rng.choice("ABCDEGHJKLMPRST"),
        t=people.surname(rng),
    )


def _name(name: str, form: str, change: Callable[[str], str] = str, planted=ANY) -> Form:
    return Form("name", name, lambda r: change(_two(r, form)), planted)


def _birth(rng: Random) -> date:
    return date(1935, 1, 1) + timedelta(days=rng.randrange(0, 72 * 365))


def _old_birth(rng: Random) -> date:
    return date(1935, 1, 1) + timedelta(days=rng.randrange(0, 60 * 365))


def _dates(name: str, form: str) -> tuple[Form, Form]:
    return (
        Form("birth date", name, lambda r: f"{_birth(r):{form}}", (WHOLE,)),
        Form(
            "birth date", name, lambda r: f"{_old_birth(r):{form}}", (CELL,), among="words"
        ),
    )


def _us_phone(rng: Random) -> tuple[str, str, str]:
    area = numbers.digits(rng, 1, "23456789") + rng.choice("01234567") + numbers.digits(rng, 1)
    return area, numbers.digits(rng, 3, "23456789"), numbers.digits(rng, 4)


def _of(make: Callable, form: str) -> Callable[[Random], str]:
    """Format the parts that `make` returns: {0}, {1}, ..."""
    return lambda rng: form.format(*make(rng))


def _mobile(rng: Random) -> tuple[str, str, str]:
    return f"7{rng.randint(100, 999)}", numbers.digits(rng, 3), numbers.digits(rng, 3)


def _abroad(rng: Random) -> str:
    d = lambda n: numbers.digits(rng, n)  # noqa: E731
    return rng.choice(
        (
            f"+33 1 {d(2)} {d(2)} {d(2)} {d(2)}",
            f"+49 30 {d(4)} {d(4)}",
            f"+353 1 {d(3)} {d(4)}",
            f"+61 2 {d(4)} {d(4)}",
            f"+91 98{d(3)} {d(5)}",
            f"0033 6 {d(2)} {d(2)} {d(2)} {d(2)}",
            f"+1-{d(3)}-{d(3)}-{d(4)}",
            f"06 {d(2)} {d(2)} {d(2)} {d(2)}",
            f"0171 {d(3)} {d(4)}",
        )
    )


def _e_mail(rng: Random) -> str:
    given, surname = (part.lower() for part in _full(rng))
    host = rng.choice(
        ("gmail.com", "nhs.net", "mail.example.co.uk", "yahoo.fr", "clinic.org", "web.de")
    )
    local = rng.choice(
        (f"{given}.{surname}", f"{given[0]}{surname}", f"{given}_{rng.randint(1, 99)}",
         f"{surname}+news", f"{given}-{surname}")
    )
    return rng.choice((f"{local}@{host}", f"{local.upper()}@{host.upper()}", f"<{local}@{host}>"))


def _ip_6(rng: Random) -> str:
    groups = [f"{rng.getrandbits(16):x}" for _ in range(8)]
    if rng.random() < 0.5:
        return ":".join(groups)
    return f"2001:db8:{groups[0]}::{groups[1]}"


_STREETS = ["Main", "Oak", "Maple", "Church", "Victoria", "Station", "High", "Park", "Mill", "Washington", "Elm", "Second"]


def _us_street(rng: Random) -> str:
    kind = rng.choice(("St", "Street", "Ave", "Avenue", "Rd", "Drive", "Blvd", "Lane", "Ct"))
    start = f"{rng.randint(1, 9999)} {rng.choice(('', 'N ', 'West '))}{rng.choice(_STREETS)} {kind}"
    return start + rng.choice(("", ".", ", Apt 4", ", Springfield"))


def _uk_street(rng: Random) -> str:
    kind = rng.choice(("Road", "Street", "Close", "Gardens", "Crescent", "Terrace", "Way"))
    return rng.choice((f"{rng.randint(1, 250)}", f"{rng.randint(1, 90)}a", "Flat 2, 14")) + (
        f" {rng.choice(_STREETS)} {kind}"
    )


def _street_abroad(rng: Random) -> str:
    n = rng.randint(1, 140)
    return rng.choice(
        (f"Hauptstraße {n}", f"Gartenweg {n}", f"Goethestr. {n}", f"{n} rue de la Paix",
         f"{n} avenue Foch", f"Calle Mayor, {n}", f"Via Garibaldi {n}", f"Kerkstraat {n}")
    )


_SAID = (
    "she feels worse since her mother died", "he was upset that his wife left",
    "I told them about my job", "pt reports she sleeps badly", "says her son has moved out",
    "he denies any plan to harm himself", "they had a row with their landlord again",
    "my partner asked me to come here", "was tearful when we talked about her dad",
)
_MORE = (
    "since the last appointment", "and cannot work at the moment", "after the accident in May",
    "although the new tablets help a little", "and wants to stop coming altogether",
)


def _says(rng: Random) -> str:
    return rng.choice(_SAID)


def _says_much(rng: Random) -> str:
    return f"{rng.choice(_SAID)} {rng.choice(_MORE)}, {rng.choice(_SAID)} {rng.choice(_MORE)}"


def _notes(rng: Random) -> str:
    return f"{rng.choice(_SAID).capitalize()}. {rng.choice(_MORE).capitalize()}."


def _counter(first: int, form: str) -> Callable[[Random], str]:
    return lambda rng: form.format(first + rng.randrange(0, 40_000))


NAMES = (
    _name("first last", "{g} {s}"),
    _name("FIRST LAST", "{g} {s}", str.upper),
    _name("first last in small letters", "{g} {s}", str.lower),
    _name("last, first", "{s}, {g}"),
    _name("LAST, First", "{s}, {g}", lambda t: t.split(",")[0].upper() + "," + t.split(",")[1]),
    _name("last first", "{s} {g}"),
    _name("first M. last", "{g} {m}. {s}"),
    _name("first double-barrelled", "{g} {s}-{t}"),
    _name("Dr last", "Dr {s}"),
    _name("Mrs first last", "Mrs {g} {s}"),
    _name("F. last", "{i}. {s}", planted=(WHOLE,)),
    _name("first.last", "{g}.{s}", str.lower, planted=(WHOLE,)),
    _name("first_last", "{g}_{s}", str.lower, planted=(WHOLE,)),
    Form("name", "first names", people.given, (WHOLE,)),
    Form("name", "FIRST NAMES", lambda r: people.given(r).upper(), (WHOLE,)),
    Form("name", "surnames", people.surname, (WHOLE,)),
    Form("name", "SURNAMES", lambda r: people.surname(r).upper(), (WHOLE,)),
    Form("name", "from elsewhere", people.from_elsewhere, (WHOLE,)),
)

CONTACTS = (
    Form("e-mail", "address", _e_mail),
    Form("e-mail", "in a text", lambda r: f"write to {_e_mail(r)}"),
    Form("phone", "(555) 010-0199", _of(_us_phone, "({0}) {1}-{2}")),
    Form("phone", "555-010-0199", _of(_us_phone, "{0}-{1}-{2}")),
    Form("phone", "555.010.0199", _of(_us_phone, "{0}.{1}.{2}")),
    Form("phone", "555 010 0199", _of(_us_phone, "{0} {1} {2}")),
    Form("phone", "+1 555 010 0199", _of(_us_phone, "+1 {0} {1} {2}")),
    Form("phone", "5550100199", _of(_us_phone, "{0}{1}{2}"), (WHOLE,), least_rows=60),
    Form("phone", "07700 900123", _of(_mobile, "0{0} {1}{2}")),
    Form("phone", "07700900123", _of(_mobile, "0{0}{1}{2}")),
    Form("phone", "+44 7700 900123", _of(_mobile, "+44 {0} {1}{2}")),
    Form("phone", "+447700900123", _of(_mobile, "+44{0}{1}{2}")),
    Form("phone", "+44 (0)7700 900 123", _of(_mobile, "+44 (0){0} {1} {2}")),
    Form("phone", "020 7946 0958",
         lambda r: f"020 7{numbers.digits(r, 3)} {numbers.digits(r, 4)}"),
    Form("phone", "(01632) 960001", lambda r: f"(01{numbers.digits(r, 3)}) {numbers.digits(r, 6)}"),
    Form("phone", "other countries", _abroad),
    Form("web address", "https", lambda r: f"https://example.org/{people.surname(r).lower()}"),
    Form("web address", "www", lambda r: f"www.{people.surname(r).lower()}.co.uk"),
    Form("web address", "without www", lambda r: f"facebook.com/{people.given(r).lower()}.{r.randint(1, 99)}"),
    Form("IP address", "version 4", lambda r: ".".join(str(r.randint(1, 254)) for _ in range(4))),
    Form("IP address", "version 6", _ip_6),
    Form("vehicle or device", "MAC", lambda r: ":".join(f"{r.getrandbits(8):02X}" for _ in range(6))),
)

NUMBERS = (
    Form("social security number", "078-05-1120", _of(numbers.ssn, "{0}-{1}-{2}")),
    Form("social security number", "078 05 1120", _of(numbers.ssn, "{0} {1} {2}")),
    Form("social security number", "078051120", _of(numbers.ssn, "{0}{1}{2}"), (WHOLE,), least_rows=150),
    Form("NHS number", "plain", numbers.nhs, ANY),
    Form("NHS number", "3-3-4", lambda r: _grouped(numbers.nhs(r), " ")),
    Form("NHS number", "dashes", lambda r: _grouped(numbers.nhs(r), "-")),
    Form("NHS number", "in a text", lambda r: f"NHS no {_grouped(numbers.nhs(r), ' ')}"),
    Form("CHI number", "plain", numbers.chi),
    Form("National Insurance number", "plain", _of(numbers.nino, "{0}{1}{2}")),
    Form("National Insurance number", "small letters", lambda r: "".join(numbers.nino(r)).lower()),
    Form("National Insurance number", "spaced",
         lambda r: (lambda p, d, s: f"{p} {d[:2]} {d[2:4]} {d[4:]} {s}")(*numbers.nino(r))),
    Form("National Insurance number", "dashes",
         lambda r: (lambda p, d, s: f"{p}-{d[:2]}-{d[2:4]}-{d[4:]}-{s}")(*numbers.nino(r))),
    Form("health plan number", "Medicare plain", numbers.mbi),
    Form("health plan number", "Medicare dashes",
         lambda r: (lambda m: f"{m[:4]}-{m[4:7]}-{m[7:]}")(numbers.mbi(r))),
    Form("NPI", "plain", numbers.npi, (WHOLE,)),
    Form("record number", "counter of 8", _counter(20_410_000, "{}"), (WHOLE,)),
    Form("record number", "common prefix of 10", _counter(4_400_310_000, "{}"), (WHOLE,)),
    Form("record number", "zeros in front", _counter(310_000, "{:010}"), (WHOLE,)),
    Form("record number", "letter and counter", _counter(10_550_000, "H{}"), (WHOLE,)),
    Form("record number", "MRN1234567", lambda r: f"MRN{numbers.digits(r, 7)}"),
    Form("record number", "MRN-0012345", lambda r: f"MRN-{numbers.digits(r, 7)}"),
    Form("record number", "MRN: 123456", lambda r: f"MRN: {numbers.digits(r, 6)}"),
    Form("record number", "hospital no", lambda r: f"Hosp no {numbers.digits(r, 7)}"),
    Form("record number", "8 digits among words", lambda r: numbers.digits(r, 8, "3456789"),
         (CELL,), among="words"),
)


def _grouped(number: str, between: str) -> str:
    return between.join((number[:3], number[3:6], number[6:]))


PLACES = (
    Form("ZIP code", "ZIP+4", lambda r: f"{numbers.digits(r, 5)}-{numbers.digits(r, 4)}"),
    Form("ZIP code", "state and ZIP", lambda r: f"CA {numbers.digits(r, 5)}"),
    Form("ZIP code", "five digits in a place's column", lambda r: numbers.digits(r, 5), ANY,
         ("region", "area", "Home region", "residence", "city", "county", "LOCATION"),
         among="words"),
    Form("ZIP code", "five digits among words", lambda r: numbers.digits(r, 5), (CELL,), among="words"),
    Form("UK postcode", "SW1A 1AA", _of(numbers.postcode, "{0} {1}")),
    Form("UK postcode", "sw1a 1aa", lambda r: " ".join(numbers.postcode(r)).lower()),
    Form("UK postcode", "SW1A1AA", _of(numbers.postcode, "{0}{1}")),
    Form("UK postcode", "districts", lambda r: numbers.postcode(r)[0], (WHOLE,)),
    Form("Canadian postcode", "K1A 0B1", _of(numbers.canadian, "{0} {1}")),
    Form("Canadian postcode", "K1A0B1", _of(numbers.canadian, "{0}{1}")),
    Form("address", "US street", _us_street),
    Form("address", "UK street", _uk_street),
    Form("address", "street abroad", _street_abroad),
    Form("address", "post office box", lambda r: f"PO Box {r.randint(1, 9999)}"),
)

OTHERS = (
    *_dates("ISO", "%Y-%m-%d"),
    *_dates("31/12/1980", "%d/%m/%Y"),
    *_dates("12/31/1980", "%m/%d/%Y"),
    *_dates("31.12.1980", "%d.%m.%Y"),
    *_dates("31-Dec-1980", "%d-%b-%Y"),
    *_dates("31 December 1980", "%d %B %Y"),
    *_dates("19801231", "%Y%m%d"),
    *_dates("1980-12-31 00:00:00", "%Y-%m-%d 00:00:00"),
    Form("birth date", "31/12/80", lambda r: f"{_old_birth(r):%d/%m/%y}", (WHOLE,)),
    Form("age over 89", "years", lambda r: str(r.randint(90, 104)), (CELL, SHARE),
         ("age", "Age", "age_years", "patient_age", "AGE_AT_REFERRAL", "ageAtStart", "Alter"),
         among="ages"),
    Form("age over 89", "band", lambda r: r.choice(("90-94", "95-99", "91 years")), (CELL,),
         ("age", "age_group", "age_band"), among="ages"),
    Form("free text", "a sentence", _says),
    Form("free text", "two sentences", _notes),
    Form("free text", "long", _says_much),
)

FORMS = (*NAMES, *CONTACTS, *NUMBERS, *PLACES, *OTHERS)
"""What the tripwire says it finds."""

BEYOND = (
    Form("name", "one first name in one cell", people.given, (CELL,)),
    Form("name", "one surname in one cell", people.surname, (CELL,)),
    Form("name", "surnames in a share of a column", people.surname, (SHARE,)),
    Form("name", "a name from elsewhere in one cell", people.from_elsewhere, (CELL,)),
    Form("social security number", "nine digits in one cell", _of(numbers.ssn, "{0}{1}{2}"), (CELL,)),
    Form("phone", "US, ten digits in one cell", _of(_us_phone, "{0}{1}{2}"), (CELL,)),
    Form("NHS number", "one among random numbers of ten digits", numbers.nhs, (CELL,), among="numbers"),
    Form("birth date", "one among other dates", lambda r: _old_birth(r).isoformat(), (CELL,), among="dates"),
    Form("ZIP code", "a column of five digits, its name says nothing", lambda r: numbers.digits(r, 5), (WHOLE,)),
    Form("record number", "random hospital numbers of 8 digits", lambda r: numbers.digits(r, 8, "123456789"), (WHOLE,)),
    Form("free text", "a few words", lambda r: r.choice(("wife left in May", "lost job at the bakery", "lives with sister")), (CELL,)),
    Form("name", "initials", lambda r: f"{people.given(r)[0]}{people.surname(r)[0]}", (WHOLE,)),
)
"""What it does not promise: counted apart, and said in docs/tripwire.md."""

HEADERS = {
    "name": "first_name|Last Name|surname|SURNAME|patientName|Patient Name|pt_name|fname|"
    "lname|FullName|full_name|given_name|family-name|Forename|maiden_name|middle_name|"
    "clinician_name|therapistName|gp_name|next_of_kin|NOK|mother_name|Nachname|Vorname|"
    "nom|prénom|Apellidos|nombre_completo|cognome|sobrenome|achternaam|förnamn|efternamn|"
    "imię|nazwisko|client.name|initials|preferred name",
    "e-mail": "email|E-Mail|email_address|EmailAddr|patient_email|e_mail|correo|courriel|work email",
    "phone": "phone|Phone Number|telephone|tel_no|mobile|MobileNo|cell_phone|homePhone|fax|"
    "FAX_NUMBER|work phone|contact_number|Telefon|teléfono|téléphone_no|Handy|celular",
    "social security number": "ssn|SSN|social_security_number|SocialSecurity|soc_sec|ss_no",
    "NHS number": "nhs_number|NHS No|nhsNumber|NHS_NO|nhs number|nhs",
    "CHI number": "chi|CHI Number|chi_no|ChiNumber",
    "National Insurance number": "nino|NI Number|ni_no|national_insurance_number|NationalInsurance",
    "national id number": "national_id|NationalIdNumber|personnummer|bsn|DNI|NIR|codice_fiscale|"
    "CPF|pesel|cpr_nr|national_id_number|Aadhaar",
    "health plan number": "mbi|MBI|medicare_id|Medicare Number|hicn|medicaid_id|policy_number|"
    "insurance_no|member_number|health_plan_number|PolicyNo",
    "record number": "mrn|MRN|Hospital Number|hospital_no|medical_record_number|MedRecNo|"
    "chart_no|patient_number|PatientNo|emrn|rio_id|RiO Number|unit_number|pas_number|Fallnummer",
    "account number": "account_number|AccountNo|acct_no|IBAN|credit_card|bank_account|card_number|Kontonummer",
    "licence number": "license_number|licence_no|LicenceNumber|passport|passport_no|DEA Number|"
    "gmc_number|nmc_pin|driving_licence_no|registration_number",
    "NPI": "npi|NPI|provider_npi|NPI Number|clinicianNpi|npi_no",
    "birth date": "dob|DOB|d.o.b|date_of_birth|DateOfBirth|Birth Date|birthdate|birth_day|born_on|"
    "patient_dob|Geburtsdatum|geb_datum|date_de_naissance|fecha_nacimiento|FechaNac|"
    "data_di_nascita|data_nascimento|geboortedatum|fødselsdato|birth_month|PT_BIRTH_DT",
    "ZIP code": "zip|ZIP|zip_code|ZipCode|zip5|ZIP5|Zip Code|patient_zip|zcta|home_zip|zip+4",
    "postcode": "postcode|Post Code|POSTCODE|postal_code|PostalCode|PLZ|code_postal|codigo_postal|patient_postcode|post-code",
    "UK postcode": "pcds|postcode_district|postcode_sector|PostcodeDistrict",
    "address": "address|Address Line 1|address_1|street|StreetName|home_address|addr1|house_number|"
    "latitude|LNG|Anschrift|adresse|Dirección|indirizzo|uprn|patientAddress|mailing address",
    "IP address": "ip_address|IPAddr|client_ip|ipv4|IP Address",
    "web address": "url|URL|website|web_page|linkedin|homepage|facebook",
    "vehicle or device": "vin|license_plate|number_plate|VehicleReg|device_id|DeviceSerial|"
    "serial_number|imei|mac_address|Kennzeichen|device_serial_no",
    "biometric or photo": "photo|Photograph|fingerprint|voice_print|face_id|biometric|picture|selfie",
    "free text": "notes|Comments|free_text|FreeText|narrative|session_notes|progress note|remarks|"
    "comment|clinicalNotes|Bemerkungen|observaciones|therapy_notes|transcript",
}
"""What exporters call such columns: variants collected by us for the test."""


def pseudonym(rng: Random) -> str:
    """Return a value that says nothing, for columns that their name gives away."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
