"""The figure of a service comparison whose main outcome is a time: days, and who is seen."""

from pipelines.reporting import check_words, reading, service_words
from pipelines.reporting import formatting as fmt
from pipelines.reporting.services import Service
from pipelines.reporting.site.figure import Figure, PageContext
from pipelines.reporting.site.service_tables import (
    EFFECT_COLUMNS,
    described,
    passport,
)
from pipelines.reporting.tables import Table

DAYS = "time_lost_difference_days"


def followed(page: PageContext, service: Service) -> Figure:
    """Return the days lost on either side, and how closely each was followed."""
    what = service.main
    effect = service.effect(what, scale=DAYS)
    told = "How many days were lost is not shown"
    if reading.is_shown(effect):
        told = service_words.days_lost(service.labels, what, effect)
    rows = tuple(row for row in (service.effect(what), effect) if row is not None)
    content = [
        ("Days", [f"{told}."]),
        ("How often they were scored", _scoring(service)),
        (
            "How long they were followed",
            [
                *check_words.shares(
                    service,
                    "followed_half_share",
                    "are known of up to the middle of the time",
                ),
                *check_words.shares(
                    service,
                    "outcome_observed_share",
                    "are known of up to its last day",
                ),
            ],
        ),
        (
            "Found because they came back",
            check_words.shares(
                service,
                "found_at_return_share",
                "were found ill by a score given because they had come back",
            ),
        ),
    ]
    return Figure(
        id="follow_up",
        title=told,
        definition="Days lost are those from becoming ill again to the last day, averaged "
        "over everybody on a side; nobody is asked how long they stayed ill.",
        caveat="Who is scored more often is found ill more often. Where one side is seen "
        "less, part of the difference may be that.",
        passport=passport(page, service, f"{what.title}, days lost", rows),
        table=Table(EFFECT_COLUMNS, described(service, rows)),
        span=6,
        body="statements",
        content=[(label, texts) for label, texts in content if texts],
    )


def _scoring(service: Service) -> list[str]:
    found = []
    for arm in service.comparison.arms:
        often = service.value("scores_per_90_days", arm.code)
        if often is not None:
            found.append(
                f"{fmt.sentence_case(arm.label)}: {fmt.number(often)} scores in 90 days, "
                "while followed."
            )
    return found
