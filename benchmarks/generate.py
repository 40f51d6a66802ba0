"""Write made-up records at a chosen scale into a raw.duckdb."""

from pathlib import Path

import duckdb

from pipelines.intake import raw
from pipelines.intake.feeds import FEEDS

STATEMENTS = Path(__file__).with_name("generate.sql")


def generate(raw_file: Path, episodes: int) -> None:
    """Write records of this many courses of care.

    The rows are the same each time for one scale and one DuckDB: every draw is
    a hash of a row's number.

    Args:
        raw_file: Where to write; a file that is there is replaced.
        episodes: How many courses of care. A national service has about 700,000
            in a year.
    """
    raw_file.unlink(missing_ok=True)
    raw.prepare(raw_file)
    with duckdb.connect(str(raw_file)) as con:
        con.execute("set threads = 2")
        con.execute("set preserve_insertion_order = false")
        con.execute(f"set variable episodes = {int(episodes)}")
        con.execute("set variable feeds = ?", [list(FEEDS)])
        con.execute(STATEMENTS.read_text("utf-8"))


def count(raw_file: Path) -> dict[str, int]:
    """Return the rows per feed."""
    with duckdb.connect(str(raw_file), read_only=True) as con:
        return {
            feed: con.execute(f"select count(*) from {feed}").fetchone()[0]
            for feed in FEEDS
        }
