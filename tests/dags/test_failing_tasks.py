"""What Airflow does with the exit codes, seen with a command that only exits."""

import pytest

pytestmark = pytest.mark.slow

STUB = """#!/bin/bash
echo "$*" >> "$OUTCOMES_HOME/commands"
case "$*" in *"$FAILS_ON"*) exit "$FAILS_WITH";; esac
"""


@pytest.fixture(scope="module")
def place(make_place, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bin")
    (folder / "outcomes").write_text(STUB, encoding="utf-8")
    (folder / "outcomes").chmod(0o755)
    return make_place(first_on_path=folder)


@pytest.fixture
def run_failing(place):
    """Run a DAG in which one command fails; give its run and the commands."""

    def run(dag_id, fails_on, exit_code):
        place.environment.update(FAILS_ON=fails_on, FAILS_WITH=str(exit_code))
        (place.home / "commands").unlink(missing_ok=True)
        done = place.run_dag(dag_id)
        text = (place.home / "commands").read_text(encoding="utf-8")
        return done, [line.split(" --run-id")[0] for line in text.splitlines()]

    return run


def test_a_failed_check_stops_the_dag_and_is_not_tried_again(run_failing):
    done, commands = run_failing("transform_outcomes", "--stage marts", 11)

    assert done.exit_code != 0
    assert commands == [
        "build --stage staging",
        "build --stage intermediate",
        "build --stage marts",
    ]


def test_a_refused_delivery_is_no_skip(run_failing):
    done, commands = run_failing("rebuild_outcomes", "ingest", 10)

    assert done.exit_code != 0
    assert commands == ["ingest"]


def test_a_build_that_exits_99_has_failed(run_failing):
    done, commands = run_failing("publish_outcomes", "--stage reports", 99)

    assert done.exit_code != 0
    assert commands[-1].startswith("build --stage reports")


def test_nothing_new_skips_the_ingest_and_a_rebuild_goes_on(run_failing):
    done, commands = run_failing("rebuild_outcomes", "ingest", 99)

    assert done.exit_code == 0
    assert commands[0] == "ingest"
    assert commands[-1] == "publish"
    assert len(commands) == 8
