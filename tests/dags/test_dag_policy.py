"""What every DAG must say about itself. Named by file: an empty bag cannot pass."""

import ast
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

ROOT = Path(__file__).parents[2]
DAG_FOLDER = ROOT / "dags"
DAG_IDS = [
    "ingest_outcomes",
    "publish_outcomes",
    "rebuild_outcomes",
    "transform_outcomes",
]
OWNERS = {"data-platform", "data-quality"}
STAGES = [
    "landing",
    "raw",
    "staging",
    "intermediate",
    "marts",
    "estimates",
    "aggregates",
    "reports",
    "release",
]


@pytest.fixture(scope="module")
def dags():
    bag = DagBag(dag_folder=str(DAG_FOLDER))
    assert not bag.import_errors, "\n".join(bag.import_errors.values())
    return bag.dags


def test_every_file_gives_exactly_one_dag_of_its_own_name(dags):
    files = sorted(path.stem for path in DAG_FOLDER.glob("*.py"))

    assert sorted(dags) == files == DAG_IDS


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_dag_states_its_tags_docs_and_single_run(dag_id, dags):
    dag = dags[dag_id]
    stages = {tag.removeprefix("stage/") for tag in dag.tags if tag[:6] == "stage/"}

    assert dag.max_active_runs == 1
    assert not dag.catchup
    assert stages, "add a tag stage/<stage>"
    assert stages <= set(STAGES)
    assert len([tag for tag in dag.tags if tag.startswith("impact/tier_")]) == 1


@pytest.mark.parametrize("dag_id", DAG_IDS)
@pytest.mark.parametrize("part", ["Reads", "Guarded by", "Writes", "When it fails"])
def test_a_dags_page_says_what_it_reads_and_what_to_do(dag_id, part, dags):
    assert f"| {part} |" in dags[dag_id].doc_md


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_dag_has_a_runbook_that_its_page_names(dag_id, dags):
    assert f"docs/runbooks/{dag_id}.md" in dags[dag_id].doc_md
    assert (ROOT / "docs" / "runbooks" / f"{dag_id}.md").exists()


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_task_is_a_command_that_the_dags_page_shows(dag_id, dags):
    shown = [
        line.strip()
        for line in dags[dag_id].doc_md.splitlines()
        if line.startswith("    outcomes ")
    ]
    typed = [
        task.bash_command.split("{%")[0].split(" --run-id")[0].strip()
        for task in dags[dag_id].topological_sort()
    ]

    assert typed == shown != []


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_task_has_an_owner_writes_alone_and_fails_at_once(dag_id, dags):
    for task in dags[dag_id].tasks:
        assert task.owner in OWNERS, f"{task.task_id} has no owner"
        assert task.pool == "duckdb_writer", f"{task.task_id} may write beside another"
        assert task.retries == 0, f"{task.task_id} would try a failed guard again"
        assert task.execution_timeout, f"{task.task_id} may hang for ever"
        assert "--wait" in task.bash_command, f"{task.task_id} may meet a person"


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_only_an_ingest_may_be_skipped(dag_id, dags):
    for task in dags[dag_id].tasks:
        allowed = [99] if task.task_id == "load_raw" else []
        assert list(task.skip_on_exit_code) == allowed, task.task_id


def test_only_the_first_build_of_a_rebuild_runs_after_a_skip(dags):
    rules = {
        (dag_id, task.task_id): task.trigger_rule.value
        for dag_id, dag in dags.items()
        for task in dag.tasks
    }

    assert rules.pop(("rebuild_outcomes", "build_staging")) == "none_failed"
    assert set(rules.values()) == {"all_success"}


def test_the_dags_are_linked_by_assets_and_a_rebuild_starts_none(dags):
    written = {
        dag_id: [asset.name for task in dag.tasks for asset in task.outlets]
        for dag_id, dag in dags.items()
    }
    awaited = {
        dag_id: [asset.name for asset in dag.timetable.asset_condition.objects]
        for dag_id, dag in dags.items()
        if getattr(dag.timetable, "asset_condition", None)
    }

    assert written == {
        "ingest_outcomes": ["raw_outcomes"],
        "transform_outcomes": ["aggregates_outcomes"],
        "publish_outcomes": [],
        "rebuild_outcomes": [],
    }
    assert awaited == {
        "transform_outcomes": ["raw_outcomes"],
        "publish_outcomes": ["aggregates_outcomes"],
    }


def test_an_asset_is_written_by_the_last_task_only(dags):
    for dag in dags.values():
        *earlier, _ = dag.topological_sort()
        assert not [task.task_id for task in earlier if task.outlets]


def test_a_rebuild_does_what_the_three_dags_do_in_their_order(dags):
    def tasks(dag_id):
        return [task.task_id for task in dags[dag_id].topological_sort()]

    chain = ["ingest_outcomes", "transform_outcomes", "publish_outcomes"]
    assert tasks("rebuild_outcomes") == [t for dag_id in chain for t in tasks(dag_id)]


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_dag_file_only_declares(dag_id):
    tree = ast.parse((DAG_FOLDER / f"{dag_id}.py").read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    imported = {
        node.module.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }

    assert [node.name for node in functions] == [dag_id]
    assert imported <= {"airflow", "datetime", "pathlib"}


def test_no_dag_file_is_taken_for_a_dbt_plugin():
    # dbt imports every module on the path whose name starts with dbt_.
    assert not list(DAG_FOLDER.glob("dbt_*"))
    assert not (ROOT / "dbt_project" / "__init__.py").exists()
