"""Write docs/simulator.md from what it describes."""

from collections.abc import Mapping

from pipelines.simulate.comparisons import WITHOUT_TRUTH
from pipelines.simulate.evidence import document as evidence_document
from pipelines.simulate.evidence import measuring as evidence
from pipelines.simulate.markdown import GENERATED, table
from pipelines.simulate.parameters import described_parameters, described_scenarios

SIMULATOR = """# The simulated health system

{generated}
Everything below is **simulated: nobody's records**. Without a known truth nobody can
say that a comparison is right. The simulator gives each patient an outcome under each
strategy, hides it, and writes the records that a service would send. The product
sees the records; `truth/` keeps the rest, and no stage reads it.

```bash
outcomes simulate --out a_service --patients 3000 --seed 1
outcomes source add a_service
outcomes run
```

A page made from them says so: a source whose name begins with `simulated_` is labelled.
Records come in the feeds of the [input contract](data_dictionary.md), as one full
delivery or as daily or monthly increments, in Parquet or CSV. Patients are made in
blocks of 2,048 with random numbers of their own, so that the same scenario, size and
seed give the same bytes, whatever `--processes` and `--chunk` say.

In `truth/`:

| File | Grain |
| --- | --- |
| `effects.parquet` | comparison, outcome and population: the true effect, and the standard error of its Monte-Carlo |
| `potential_outcomes.parquet` | patient, comparison and outcome: the outcome under each strategy |
| `faults.parquet` | planted fault ([scenario `dirty`](faults.md)): where it is, and which check should name it |

## What it does not resemble

- **The course of depression is one latent number a week.** Sleep, appetite and thoughts
  of death rise and fall together but for noise; real symptoms have lives of their own.
- **The size of every effect is ours.** Bands of published figures hold the totals in
  place; how patients differ in what helps them is invented.
- **Deaths, moves and closures come by chance alone**, but for age. Real people who leave
  or die differ from those who stay in ways that their records do not show.
- **One service, one kind of record.** No merger, no change of supplier, no two systems
  that disagree; what goes wrong in scenario `dirty` was thought of by us.
- **Missing answers follow rules that can be written down.** Real ones do not.
- **Some things are there in name only.** Goals are set by chance and change nothing. A
  group session says how many took part; its members are not the same people each week.
  There are no public holidays but the closed last week of the year.
- **Long-term therapy "until two low scores" reads the score of each attended session**,
  and records hold most of them, not all. Reading only 85 % moves the true effect by 0.04
  points at most, on a scale of 27.
- **Questions without a truth.** {without_truth}
- An estimator that finds the truth here has passed a test. It has not been shown to be
  right in real records. [Known-truth validation](validation.md) is that test.

## Does it look like a service?

Scenario `default`, {patients} referred people, {years} years, seed {seed}: what the product
measures in their records, beside published figures. The figure must land in its band. The
project's methods give some bands; ours reach 15 % of the published figure either way.

{benchmarks}{outside}
## Is a plain average wrong?

It has to be, or the simulator could not tell a good comparison from a bad one. Below is
the difference in PHQ-9 points (less is better) between the plain averages that the
product's records give, and the truth, from {truth_patients} simulated people under both
strategies. The self-test asks for a plain average that is **too high by a stated
amount**: unfair to long-term therapy and to medication. Under `null` nothing has an
effect, and a plain average shows one all the same.

{plain_averages}
{reasons}
`outcomes simulate evidence` makes both tables again.

## Scenarios

{scenarios}
## Parameters

The source of a number is a published figure, the project's methods, or our choice;
what was not read in its source says *not yet checked*. A few numbers of little weight
(a session's length, the days within which a referral is closed) stand in the code.

{parameters}"""


def render() -> str:
    """Return docs/simulator.md."""
    found = evidence.read()
    return SIMULATOR.format(
        generated=GENERATED,
        without_truth=" ".join(f"{what}: {why}" for what, why in WITHOUT_TRUTH),
        patients=f"{found.patients:,}",
        years=f"{found.years:g}",
        seed=found.seed,
        truth_patients=f"{found.truth_patients:,}",
        benchmarks=evidence_document.benchmarks_table(found.benchmarks),
        outside=evidence_document.outside(found.benchmarks),
        plain_averages=evidence_document.plain_averages_table(found.plain_averages),
        reasons=evidence_document.reasons(),
        scenarios=_scenarios(described_scenarios()),
        parameters="\n".join(
            _parameters(subject, rows)
            for subject, rows in described_parameters().items()
        ),
    )


def _scenarios(described: Mapping[str, Mapping]) -> str:
    lines = [
        (f"`{name}`", values["about"], _changes(values))
        for name, values in described.items()
    ]
    return table(("Scenario", "What it is", "What it changes"), lines)


def _changes(values: Mapping) -> str:
    changes = [
        f"`{subject}.{name}` {_value(value)}"
        for subject, section in values.items()
        if subject != "about"
        for name, value in section.items()
    ]
    return "; ".join(changes) or "nothing"


def _parameters(subject: str, rows: Mapping[str, Mapping]) -> str:
    lines = [
        (f"`{name}`", _value(row["value"]), row["unit"], row["source"], row["about"])
        for name, row in rows.items()
    ]
    header = ("Parameter", "Value", "Unit", "Source", "What it does")
    return f"### {subject}\n\n{table(header, lines)}"


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_value(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
