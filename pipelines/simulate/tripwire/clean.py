"""Columns that a de-identified delivery may hold, and that must not be refused."""

import csv
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from random import Random

from pipelines.simulate.tripwire.numbers import digits

Make = Callable[[Random], str]

LATEST = date(2026, 6, 30)
"""The newest day in a clean column; the deliveries are of that year."""

HEX, LOWER, UPPER = (
    "0123456789abcdef",
    "abcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
)
BASE32 = UPPER + "234567"
URL_SAFE = UPPER + LOWER + "0123456789-_"


def _text(rng: Random, alphabet: str, length: int) -> str:
    return "".join(rng.choices(alphabet, k=length))


def _day(rng: Random) -> date:
    return LATEST - timedelta(days=rng.randrange(0, 4 * 365))


def _instant(rng: Random) -> datetime:
    start = datetime(2022, 7, 1, tzinfo=UTC)
    return start + timedelta(seconds=rng.randrange(0, 4 * 365 * 86400))


def _snomed(rng: Random) -> str:
    """SCTID: item digits, partition 00, a check digit."""
    return digits(rng, rng.choice((5, 6, 6, 7)), "123456789") + "00" + digits(rng, 1)


PSEUDONYMS: dict[str, Make] = {
    "uuid": lambda r: str(uuid.UUID(int=r.getrandbits(128), version=4)),
    "uuid_upper": lambda r: str(uuid.UUID(int=r.getrandbits(128), version=4)).upper(),
    "hex_12": lambda r: _text(r, HEX, 12),
    "hex_16": lambda r: _text(r, HEX, 16),
    "hex_32": lambda r: _text(r, HEX, 32),
    "hex_64": lambda r: _text(r, HEX, 64),
    "letter_and_hex": lambda r: "p" + _text(r, HEX, 16),
    "base32_8": lambda r: _text(r, BASE32, 8),
    "base32_9": lambda r: _text(r, BASE32, 9),
    "base32_11": lambda r: _text(r, BASE32, 11),
    "base32_16": lambda r: _text(r, BASE32, 16),
    "base32_26": lambda r: _text(r, BASE32, 26),
    "url_safe_10": lambda r: _text(r, URL_SAFE, 10),
    "url_safe_22": lambda r: _text(r, URL_SAFE, 22),
    "letters_6": lambda r: _text(r, LOWER, 6),
    "letters_10": lambda r: _text(r, UPPER, 10),
    "letters_26": lambda r: _text(r, LOWER, 26),
    "decimal_6": lambda r: digits(r, 6, "123456789"),
    "decimal_8": lambda r: digits(r, 8, "123456789"),
    "decimal_9": lambda r: digits(r, 9, "123456789"),
    "decimal_10": lambda r: digits(r, 10, "123456789"),
    "decimal_10_zero": lambda r: digits(r, 10),
    "decimal_11": lambda r: digits(r, 11),
    "decimal_12": lambda r: digits(r, 12, "123456789"),
    "decimal_16": lambda r: digits(r, 16, "123456789"),
    "decimal_19": lambda r: str(r.getrandbits(63)),
    "decimal_38": lambda r: digits(r, 38, "123456789"),
    "int_32": lambda r: str(r.getrandbits(31)),
    "letter_and_8": lambda r: "P" + digits(r, 8, "123456789"),
    "prefix_and_6": lambda r: "PT-" + digits(r, 6),
    "short_number": lambda r: f"P{r.randint(1, 9999):04}",
    "site_and_number": lambda r: f"{r.randint(1, 12):02}-{r.randint(1, 999):03}",
}

CODES: dict[str, Make] = {
    "icd_10": lambda r: f"F{r.randint(10, 99)}.{r.randint(0, 9)}",
    "icd_10_three": lambda r: r.choice("EFGLMNSW") + f"{r.randint(0, 99):02}",
    "icd_10_bare": lambda r: f"F{r.randint(100, 999)}",
    "icd_10_cm": lambda r: r.choice("STM") + digits(r, 5) + r.choice("ADS"),
    "atc_code": lambda r: f"N06A{r.choice('ABGX')}{r.randint(1, 29):02}",
    "snomed_code": _snomed,
    "loinc_code": lambda r: f"{r.randint(10000, 99999)}-{r.randint(0, 9)}",
    "cpt_code": lambda r: r.choice(
        ("90834", "90837", "90847", "96127", "99213", "90791")
    ),
    "hcpcs_code": lambda r: r.choice("GHJ") + digits(r, 4),
    "ndc_code": lambda r: f"{digits(r, 5)}-{digits(r, 4)}-{digits(r, 2)}",
    "ods_code": lambda r: "R" + _text(r, UPPER + "0123456789", 2),
    "bnf_code": lambda r: "0403" + _text(r, UPPER + "0123456789", 11),
    "rxcui": lambda r: digits(r, r.choice((5, 6)), "123456789"),
    "site_id": lambda r: f"site_{r.randint(1, 40)}",
}

