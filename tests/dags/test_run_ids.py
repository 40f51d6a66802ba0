"""One run id per DAG run, and publishing takes the build that started it."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import ParamValidationError

from pipelines.runs import RUN_ID

DAG_FOLDER = Path(__file__).parents[2] / "dags"
STARTED = datetime(2026, 11, 22, 5, 0, 0, 7_999, tzinfo=UTC)
STARTED_ID = "20261122T050000007Z"
EARLIER = datetime(2026, 11, 22, 4, 59, 59, 999_000, tzinfo=UTC)


@pytest.fixture(scope="module")
def dags():
    return DagBag(dag_folder=str(DAG_FOLDER)).dags


def event(started: datetime | None) -> SimpleNamespace:
    """An asset event: of a DAG run, or made by hand (None)."""
    return SimpleNamespace(
        source_run_id=started and f"manual__{started.isoformat()}",
        source_dag_run=started and SimpleNamespace(run_after=started),
    )


def commands(dag, events=(), run_id=None) -> list[str]:
    """The commands of a DAG as Airflow would render them."""
    context = {
        "dag_run": SimpleNamespace(run_after=STARTED),
        "triggering_asset_events": {"aggregates_outcomes": list(events)}
        if events
        else {},
        "params": {"run_id": run_id},
    }
    environment = dag.get_template_env()
    return [
        environment.from_string(task.bash_command).render(context)
        for task in dag.topological_sort()
    ]


@pytest.mark.parametrize(
    "dag_id", ["ingest_outcomes", "transform_outcomes", "rebuild_outcomes"]
)
def test_all_tasks_of_a_dag_run_share_one_run_id(dag_id, dags):
    for command in commands(dags[dag_id]):
        assert command.endswith(f" --run-id {STARTED_ID} --wait 900")


def test_a_run_id_can_name_a_folder():
    assert RUN_ID.fullmatch(STARTED_ID)


def test_publishing_takes_the_build_that_started_it(dags):
    assert commands(dags["publish_outcomes"], [event(STARTED)]) == [
        f"outcomes build --stage reports --run-id {STARTED_ID} --wait 900",
        f"outcomes publish --run-id {STARTED_ID} --wait 900",
    ]


@pytest.mark.parametrize(
    "events", [[event(EARLIER), event(STARTED)], [event(STARTED), event(EARLIER)]]
)
def test_of_several_builds_the_newest_is_published(events, dags):
    for command in commands(dags["publish_outcomes"], events):
        assert f"--run-id {STARTED_ID} " in command


def test_a_run_id_given_by_hand_comes_first(dags):
    for command in commands(dags["publish_outcomes"], [event(STARTED)], "chosen"):
        assert "--run-id chosen --wait 900" in command


@pytest.mark.parametrize("events", [[], [event(None)]])
def test_without_a_build_to_go_by_the_newest_that_is_ready_is_published(events, dags):
    assert commands(dags["publish_outcomes"], events) == [
        "outcomes build --stage reports --wait 900",
        "outcomes publish --wait 900",
    ]


@pytest.mark.parametrize("run_id", ["a b", "a;b", "$(a)", "../a", "", "-a"])
def test_what_is_no_run_id_is_refused_before_a_command_sees_it(run_id, dags):
    param = dags["publish_outcomes"].params.get_param("run_id")

    with pytest.raises(ParamValidationError):
        param.resolve(run_id)


@pytest.mark.parametrize("run_id", [None, STARTED_ID])
def test_a_run_id_or_none_may_be_given(run_id, dags):
    param = dags["publish_outcomes"].params.get_param("run_id")

    assert param.resolve(run_id) == run_id
