"""Build the tables of one run from the loads that are accepted now.

| | |
| --- | --- |
| Reads | `warehouse/raw.duckdb`, read-only, as of the moment staging starts |
| Guarded by | the `.yml` beside each dbt model; `expectations/estimates/` |
| Writes | `builds/<run id>/outcomes.duckdb`, `checks/<run id>.jsonl`; no release |
| Starts next | `publish_outcomes`, by the asset `aggregates_outcomes` |
| When it fails | `docs/runbooks/transform_outcomes.md`; the last release stays current |

The same by hand, each command going on with the run that the first one began:

    outcomes build --stage staging
    outcomes build --stage intermediate
    outcomes build --stage marts
    outcomes estimate
    outcomes build --stage aggregates
"""

from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import Asset, chain, dag

# The instant of this DAG run, to the millisecond: 20261122T050000000Z.
RUN_ID = "{{ dag_run.run_after.strftime('%Y%m%dT%H%M%S%f')[:-3] }}Z"
RUN = f"--run-id {RUN_ID} --wait 900"


@dag(
    # No clock: it runs when a load was accepted, and only then.
    schedule=[Asset("raw_outcomes")],
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "data-platform",
        "retries": 0,  # the same data fails the same check again
        "pool": "duckdb_writer",  # one slot: DuckDB takes one writing process
        "skip_on_exit_code": None,  # only an ingest may skip
        "execution_timeout": timedelta(hours=3),
        "cwd": str(Path(__file__).parents[1]),
    },
    tags=[
        "stage/staging",
        "stage/intermediate",
        "stage/marts",
        "stage/estimates",
        "stage/aggregates",
        "impact/tier_1",
    ],
    doc_md=__doc__,
)
def transform_outcomes():
    chain(
        BashOperator(
            task_id="build_staging",
            bash_command=f"outcomes build --stage staging {RUN}",
        ),
        BashOperator(
            task_id="build_intermediate",
            bash_command=f"outcomes build --stage intermediate {RUN}",
        ),
        BashOperator(
            task_id="build_marts",
            bash_command=f"outcomes build --stage marts {RUN}",
        ),
        BashOperator(
            task_id="build_estimates",
            bash_command=f"outcomes estimate {RUN}",
        ),
        BashOperator(
            task_id="build_aggregates",
            bash_command=f"outcomes build --stage aggregates {RUN}",
            outlets=[Asset("aggregates_outcomes")],
        ),
    )


transform_outcomes()
