"""`make up`: a real scheduler takes the trial from the clock to a release."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest

pytestmark = pytest.mark.slow

RELEASE_SECONDS = 300
"""Bound on the whole way, from starting Airflow to the first release."""

START_SECONDS = 120
"""Bound on preparing Airflow's database and pool."""

RUN_SECONDS = 240
"""Bound on one DAG run to end after it was triggered."""


@pytest.fixture(scope="module")
def scheduled(make_place):
    """A place with Airflow running on it, by the Makefile, until the tests end."""
    place = make_place()
    place.run("outcomes", "source", "add", str(place.example))
    port, workers_port, triggers_port = _free_ports(3)
    log = place.home / "airflow.log"
    with log.open("w") as output:
        airflow = subprocess.Popen(
            # -o: the environment that runs this test is the one to run with.
            ["make", "-o", ".venv/.ready", "up", f"AIRFLOW_PORT={port}"],
            cwd=place.root,
            env={
                **place.environment,
                "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(workers_port),
                "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(triggers_port),
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        # Said once the database and the pool are there, just before Airflow starts.
        _wait(lambda: "Airflow: http" in log.read_text(), START_SECONDS, place)
        yield place
    finally:
        _stop(airflow)


def test_the_clock_starts_the_chain_and_assets_carry_it_to_a_release(scheduled):
    _wait(lambda: _ended(scheduled, "publish_outcomes"), RELEASE_SECONDS, scheduled)

    runs = _dag_runs(scheduled)
    assert [(dag_id, kind) for dag_id, kind, _ in runs] == [
        ("ingest_outcomes", "scheduled"),
        ("transform_outcomes", "asset_triggered"),
        ("publish_outcomes", "asset_triggered"),
    ]
    builds = [path.name for path in (scheduled.home / "builds").iterdir()]
    assert scheduled.releases() == builds
    assert (scheduled.home / "releases" / "current" / "manifest.json").exists()


def test_an_ingest_with_nothing_new_starts_nothing(scheduled):
    before = _dag_runs(scheduled)
    scheduled.run("airflow", "dags", "trigger", "ingest_outcomes")
    _wait(lambda: _ended(scheduled, "ingest_outcomes", count=2), RUN_SECONDS, scheduled)
    time.sleep(10)  # the scheduler looks for updated assets every second or so

    assert _dag_runs(scheduled) == [*before, ("ingest_outcomes", "manual", "success")]


def test_one_task_at_a_time_may_write(scheduled):
    listed = scheduled.run("airflow", "pools", "list", "--output", "json")
    pools = {pool["pool"]: pool for pool in _json_in(listed.stdout)}

    assert int(pools["duckdb_writer"]["slots"]) == 1


def _dag_runs(place):
    """DAG, kind and state of every DAG run, in the order in which they began."""
    database = place.home / "airflow" / "airflow.db"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as con:
        return con.execute(
            "select dag_id, run_type, state from dag_run order by id"
        ).fetchall()


def _ended(place, dag_id, count=1):
    runs = _dag_runs(place)
    failed = [dag_id for dag_id, _, state in runs if state == "failed"]
    if failed:
        pytest.fail(f"{failed[0]} failed.\n{_task_logs(place)}")
    return (
        len([run for run in runs if run[0] == dag_id and run[2] == "success"]) >= count
    )


def _task_logs(place):
    logs = sorted((place.home / "airflow" / "logs").rglob("task_id=*/*.log"))
    lines = [line for path in logs for line in path.read_text().splitlines()]
    return "\n".join(line[:300] for line in lines[-60:])


def _json_in(text):
    return json.loads(text.splitlines()[-1])  # what comes before is log


def _wait(condition, seconds, place):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(1)
    pytest.fail(f"Not within {seconds} s: {_dag_runs(place)}\n{_task_logs(place)}")


def _free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _stop(process):
    """End the processes of this session only: politely, then not."""
    for sent, seconds in ((signal.SIGTERM, 15), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, sent)
        except ProcessLookupError:
            break
        end = time.monotonic() + seconds
        while time.monotonic() < end and _has_group(process):
            time.sleep(0.5)
    process.wait(timeout=10)


def _has_group(process):
    process.poll()  # collects the leader, which would otherwise count as alive
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True
