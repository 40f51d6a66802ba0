"""Write the columns of a feed that a file tells by what it is, not in a column."""

from pipelines.intake.contract import Feed
from pipelines.intake.draft.expressions import Written
from pipelines.intake.draft.files import FileFound
from pipelines.intake.draft.shapes import identifier
from pipelines.intake.draft.vocabulary import plain, words

DISPENSED = words("fill fills dispensing dispensings claim claims pharmacy")
PRESCRIBED = words("prescription prescriptions orders verordnungen")


def constants(feed: Feed, names: set[str], found: FileFound) -> list[Written]:
    """Required columns that a file says by what it is."""
    if feed.name == "sessions" and "attendance" not in names:
        return [
            Written(
                (
                    "-- decide: no column says whether the session was attended",
                    "'attended' as attendance",
                ),
                1,
            )
        ]
    if feed.name == "medications" and "record_type" not in names:
        said = set(plain(found.path.name).split("_"))
        for match in found.matches[feed.name].values():
            said |= set(plain(match.shape.name).split("_"))
        if said & DISPENSED:
            return [Written(("'dispensed' as record_type",))]
        if said & PRESCRIBED:
            return [Written(("'prescribed' as record_type",))]
        told = "-- decide: dispensed, prescribed or reported?"
        return [Written((told, "'reported' as record_type"), 1)]
    return []


def with_dose(written: Written, found: FileFound) -> Written:
    """Offer the daily dose: a tablet's strength alone does not say it."""
    named = {plain(shape.name): identifier(shape.name) for shape in found.shapes}
    dose = named.get("strength") or named.get("dose_mg")
    if dose is None:
        return written
    strength = f"try_cast(regexp_extract({dose}, '[0-9.]+') as double)"
    offered = ["-- decide: is this the daily dose? Take the marks off if it is:"]
    if {"quantity", "days_supply"} <= set(named):
        offered += [
            f"-- {strength}",
            f"--     * try_cast({named['quantity']} as double)",
            f"--     / nullif(try_cast({named['days_supply']} as double), 0)",
            "--     as daily_dose_mg,",
        ]
    else:
        offered.append(f"-- {strength} as daily_dose_mg,")
    return Written((*offered, *written.lines), written.decisions + 1)
