"""The tables of docs/simulator.md that show what was measured last."""

from pipelines.simulate.evidence import benchmarks, plain_averages
from pipelines.simulate.evidence.benchmarks import Benchmark
from pipelines.simulate.evidence.plain_averages import PlainAverage
from pipelines.simulate.markdown import table

UNEXPLAINED = "Nobody has said why."


def benchmarks_table(rows: list[Benchmark]) -> str:
    """Return each benchmark beside its published figure and its band."""
    lines = []
    for row in rows:
        about = benchmarks.published()[row.benchmark_id]
        published, high, value = (
            _figure(figure, about["unit"])
            for figure in (about["published"], about["high"], row.value)
        )
        lines.append(
            (
                about["name"],
                f"**{value}**",
                f"{row.units_count:,}",
                published,
                about["source"],
                f"{_number(about['low'], about['unit'])} to {high}",
                about["band"],
                "inside" if benchmarks.lies_in_band(row) else "**outside**",
            )
        )
    header = ("Figure", "Simulated", "Of", "Published", "Where")
    return table((*header, "Band", "Whose band", "It lies"), lines)


def outside(rows: list[Benchmark]) -> str:
    """Say what lies outside its band; the reason is beside its band."""
    return "".join(
        f"\n- **Outside: {about['name']}.** {about.get('reason_outside', UNEXPLAINED)}\n"
        for row in rows
        if not benchmarks.lies_in_band(row)
        for about in (benchmarks.published()[row.benchmark_id],)
    )


def plain_averages_table(rows: list[PlainAverage]) -> str:
    """Return each plain average beside the truth."""
    lines = []
    for row in rows:
        about = plain_averages.described()[row.plain_id]
        lines.append(
            (
                about["name"],
                f"`{row.scenario}`",
                f"{row.exposed_count:,} and {row.comparator_count:,}",
                f"**{row.difference:+.2f}** ({row.std_error:.2f})",
                f"{row.truth:+.2f} ({row.truth_std_error:.2f})" if row.truth else "0",
                f"{row.too_high_by:+.2f}",
                f"{plain_averages.least(row):.1f}",
                "yes" if plain_averages.is_as_wrong_as_stated(row) else "**no**",
            )
        )
    header = ("Plain average", "Scenario", "Courses", "It says (standard error)")
    rest = ("Truth (standard error)", "Too high by", "Stated: at least", "Holds")
    return table((*header, *rest), lines)


def reasons() -> str:
    """Say why each plain average is wrong."""
    return "".join(
        f"- {about['name']}: {about['why']} The truth is that of "
        f"`{about['comparison_id']}`, `{about['outcome_id']}`.\n"
        for about in plain_averages.described().values()
    )


def _figure(value: float, unit: str) -> str:
    if unit == "r":
        return _number(value, unit)
    return f"{_number(value, unit)} {'%' if unit == 'share' else unit}"


def _number(value: float, unit: str) -> str:
    if unit == "r":
        return f"{value:.2f}"
    return f"{100 * value:.1f}" if unit == "share" else f"{value:.1f}"
