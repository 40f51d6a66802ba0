"""What the catalogue says of a check that does not say it itself, by feed, table and kind."""

from expectations.outputs import (
    BY_COLUMN,
    BY_FEED,
    CONTACTS,
    DRUGS,
    OUTPUTS,
    SCORES,
)
from expectations.records import (
    ANALYST,
    DATA_ENGINEER,
    PHARMACY_MANAGER,
    SOURCE_MANAGER,
)

UNITS = {
    "patients": "patient",
    "clinicians": "clinician",
    "sites": "site",
    "episodes": "course of care",
    "sessions": "session",
    "assessments": "questionnaire",
    "medications": "medication",
    "diagnoses": "diagnosis",
    "load_feeds": "feed of a load",
    "effects": "effect",
    "diagnostics": "diagnostic",
    "curves": "point of a curve",
}

FIXES_BY_STAGE = {
    "landing": "Ask the source for a mended delivery, or mend the adapter.",
    "raw": "Loading has lost or changed rows: a fault of ours. Do not load by hand; see "
    "docs/runbooks/check_failed.md.",
    "estimates": "See which comparison it is and what changed in its protocol, then "
    "docs/runbooks/check_failed.md.",
    "reports": "Nothing was published. See which report it is, then "
    "docs/runbooks/check_failed.md.",
}

FIXES_BY_SEVERITY = {
    "critical": "Nothing was published. Find the rows with the model's own columns, mend the "
    "model or the delivery that brought them, and run again: "
    "docs/runbooks/check_failed.md.",
    "warning": "Look at the rows and ask the source; until it is mended, read the outputs "
    "named here with care.",
}

WHY_OF_MODELS = "What reads this table relies on it."
WHY_BY_KIND = {
    "contract": "Columns and types are as the yml states.",
    "unit_test": "The model's rule holds on rows made for it, on both sides of its border.",
    "not_null": "A row without it cannot be counted or joined.",
    "unique": "A key that comes twice counts its row twice.",
    "unique_together": "A key that comes twice counts its row twice.",
    "relationships": "A row that refers to nothing falls out of every join.",
    "accepted_values": "A value outside the list falls out of every group.",
    "points_within_instrument_range": "A score that its instrument cannot have.",
}

RULE_FIXES = (
    (
        "_is_given",
        "Send it in every row; look for a renamed column or an adapter's join.",
    ),
    ("_is_a_date", "Send days as YYYY-MM-DD; look for days written another way."),
    ("_is_an_integer", "Send whole numbers as digits; look for codes in their place."),
    ("_is_a_number", "Send numbers with the decimal sign that source.yml names."),
    ("_is_a_boolean", "Send true or false."),
    (
        "_is_short",
        "Send a pseudonym or a short word; longer text must stay at the source.",
    ),
    (
        "_is_a_known_code",
        "Map the source's codes to the contract's in the adapter (docs/data_dictionary.md).",
    ),
    ("_is_in_patients", "Send the patient as well, or leave the row out."),
    ("_is_possible", "Look for another instrument's total, or a panel's code."),
    (
        "_is_blank_if_aged_90_plus",
        "Leave birth_year blank where is_aged_90_plus is true.",
    ),
    (
        "_is_as_it_was_sent_before",
        "Send the index year that was sent first; it may never move.",
    ),
    ("_or_an_item_is_given", "Leave out forms that nobody answered."),
    ("_or_use_at_index_is_given", "Send started_on, or is_in_use_at_index."),
    ("_is_lower_snake_case", "Send the international name in lower snake case."),
    ("_is_icd10", "Send ICD-10; map other systems in the adapter."),
    ("_is_not_before_", "Compare the two days with the record; one of them is wrong."),
    (
        "_is_between_",
        "Look for another unit or a code for `missing`; send blank instead.",
    ),
)
"""How to mend a row, by what its rule's name holds; the first that fits counts."""

BY_WORD = (
    (("relapse", "remission", "remitted"), ("relapse",)),
    (("medicat", "spell", "ingredient"), DRUGS),
    (("recover",), ("recovery",)),
    (("finished", "failed", "improved"), ("recovery", "courses")),
    (("length", "long_vs", "stopped", "sustained"), ("length",)),
    (("session", "attend"), CONTACTS),
    (("assessment", "score", "response", "outcome", "instrument"), SCORES),
    (("patient", "diagnos"), ("patients", "groups")),
    (("site", "clinician"), ("sites",)),
    (("episode",), ("courses", *SCORES)),
    (
        ("comparison", "unit", "effect", "diagnostic", "curve", "arm"),
        ("length", "therapy_and_medication", "modality", "format", "trial"),
    ),
    (("measure",), ("outcomes", "recovery", "attendance", "waiting", "courses")),
    (("dose",), DRUGS),
    (("band", "icd10"), ("groups",)),
    (("modalit",), ("modality",)),
    (("formats",), ("format",)),
    (("credential",), ("sites",)),
    (("reason",), ("courses",)),
    (("threshold", "window"), SCORES),
)
"""Outputs that a table feeds, by words of its name; the first that fits counts."""


def owner_of_feed(feed: str) -> str:
    """Return who can mend the rows of a feed."""
    return PHARMACY_MANAGER if feed == "medications" else SOURCE_MANAGER


def owner_of_stage(stage: str, severity: str = "critical") -> str:
    """Return who looks first when a check of a stage fails."""
    if stage == "landing":
        return SOURCE_MANAGER
    return ANALYST if severity == "warning" else DATA_ENGINEER


def taints_of_rule(
    feed: str, columns: tuple[str, ...], check_id: str
) -> tuple[str, ...]:
    """Return the outputs that a column is used for, else those of its feed."""
    named = [column for column in columns if check_id.startswith(f"{column}_is_")]
    column = max(named, key=len, default="")
    return BY_COLUMN.get(column, BY_FEED[feed])


def taints_of_table(table: str) -> tuple[str, ...]:
    """Return the outputs that a table feeds."""
    name = table.removeprefix("stg_")
    if name in BY_FEED:
        return BY_FEED[name]
    report = f"rpt_{name.removeprefix('agg_')}" if name.startswith("agg_") else name
    comparison = name.removeprefix("cmp_")
    fed = tuple(
        output_id
        for output_id, output in OUTPUTS.items()
        if report in output.reports or comparison in output.comparisons
    )
    if fed:
        return fed
    by_word = (outputs for words, outputs in BY_WORD if any(w in name for w in words))
    return next(by_word, ("quality",))


def fix_of_rule(check_id: str) -> str:
    """Return how to mend a row that breaks a row rule."""
    fitting = (fix for part, fix in RULE_FIXES if part in check_id)
    return next(fitting, FIXES_BY_STAGE["landing"])
