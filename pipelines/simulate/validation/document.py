"""Write docs/validation.md from what was measured last."""

import tomllib
from pathlib import Path

from pipelines.simulate.making import parameters_hash
from pipelines.simulate.markdown import GENERATED, table
from pipelines.simulate.parameters import described_scenarios, scenario
from pipelines.simulate.validation import goals, measuring
from pipelines.simulate.validation.comparisons import (
    ABOUT,
    NULL,
    ORDER,
    SCENARIOS,
    SEQUENTIAL,
)
from pipelines.simulate.validation.measuring import Measured, Share, Validation
from pipelines.simulate.validation.running import TRUTH_COHORTS

REASONS = Path(__file__).with_name("reasons.toml")
"""Why a goal was missed and what it would take, by comparison and scenario."""

ASKED = 500
"""Cohorts of each scenario that METHODS part 8 asks for."""

UNEXPLAINED = "Nobody has said why."

PAGE = """# Does the product find a truth that it cannot see?

{generated}
Everything below is **simulated: nobody's records** ([the simulator](simulator.md)). A
cohort is a service of its own, {patients:,} referred people. The product's own SQL makes
its comparisons, and the product's own engine estimates each primary outcome by the
primary estimator of its protocol. What it finds is held against the truth, which the
simulator hides. Whether the gate would withhold a result is written down, and the result
is looked at all the same: {gate_why}

{how_many}

```bash
outcomes simulate validate --out validation --go-on   # hours; begins with those kept
outcomes simulate validate --out validation           # a rerun goes on where it stopped
outcomes simulate validate --out validation --cohorts 0 --keep   # sum up what is there
```

What each cohort gave is kept in the repository (`--keep`), so that another machine goes
on with them (`--go-on`). After a change of an estimator, start anew.

`make docs` then writes this page.

One cohort takes {seconds:.0f} seconds of a processor. dbt compiles the models once; the
same SQL then runs in memory for each cohort, and a test holds its rows against those of
ingest and dbt.

## Goals

| | Goal | Whose |
| --- | --- | --- |
| Bias | less than {bias:.2f} standard deviations (SD) of the outcome | METHODS part 8 |
| Coverage | {coverage} of 95 % intervals hold the truth | METHODS part 8 |
| Type-I error (`null`) | {first_kind} of cohorts find an effect | METHODS part 9: what 500 cohorts of a perfect method give |
| `unmeasured_confounding` | the interval misses the truth, and the negative control raises its alarm, in more than half of the cohorts | Our choice |

**Met**: the figure lies within its limits. **Missed**: its Monte-Carlo interval (95 %)
lies wholly outside. **Unclear**: it lies outside, and the interval reaches in; more
cohorts would tell. With few cohorts a goal that is met is weak evidence: the error beside
each figure says how weak.

## What is the truth here?

Both outcomes of the same people, under either arm, on the same noise. It is the mean
difference among the people **whom the product really compares**, after it has left out
who has no counterpart, with the weights of the estimator's target: 1 for everyone,
e(1 − e) where the protocol speaks of people who could well have had either arm. It is
computed once per comparison and scenario, from other cohorts than those estimated:
{truth_cohorts}; its own error stands beside it.

- Second courses and later trial months have no truth. The truth takes each person's
  first unit. Estimates take all courses, as the product does.
- `{sequential}` runs a trial each month. Its truth
  belongs to the month in which a person's simulated day 0 lies, so here its estimate
  takes that one trial of each person, and not the others: the product's estimate from all
  months is not validated by this.
- Who dies, moves away or is not scored has a true outcome all the same.
- The truth is the PHQ-9 of the stated week; the product takes the score nearest to it in
  a window.

## It is not circular

The simulator decides with terms that no estimator knows.

- **Who stops**: a missed session counts though nobody saw its score; true improvement
  counts beyond what scores show; a passing bad week, a latent state; a bump about the
  tenth week. The product's model has splines of the week and the last score.
- **Who gets what**: latent severity and its square rather than the score alone, a
  passing bad week that nobody sees, and each site's habits.
- **Whose outcome is missing**: latent severity in that week, seen or not (not at
  random); last scores skipped where a course ends unplanned. `missing_at_random` switches
  these two off; in `nearly_all_answered` hardly a score is missing. Together they tell
  an estimator's own bias from that of scores missing not at random, and from that of a
  model of who answers.

Nothing in an estimator was tuned to these cohorts' seeds. That the authors of the
estimators and of the simulator are the same people remains: see what the simulator
[does not resemble](simulator.md#what-it-does-not-resemble).

## What was found

Less is better in points of the PHQ-9; an effect below 0 favours the first of the two
arms. ± is the Monte-Carlo error (one standard error). "Worth" is how many people those with
the outcome count for once they are weighted. "Claimed error / real" is the median
standard error of the intervals over the standard deviation of the estimates: below 1,
intervals are too short.

{found}
## What was missed, why, and what it would take

{missed}
## Would the product have shown it?

The gate's rules, and what a plain average of the same people says.

{gate}
"""


def render() -> str:
    """Return docs/validation.md."""
    found = measuring.read()
    return PAGE.format(
        generated=GENERATED,
        patients=found.patients,
        gate_why=reasons()["about"]["gate"],
        how_many=_how_many(found),
        seconds=found.seconds,
        bias=goals.BIAS,
        coverage=_limits(goals.COVERAGE),
        first_kind=_limits(goals.FIRST_KIND),
        truth_cohorts=_truth_cohorts(found),
        sequential=SEQUENTIAL,
        found="\n".join(_found(found, name) for name in ORDER),
        missed=_missed(found),
        gate="\n".join(_gate(found, name) for name in ORDER),
    )


