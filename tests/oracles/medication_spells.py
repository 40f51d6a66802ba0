"""Continuous exposure to one ingredient (METHODS 3 PDC, 4.2, 1 Q6).

- 3 "PDC [V PQA]: covered days/period from first fill; [...] early refills shift
  forward": a dispensed supply starts when the one before it has run out.
- 1 Q6 "stop ADM ≤90 d (gap >30 d)": a gap of 30 days is bridged, 31 ends the spell.
- 4.2 "each adequate: ≥ minimum label dose for ≥42 d".
- 3 CMS128 "Acute: ≥84 covered days in IPSD…+114 (115 d). Continuation: ≥180 in
  IPSD…+231 (232 d)."
- 4.3 "ADM exclude: trazodone ≤100 mg, low-dose TCAs, bupropion for smoking".

Choices that METHODS leaves:

- M1 Only dispensed supplies are stockpiled: a prescription or a report says when it
  was taken, not that something was left over.
- M2 A stated end beats the supply, and such a record is not shifted: it covers its
  own days. It neither uses nor adds to the stock.
- M3 Without an end and without a supply the record goes on for ever: the spell has
  no end, its covered days are unknown, and what comes later joins it.
- M4 Stock is per ingredient: two strengths dispensed on one day are taken one after
  the other. Same day: the smallest key first (only the sum matters).
- M5 Days are counted once, whatever the number of records that cover them.
- M6 A gap is the days without cover between the last covered day and the next.
- M7 Nothing is cut off at `data_to` or at death: a supply is counted whole.
- M8 "In use at index" without a start makes one spell without days per ingredient,
  beside the dated ones; without use and start there is nothing.
- M9 Adequate: covered days with cover by a record at or above the minimum dose count
  to 42, not the days of a bridged gap. Unknown dose or minimum: unknown, unless the
  known days are enough or all days together are too few. A record that goes on is
  cut off at `data_to`; at a dose that may be enough it may still become adequate.
- M10 CMS128 is about antidepressants as a whole ("first ADM dispensing", "exclude
  active ADM in [IPSD−105, IPSD)"): a new start is a spell on whose first
  day a dispensed supply begins, with no day of the 105 before covered by any
  antidepressant of any record; of two on one day, the first by name. Persistence counts the days that any dispensed antidepressant covers; it is
  unknown until the window is over by `data_to`, and where a person died in it.
- M11 The doses are those of seeds/ingredients.csv (not signed off). A supply up to
  the excluded dose is as if it had not been sent; one of unknown dose counts.
  The contract has no indication, so bupropion for smoking cannot be left out.
- M12 What is given beside an antidepressant (lithium) makes spells of its own but is
  no antidepressant: it never counts as cover by one.
- M13 PDC: the period is the year from a new start, cut off at death and `data_to`;
  "index ≥91 d before period end" counts to its last day, and the "≥2 fills" are of
  any antidepressant, on two days of the period.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter

from oracles.records import Supply

GAP_DAYS = 30
ADEQUATE_DAYS, WASHOUT_DAYS = 42, 105
PDC_DAYS, PDC_FROM_DAYS, PDC_FILLS = 365, 91, 2
MINIMUM_MG = {
    "sertraline": 50,
    "citalopram": 20,
    "mirtazapine": 15,
    "trazodone": 150,
    "amitriptyline": 75,
}
EXCLUDED_UP_TO_MG = {"trazodone": 100, "amitriptyline": 50}
NOT_ANTIDEPRESSANTS = {"lithium"}
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cover:
    """Days that one record covers; `last_on` is None where it goes on."""

    supply: Supply
    first_on: date
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Spell:
    """Continuous exposure of one patient to one ingredient."""

    patient_id: str
    ingredient: str
    records_count: int
    covered_days: int | None
    started_on: date | None
    ended_on: date | None
    covers: tuple[Cover, ...]

    @property
    def is_only_known_at_index(self) -> bool:
        """Known to be in use at the index day and nothing else."""
        return self.started_on is None


def is_exposure(supply: Supply) -> bool:
    """Say whether a record counts at all (M11)."""
    limit, dose = EXCLUDED_UP_TO_MG.get(supply.ingredient), supply.daily_dose_mg
    return limit is None or dose is None or dose > limit


def cover(supplies: Sequence[Supply]) -> list[Cover]:
    """Say which days each dated record of one patient and ingredient covers."""
    covers = []
    stock_to: date | None = None
    dated = sorted(
        (s for s in supplies if s.started_on is not None),
        key=lambda s: (s.started_on, s.medication_id),
    )
    for supply in dated:
        first = supply.started_on
        if supply.ended_on is not None:
            covers.append(Cover(supply, first, supply.ended_on))
        elif supply.days_supply is None:
            covers.append(Cover(supply, first, None))
        elif supply.record_type == "dispensed":
            if stock_to is not None and stock_to >= first:
                first = stock_to + DAY
            stock_to = first + DAY * (supply.days_supply - 1)
            covers.append(Cover(supply, first, stock_to))
        else:
            last = first + DAY * (supply.days_supply - 1)
            covers.append(Cover(supply, first, last))
    return sorted(covers, key=lambda c: (c.first_on, c.supply.medication_id))


def covered(covers: Sequence[Cover], first: date, last: date) -> set[date]:
    """Return the days from first to last that any of the covers holds."""
    days = set()
    for one in covers:
        day = max(one.first_on, first)
        end = last if one.last_on is None else min(one.last_on, last)
        while day <= end:
            days.add(day)
            day += DAY
    return days


def join(supplies: Sequence[Supply], gap_days: int = GAP_DAYS) -> list[Spell]:
    """Join records into spells, by patient, ingredient and first day."""
    spells = []
    key = attrgetter("patient_id", "ingredient")
    for (patient_id, ingredient), group in groupby(
        sorted(filter(is_exposure, supplies), key=key), key
    ):
        records = list(group)
        undated = [r for r in records if r.started_on is None and r.is_in_use_at_index]
        if undated:
            spells.append(
                Spell(patient_id, ingredient, len(undated), None, None, None, ())
            )
        run: list[Cover] = []
        for one in cover(records):
            if run and _gap(run, one) > gap_days:
                spells.append(_spell(run))
                run = []
            run.append(one)
        if run:
            spells.append(_spell(run))
    return spells


def _gap(run: Sequence[Cover], after: Cover) -> int:
    if any(c.last_on is None for c in run):
        return 0
    return (after.first_on - max(c.last_on for c in run)).days - 1


def _spell(run: Sequence[Cover]) -> Spell:
    supply, started_on = run[0].supply, run[0].first_on
    if any(c.last_on is None for c in run):
        ended_on = days = None
    else:
        ended_on = max(c.last_on for c in run)
        days = len(covered(run, started_on, ended_on))
    return Spell(
        supply.patient_id,
        supply.ingredient,
        len(run),
        days,
        started_on,
        ended_on,
        tuple(run),
    )


def is_dose_known(spell: Spell) -> bool:
    """Say whether every record of a spell gives a dose that can be judged."""
    doses = [c.supply.daily_dose_mg for c in spell.covers]
    return spell.ingredient in MINIMUM_MG and bool(doses) and None not in doses


def is_adequate(spell: Spell, data_to: date | None = None) -> bool | None:
    """Say whether a spell was an adequate trial (4.2, M9).

    Args:
        spell: The spell.
        data_to: Where a spell that goes on is cut off.
    """
    if spell.started_on is None:
        return None
    minimum_mg = MINIMUM_MG.get(spell.ingredient)
    maybe = [c for c in spell.covers if _is_enough(c, minimum_mg) is not False]
    sure = [c for c in maybe if _is_enough(c, minimum_mg)]
    if _days(sure, data_to) >= ADEQUATE_DAYS:
        return True
    goes_on = any(c.last_on is None for c in maybe)
    return None if goes_on or _days(maybe, data_to) >= ADEQUATE_DAYS else False


def _days(covers: Sequence[Cover], data_to: date | None) -> int:
    ends = [c.last_on or data_to for c in covers]
    closed = [
        Cover(c.supply, c.first_on, end)
        for c, end in zip(covers, ends, strict=True)
        if end is not None
    ]
    return len(covered(closed, date.min, date.max))


def _is_enough(one: Cover, minimum_mg: float | None) -> bool | None:
    dose = one.supply.daily_dose_mg
    return None if dose is None or minimum_mg is None else dose >= minimum_mg


def antidepressants(spells: Sequence[Spell]) -> list[Cover]:
    """Return what covers days with an antidepressant (M12)."""
    return [
        c for s in spells for c in s.covers if s.ingredient not in NOT_ANTIDEPRESSANTS
    ]


def dispensed(spells: Sequence[Spell]) -> list[Cover]:
    """Return what covers days with a dispensed antidepressant."""
    covers = antidepressants(spells)
    return [c for c in covers if c.supply.record_type == "dispensed"]


def is_new_start(spell: Spell, spells: Sequence[Spell]) -> bool | None:
    """Say whether an antidepressant starts after 105 days without one (M10)."""
    if (
        spell.started_on is None
        or spell.ingredient in NOT_ANTIDEPRESSANTS
        or not any(c.first_on == spell.started_on for c in dispensed([spell]))
    ):
        return None
    same_day = [
        s.ingredient
        for s in spells
        if s.ingredient not in NOT_ANTIDEPRESSANTS
        and any(c.first_on == spell.started_on for c in dispensed([s]))
        and s.started_on == spell.started_on
    ]
    before = spell.started_on - DAY
    return spell.ingredient == min(same_day) and not overlap_days(
        spells, spell.started_on - DAY * WASHOUT_DAYS, before
    )


def is_persistent(
    start: date,
    spells: Sequence[Spell],
    days: int,
    window: int,
    data_to: date,
    died_on: date | None = None,
) -> bool | None:
    """Say whether enough of the days from a new start were covered (CMS128, M10)."""
    last = start + DAY * (window - 1)
    if last > min(data_to, died_on or date.max):
        return None
    return len(covered(dispensed(spells), start, last)) >= days


def pdc(
    start: date, spells: Sequence[Spell], data_to: date, died_on: date | None
) -> float | None:
    """Return the share of days covered from a new start (M13)."""
    last = min(start + DAY * (PDC_DAYS - 1), data_to, died_on or date.max)
    covers = dispensed(spells)
    fills = {
        c.supply.started_on for c in covers if start <= c.supply.started_on <= last
    }
    if (last - start).days < PDC_FROM_DAYS or len(fills) < PDC_FILLS:
        return None
    return len(covered(covers, start, last)) / ((last - start).days + 1)


def overlap_days(spells: Sequence[Spell], first: date, last: date) -> int:
    """Count days from first to last with cover by an antidepressant (4.3)."""
    return len(covered(antidepressants(spells), first, last))
