"""Checks that follow from the input contract, the same for every feed.

The contract's feed comes in as an argument, so that this package knows nothing
of `pipelines`. What each row breaks was noted as the rows were laid out, in
`<feed>_broken` and `<feed>_repeated`: a small table is read here in place of the whole
feed once for every rule. A row rule is a warning: its rows are quarantined. The intake
makes it critical when it is broken by more rows than settings.toml allows.
"""

from great_expectations import ExpectationSuite

from expectations.building import no_rows, suite_of


def suite_from(feed, is_whole: bool, *, never_empty: bool = False) -> ExpectationSuite:
    """Return the landing suite of one feed.

    Args:
        feed: A feed of the contract: `name`, `key` and `row_rules`.
        is_whole: The delivery replaces what was sent before (`kind: full`).
        never_empty: A whole delivery has at least one row of this feed.
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
    ]
    if is_whole and never_empty:
        checks.append(
            no_rows(
                f"{feed.name}_are_not_empty",
                "select 1 as missing where not exists (select 1 from {batch} as landed)",
                category="completeness",
                why="An empty extract would wipe out what was sent before.",
            )
        )
    return suite_of(f"landing.{feed.name}", checks)
