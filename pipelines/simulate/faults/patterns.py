"""Faults of a whole site: every row is possible, together they are not.

The rows of such a site, and its patients, are taken: no other fault is planted in them.
"""

from datetime import date

import polars as pl

from pipelines.simulate.faults.planting import Fault, Planter, day, number, whole

SILENT_BEFORE_THE_END = range(6, 12)
"""Months from the silent month to the last of the data: records of one year have it, and
half a year of them comes after it."""


def _site(planter: Planter, nth: int) -> str | None:
    """The same site in every block, another for each pattern; none is left over."""
    sites = sorted(planter.frames["sites"]["site_id"].to_list())
    return sites[nth] if nth < len(sites) else None


def _is_at(planter: Planter, site: str) -> pl.Expr:
    """True for rows of the site's patients, within a course of care or not."""
    episodes = planter.frames["episodes"]
    patients = episodes.filter(pl.col("site_id") == site)["patient_id"].unique()
    return pl.col("patient_id").is_in(patients.implode()).fill_null(False)


def _replace(
    planter: Planter, fault: Fault, nth: int, where: pl.Expr, **values
) -> None:
    site = _site(planter, nth)
    if site is None:
        return
    frame = planter.frames[fault.feed]
    chosen = _is_at(planter, site) & where
    planter.frames[fault.feed] = frame.with_columns(
        pl.when(chosen).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )
    _take(planter, site, fault.feed)
    rows_count = frame.select(chosen.sum()).item()
    if rows_count:
        planter.note(fault, site, rows_count)


def _take(planter: Planter, site: str, *feeds: str) -> None:
    is_at = _is_at(planter, site)
    for feed in ("patients", *feeds):
        planter.take_where(feed, is_at)


def _one_day_of_the_month(planter: Planter, fault: Fault) -> None:
    first = day("completed_on").dt.month_start().dt.to_string("iso:strict")
    given = pl.col("completed_on").is_not_null()
    _replace(planter, fault, 0, given, completed_on=first)


def _item_9_zero(planter: Planter, fault: Fault) -> None:
    total = pl.when(pl.col("total_points").is_not_null()).then(
        whole(number("total_points") - number("item_9"))
    )
    given = (pl.col("instrument") == "phq9") & pl.col("item_9").is_not_null()
    _replace(planter, fault, 1, given, total_points=total, item_9=pl.lit("0"))


def _silent_month(planter: Planter, fault: Fault) -> None:
    site = _site(planter, 2)
    month_on = _month_for_all_blocks(planter, fault)
    if site is None or month_on is None:
        return
    feeds = {"sessions": "held_on", "assessments": "completed_on"}
    gone = 0
    for feed, column in feeds.items():
        frame = planter.frames[feed]
        silent = _is_at(planter, site) & (day(column).dt.month_start() == month_on)
        planter.frames[feed] = frame.filter(~silent.fill_null(False))
        gone += frame.height - planter.frames[feed].height
    _take(planter, site, *feeds)
    if gone:
        planter.note(fault, site, gone, month_on)


def _month_for_all_blocks(planter: Planter, fault: Fault) -> date | None:
    """First day of one month, by the seed and by the last day that anybody is observed.

    Blocks follow each other in time, but in each of them some are observed to the end.
    """
    last_on = planter.frames["patients"].select(day("observed_to").max()).item()
    if last_on is None:
        return None
    before = planter.random_of_service(fault.kind).choice(SILENT_BEFORE_THE_END)
    months = last_on.year * 12 + last_on.month - 1 - int(before)
    return date(months // 12, months % 12 + 1, 1)


def _everybody_attends(planter: Planter, fault: Fault) -> None:
    missed = pl.col("attendance") != "attended"
    attended = pl.lit("attended")
    _replace(planter, fault, 3, missed, attendance=attended)


PATTERN_FAULTS = (
    Fault(
        "scores_on_one_day_of_the_month",
        "assessments",
        "completed_on",
        "One site dates every questionnaire on the first of the month.",
        _one_day_of_the_month,
        "assessments.scores_fall_on_many_days_of_the_month",
        mistaken_by="assessments.one_score_of_an_instrument_a_day",
    ),
    Fault(
        "item_9_always_zero",
        "assessments",
        "item_9",
        "At one site nobody ever answers item 9 with anything but 0.",
        _item_9_zero,
        "assessments.item_9_is_above_0_for_some",
    ),
    Fault(
        "site_silent_for_a_month",
        "sessions",
        "held_on",
        "One site sends no session and no questionnaire of one month.",
        _silent_month,
        "sessions.sites_are_not_silent_for_a_month",
    ),
    Fault(
        "nobody_misses_a_session",
        "sessions",
        "attendance",
        "One site codes every planned session as attended.",
        _everybody_attends,
        "sessions.somebody_misses_a_session",
    ),
)
