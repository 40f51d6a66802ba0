"""Load the deliveries that wait in `landing/` into `raw`.

| | |
| --- | --- |
| Reads | `$OUTCOMES_HOME/landing/<source>/<delivery>/` through `sources/<source>/` |
| Guarded by | `expectations/landing/` before a row is loaded, `expectations/raw/` after |
| Writes | `warehouse/raw.duckdb`, `quarantine/`, `checks/<run id>.jsonl` |
| Starts next | `transform_outcomes`, by the asset `raw_outcomes` |
| Nothing new | exit code 99: the task is skipped, no asset is updated, nothing is rebuilt |
| When it fails | `docs/runbooks/ingest_outcomes.md` |
| A delivery came late or twice | `docs/runbooks/late_delivery.md` |
| A delivery must not count | `docs/runbooks/withdraw_a_delivery.md` |
| Old rows must go | `docs/runbooks/retention.md` |

The same by hand:

    outcomes ingest
"""

from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import Asset, dag

# The instant of this DAG run, to the millisecond: 20261122T050000000Z.
RUN_ID = "{{ dag_run.run_after.strftime('%Y%m%dT%H%M%S%f')[:-3] }}Z"


@dag(
    # 05:00 UTC, every day: sources deliver overnight, people read from 08:00.
    schedule="0 5 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "data-quality",
        "retries": 0,  # a refused delivery is refused again: a person must look
        "pool": "duckdb_writer",  # one slot: DuckDB takes one writing process
        "execution_timeout": timedelta(hours=3),
        "cwd": str(Path(__file__).parents[1]),
    },
    tags=["stage/landing", "stage/raw", "impact/tier_1"],
    doc_md=__doc__,
)
def ingest_outcomes():
    BashOperator(
        task_id="load_raw",
        bash_command=f"outcomes ingest --run-id {RUN_ID} --wait 900",
        skip_on_exit_code=99,
        outlets=[Asset("raw_outcomes")],
    )


ingest_outcomes()