QUANTITIES: dict[str, Make] = {
    "daily_dose_mg": lambda r: r.choice(("50", "100", "20", "37.5", "112.5", "150")),
    "total_points": lambda r: str(r.randint(0, 63)),
    "item_3": lambda r: str(r.randint(0, 3)),
    "score_percent": lambda r: str(r.randint(0, 100)),
    "duration_minutes": lambda r: str(r.choice((30, 45, 50, 60, 90))),
    "birth_year": lambda r: str(r.randint(1937, 2006)),
    "year_of_birth": lambda r: str(r.randint(1937, 2006)),
    "index_year": lambda r: str(r.randint(2015, 2025)),
    "age": lambda r: str(r.randint(18, 89)),
    "age_at_referral": lambda r: f"{r.uniform(18, 89.9):.1f}",
    "age_months": lambda r: str(r.randint(216, 1070)),
    "held_day": lambda r: str(r.randint(-400, 1500)),
    "amount": lambda r: f"{r.uniform(0, 5000):.2f}",
    "weight": lambda r: f"{r.gauss(78, 15):.6f}",
    "z_score": lambda r: f"{r.gauss(0, 1):.4f}",
    "decimal_comma": lambda r: f"{r.uniform(0, 100):.1f}".replace(".", ","),
    "percent": lambda r: f"{r.randint(0, 100)}%",
    "scientific": lambda r: f"{r.uniform(0, 1):.3e}",
    "minutes_since": lambda r: str(r.randint(1, 2_000_000)),
    "zip3": lambda r: digits(r, 3),
    "big_count": lambda r: str(r.randint(0, 60_000)),
    "range": lambda r: f"{r.randint(0, 40)}-{r.randint(41, 90)}",
}

TIMES: dict[str, Make] = {
    "held_on": lambda r: _day(r).isoformat(),
    "completed_on": lambda r: f"{_day(r):%d/%m/%Y}",
    "started": lambda r: f"{_day(r):%m/%d/%Y}",
    "ended": lambda r: f"{_day(r):%d.%m.%Y}",
    "recorded": lambda r: f"{_day(r):%Y%m%d}",
    "seen": lambda r: f"{_day(r):%d-%b-%Y}",
    "dispensed": lambda r: f"{_day(r):%d/%m/%y}",
    "onset_on": lambda r: (
        _day(r) - timedelta(days=r.randrange(0, 12 * 365))
    ).isoformat(),
    "extracted_at": lambda r: f"{_instant(r):%Y-%m-%d %H:%M:%S}",
    "updated_at": lambda r: f"{_instant(r):%Y-%m-%dT%H:%M:%SZ}",
    "stamp": lambda r: f"{_instant(r):%Y-%m-%d %H:%M:%S.%f}",
    "compact_stamp_at": lambda r: f"{_instant(r):%Y%m%d%H%M%S}",
    "created_at": lambda r: str(int(_instant(r).timestamp())),
    "event_ts": lambda r: str(int(_instant(r).timestamp() * 1000)),
    "start_time": lambda r: f"{_instant(r):%H:%M}",
    "end_time": lambda r: f"{_instant(r):%H:%M:%S}",
    "month_key": lambda r: f"{_day(r):%Y-%m}",
}


@lru_cache
def words() -> dict[str, list[str]]:
    """Return lists of words that services use, by the column that holds them."""
    text = resources.files("pipelines.simulate.tripwire") / "clean_words.csv"
    lists: dict[str, list[str]] = {}
    for row in csv.DictReader(text.read_text(encoding="utf-8").splitlines()):
        lists.setdefault(row["list"], []).append(row["word"])
    return lists


PARTS_OF_NAMES = ("a place", "an organisation")
"""Lists of which the names of sites are made."""


def site_name(rng: Random) -> str:
    """Return a name of a site."""
    return " ".join(rng.choice(words()[part]) for part in PARTS_OF_NAMES)


def of_list(name: str) -> Make:
    """Return what takes a word of one list."""
    return lambda rng: rng.choice(words()[name])


GROUPS: dict[str, dict[str, Make]] = {
    "pseudonyms": PSEUDONYMS,
    "codes": CODES,
    "quantities": QUANTITIES,
    "dates and times": TIMES,
    "lists of words": {
        **{name: of_list(name) for name in words() if name not in PARTS_OF_NAMES},
        "site_name": site_name,
        "clinic": site_name,
        "simulated_site": lambda r: f"Simulated site {r.randint(1, 12)}",
    },
}
"""Clean columns by group: a header, and what makes one value."""

PSEUDONYM_HEADERS = (
    "patient_id",
    "participant_key",
    "pseudonym",
    "subject",
    "person_key",
    "ref",
    "session_id",
    "study_id",
    "assessment_id",
    "uid",
    "row_id",
    "client_ref",
    "anon_id",
    "key",
)
"""What exporters call a column of pseudonyms."""