def reasons() -> dict[str, dict[str, str]]:
    """Return why a goal was missed, by comparison_id and scenario."""
    return tomllib.loads(REASONS.read_text(encoding="utf-8"))


def reason(row: Measured) -> str:
    """Return why a row missed a goal.

    The reason of a comparison in a scenario comes before one of the whole scenario, and
    that before one of the whole comparison.
    """
    written = reasons()
    of_comparison = written.get(row.comparison_id, {})
    of_scenario = written.get(row.scenario, {})
    return (
        of_comparison.get(row.scenario)
        or of_scenario.get("all")
        or of_comparison.get("all")
        or UNEXPLAINED
    )


def _how_many(found: Validation) -> str:
    counts = {
        name: max((r.cohorts for r in found.rows if r.scenario == name), default=0)
        for name in SCENARIOS
    }
    told = ", ".join(f"{counts[name]} of `{name}`" for name in ORDER)
    most = max(counts.values())
    fewer = (
        f"**{ASKED} cohorts of each scenario are asked for; fewer were run**, for want "
        "of time on the machine: "
        if most < ASKED
        else "Cohorts that were run: "
    )
    changed = [
        f"`{name}`"
        for name, kept in found.parameters.items()
        if name not in described_scenarios()
        or kept != parameters_hash(scenario(name, found.patients))
    ]
    older = (
        f"\n\n**The simulator's parameters have changed since ({', '.join(changed)}): "
        "these figures are of the older ones.**"
        if changed
        else ""
    )
    before = reasons()["about"].get("before", "")
    return f"{fewer}{told}.{older}" + f"\n\n{before}" * bool(before)


def _truth_cohorts(found: Validation) -> str:
    most = max((row.truth_cohorts for row in found.rows), default=0)
    asked = "" if most >= TRUTH_COHORTS else f" so far, of {TRUTH_COHORTS} asked for"
    return (
        f"{most}{asked} (1 under `{NULL}`, where both outcomes of a person are equal)"
    )


def _found(found: Validation, name: str) -> str:
    lines = [_line(row) for row in found.rows if row.scenario == name]
    tested = "Type-I error" if name == NULL else "Power"
    header = (
        *("Comparison", "Cohorts", "People with the outcome (worth)", "Truth"),
        *(
            "Mean estimate",
            "Bias, points",
            "Bias, SD",
            "RMSE",
            "Claimed error / real",
            "Coverage",
            tested,
        ),
        "Goals",
    )
    return f"### `{name}`\n\n{ABOUT[name]}\n\n{table(header, lines)}"


def _line(row: Measured) -> tuple[str, ...]:
    worth = " and ".join(
        f"{n:,.0f} ({size:,.0f})"
        for n, size in zip(row.observed, row.sizes, strict=True)
    )
    told = "; ".join(f"{what} {how}" for what, how in goals.verdicts(row).items())
    return (
        f"`{row.comparison_id}`",
        f"{row.cohorts}"
        + (f" (and {row.not_estimated} without)" if row.not_estimated else ""),
        worth,
        f"{_signed(row.truth)} ± {row.truth_error:.2f}",
        _signed(row.mean),
        f"{_signed(row.bias)} ± {row.bias_error:.2f}",
        f"**{_signed(row.bias / row.spread)}** ± {row.bias_error / row.spread:.2f}",
        f"{row.rmse:.2f}",
        f"{row.claimed:.2f}",
        f"**{_share(row.covered)}**",
        _share(row.apart),
        told,
    )


def _missed(found: Validation) -> str:
    lines = []
    for name in ORDER:
        for row in found.rows:
            if row.scenario == name and goals.has_missed(row):
                what = ", ".join(
                    goal
                    for goal, how in goals.verdicts(row).items()
                    if how == goals.MISSED
                )
                lines.append((f"`{row.comparison_id}`", f"`{name}`", what, reason(row)))
    if not lines:
        return "Nothing was missed for certain.\n"
    return table(("Comparison", "Scenario", "Missed", "Why, what it takes"), lines)


def _gate(found: Validation, name: str) -> str:
    lines = [
        (
            f"`{row.comparison_id}`",
            " and ".join(f"{n:,.0f}" for n in row.people),
            f"{100 * row.withheld:.0f} %",
            ", ".join(
                f"`{rule}` {100 * part:.0f} %" for rule, part in row.withheld_by.items()
            )
            or "nothing",
            _signed(row.plain_bias),
            _signed(row.plain_bias / row.spread),
            f"{100 * row.plain_covered:.0f} %",
            "none" if row.alarm is None else _share(row.alarm),
        )
        for row in found.rows
        if row.scenario == name
    ]
    header = (
        *("Comparison", "People", "Withheld", "By"),
        *("Plain average: bias, points", "SD", "Its coverage"),
        "Alarm of the negative control",
    )
    return f"### `{name}`\n\n{table(header, lines)}"


def _share(found: Share) -> str:
    return f"{100 * found.value:.0f} % ± {100 * found.error:.0f}"


def _limits(limits: tuple[float, float]) -> str:
    return " to ".join(f"{100 * limit:.1f}" for limit in limits) + " %"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-0.00", "+0.00")
