"""Write the marts as bare DuckDB SQL and say how long each statement file took.

Run as a process of its own, so that its peak memory can be read:

    python -m benchmarks.bare RAW_FILE BUILD_FILE THREADS MEMORY_LIMIT
"""

import json
import sys
import time
from pathlib import Path

import duckdb
import yaml

from benchmarks.models import AS_OF
from pipelines.settings import PROJECT_ROOT
from pipelines.sql import quoted

STATEMENTS = Path(__file__).with_name("bare")
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"


def write(
    raw_file: Path, build_file: Path, threads: int, memory_limit: str
) -> dict[str, float]:
    """Write the marts into a new file; returns seconds by statement file.

    The seeds are loaded first and not counted: dbt's are not counted either. Both
    sides read every threshold from the seed, so that a changed number changes both.
    """
    build_file.unlink(missing_ok=True)
    build_file.parent.mkdir(parents=True, exist_ok=True)
    seconds = {}
    with duckdb.connect(str(build_file)) as con:
        con.execute(f"set threads = {int(threads)}")
        con.execute(f"set memory_limit = {quoted(memory_limit)}")
        con.execute(f"attach {quoted(raw_file)} as raw (read_only)")
        con.execute("create schema seeds; create schema work; create schema marts")
        _load_seeds(con)
        for path in sorted(STATEMENTS.glob("*.sql")):
            statements = path.read_text("utf-8")
            begun = time.monotonic()
            con.execute(statements)
            seconds[path.stem] = time.monotonic() - begun
        begun = time.monotonic()
        con.execute("checkpoint")
        seconds["checkpoint"] = time.monotonic() - begun
    return seconds


def _load_seeds(con: duckdb.DuckDBPyConnection) -> None:
    for path in sorted(SEEDS.glob("*.csv")):
        described = yaml.safe_load(path.with_suffix(".yml").read_text("utf-8"))
        types = described["seeds"][0]["config"]["column_types"]
        con.execute(
            f"create table seeds.{path.stem} as select * from read_csv("
            f"{quoted(path)}, header = true, auto_detect = false, delim = ',', "
            f"quote = '\"', escape = '\"', columns = {types!r})"
        )
    con.execute("set variable as_of = ?", [AS_OF])
    rows = con.execute("select threshold, amount from seeds.thresholds").fetchall()
    for name, amount in rows:
        value = int(amount) if amount == int(amount) else amount
        con.execute(f"set variable {name} = {value!r}")


def main(arguments: list[str]) -> None:
    """Write the marts and print the seconds as JSON."""
    raw_file, build_file, threads, memory_limit = arguments
    seconds = write(Path(raw_file), Path(build_file), int(threads), memory_limit)
    sys.stdout.write(json.dumps(seconds) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
