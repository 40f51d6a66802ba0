"""The tripwire: refuse a delivery that does not look de-identified.

It looks at the delivery's own columns, mapped by an adapter or not, and names
the position, the kind and the count of what it found, never a value.
"""

import re
from dataclasses import dataclass

import duckdb

from pipelines.errors import DeliveryRefusedError
from pipelines.intake.adapters import view_of
from pipelines.intake.deliveries import Delivery

LONGEST_TEXT = 64
"""Characters. Codes and pseudonyms are shorter; longer text is somebody's words."""

NAME_SHARE = 0.5
"""Share of a column's values (0-1) that must look like a first and a last name."""

NAMED = {
    "name": r"(^|_)(first|last|sur|given|family|full|fore|middle|patient|maiden)_?names?($|_)"
    r"|^(names?|surname|forename|[fl]names?)$",
    "record number": r"(^|_)(mrn|nhs|nhs_?(no|number|nr)|ssn|social_security"
    r"|hospital_?(no|number)|medical_record|passport)($|_)",
    "birth date": r"(^|_)(dob|born|birth_?date|date_?of_?birth|birth_?day)($|_)",
    "address": r"(^|_)(address|street|post_?code|zip(_?code|5)?)($|_)",
    "contact": r"(^|_)(e_?mail|phone|tel|telephone|mobile|fax)($|_)",
    "free text": r"(^|_)(notes?|comments?|free_?text|narrative)($|_)",
}
"""Kinds of identifier that a column's name gives away."""

CONTENT = {
    "e-mail": r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}",
    "phone": r"(^|[^\dA-Za-z.-])(\+\d{1,3}[ .-]?)?(\(\d{2,4}\)|\d{3,5})[ .-]\d{3,4}[ .-]?\d{3,4}"
    r"($|[^\dA-Za-z-])",
    "social security number": r"(^|[^\d-])\d{3}-\d{2}-\d{4}($|[^\d-])",
    "UK postcode": r"(^|\s)[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}($|[\s,])",
    "web address": r"(https?://|www\.)\S+",
    "IP address": r"(^|[^\d.])(\d{1,3}\.){3}\d{1,3}($|[^\d.])",
}
"""Kinds that one value gives away; the pattern may stand anywhere in it."""

FULL_NAME = (
    r"[A-Z][A-Za-z'’-]+( [A-Z]\.?)?( [A-Z][A-Za-z'’-]+){1,2}"
    r"|[A-Z][A-Za-z'’-]+, ?[A-Z][A-Za-z'’-]+( [A-Z]\.?)?"
)
"""First and last name, or last name, comma, first name."""

NHS_NUMBER_SHARE = 0.5
"""Share of a column's values (0-1) that must have an NHS number's check digit; one
in eleven numbers of ten digits has it by chance."""


@dataclass(frozen=True)
class Finding:
    """One column that looks like an identifier."""

    file_position: int
    column_position: int
    column_name: str
    kind: str
    count: int
    is_told_by_name: bool
    """The column's name gives it away, so the name is one and not a first row."""

    def __str__(self) -> str:
        named = f" ({self.column_name})" if self.is_told_by_name else ""
        return (
            f"file {self.file_position}, column {self.column_position}{named}: "
            f"{self.kind}, {self.count} value(s)"
        )


def refuse_identified(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """Raise if any column of any file looks like an identifier.

    Args:
        con: The delivery's confined connection.
        delivery: Whose files to look through.

    Raises:
        DeliveryRefusedError: Names file and column by position, kind and count.
    """
    findings = find_identifiers(con, delivery)
    if findings:
        raise DeliveryRefusedError(
            f"Delivery {delivery.source.name}/{delivery.name} does not look "
            "de-identified, so nothing of it was loaded:\n"
            + "\n".join(f"  - {finding}" for finding in findings)
            + "\nAsk the source to remove these columns, and delete this copy."
        )


def find_identifiers(
    con: duckdb.DuckDBPyConnection, delivery: Delivery
) -> list[Finding]:
    """Return every column that looks like an identifier, in order of position."""
    findings = []
    for file_position, path in enumerate(delivery.files, start=1):
        view = view_of(path.name)
        columns = [row[0] for row in con.execute(f"describe {view}").fetchall()]
        measured = con.execute(_measure(view, columns)).fetchone()
        width = len(_COUNTED) + 1
        for index, name in enumerate(columns):
            given, *counts = measured[index * width : (index + 1) * width]
            kinds = _kinds(name, given, dict(zip(_COUNTED, counts, strict=True)))
            findings += [
                Finding(
                    file_position, index + 1, name, kind, count, bool(_told_by(name))
                )
                for kind, count in kinds.items()
            ]
    return findings


_COUNTED = (*CONTENT, "free text", "name", "NHS number", "age over 89")


def _measure(view: str, columns: list[str]) -> str:
    counted = []
    for name in columns:
        column = '"' + name.replace('"', '""') + '"'
        text = f"trim({column}::varchar)"
        counted.append(f"count(nullif({text}, ''))")
        counted += [
            f"count(*) filter (regexp_matches({text}, '{pattern}'))"
            for pattern in CONTENT.values()
        ]
        name_pattern = FULL_NAME.replace("'", "''")
        counted += [
            f"count(*) filter (length({text}) > {LONGEST_TEXT})",
            # Distinct: a site's name repeats, a person's hardly does.
            f"count(distinct {text}) filter "
            f"(regexp_full_match({text}, '{name_pattern}'))",
            f"count(*) filter ({_has_nhs_check_digit(text)})",
            f"count(*) filter (try_cast({text} as double) between 90 and 130)",
        ]
    return f"select {', '.join(counted)} from {view}"


def _has_nhs_check_digit(text: str) -> str:
    """SQL condition: ten digits, the last one their sum modulo 11 (NHS data dictionary)."""
    weighted = " + ".join(
        f"{10 - n} * try_cast(substr({text}, {n + 1}, 1) as integer)" for n in range(9)
    )
    return (
        f"regexp_full_match({text}, '\\d{{10}}') and (11 - ({weighted}) % 11) % 11 = "
        f"try_cast(substr({text}, 10, 1) as integer)"
    )


def _told_by(name: str) -> list[str]:
    """Return the kinds of identifier that a column's name gives away."""
    label = _label(name)
    return [kind for kind, pattern in NAMED.items() if re.search(pattern, label)]


def _label(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[\s.-]+", "_", name).lower()


def _kinds(name: str, given: int, counts: dict[str, int]) -> dict[str, int]:
    """Return the kinds of identifier a column looks like, each with its count."""
    kinds = {kind: counts[kind] for kind in (*CONTENT, "free text") if counts[kind]}
    if given and counts["name"] > NAME_SHARE * given:
        kinds["name"] = counts["name"]
    if given and counts["NHS number"] > NHS_NUMBER_SHARE * given:
        kinds["NHS number"] = counts["NHS number"]
    if re.search(r"(^|_)age($|_)", _label(name)) and counts["age over 89"]:
        kinds["age over 89"] = counts["age over 89"]
    for kind in _told_by(name):
        if given:
            kinds.setdefault(kind, given)
    return kinds
