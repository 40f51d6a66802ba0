"""Checks on the rows that one load wrote, before the load is accepted."""

from great_expectations import ExpectationSuite

from expectations.building import (
    columns_are,
    in_set,
    no_rows,
    not_null,
    suite_of,
    unique,
)

LOADED_BY_US = ("load_id", "source", "is_deleted")
"""Columns that loading adds to the contract's."""


def suite_from(feed, load_id: str) -> ExpectationSuite:
    """Return the raw suite of one feed, to run on the rows of one load.

    Args:
        feed: A feed of the contract: `name`, `key` and `columns`.
        load_id: The load whose rows are checked.
    """
    return suite_of(
        f"raw.{feed.name}",
        [
            columns_are(
                [*LOADED_BY_US, *(column.name for column in feed.columns)],
                check_id="columns_are_the_contracts",
                category="conformance",
                why="Every later stage reads these columns by name.",
            ),
            unique(
                feed.key,
                check_id=f"{feed.key}_is_loaded_once",
                category="conformance",
                why="A row loaded twice is counted twice.",
            ),
            not_null(
                feed.key,
                check_id=f"{feed.key}_is_loaded",
                category="completeness",
                why="A row without its key cannot be replaced or retired.",
            ),
            no_rows(
                f"{feed.key}_is_in_its_namespace",
                "select batch.load_id from {batch} as batch "
                "inner join loads on batch.load_id = loads.load_id "
                f"where not starts_with(batch.{feed.key}, loads.namespace || ':')",
                category="conformance",
                why="Two sources' pseudonyms would be taken for one person.",
            ),
            *(_column_checks(feed)),
            no_rows(
                "rows_are_as_many_as_reconciled",
                "select 1 as differs from load_feeds where load_feeds.feed = "
                f"'{feed.name}' and load_feeds.load_id = '{load_id}' "
                "and load_feeds.loaded_count <> (select count(*) from {batch} as batch)",
                category="completeness",
                why="Rows were lost or added between landing and raw.",
            ),
        ],
    )


def _column_checks(feed):
    for column in feed.columns:
        if column.is_required and column.name != feed.key:
            yield no_rows(
                f"{column.name}_is_loaded",
                f"select load_id from {{batch}} where {column.name} is null "
                "and not is_deleted",
                category="completeness",
                why="The contract requires it.",
            )
        if column.codes:
            yield in_set(
                column.name,
                list(column.codes),
                check_id=f"{column.name}_is_a_known_code",
                category="conformance",
                why="A code outside the list would fall out of every comparison.",
            )
        if column.refers_to == "patients":
            yield no_rows(
                f"{column.name}_is_in_patients",
                f"select load_id from {{batch}} where {column.name} is not null "
                f"and {column.name} not in (select {column.name} from patients)",
                category="conformance",
                why="A row of an unknown patient belongs to no cohort.",
            )
