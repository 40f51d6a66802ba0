"""The tutorial's commands run as they stand, and do what the page says."""

import os
import re
import subprocess
from pathlib import Path

import duckdb
from support import OUTCOMES

from pipelines.settings import Intake

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "bring_your_data.md"
BLOCK = re.compile(r"```(bash|diff) ?(\S*)\n(.*?)```", re.DOTALL)


def test_the_tutorial_takes_the_made_up_export_to_a_loaded_warehouse(tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    source = tmp_path / "home" / "sources" / "north_clinic"
    edits, commands = 0, 0
    for kind, name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if kind == "diff":
            apply(text, source / name)
            edits += 1
            continue
        for line in text.splitlines():
            if "export PATH" not in line:
                run(line, tmp_path)
                commands += 1

    assert (edits, commands) == (2, 7)
    loaded = tmp_path / "home" / "warehouse" / "raw.duckdb"
    with duckdb.connect(str(loaded), read_only=True) as con:
        counts = con.execute(
            "select feed, yielded_count, loaded_count from load_feeds "
            "where is_supplied order by feed"
        ).fetchall()
    assert [feed for feed, _, _ in counts] == [
        "assessments",
        "clinicians",
        "patients",
        "sessions",
    ]
    assert all(yielded == rows > 0 for _, yielded, rows in counts)


def test_the_page_says_what_is_decided_and_what_may_be_set_aside():
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    limits = Intake()

    assert "does each delivery hold everything, or only what is new?" in text
    assert "export OUTCOMES_HOME=" in text
    assert f"Up to {percent(limits.maximum_quarantined_share)} of a feed's rows" in text
    assert f"up to {percent(limits.maximum_quarantined_rows_share)} by all" in text
    assert "All rows are in, or none" not in text


def test_the_readme_points_to_the_tutorial():
    assert "(docs/bring_your_data.md)" in (ROOT / "README.md").read_text("utf-8")


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def apply(text: str, path: Path) -> None:
    """Make one change as a reader would: the line that is there becomes the other."""
    before, after = (
        "\n".join(line[1:] for line in text.splitlines() if line[0] == mark)
        for mark in "-+"
    )
    drafted = path.read_text(encoding="utf-8")
    assert drafted.count(before) == 1
    path.write_text(drafted.replace(before, after), encoding="utf-8")


def run(line: str, folder: Path) -> None:
    """Run a line of the page; it ends with 0, or the exit code beside it."""
    expected = re.search(r"# exit code (\d+)", line)
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env={"PATH": f"{OUTCOMES.parent}:{os.environ['PATH']}", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == int(expected.group(1) if expected else 0), line
