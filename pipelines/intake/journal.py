"""Write to audit.jsonl what the raw warehouse did, once, also when killed between.

A line is put into the warehouse in the transaction that does the thing, and taken out
when it stands in audit.jsonl.
"""

import duckdb

from pipelines import audit
from pipelines.settings import Home

TABLE = "create table if not exists audit_waiting (line varchar);"


def put(con: duckdb.DuckDBPyConnection, line: str) -> None:
    """Keep a line in the warehouse, within the caller's transaction."""
    con.execute("insert into audit_waiting values (?)", [line])


def tell(home: Home, after_a_kill: bool = False) -> None:
    """Append the lines that wait, and take them out.

    Args:
        home: Whose record.
        after_a_kill: A former process may have appended some of them already.
    """
    append = audit.append_once if after_a_kill else audit.append
    with duckdb.connect(str(home.raw_file)) as con:
        lines = con.execute("select line from audit_waiting order by rowid").fetchall()
        for (line,) in lines:
            append(home, line)
        if lines:
            con.execute("delete from audit_waiting")
