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
    "name": r"(^|_)(first|last|sur|given|family|full|fore|middle|patient|maiden)_?names?($|_)|^(names?|surname|forename)$",
    "record number": r"(^|_)(mrn|nhs_?(no|number|nr)|ssn|social_security|hospital_?(no|number)|medical_record|passport)($|_)",
    "birth date": r"(^|_)(dob|birth_?date|date_?of_?birth|birth_?day)($|_)",
    "address": r"(^|_)(address|street|post_?code|zip(_?code)?)($|_)",
    "contact": r"(^|_)(e_?mail|phone|telephone|mobile|fax)($|_)",
    "free text": r"(^|_)(notes?|comments?|free_?text|narrative)($|_)",
}
"""Kinds of identifier that a column's name gives away."""

CONTENT = {
    "e-mail": r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}",
    "phone": r"(\+\d{1,3}[ .-]?)?(\(\d{2,4}\)|\d{3,5})[ .-]\d{3,4}[ .-]?\d{3,4}",
    "social security number": r"\d{3}-\d{2}-\d{4}",
    "UK postcode": r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}",
    "web address": r"(https?://|www\.)\S+",
    "IP address": r"(\d{1,3}\.){3}\d{1,3}",
}
"""Kinds that one value gives away; the pattern must match the whole value."""

FULL_NAME = r"[A-Z][A-Za-z'’-]+( [A-Z]\.?)?( [A-Z][A-Za-z'’-]+){1,2}"
SAFE_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,63}")


@dataclass(frozen=True)
class Finding:
    """One column that looks like an identifier."""

    file_position: int
    column_position: int
    column_name: str
    kind: str
    count: int

    def __str__(self) -> str:
        named = (
            f" ({self.column_name})" if SAFE_HEADER.fullmatch(self.column_name) else ""
        )
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
                Finding(file_position, index + 1, name, kind, count)
                for kind, count in kinds.items()
            ]
    return findings


_COUNTED = (*CONTENT, "free text", "name", "age over 89")


def _measure(view: str, columns: list[str]) -> str:
    counted = []
    for name in columns:
        column = '"' + name.replace('"', '""') + '"'
        text = f"trim({column}::varchar)"
        counted.append(f"count(nullif({text}, ''))")
        counted += [
            f"count(*) filter (regexp_full_match({text}, '{pattern}'))"
            for pattern in CONTENT.values()
        ]
        name_pattern = FULL_NAME.replace("'", "''")
        counted += [
            f"count(*) filter (length({text}) > {LONGEST_TEXT})",
            # Distinct: a site's name repeats, a person's hardly does.
            f"count(distinct {text}) filter "
            f"(regexp_full_match({text}, '{name_pattern}'))",
            f"count(*) filter (try_cast({text} as double) between 90 and 130)",
        ]
    return f"select {', '.join(counted)} from {view}"


def _kinds(name: str, given: int, counts: dict[str, int]) -> dict[str, int]:
    """Return the kinds of identifier a column looks like, each with its count."""
    label = re.sub(r"(?<=[a-z])(?=[A-Z])|[\s.-]+", "_", name).lower()
    kinds = {kind: counts[kind] for kind in (*CONTENT, "free text") if counts[kind]}
    if given and counts["name"] > NAME_SHARE * given:
        kinds["name"] = counts["name"]
    if re.search(r"(^|_)age($|_)", label) and counts["age over 89"]:
        kinds["age over 89"] = counts["age over 89"]
    for kind, pattern in NAMED.items():
        if given and re.search(pattern, label):
            kinds.setdefault(kind, given)
    return kinds
