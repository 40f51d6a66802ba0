"""One home with the trial, published twice, made once and copied for each test."""

import shutil
import sys

import pytest
from support import Finished, add_trial, run_outcomes

from pipelines import cli
from pipelines.settings import Home


@pytest.fixture(scope="session")
def published(tmp_path_factory) -> Home:
    """A home with two releases of the trial: on one thread, then on two."""
    home = Home(tmp_path_factory.mktemp("published") / "home")
    add_trial(home)
    for run_id, threads in (("first", 1), ("second", 2)):
        done = run_outcomes(home, "run", "--run-id", run_id, threads=threads)
        assert done.code == 0, done.text
    return home


@pytest.fixture
def copied(published, tmp_path) -> Home:
    """A copy of the published home, to spoil."""
    shutil.copytree(published.root, tmp_path / "home", symlinks=True)
    return Home(tmp_path / "home")


@pytest.fixture
def command(monkeypatch, capsys):
    """Run the command inside this process, so that a test can spoil its parts."""

    def run(home: Home, *arguments: str) -> Finished:
        argv = ["outcomes", *arguments, "--home", str(home.root)]
        monkeypatch.setattr(sys, "argv", argv)
        with pytest.raises(SystemExit) as left:
            cli.main()
        printed = capsys.readouterr()
        return Finished(left.value.code or 0, printed.out + printed.err)

    return run
