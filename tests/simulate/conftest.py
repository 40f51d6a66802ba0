"""What several tests of the simulator use."""

import sys

import pytest
from support import Finished

from pipelines import cli


@pytest.fixture
def simulate(monkeypatch, capsys):
    """Run the command inside this process."""

    def run(*arguments: str) -> Finished:
        monkeypatch.setattr(sys, "argv", ["outcomes", "simulate", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        printed = capsys.readouterr()
        return Finished(left.value.code or 0, printed.out + printed.err)

    return run
