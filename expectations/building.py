"""Write an expectation in one line, always with its id, category and reason.

Great Expectations' regular-expression and type expectations do not work on
DuckDB, so a rule on values is a query for the rows that break it.
"""

import copy

from great_expectations import ExpectationSuite
from great_expectations import expectations as gxe
from great_expectations.compatibility.pydantic import PrivateAttr
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import (
    ExpectationConfiguration,
)


class NoRowsExpected(gxe.UnexpectedRowsExpectation):
    """An expectation that a query finds no row.

    The library asks each check some fifty times for its configuration and makes it anew
    each time, which takes longer than the check. Here it is made again only when the
    check was changed. The library also runs the query a second time to fetch rows; here
    they are counted only.
    """

    metric_dependencies = ("unexpected_rows_query.row_count",)

    _made: ExpectationConfiguration = PrivateAttr(default=None)
    _made_of: dict = PrivateAttr(default=None)

    @property
    def configuration(self) -> ExpectationConfiguration:
        """The check as the library keeps it; a copy, which may be changed."""
        if self._made_of != self.__dict__:
            self._made = super().configuration
            self._made_of = dict(self.__dict__)
        made = copy.copy(self._made)
        made.kwargs = dict(made.kwargs)
        return made

    def _validate(
        self, metrics: dict, runtime_configuration=None, execution_engine=None
    ) -> dict:
        count = metrics["unexpected_rows_query.row_count"]
        return {"success": count == 0, "result": {"observed_value": count}}


def suite_of(name: str, checks: list[Expectation]) -> ExpectationSuite:
    """Return a suite named `<stage>.<table>`; its check ids must differ.

    Raises:
        ValueError: Two checks share a check_id.
    """
    ids = [check.meta["check_id"] for check in checks]
    repeated = sorted({check_id for check_id in ids if ids.count(check_id) > 1})
    if repeated:
        raise ValueError(f"{name} has two checks named {', '.join(repeated)}.")
    return ExpectationSuite(name=name, expectations=checks)


def no_rows(
    check_id: str, query: str, *, category: str, why: str, severity: str = "critical"
) -> Expectation:
    """Expect that a query for offending rows finds none.

    Args:
        check_id: What must be true, as a snake_case sentence.
        query: Selects the offending rows; `{batch}` stands for the table, and may
            be given a name and joined. Other braces are written singly.
        category: conformance, completeness or plausibility.
        why: What goes wrong downstream when this does not hold.
        severity: critical or warning.
    """
    escaped = query.replace("{batch}", "checked")
    escaped = escaped.replace("{", "{{").replace("}", "}}")
    return NoRowsExpected(
        # Named here, because the library names the batch in some queries only.
        unexpected_rows_query=(
            "with checked as (select * from {batch}) "
            f"select * from ({escaped}) as offending"
        ),
        severity=severity,
        meta=_meta(check_id, category, why),
    )


def columns_are(
    columns: list[str], *, check_id: str, category: str, why: str
) -> Expectation:
    """Expect exactly these columns, in any order."""
    return gxe.ExpectTableColumnsToMatchSet(
        column_set=columns,
        exact_match=True,
        severity="critical",
        meta=_meta(check_id, category, why),
    )


def not_null(
    column: str, *, check_id: str, category: str, why: str, severity: str = "critical"
) -> Expectation:
    """Expect a value in every row of a column."""
    return gxe.ExpectColumnValuesToNotBeNull(
        column=column, severity=severity, meta=_meta(check_id, category, why)
    )


def unique(
    column: str, *, check_id: str, category: str, why: str, severity: str = "critical"
) -> Expectation:
    """Expect no value twice in a column; every row of such a value counts.

    The library's own check numbers the rows of each value, which takes several times as
    long. Here a hash of eight bytes finds what may be repeated, and the values decide.
    """
    return no_rows(
        check_id,
        f"select 1 as repeated from {{batch}} where {column} in ("
        f"select {column} from {{batch}} where hash({column}) in ("
        f"select hash({column}) from {{batch}} where {column} is not null "
        "group by 1 having count(*) > 1) "
        f"group by {column} having count(*) > 1)",
        category=category,
        why=why,
        severity=severity,
    )


def in_set(
    column: str,
    values: list[str],
    *,
    check_id: str,
    category: str,
    why: str,
    severity: str = "critical",
) -> Expectation:
    """Expect every value that is given to be one of a list."""
    return gxe.ExpectColumnValuesToBeInSet(
        column=column,
        value_set=values,
        severity=severity,
        meta=_meta(check_id, category, why),
    )


def between(
    column: str,
    low: float,
    high: float,
    *,
    check_id: str,
    category: str,
    why: str,
    severity: str = "critical",
) -> Expectation:
    """Expect every value that is given to lie from low to high, both included."""
    return gxe.ExpectColumnValuesToBeBetween(
        column=column,
        min_value=low,
        max_value=high,
        severity=severity,
        meta=_meta(check_id, category, why),
    )


def _meta(check_id: str, category: str, why: str) -> dict[str, str]:
    return {"check_id": check_id, "category": category, "why": why}
