"""Words for short stories: days are counted from 1 January 2025."""

from datetime import date, timedelta

from oracles import episodes, medication_spells, nhs_outcomes, relapse
from oracles.records import Score, Session, Supply

DAY_0 = date(2025, 1, 1)
LATER = 2000


def on(day):
    return DAY_0 + timedelta(days=day)


def day(value):
    return None if value is None else (value - DAY_0).days


def sessions(*days, attendance="attended", kind="treatment", key="s"):
    return [
        Session(f"{key}{n:03d}", "p", on(d), attendance, kind)
        for n, d in enumerate(days)
    ]


def derive(rows, data_to=LATER, **choices):
    return episodes.derive(rows, on(data_to), **choices)


def scores(*pairs, instrument="phq9"):
    return [
        Score(f"{instrument}_{n:03d}", instrument, points, on(d))
        for n, (d, points) in enumerate(pairs)
    ]


def supply(start, days=30, key="m1", ingredient="sertraline", **values):
    return Supply(
        key,
        "p",
        ingredient,
        started_on=None if start is None else on(start),
        days_supply=days,
        **values,
    )


def spells(*supplies):
    return [
        (day(s.started_on), day(s.ended_on), s.covered_days, s.records_count)
        for s in medication_spells.join(supplies)
    ]


def course(phq=(), gad=(), days=(0, 50)):
    (one,) = derive(sessions(*days))
    rows = [*scores(*phq), *scores(*gad, instrument="gad7")]
    return nhs_outcomes.outcomes(one, sorted(rows, key=lambda s: s.completed_on))


def pair(first, last):
    return () if first is None else ((0, first), (40, last))


def follow(*pairs, died=None, baseline=20, **choices):
    rows = scores(*pairs)
    found = relapse.follow(
        rows, rows, DAY_0, baseline, None if died is None else on(died), **choices
    )
    if found is None:
        return None
    return (
        day(found.remitted_on),
        found.status,
        day(found.relapsed_on),
        found.followed_days,
        found.scores_count_after,
    )
