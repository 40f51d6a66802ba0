"""Numbers and codes without separators: check digits, and how often chance has them.

Random pseudonyms can have any of these forms, so each comes with the share of random
values of its length that pass: only more than that says something of a column.
"""

from dataclasses import dataclass

AREAS = (
    "AB|AL|B|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|"
    "DN|DT|DY|E|EC|EH|EN|EX|FK|FY|G|GL|GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|"
    "KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|"
    "PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|"
    "WA|WC|WD|WF|WN|WR|WS|WV|YO|ZE|ZZ"
)
"""Postcode areas of the UK (Royal Mail); ZZ stands for `not known` in NHS data."""


@dataclass(frozen=True)
class Form:
    """One form of an identifier without separators."""

    kind: str
    lengths: tuple[int, ...]
    condition: str
    """SQL over `text` and, for digits, `whole` (its value as a number)."""

    chance: float
    """Share (0-1) of random values of that length and alphabet that pass."""

    is_told_alone: bool
    """One among other values says something."""


def _digit(position: int, length: int) -> str:
    """SQL: one digit of `whole`, counted from the left, 1 the first."""
    return f"((whole // {10 ** (length - position)}) % 10)"


def has_nhs_check_digit(whole: str = "whole") -> str:
    """SQL condition: ten digits, the last one their sum modulo 11 (NHS Data Dictionary)."""
    weighted = " + ".join(f"{11 - n} * {_digit(n, 10)}" for n in range(1, 10))
    condition = f"((11 - ({weighted}) % 11) % 11 = whole % 10)"
    return condition.replace("whole", whole)


def _has_npi_check_digit() -> str:
    """SQL condition: Luhn over the number with 80840 before it, whose sum is 24 (CMS)."""
    doubled = [f"2 * {_digit(n, 10)} - 9 * ({_digit(n, 10)} > 4)::int" for n in _ODD]
    plain = [_digit(n, 10) for n in _EVEN]
    return f"((24 + {' + '.join(doubled + plain)}) % 10 = 0)"


_ODD, _EVEN = (1, 3, 5, 7, 9), (2, 4, 6, 8, 10)

DIGIT_FORMS = (
    Form(
        "CHI number",
        (10,),
        f"({has_nhs_check_digit()} and regexp_matches(text, "
        "'^(0[1-9]|[12][0-9]|3[01])(0[1-9]|1[0-2])'))",
        0.0035,
        True,
    ),
    Form("NHS number", (10,), has_nhs_check_digit(), 1 / 11, True),
    Form(
        "NPI",
        (10,),
        f"(text[1] in ('1', '2') and {_has_npi_check_digit()})",
        0.1,  # of those that begin with 1 or 2, as seconds since 1970 all do
        False,
    ),
    Form(
        "social security number",
        (9,),
        "(whole // 1000000 not in (0, 666) and whole // 1000000 < 900 "
        "and (whole // 10000) % 100 <> 0 and whole % 10000 <> 0)",
        0.89,
        False,
    ),
    Form(
        "phone",
        (10,),
        "regexp_matches(text, '^[2-9][0-8][0-9][2-9][0-9]{6}$')",
        0.65,
        False,
    ),
    Form("phone", (10,), "regexp_matches(text, '^7[1-9][0-9]{8}$')", 0.1, False),
    Form(
        "phone",
        (11,),
        "regexp_matches(text, '^0(1[1-9]|2[03489]|3[0347]|7[1-9])[0-9]{8}$')",
        0.03,
        True,
    ),
    Form(
        "phone",
        (11, 12, 13),
        "regexp_matches(text, '^(44[1237][0-9]{9}|1[2-9][0-8][0-9][2-9][0-9]{6}"
        "|00441[0-9]{8}|0044[27][0-9]{9})$')",
        0.06,
        False,
    ),
)
"""Forms of digits alone."""

_MBI = "[A-HJKMNP-RT-Y]"

COMPACT_FORMS = (
    Form(
        "National Insurance number",
        (9,),
        "regexp_full_match(upper(text), "
        "'[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]')",
        0.001,
        True,
    ),
    Form(
        "health plan number",
        (11,),
        f"regexp_full_match(upper(text), '[1-9]{_MBI}[0-9A-HJKMNP-RT-Y][0-9]{_MBI}"
        f"[0-9A-HJKMNP-RT-Y][0-9]{_MBI}{{2}}[0-9]{{2}}')",
        0.001,
        True,
    ),
    Form(
        "UK postcode",
        (5, 6, 7),
        f"regexp_full_match(upper(text), '({AREAS})[0-9][0-9A-Z]?"
        "[0-9][ABD-HJLNP-UW-Z]{2}')",
        0.02,
        True,
    ),
    Form(
        "Canadian postcode",
        (6,),
        "regexp_full_match(upper(text), '[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z]"
        "[0-9][ABCEGHJ-NPRSTV-Z][0-9]')",
        0.005,
        True,
    ),
    Form(
        "record number",
        tuple(range(7, 17)),
        "regexp_full_match(upper(text), '(MRN|EMPI|HOSP|UHN|CRN|URN|CHART|ACCT)"
        "[0-9]{4,12}')",
        0.0001,
        True,
    ),
)
"""Forms of letters and digits."""

POSTCODE_DISTRICT = (
    f"regexp_full_match(upper(text), '({AREAS})([0-9]{{1,2}}|[0-9][A-Z])')"
)
TWO_LETTER_DISTRICT = (
    f"({POSTCODE_DISTRICT} and regexp_matches(upper(text), '^[A-Z]{{2}}'))"
)
"""Codes of ICD-10 have one letter and two digits, as districts of one-letter areas do;
only two letters tell them apart."""

SNOMED = "regexp_matches(text, '(00|10)[0-9]$')"
"""Concept ids of SNOMED CT have 00 or 10 before their check digit (SCTID partition)."""

NO_ZIP = "('00000', '11111', '22222', '77777', '88888', '99999', '12345')"
"""Five digits that stand for `not known`."""
