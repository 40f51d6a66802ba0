"""Faults of a whole site: every row is possible, together they are not."""

import polars as pl

from pipelines.simulate.faults.planting import Fault, Planter, day, number, whole


def _site(planter: Planter, nth: int) -> str:
    """The same site in every block, another for each pattern."""
    sites = sorted(planter.frames["sites"]["site_id"].to_list())
    return sites[nth % len(sites)]


def _episodes_at(planter: Planter, site: str) -> pl.Series:
    episodes = planter.frames["episodes"]
    return episodes.filter(pl.col("site_id") == site)["episode_id"].implode()


def _at(planter: Planter, site: str) -> pl.Expr:
    return pl.col("episode_id").is_in(_episodes_at(planter, site)).fill_null(False)


def _replace(
    planter: Planter, fault: Fault, site: str, where: pl.Expr, **values
) -> None:
    frame = planter.frames[fault.feed]
    chosen = _at(planter, site) & where
    planter.frames[fault.feed] = frame.with_columns(
        pl.when(chosen).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )
    planter.note(fault, site, frame.select(chosen.sum()).item())


def _one_day_of_the_month(planter: Planter, fault: Fault) -> None:
    first = day("completed_on").dt.month_start().dt.to_string("iso:strict")
    given = pl.col("completed_on").is_not_null()
    _replace(planter, fault, _site(planter, 0), given, completed_on=first)


def _item_9_zero(planter: Planter, fault: Fault) -> None:
    total = pl.when(pl.col("total_points").is_not_null()).then(
        whole(number("total_points") - number("item_9"))
    )
    given = (pl.col("instrument") == "phq9") & pl.col("item_9").is_not_null()
    site = _site(planter, 1)
    _replace(planter, fault, site, given, total_points=total, item_9=pl.lit("0"))


def _silent_month(planter: Planter, fault: Fault) -> None:
    site = _site(planter, 2)
    days = planter.frames["sessions"].select(day("held_on").median()).item()
    gone = 0
    for feed, column in (("sessions", "held_on"), ("assessments", "completed_on")):
        frame = planter.frames[feed]
        silent = (
            _at(planter, site)
            & (day(column).dt.year() == days.year)
            & (day(column).dt.month() == days.month)
        ).fill_null(False)
        planter.frames[feed] = frame.filter(~silent)
        gone += frame.height - planter.frames[feed].height
    planter.note(fault, site, gone)


def _everybody_attends(planter: Planter, fault: Fault) -> None:
    missed = pl.col("attendance") != "attended"
    attended = pl.lit("attended")
    _replace(planter, fault, _site(planter, 3), missed, attendance=attended)


PATTERN_FAULTS = (
    Fault(
        "scores_on_one_day_of_the_month",
        "assessments",
        "completed_on",
        "One site dates every questionnaire on the first of the month.",
        _one_day_of_the_month,
    ),
    Fault(
        "item_9_always_zero",
        "assessments",
        "item_9",
        "At one site nobody ever answers item 9 with anything but 0.",
        _item_9_zero,
    ),
    Fault(
        "site_silent_for_a_month",
        "sessions",
        "held_on",
        "One site sends no session and no questionnaire of one month.",
        _silent_month,
    ),
    Fault(
        "nobody_misses_a_session",
        "sessions",
        "attendance",
        "One site codes every planned session as attended.",
        _everybody_attends,
    ),
)
