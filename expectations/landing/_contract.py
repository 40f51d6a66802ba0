"""Checks that follow from the input contract, the same for every feed.

The contract's feed comes in as an argument, so that this package knows nothing
of `pipelines`. What each row breaks was noted as the rows were laid out, in
`<feed>_broken` and `<feed>_repeated`, and what a record check found in `<feed>_doubted`:
a small table is read here in place of the whole feed once for every rule. A row rule is
a warning: its rows are quarantined. The intake makes it critical when it is broken by
more rows than settings.toml allows, and all rules together may not refuse more than it
allows either: many rules, each broken by a few rows, can leave next to nothing of a feed.
A record check is a warning and refuses nothing.
"""

from great_expectations import ExpectationSuite

from expectations.building import no_rows, suite_of
from expectations.records import FEW, RecordCheck, record_checks

REFUSED_SHARE = 0.10
"""As `[intake] maximum_quarantined_rows_share` has it by default, with its reason."""


def suite_from(
    feed,
    is_whole: bool,
    *,
    never_empty: bool = False,
    had_rows: bool = True,
    refused_share: float = REFUSED_SHARE,
) -> ExpectationSuite:
    """Return the landing suite of one feed.

    Args:
        feed: A feed of the contract: `name`, `key` and `row_rules`.
        is_whole: The delivery replaces what was sent before (`kind: full`).
        never_empty: A whole delivery has at least one sound row of this feed.
        had_rows: The source sent rows of this feed before, so that they would be lost
            all the same; not so where source.yml says that it is optional.
        refused_share: Share of rows (0-1) that the row rules together may refuse.
    """
    checks = [
        no_rows(
            f"{feed.key}_is_given_once",
            f"select row_position from {feed.name}_repeated",
            category="conformance",
            why="One key with two contents: nobody can say which one holds.",
        ),
        no_rows(
            "is_deleted_is_a_boolean",
            "select row_position from {batch} where is_deleted_text is not null "
            "and try_cast(is_deleted_text as boolean) is null",
            category="conformance",
            why="A withdrawal that cannot be read would be ignored.",
        ),
        *(
            no_rows(
                rule.check_id,
                f"select row_position from {feed.name}_broken "
                f"where check_id = '{rule.check_id}'",
                category=rule.category,
                why=rule.why,
                severity="warning",
            )
            for rule in feed.row_rules
        ),
        no_rows(
            "few_rows_are_refused",
            f"select distinct row_position from {feed.name}_broken where "
            f"(select count(distinct row_position) from {feed.name}_broken) "
            f"> {refused_share} * (select count(*) from {{batch}} as landed)",
            category="conformance",
            why="Rules that few rows break each can refuse most rows together: what is "
            "left would not stand for what was sent.",
        ),
        *(_few_are_doubted(check) for check in record_checks(feed.name)),
    ]
    if is_whole and (never_empty or had_rows):
        checks.append(
            no_rows(
                f"{feed.name}_are_not_empty",
                "select 1 as missing where not exists "
                "(select 1 from {batch} as landed where is_broken is not true)",
                category="completeness",
                why="An extract without a sound row would wipe out what was sent before.",
            )
        )
    return suite_of(f"landing.{feed.name}", checks)


def _few_are_doubted(check: RecordCheck):
    """Expect no more units in `<feed>_doubted` than the record check tolerates."""
    doubted = f"{check.feed}_doubted where check_id = '{check.check_id}'"
    judged = f"{check.feed}_judged where check_id = '{check.check_id}'"
    few = FEW if check.tolerated_share else 0
    return no_rows(
        check.check_id,
        f"select 1 as found from {doubted} and (select count(*) from {doubted}) > "
        f"greatest({few}, {check.tolerated_share} * (select tested_count from {judged}))",
        category=check.category,
        why=check.why,
        severity=check.severity,
    )
