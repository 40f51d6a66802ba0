"""What is counted in each place of a file."""

from dataclasses import dataclass

from pipelines.intake.identifiers.numbers import Form


@dataclass(frozen=True)
class Forms:
    """A column's different values by form."""

    different: int = 0
    words: int = 0
    digits: int = 0
    days: int = 0


@dataclass(frozen=True)
class Texts:
    """Values that give themselves away."""

    kinds: dict[str, int]
    """Records by kind."""

    spaced: int
    """Different values with ten digits written 3-3-4."""

    spaced_checked: int
    """Those of them with the check digit of an NHS number."""

    spaced_records: int
    phrases: int
    """Different phrases of many words."""

    phrase_records: int


@dataclass(frozen=True)
class Code:
    """Values of one length that could have a form, and those that do."""

    form: Form
    tested: int
    """Different values of the length."""

    found: int
    """Different values of the form."""

    records_count: int


@dataclass(frozen=True)
class Run:
    """Long numbers of one length behind one prefix."""

    prefix: str
    length: int
    different: int
    lowest: int
    highest: int
    snomed: int
    """Different ones with the partition of a SNOMED CT concept."""

    records_count: int


@dataclass(frozen=True)
class Days:
    """Dates."""

    different: int
    old: int
    """Different ones that lie 18 years before the delivery."""

    old_records: int
    old_digits: int
    """Records of old dates written as eight digits, which can be a number too."""

    records_count: int
    early_year: float
    """Tenth percentile of the different dates' years."""

    middle_year: float
    late_year: float
    """Ninetieth."""


@dataclass(frozen=True)
class Names:
    """Texts of words that look like names (words.py), different ones and records."""

    different: int
    sure: int
    sure_records: int
    likely: int
    likely_records: int
    shaped: int
    shaped_records: int
    single: int
    single_given: int
    single_records: int
    common: int


@dataclass(frozen=True)
class Small:
    """Five-digit numbers, postcode districts and great ages."""

    zips: int
    zip_records: int
    districts: int
    two_letter_districts: int
    district_records: int
    old_ages: int


@dataclass(frozen=True)
class Counted:
    """All that was counted in one file, by place."""

    forms: dict[int, Forms]
    texts: dict[int, Texts]
    codes: dict[int, list[Code]]
    runs: dict[int, list[Run]]
    days: dict[int, Days]
    names: dict[int, Names]
    small: dict[int, Small]
