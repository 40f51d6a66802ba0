"""Say of an adapter's SQL, before it runs, whether it keeps to the delivery.

The connection is shut already (`adapters.py`). This refuses what it would still allow:
more than one SELECT, table functions that are not on a short list, tables and views that
are not the delivery's, and functions that look at the connection or hold it up.
"""

import json
from collections.abc import Iterator
from typing import Any

import duckdb

from pipelines.errors import DeliveryRefusedError

FILE_MACROS = ("delivery_csv", "delivery_parquet")
TABLE_FUNCTIONS = {*FILE_MACROS, "range", "generate_series", "unnest"}
"""Those that an adapter may call. Others read files, run SQL that is given as text, or
change the connection: `enable_logging` writes a file from inside a SELECT."""

CLOSED_FUNCTIONS = {
    "current_connection_id",
    "current_database",
    "current_query",
    "current_query_id",
    "current_schema",
    "current_schemas",
    "current_setting",
    "current_transaction_id",
    "currval",
    "get_block_size",
    "getenv",
    "getvariable",
    "in_search_path",
    "json_deserialize_sql",
    "json_serialize_plan",
    "json_serialize_sql",
    "nextval",
    "pg_get_constraintdef",
    "pg_get_viewdef",
    "setseed",
    "sleep_ms",
    "stats",
    "txid_current",
    "version",
    "write_log",
}
"""Functions that no adapter needs: they tell of the connection and its settings, wait,
or write into DuckDB's log."""

NOT_SENT = "file_that_was_not_sent"


def one_select(con: duckdb.DuckDBPyConnection, sql: str, where: str) -> str:
    """Return the text of the adapter's one SELECT, of which all is allowed.

    Args:
        con: The delivery's connection.
        sql: The adapter.
        where: Its place, for messages.

    Raises:
        DeliveryRefusedError: It is not exactly one SELECT over the delivery's files.
    """
    try:
        statements = con.extract_statements(sql)
    except duckdb.Error as error:
        raise wrong(f"{where} is not valid SQL: {fault_in_sql(error)}") from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise wrong(
            f"{where} must be exactly one SELECT; it holds {len(statements)} "
            "statement(s). An adapter reads the delivery and changes nothing."
        )
    query = statements[0].query
    row = con.execute("select json_serialize_sql(?::varchar)", [query]).fetchone()
    tree = json.loads(row[0])
    if tree["error"]:
        raise wrong(f"{where} is a SELECT that we cannot look into; write it anew.")
    strange = sorted(set(_not_allowed(tree, _readable(con, tree))))
    if strange:
        raise only_the_files(where, f"not {', '.join(strange)}")
    return query


def wrong(message: str) -> DeliveryRefusedError:
    """Return a refusal for which the source's SQL is to be mended."""
    return DeliveryRefusedError(message, kind="adapter")


def only_the_files(where: str, what: str) -> DeliveryRefusedError:
    """Return the refusal of an adapter that would read something else."""
    return wrong(
        f"{where} may read the delivery's files only, through "
        f"delivery_csv('...') and delivery_parquet('...') ({what})."
    )


def fault_in_sql(error: duckdb.Error) -> str:
    """Return what is wrong, from an error about the SQL itself: it holds no value."""
    if NOT_SENT in str(error):
        return "it names a file that the delivery does not hold."
    return str(error).splitlines()[0]


def _readable(con: duckdb.DuckDBPyConnection, tree: Any) -> set[str]:
    """Return the names that a FROM may hold: the delivery's tables and the query's own.

    A part of the query that is called like a view of DuckDB's does not make that view
    readable.
    """
    tables = con.execute(
        "select lower(table_name) from duckdb_tables() "
        "where temporary and starts_with(table_name, 'file_')"
    ).fetchall()
    views = con.execute(
        "select lower(view_name) from duckdb_views() where internal "
        "union select lower(table_name) from duckdb_tables() where internal"
    ).fetchall()
    own = {name.lower() for name in _parts(tree)}
    return ({row[0] for row in tables} | own) - {row[0] for row in views}


def _parts(node: Any) -> Iterator[str]:
    """Yield the name of each part (CTE) of a parsed statement."""
    if isinstance(node, dict):
        for part in (node.get("cte_map") or {}).get("map", ()):
            yield part["key"]
        if "cte_name" in node:
            yield node["cte_name"]
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from _parts(inner)


def _not_allowed(node: Any, readable: set[str]) -> Iterator[str]:
    """Yield the name of each table, view and function that an adapter may not use."""
    if isinstance(node, dict):
        kind = node.get("type")
        if kind == "TABLE_FUNCTION":
            name = node["function"]["function_name"].lower()
            if name not in TABLE_FUNCTIONS:
                yield name
        elif kind == "FUNCTION" and node["function_name"].lower() in CLOSED_FUNCTIONS:
            yield node["function_name"].lower()
        elif kind == "BASE_TABLE":
            place = (node["catalog_name"], node["schema_name"], node["table_name"])
            if any(place[:2]) or place[2].lower() not in readable:
                yield ".".join(filter(None, place))
        elif kind == "SHOW_REF":
            yield "describe, show or summarize"
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from _not_allowed(inner, readable)
