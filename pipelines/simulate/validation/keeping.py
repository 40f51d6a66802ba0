"""Keep the cohorts that were run beside the code, so that another machine goes on.

Five hundred cohorts of each scenario take longer than most machines are free. What is
kept is what each cohort gave, not its people: a few kilobytes of numbers, all simulated.
"""

import gzip
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.simulate.validation.running import ESTIMATES, TRUTHS, whole_text

KEPT = {name: Path(__file__).with_name(f"{name}.gz") for name in (ESTIMATES, TRUTHS)}
"""Where each file of a folder is kept."""


def keep(folder: Path, kept: dict[str, Path] = KEPT) -> None:
    """Keep every whole cohort of a folder; the same cohorts give the same bytes."""
    for name, path in kept.items():
        text = whole_text(folder / name)
        # Without a name and a time in it, so that only cohorts change it.
        path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def go_on(folder: Path, kept: dict[str, Path] = KEPT) -> None:
    """Lay the kept cohorts into a folder that holds none yet.

    They were run by the estimators of their day: after a change of an estimator, start
    anew.

    Args:
        folder: Where `running.run` is about to work.
        kept: Where the files are kept.

    Raises:
        UsageError: The folder holds cohorts, or none are kept.
    """
    if any((folder / name).exists() for name in kept):
        raise UsageError(
            f"{folder} holds cohorts already, and goes on with them by itself. "
            "Leave --go-on out, or give another --out."
        )
    if not all(path.exists() for path in kept.values()):
        raise UsageError("No cohorts are kept. Leave --go-on out to start anew.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in kept.items():
        (folder / name).write_bytes(gzip.decompress(path.read_bytes()))
