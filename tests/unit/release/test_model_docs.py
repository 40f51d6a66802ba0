"""The models' documentation says nothing of this machine and loads nothing."""

import subprocess

import pytest
from support import MARKER

from pipelines import transform
from pipelines.errors import PipelineError
from pipelines.release import model_docs
from pipelines.runs import Run

RUN = Run("run_1", "2026-06-01T00:00:00.000000Z", "0", None)


@pytest.fixture
def dbt_says(monkeypatch, home):
    """Stand in for dbt: leave this page behind, print this, end with this code."""

    def stand_in(page, printed="", code=0):
        def run(command, **_):
            target = next(c for c in command if c.startswith("--target-path="))
            folder = target.partition("=")[2]
            if page is not None:
                path = model_docs.Path(folder) / "static_index.html"
                path.write_text(page.replace("TARGET", folder), "utf-8")
            return subprocess.CompletedProcess(command, code, printed)

        monkeypatch.setattr(model_docs.subprocess, "run", run)
        home.build_folder("run_1").mkdir(parents=True)

    return stand_in


def test_paths_and_the_counter_of_visits_are_taken_out(
    dbt_says, home, settings, tmp_path
):
    dbt_says(
        f"<html><head></head>TARGET {transform.DBT_PROJECT}/seeds {home.root}/x "
        "https://fuzzed.getdbt.com/com.snowplow</html>"
    )
    page = model_docs.write(home, settings, RUN, tmp_path / "docs").read_text()

    assert str(tmp_path) not in page
    assert str(transform.PROJECT_ROOT) not in page
    assert "dbt_project/seeds" in page
    assert "fuzzed" not in page
    assert "connect-src 'none'" in page.split("</head>")[0]


@pytest.mark.parametrize(("page", "code"), [(None, 0), ("<head></head>", 1)])
def test_a_failure_is_told_without_a_value(
    dbt_says, home, settings, tmp_path, page, code
):
    dbt_says(page, f"Runtime Error\n Conversion Error: '{MARKER}'", code)

    with pytest.raises(PipelineError) as caught:
        model_docs.write(home, settings, RUN, tmp_path / "docs")
    assert MARKER not in str(caught.value)
    assert not (tmp_path / "docs").exists()
