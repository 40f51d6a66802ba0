"""Guard on reports.rpt_check_catalogue."""

from great_expectations import ExpectationSuite

from expectations.building import no_rows
from expectations.outputs import OUTPUTS
from expectations.reports._report import suite_from


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_check_catalogue`."""
    known = ", ".join(f"'{name}'" for name in OUTPUTS)
    return suite_from(
        "rpt_check_catalogue",
        no_rows(
            "every_tainted_output_is_known",
            "select output_id from (select unnest(string_split(taints, ', ')) "
            "as output_id from {batch} as report where taints <> '') "
            f"where output_id not in ({known})",
            category="conformance",
            why="A check that taints an output nobody knows makes none doubtful.",
        ),
        **parameters,
    )
