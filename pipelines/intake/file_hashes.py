"""Remember the hashes of files that have not changed, so that none is read twice."""

import hashlib
import json
import os
import time
from pathlib import Path

from pipelines.intake.deliveries import sha256_of

SETTLED_NANOSECONDS = 2_000_000_000
"""A file that changed less than two seconds before it was read is read again next
time: a second change within the clock's grain would leave size and times as they are.
The coarsest clock of a file system in use is FAT's, two seconds."""


class FileHashes:
    """A note per file: size, times of change, place on the disk, and its sha256.

    The time of the last change of the file's entry (ctime) cannot be set by a copy
    that keeps the times of its original, so a changed file is read again. File names
    can hold a person's name: the note is kept under a hash of the path.
    """

    def __init__(self, notes: Path) -> None:
        """Read the notes; without them, or if they are damaged, every file is read."""
        self._notes = notes
        self._seen: dict[str, list] = {}
        try:
            self._before = json.loads(notes.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            self._before = {}
        if not isinstance(self._before, dict):
            self._before = {}

    def sha256(self, path: Path) -> str:
        """Return a file's sha256, from the note if the file is as it was."""
        key = hashlib.sha256(os.fsencode(path)).hexdigest()
        state = _state(path)
        known = self._before.get(key)
        if isinstance(known, list) and len(known) == len(state) + 1:
            *noted, digest = known
            if noted == state:
                self._seen[key] = known
                return digest
        begun = time.time_ns()
        digest = sha256_of(path)
        has_settled = begun - max(state[1], state[2]) > SETTLED_NANOSECONDS
        if has_settled and _state(path) == state:
            self._seen[key] = [*state, digest]
        return digest

    def keep(self) -> None:
        """Write the notes of the files asked for, in place of the former ones."""
        if self._seen == self._before:
            return
        self._notes.parent.mkdir(parents=True, exist_ok=True)
        part = self._notes.with_suffix(".part")
        part.write_text(json.dumps(self._seen), encoding="utf-8")
        part.replace(self._notes)


def _state(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
