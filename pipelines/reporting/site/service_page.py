"""The page of one service comparison: its sections, and its headline numbers."""

from pipelines.reporting import formatting as fmt
from pipelines.reporting import service_words
from pipelines.reporting.service_rows import both
from pipelines.reporting.services import Service
from pipelines.reporting.site import service_checks as checks
from pipelines.reporting.site import service_follow_up as follow_up
from pipelines.reporting.site import service_groups as groups
from pipelines.reporting.site import service_outcomes as outcomes
from pipelines.reporting.site.figure import Figure, PageContext, Section
from pipelines.reporting.site.headlines import Headline


def sections_of(page: PageContext, service: Service) -> list[Section]:
    """Return the sections; a comparison that is not shown has no figures."""
    answer = Section("answer", "Answer", [outcomes.answer(page, service)])
    protocol = Section("protocol", "Protocol", [checks.protocol(page, service)])
    if not service.is_shown:
        return [answer, protocol]
    benefits = outcomes.in_hundred(page, service, is_harm=False)
    harms = outcomes.in_hundred(page, service, is_harm=True)
    return [
        answer,
        _section("outcomes", "Outcomes", benefits, *_over_time(page, service)),
        _section("costs", "Harms and effort", harms, checks.sessions(page, service)),
        _section("people", "Who is in the numbers", checks.followers(page, service)),
        _section("groups", "For whom", groups.subgroups(page, service)),
        _section(
            "trust",
            "How far to trust it",
            groups.specifications(page, service),
            checks.balance(page, service),
            checks.trust(page, service),
        ),
        protocol,
    ]


def _over_time(page: PageContext, service: Service) -> list[Figure]:
    if service.main.is_time:
        return [follow_up.followed(page, service)]
    return [outcomes.horizons(page, service), outcomes.effects(page, service)]


def _section(name: str, heading: str, *figures: Figure | None) -> Section:
    return Section(name, heading, [one for one in figures if one is not None])


def headlines(service: Service) -> tuple[Headline, ...]:
    """Return the headline numbers; none where nothing is shown."""
    if not service.is_shown:
        return ()
    main = service.comparison.main
    unit = " points" if service.main.is_points else " in 100"
    better = "lower" if service.main.is_lower_better else "higher"
    sides = " v ".join(map(fmt.inside_sentence, service.labels))
    return (
        Headline(
            "Estimated effect, not randomised",
            f"{service_words.amount(main)}{unit}",
            f"{service.main.title}; {better} is better",
        ),
        Headline(
            "95% interval",
            service_words.limits(main),
            "No difference lies inside it"
            if service_words.includes_none(main)
            else "No difference lies outside it",
        ),
        Headline(
            f"People {fmt.inside_sentence(service.seen)}",
            both(main, "observed_count"),
            sides,
        ),
        Headline(
            "Worth, once weighted",
            both(main, "effective_count"),
            "Effective size: people who would tell as much unweighted",
        ),
    )
