"""Publish the run that `transform_outcomes` has built, as an immutable release.

| | |
| --- | --- |
| Reads | `builds/<run id>/outcomes.duckdb` of the run that started this one |
| Guarded by | `expectations/reports/` and the release's own disclosure checks |
| Writes | `releases/<release id>/`, then `releases/current` |
| Started by hand | give `run_id`; left blank, the newest run, which must be ready |
| When it fails | `docs/runbooks/publish_outcomes.md`; the last release stays current |

The same by hand:

    outcomes build --stage reports
    outcomes publish
"""

from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import Asset, Param, chain, dag

# The run that was built, not the newest one: another may have started since. An
# asset event knows the DAG run it came from, and so the run id that this one used.
RUN = """
{%- set built = triggering_asset_events.values() | sum(start=[])
    | selectattr("source_run_id")
    | map(attribute="source_dag_run.run_after") | list -%}
{%- if params.run_id %} --run-id {{ params.run_id -}}
{%- elif built %} --run-id {{ (built | max).strftime("%Y%m%dT%H%M%S%f")[:-3] }}Z
{%- endif %} --wait 900"""


@dag(
    # No clock: it runs when a build is complete, and only then.
    schedule=[Asset("aggregates_outcomes")],
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    params={
        "run_id": Param(
            None,
            type=["null", "string"],
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$",
            description="A build to publish by hand: a folder name in builds/.",
        )
    },
    default_args={
        "owner": "data-platform",
        "retries": 0,  # a table that may disclose is not tried twice
        "pool": "duckdb_writer",  # one slot: DuckDB takes one writing process
        "skip_on_exit_code": None,  # only an ingest may skip
        "execution_timeout": timedelta(hours=3),
        "cwd": str(Path(__file__).parents[1]),
    },
    tags=["stage/reports", "stage/release", "impact/tier_1"],
    doc_md=__doc__,
)
def publish_outcomes():
    chain(
        BashOperator(
            task_id="build_reports",
            bash_command=f"outcomes build --stage reports{RUN}",
        ),
        BashOperator(
            task_id="publish_release",
            bash_command=f"outcomes publish{RUN}",
        ),
    )


publish_outcomes()
