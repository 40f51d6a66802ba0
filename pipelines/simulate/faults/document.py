"""Write docs/faults.md from what was measured last."""

import re

from pipelines.simulate.faults import dirty, measuring
from pipelines.simulate.faults.joining import Alarm, Row
from pipelines.simulate.markdown import GENERATED, table

_CHECK = re.compile(r"^(\w+\.\w+)((?: \(.*\))?)$")
"""A check's name, and in brackets how it counts."""

FAULTS = """# Planted faults

{generated}
Scenario `dirty` plants {kinds} kinds of fault in a simulated service (nobody's records)
and keeps the answer key. This page joins the key with what the product says today, on
{patients} patients with seed {seed}. `outcomes simulate faults` makes it again.

Rows that can be loaded go into one delivery; a fault of a whole delivery has a small
source of its own. A fault counts as named if the row is refused by the rule that should
see it, if the check that should see it counts more than in the same delivery without
faults, or if the delivery is refused with the right reason.

Where several kinds raise one count, a kind is credited only with what the others cannot
have made up: *counted together*. A fault for which no check is expected counts as not
named; what was said of it all the same is listed, so that a person can judge.

| | Kinds |
| --- | --- |
| planted | {kinds} |
| named, every one of them | {in_full} |
| named in part | {in_part} |
| **not yet named** | **{not_named}** |
{stopped}
## In rows, between rows, at sites

{rows}
## In deliveries as a whole

{deliveries}
## False alarms

What the product says that nobody planted. On sound data every line is an alarm about
nothing; on data with faults a line may follow from a fault in a way that the key does
not tell.

{alarms}"""


def render() -> str:
    """Return docs/faults.md."""
    measured, rows, alarms = measuring.read()
    wholes = {broken.kind for broken in dirty.DELIVERY_FAULTS}
    in_full = sum(row.named >= row.planted for row in rows)
    not_named = sum(row.named == 0 for row in rows)
    stopped = measured["stopped_at"]
    return FAULTS.format(
        generated=GENERATED,
        patients=f"{measured['patients']:,}",
        seed=measured["seed"],
        kinds=len(rows),
        in_full=in_full,
        in_part=len(rows) - in_full - not_named,
        not_named=not_named,
        stopped=(
            f"\nThe guard of stage {stopped} stopped the run, so later checks are "
            "not in the table.\n"
            if stopped
            else ""
        ),
        rows=_rows([row for row in rows if row.kind not in wholes]),
        deliveries=_rows([row for row in rows if row.kind in wholes]),
        alarms=_alarms(alarms),
    )


def _rows(rows: list[Row]) -> str:
    lines = [
        (
            f"`{row.kind}`",
            row.feed,
            row.what,
            str(row.planted),
            str(row.named),
            _named_by(row),
        )
        for row in rows
    ]
    header = ("Fault", "Feed", "What is wrong", "Planted", "Named", "Named by")
    return table(header, lines)


def _alarms(alarms: list[Alarm]) -> str:
    if not alarms:
        return "None.\n"
    lines = [(f"`{alarm.check}`", str(alarm.rows), alarm.where) for alarm in alarms]
    return table(("Check", "Rows", "On"), lines)


def _named_by(row: Row) -> str:
    told = "<br>".join(_told(name) for name in row.named_by)
    if row.named:
        return told
    return f"**not yet named**<br>{told}" if told else "**not yet named**"


def _told(name: str) -> str:
    """Set a check's name as code, what is added to it and other words as they are."""
    return _CHECK.sub(r"`\1`\2", name)
