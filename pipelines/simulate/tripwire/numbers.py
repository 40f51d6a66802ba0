"""Numbers for planting, each built digit by digit as its issuer defines it."""

from functools import partial
from random import Random

NINO_FIRST = "ABCEGHJKLMNOPRSTWXYZ"
NINO_SECOND = "ABCEGHJKLMNPRSTWXYZ"
NINO_NEVER = {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}
MBI_LETTERS = "ACDEFGHJKMNPQRTUVWXY"
POSTCODE_AREAS = [
    "AB",
    "B",
    "BA",
    "BB",
    "BD",
    "BN",
    "BS",
    "CA",
    "CB",
    "CF",
    "CT",
    "CV",
    "DE",
    "DN",
    "E",
    "EC",
    "EH",
    "EX",
    "G",
    "GL",
    "GU",
    "HA",
    "HP",
    "HU",
    "IP",
    "KT",
    "L",
    "LA",
    "LE",
    "LS",
    "LU",
    "M",
    "ME",
    "MK",
    "N",
    "NE",
    "NG",
    "NN",
    "NR",
    "NW",
    "OL",
    "OX",
    "PE",
    "PL",
    "PO",
    "PR",
    "RG",
    "RH",
    "S",
    "SA",
    "SE",
    "SG",
    "SK",
    "SN",
    "SO",
    "SR",
    "SS",
    "ST",
    "SW",
    "SY",
    "TN",
    "TQ",
    "TR",
    "TS",
    "TW",
    "W",
    "WA",
    "WC",
    "WF",
    "WN",
    "WR",
    "WV",
    "YO",
]


def digits(rng: Random, count: int, first: str = "0123456789") -> str:
    """Return so many digits."""
    return rng.choice(first) + "".join(rng.choices("0123456789", k=count - 1))


def modulo_11(first_nine: str) -> int:
    """Return the check digit of an NHS or CHI number; 10 where there is none.

    References:
        NHS Data Dictionary, NHS NUMBER: weights 10 down to 2, 11 minus the remainder.
    """
    total = sum(int(d) * (10 - n) for n, d in enumerate(first_nine))
    return (11 - total % 11) % 11


def nhs(rng: Random) -> str:
    """Return an NHS number: begins with 4, 6 or 7."""
    while True:
        first = digits(rng, 9, "467")
        check = modulo_11(first)
        if check < 10:
            return f"{first}{check}"


def chi(rng: Random) -> str:
    """Return a CHI number: birth day, two digits, sex digit, check digit."""
    while True:
        day = f"{rng.randint(1, 28):02}{rng.randint(1, 12):02}{rng.randint(0, 99):02}"
        first = day + digits(rng, 3)
        check = modulo_11(first)
        if check < 10:
            return f"{first}{check}"


def ssn(rng: Random) -> tuple[str, str, str]:
    """Return area, group and serial of a US social security number."""
    area = rng.choice([n for n in (rng.randint(1, 899) for _ in range(9)) if n != 666])
    return f"{area:03}", f"{rng.randint(1, 99):02}", f"{rng.randint(1, 9999):04}"


def nino(rng: Random) -> tuple[str, str, str]:
    """Return prefix, six digits and suffix of a National Insurance number."""
    while True:
        prefix = rng.choice(NINO_FIRST) + rng.choice(NINO_SECOND)
        if prefix not in NINO_NEVER:
            return prefix, digits(rng, 6), rng.choice("ABCD")


def mbi(rng: Random) -> str:
    """Return a Medicare beneficiary identifier (CMS: C A AN N A AN N A A N N)."""
    letter = partial(rng.choice, MBI_LETTERS)
    either = partial(rng.choice, MBI_LETTERS + "0123456789")
    return "".join(
        [
            digits(rng, 1, "123456789"),
            letter(),
            either(),
            digits(rng, 1),
            letter(),
            either(),
            digits(rng, 1),
            letter(),
            letter(),
            digits(rng, 2),
        ]
    )


def luhn_sum(number: str) -> int:
    """Return the sum of digits, every second from the right doubled."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total


def npi(rng: Random) -> str:
    """Return a National Provider Identifier: Luhn with 80840 before it."""
    first = digits(rng, 9, "12")
    return next(
        f"{first}{check}"
        for check in range(10)
        if luhn_sum(f"80840{first}{check}") % 10 == 0
    )


def postcode(rng: Random) -> tuple[str, str]:
    """Return the two halves of a UK postcode."""
    area = rng.choice(POSTCODE_AREAS)
    district = str(rng.randint(1, 29))
    if area in ("EC", "WC", "SW", "W", "E", "N") and rng.random() < 0.4:
        district = rng.choice("1234") + rng.choice("AHVWY")
    last = "ABDEFGHJLNPQRSTUWXYZ"
    return area + district, digits(rng, 1) + rng.choice(last) + rng.choice(last)


def canadian(rng: Random) -> tuple[str, str]:
    """Return the two halves of a Canadian postcode."""
    later = "ABCEGHJKLMNPRSTVWXYZ"
    return (
        rng.choice("ABCEGHJKLMNPRSTVXY") + digits(rng, 1) + rng.choice(later),
        digits(rng, 1) + rng.choice(later) + digits(rng, 1),
    )
