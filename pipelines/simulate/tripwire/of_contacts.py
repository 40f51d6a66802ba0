"""Phone numbers, addresses and places, as people write them."""

from functools import partial
from random import Random

from pipelines.simulate.tripwire import numbers, people
from pipelines.simulate.tripwire.forms import ANY, CELL, WHOLE, Form, of


def us_phone(rng: Random) -> tuple[str, str, str]:
    """Return area, exchange and line of a US number (NANP)."""
    area = (
        numbers.digits(rng, 1, "23456789")
        + rng.choice("01234567")
        + numbers.digits(rng, 1)
    )
    return area, numbers.digits(rng, 3, "23456789"), numbers.digits(rng, 4)


def _mobile(rng: Random) -> tuple[str, str, str]:
    return f"7{rng.randint(100, 999)}", numbers.digits(rng, 3), numbers.digits(rng, 3)


def _abroad(rng: Random) -> str:
    d = partial(numbers.digits, rng)
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
    given, surname = people.given(rng).lower(), people.surname(rng).lower()
    host = rng.choice(
        (
            "gmail.com",
            "nhs.net",
            "mail.example.co.uk",
            "yahoo.fr",
            "clinic.org",
            "web.de",
        )
    )
    local = rng.choice(
        (
            f"{given}.{surname}",
            f"{given[0]}{surname}",
            f"{given}_{rng.randint(1, 99)}",
            f"{surname}+news",
            f"{given}-{surname}",
        )
    )
    return rng.choice(
        (f"{local}@{host}", f"{local.upper()}@{host.upper()}", f"<{local}@{host}>")
    )


def _ip_6(rng: Random) -> str:
    groups = [f"{rng.getrandbits(16):x}" for _ in range(8)]
    if rng.random() < 0.5:
        return ":".join(groups)
    return f"2001:db8:{groups[0]}::{groups[1]}"


_STREETS = [
    "Main",
    "Oak",
    "Maple",
    "Church",
    "Victoria",
    "Station",
    "High",
    "Park",
    "Mill",
    "Washington",
    "Elm",
    "Second",
]


def _us_street(rng: Random) -> str:
    kind = rng.choice(
        ("St", "Street", "Ave", "Avenue", "Rd", "Drive", "Blvd", "Lane", "Ct")
    )
    start = f"{rng.randint(1, 9999)} {rng.choice(('', 'N ', 'West '))}{rng.choice(_STREETS)} {kind}"
    return start + rng.choice(("", ".", ", Apt 4", ", Springfield"))


def _uk_street(rng: Random) -> str:
    kind = rng.choice(
        ("Road", "Street", "Close", "Gardens", "Crescent", "Terrace", "Way")
    )
    return rng.choice(
        (f"{rng.randint(1, 250)}", f"{rng.randint(1, 90)}a", "Flat 2, 14")
    ) + (f" {rng.choice(_STREETS)} {kind}")


def _street_abroad(rng: Random) -> str:
    n = rng.randint(1, 140)
    return rng.choice(
        (
            f"Hauptstraße {n}",
            f"Gartenweg {n}",
            f"Goethestr. {n}",
            f"{n} rue de la Paix",
            f"{n} avenue Foch",
            f"Calle Mayor, {n}",
            f"Via Garibaldi {n}",
            f"Kerkstraat {n}",
        )
    )


CONTACTS = (
    Form("e-mail", "address", _e_mail),
    Form("e-mail", "in a text", lambda r: f"write to {_e_mail(r)}"),
    Form("phone", "(555) 010-0199", of(us_phone, "({0}) {1}-{2}")),
    Form("phone", "555-010-0199", of(us_phone, "{0}-{1}-{2}")),
    Form("phone", "555.010.0199", of(us_phone, "{0}.{1}.{2}")),
    Form("phone", "555 010 0199", of(us_phone, "{0} {1} {2}")),
    Form("phone", "+1 555 010 0199", of(us_phone, "+1 {0} {1} {2}")),
    Form("phone", "5550100199", of(us_phone, "{0}{1}{2}"), (WHOLE,), least_rows=60),
    Form("phone", "07700 900123", of(_mobile, "0{0} {1}{2}")),
    Form("phone", "07700900123", of(_mobile, "0{0}{1}{2}")),
    Form("phone", "+44 7700 900123", of(_mobile, "+44 {0} {1}{2}")),
    Form("phone", "+447700900123", of(_mobile, "+44{0}{1}{2}")),
    Form("phone", "+44 (0)7700 900 123", of(_mobile, "+44 (0){0} {1} {2}")),
    Form(
        "phone",
        "020 7946 0958",
        lambda r: f"020 7{numbers.digits(r, 3)} {numbers.digits(r, 4)}",
    ),
    Form(
        "phone",
        "(01632) 960001",
        lambda r: f"(01{numbers.digits(r, 3)}) {numbers.digits(r, 6)}",
    ),
    Form("phone", "other countries", _abroad),
    Form(
        "web address",
        "https",
        lambda r: f"https://example.org/{people.surname(r).lower()}",
    ),
    Form("web address", "www", lambda r: f"www.{people.surname(r).lower()}.co.uk"),
    Form(
        "web address",
        "without www",
        lambda r: f"facebook.com/{people.given(r).lower()}.{r.randint(1, 99)}",
    ),
    Form(
        "IP address",
        "version 4",
        lambda r: ".".join(str(r.randint(1, 254)) for _ in range(4)),
    ),
    Form("IP address", "version 6", _ip_6),
    Form(
        "vehicle or device",
        "MAC",
        lambda r: ":".join(f"{r.getrandbits(8):02X}" for _ in range(6)),
    ),
)

PLACES = (
    Form(
        "ZIP code", "ZIP+4", lambda r: f"{numbers.digits(r, 5)}-{numbers.digits(r, 4)}"
    ),
    Form("ZIP code", "state and ZIP", lambda r: f"CA {numbers.digits(r, 5)}"),
    Form(
        "ZIP code",
        "five digits in a place's column",
        lambda r: numbers.digits(r, 5),
        ANY,
        ("region", "area", "Home region", "residence", "city", "county", "LOCATION"),
        among="words",
    ),
    Form(
        "ZIP code",
        "five digits among words",
        lambda r: numbers.digits(r, 5),
        (CELL,),
        among="words",
    ),
    Form("UK postcode", "SW1A 1AA", of(numbers.postcode, "{0} {1}")),
    Form("UK postcode", "sw1a 1aa", lambda r: " ".join(numbers.postcode(r)).lower()),
    Form("UK postcode", "SW1A1AA", of(numbers.postcode, "{0}{1}")),
    Form("UK postcode", "districts", lambda r: numbers.postcode(r)[0], (WHOLE,)),
    Form("Canadian postcode", "K1A 0B1", of(numbers.canadian, "{0} {1}")),
    Form("Canadian postcode", "K1A0B1", of(numbers.canadian, "{0}{1}")),
    Form("address", "US street", _us_street),
    Form("address", "UK street", _uk_street),
    Form("address", "street abroad", _street_abroad),
    Form("address", "post office box", lambda r: f"PO Box {r.randint(1, 9999)}"),
)
