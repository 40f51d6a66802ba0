"""Do everything in order, by hand: load, build, estimate, publish.

For after a change of code, of settings or of a source's SQL, when no new
delivery will come to start the chain. It publishes also when there is nothing
new to load. It updates no asset, so the other DAGs do not run a second time.

| | |
| --- | --- |
| Reads | `landing/`, then the loads accepted when staging starts |
| Guarded by | everything that guards the other DAGs |
| Writes | `warehouse/raw.duckdb`, one build, one release |
| When it fails | `docs/runbooks/rebuild_outcomes.md`; the last release stays current |

The same by hand, or in one command with `outcomes run`:

    outcomes ingest
    outcomes build --stage staging
    outcomes build --stage intermediate
    outcomes build --stage marts
    outcomes estimate
    outcomes build --stage aggregates
    outcomes build --stage reports
    outcomes publish
"""

from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import chain, dag

# The instant of this DAG run, to the millisecond: 20261122T050000000Z.
RUN_ID = "{{ dag_run.run_after.strftime('%Y%m%dT%H%M%S%f')[:-3] }}Z"
RUN = f"--run-id {RUN_ID} --wait 900"


@dag(
    schedule=None,  # a person starts it
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
        "stage/raw",
        "stage/staging",
        "stage/intermediate",
        "stage/marts",
        "stage/estimates",
        "stage/aggregates",
        "stage/reports",
        "stage/release",
        "impact/tier_2",
    ],
    doc_md=__doc__,
)
def rebuild_outcomes():
    chain(
        BashOperator(
            task_id="load_raw",
            bash_command=f"outcomes ingest {RUN}",
            skip_on_exit_code=99,
        ),
        BashOperator(
            task_id="build_staging",
            bash_command=f"outcomes build --stage staging {RUN}",
            trigger_rule="none_failed",  # an ingest with nothing new was skipped
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
        ),
        BashOperator(
            task_id="build_reports",
            bash_command=f"outcomes build --stage reports {RUN}",
        ),
        BashOperator(
            task_id="publish_release",
            bash_command=f"outcomes publish {RUN}",
        ),
    )


rebuild_outcomes()
