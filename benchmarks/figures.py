"""The figures of one run as a page, and where they are kept."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
KEPT = FOLDER / "figures.json"
PAGE = FOLDER / "README.md"
BEGIN = "<!-- figures: written by `make benchmark` -->\n"
END = "<!-- end of figures -->\n"

SLOWEST_COUNT = 12
"""Models named one by one."""

GIGABYTE = 1e9


def as_markdown(measured: dict[str, Any]) -> str:
    """Return the figures as the page shows them."""
    models, bare = measured["models"], measured["bare"]
    rows = ", ".join(f"{n:,} {feed}" for feed, n in measured["rows"].items())
    first, second = bare["seconds"]
    slowest = sorted(models["seconds_by_model"].items(), key=lambda item: -item[1])
    return "\n".join(
        [
            f"Records, made up: {rows}.",
            f"{measured['threads']} threads, memory limit {measured['memory_limit']}, "
            + ", ".join(f"{k} {v}" for k, v in measured["versions"].items())
            + ".",
            "",
            "| | Seconds | Against bare SQL |",
            "| --- | ---: | ---: |",
            f"| Bare DuckDB SQL, before and after the models | {first:.0f} and "
            f"{second:.0f} | 1 |",
            f"| Models, seconds in which one was executing "
            f"| {models['busy_seconds']:.0f} | **{measured['ratio']:.2f}** |",
            f"| Models, execution times added up | {models['summed_seconds']:.0f} "
            f"| {measured['summed_ratio']:.2f} |",
            f"| dbt's own: starting, parsing, compiling, writing its files "
            f"| {models['dbt_seconds']:.0f} | apart |",
            "",
            "| | Models with dbt | Bare SQL |",
            "| --- | ---: | ---: |",
            f"| Peak memory of the process, GB | {models['peak_bytes'] / GIGABYTE:.1f} "
            f"| {bare['peak_bytes'] / GIGABYTE:.1f} |",
            f"| Processor seconds, dbt's start included "
            f"| {models['processor_seconds']:.0f} "
            f"| {bare['processor_seconds'][0]:.0f} and "
            f"{bare['processor_seconds'][1]:.0f} |",
            f"| Processor seconds against bare SQL "
            f"| {measured['processor_ratio']:.2f} | 1 |",
            "",
            _verdict(measured),
            "",
            "| Slowest models | Seconds |",
            "| --- | ---: |",
            *(f"| {name} | {s:.1f} |" for name, s in slowest[:SLOWEST_COUNT]),
            "",
            "| Bare SQL | Seconds |",
            "| --- | ---: |",
            *(f"| {name} | {s:.1f} |" for name, s in bare["seconds_by_file"].items()),
            "",
        ]
    )


def record(measured: dict[str, Any]) -> None:
    """Write the figures into the page and beside it."""
    keep(measured, KEPT)
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(
        before + BEGIN + "\n" + as_markdown(measured) + "\n" + END + after, "utf-8"
    )


def keep(measured: dict[str, Any], path: Path) -> None:
    """Write the figures as JSON."""
    path.write_text(json.dumps(measured, indent=1) + "\n", "utf-8")


def _verdict(measured: dict[str, Any]) -> str:
    unequal = measured["unequal_marts"]
    if unequal:
        return f"**Not equal:** {', '.join(unequal)}."
    rows = sum(measured["marts"].values())
    return (
        f"All {len(measured['marts'])} marts ({rows:,} rows) are equal, row for row, "
        "by `except all` both ways."
    )
