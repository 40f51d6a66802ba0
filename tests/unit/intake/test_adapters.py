from pathlib import Path

import duckdb
import pytest
from support import FEEDS, MARKER, SOURCE_YML, write_delivery

from pipelines.errors import DeliveryRefusedError, PipelineError
from pipelines.intake import adapter_sql, adapters
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.feeds import FEEDS as CONTRACT
from pipelines.intake.sources import load_source


@pytest.fixture
def delivery_of(home, tmp_path):
    """Make a delivery whose source maps patients with the given SQL."""

    def make(sql, feeds=FEEDS, files=None, yml=""):
        folder = home.sources / "clinic"
        folder.mkdir(parents=True)
        (folder / "source.yml").write_text(SOURCE_YML.format(kind="full") + yml)
        if sql:
            (folder / "patients.sql").write_text(sql)
        target = write_delivery(tmp_path / "2026-03-01", feeds)
        for name, content in (files or {}).items():
            (target / name).write_bytes(content)
        return read_delivery(target, load_source(folder))

    return make


def read(delivery, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with adapters.delivery_connection(delivery, scratch, "1GB") as con:
        adapters.count_records(con, delivery)
        return adapters.read_feed(con, delivery, CONTRACT["patients"]).fetchall()


def test_an_adapter_renames_and_reads(delivery_of, tmp_path):
    sql = "select patient_id, 'female' as sex from delivery_csv('patients.csv')"

    assert read(delivery_of(sql), tmp_path) == [("p1", "female"), ("p2", "female")]


def test_a_file_with_the_contracts_name_needs_no_sql(delivery_of, tmp_path):
    assert len(read(delivery_of(None), tmp_path)) == 2


ESCAPES = {
    "reads another file": "select * from read_text('{outside}')",
    "reads another file as CSV": "select * from read_csv('{outside}')",
    "reads another file as bytes": "select * from read_blob('{outside}')",
    "reads another file as JSON": "select * from read_json('{outside}')",
    "reads another database": "select * from read_duckdb('{outside}', table_name = 't')",
    "sniffs another file": "select * from sniff_csv('{outside}')",
    "reads metadata": "select * from parquet_file_metadata('{outside}')",
    "reads a sibling by a path": "select * from read_text('{folder}/../outside.txt')",
    "reads a sibling prefix": "select * from read_text('{folder}-copy/outside.csv')",
    "reads a link out of the folder": "select * from read_text('{folder}/link.csv')",
    "names a path for a file": "select * from delivery_csv('../outside.txt')",
    "reads its own file by a path": "select * from read_csv('{folder}/patients.csv')",
    "lists another folder": "select * from glob('/etc/*')",
    "reads by replacement scan": "select * from '{outside}'",
    "reads a variable of ours": "select * from delivery",
    "writes a file": "copy (select 1) to '{folder}/new.csv'",
    "attaches a database": "attach '{folder}/new.duckdb' as other",
    "changes a setting": "set enable_external_access = true",
    "resets a setting": "reset lock_configuration",
    "calls a pragma": "pragma enable_profiling = 'json'",
    "two statements": "select 1 as patient_id; select 2",
    "makes a table": "create table t as select 1 as patient_id",
    "makes a macro that writes": "create macro w() as table (from query('select 1'))",
    "inserts in a CTE": "with x as (insert into t values (1) returning *) from x",
    "inserts": "insert into patients values (1)",
    "runs text as SQL": "select * from query('select 1 as patient_id')",
    "names a table by text": "select * from query_table('duckdb_settings')",
    "runs SQL from JSON": "from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "hides a function in a subquery": "select (select count(*) from glob('/*')) as patient_id",
    "hides a function in a CTE": "with x as (from query('select 1')) select * from x",
    "logs into a file": "from enable_logging(storage = 'file', storage_path = '{folder}')",
    "logs": "from enable_logging('QueryLog')",
    "writes a checkpoint": "from force_checkpoint()",
    "reads secrets": "select * from duckdb_secrets()",
    "installs an extension": "install httpfs",
    "loads an extension": "load httpfs",
    "loads one unasked": "select * from load_aws_credentials()",
    "reads from the network": "select * from read_csv('http://127.0.0.1:9/x.csv')",
    "reads from https": "select * from 'https://127.0.0.1:9/x.csv'",
    "reads the environment": "select getenv('HOME') as patient_id",
    "explains": "explain select 1",
    "exports": "export database '{folder}/out'",
    "imports": "import database '{folder}'",
    "detaches": "detach delivery",
    "calls": "call enable_logging()",
    **{f"reads the view {name}": f"select * from {name}" for name in (
        "duckdb_settings", "DUCKDB_TABLES", '"duckdb_columns"', "duckdb_databases",
        "sqlite_master", "pragma_database_list", "information_schema.tables",
        "pg_catalog.pg_class", "pg_class", "main.duckdb_views",
        "system.main.duckdb_settings", "duckdb_logs", "duckdb_extensions",
    )},
    "calls a part like a view": "with duckdb_settings as (select * from duckdb_settings) "
    "select name as patient_id from duckdb_settings",
    "calls a later part like a view": "with a as (select * from duckdb_settings), "
    "duckdb_settings as (select 1) select name as patient_id from a",
    "hides a view in a subquery": "select (select count(*) from duckdb_settings) as n",
    "describes": "select * from (describe select 1)",
    "shows tables": "select * from (show all tables)",
    "reads a setting": "select current_setting('temp_directory') as patient_id",
    "reads a setting by its full name": "select system.main.current_setting('threads') as x",
    "reads a setting as a method": "select name.current_setting() from (select 'threads' as name)",
    "reads a variable": "select getvariable('x') as patient_id",
    "reads the query": "select current_query() as patient_id",
    "waits": "select sleep_ms(1) as patient_id",
    "waits in a lambda": "select list_transform([1], lambda n: sleep_ms(n)) as patient_id",
    "writes a log line": "select write_log('x') as patient_id",
    "serialises a plan": "select json_serialize_plan('select 1') as patient_id",
}  # fmt: skip


REFUSED_ALIKE = [
    name
    for name in ESCAPES
    if name.startswith(("reads the view", "reads a ", "hides", "waits", "writes a log"))
    and "sibling" not in name
]


@pytest.mark.parametrize("name", REFUSED_ALIKE)
def test_what_an_adapter_may_not_read_is_told_in_the_same_words(
    delivery_of, tmp_path, outside, name
):
    sql = ESCAPES[name].format(folder=tmp_path / "2026-03-01", outside=outside)

    with pytest.raises(DeliveryRefusedError) as caught:
        read(delivery_of(sql), tmp_path)

    assert "patients.sql may read the delivery's files only" in str(caught.value)
    assert caught.value.kind == "adapter"


HARMLESS = {
    "random", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "error", "current_date",
    "get_current_time", "get_current_timestamp", "now", "today", "transaction_timestamp",
}  # fmt: skip
"""They tell the clock, draw a number or end the adapter: nothing of the connection."""


def test_every_function_that_is_not_the_same_each_time_was_looked_at():
    """A function that a later DuckDB brings is judged before an adapter may call it."""
    found = duckdb.sql(
        "select distinct function_name from duckdb_functions() "
        "where function_type = 'scalar' and stability <> 'CONSISTENT'"
    ).fetchall()

    assert {row[0] for row in found} - HARMLESS <= adapter_sql.CLOSED_FUNCTIONS


@pytest.fixture
def outside(tmp_path):
    """A file that no adapter may read, and the ways to it."""
    path = tmp_path / "outside.txt"
    path.write_text(f"patient_id\n{MARKER}\n")
    prefix = tmp_path / "2026-03-01-copy"
    prefix.mkdir()
    (prefix / "outside.csv").write_text(f"patient_id\n{MARKER}\n")
    return path


@pytest.mark.parametrize("sql", ESCAPES.values(), ids=ESCAPES)
def test_an_adapter_cannot_leave_its_delivery(delivery_of, tmp_path, outside, sql):
    folder = tmp_path / "2026-03-01"
    delivery = delivery_of(sql.format(folder=folder, outside=outside))
    if "link.csv" in sql:
        (folder / "link.csv").symlink_to(outside)
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(PipelineError) as caught:
        read(delivery, tmp_path)

    assert MARKER not in str(caught.value)
    scratch = tmp_path / "scratch"
    after = {path for path in tmp_path.rglob("*") if scratch not in path.parents}
    assert after == {*before, scratch}
    assert not {p.name for p in scratch.iterdir()} - {adapters.LANDING_DATABASE}


def test_the_connection_is_shut_even_to_sql_that_is_not_looked_into(
    delivery_of, tmp_path, outside
):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    reading = f"select * from read_text('{outside}')"
    with adapters.delivery_connection(delivery_of(None), scratch, "1GB") as con:
        for sql in (reading, f"attach '{scratch}/x.duckdb'", "reset threads"):
            with pytest.raises(
                (duckdb.PermissionException, duckdb.InvalidInputException)
            ):
                con.execute(sql)


def test_an_adapter_reads_no_table_but_the_files(delivery_of, tmp_path):
    """What lies in the connection's file is no table of the delivery's."""
    delivery, scratch = delivery_of("select * from others"), tmp_path / "scratch"
    scratch.mkdir()
    with adapters.delivery_connection(delivery, scratch, "1GB") as con:
        con.execute("create table others as select 'p1' as patient_id")
        with pytest.raises(DeliveryRefusedError, match="not others"):
            adapters.collect_feeds(con, delivery, scratch)


def test_an_adapter_may_end_in_a_comment_or_a_semicolon(delivery_of, tmp_path):
    delivery = delivery_of("select 'p1' as patient_id -- one\n;  -- person\n")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with adapters.delivery_connection(delivery, scratch, "1GB") as con:
        sent = adapters.collect_feeds(con, delivery, scratch)

    assert sent["patients"].counts == (1,)


ALLOWED = {
    "a pivot of columns": "unpivot (select * from delivery_csv('patients.csv')) on sex "
    "into name kind value patient_code",
    "numbers": "select n::varchar as patient_id from range(2) as made(n)",
    "parts of its own": "with people as (from delivery_csv('patients.csv')), "
    "again as (select * from PEOPLE) select patient_id from again",
    "a part that calls itself": "with recursive n(i) as (select 1 union all "
    "select i + 1 from n where i < 2) select i::varchar as patient_id from n",
    "the day": "select current_date::varchar as patient_id from range(2)",
    "a list": "select unnest(['a', 'b']) as patient_id",
    "joined files": "select people.patient_id from delivery_csv('patients.csv') as people "
    "inner join delivery_csv('episodes.csv') as courses using (patient_id)",
}


@pytest.mark.parametrize("sql", ALLOWED.values(), ids=ALLOWED)
def test_an_adapter_may_use_what_reads_the_delivery_only(delivery_of, tmp_path, sql):
    assert len(read(delivery_of(sql), tmp_path)) == 2


def test_a_renamed_column_is_named_by_the_refusal(delivery_of, tmp_path):
    delivery = delivery_of(
        "select patient_no as patient_id from delivery_csv('patients.csv')"
    )
    with pytest.raises(DeliveryRefusedError, match="patient_no"):
        read(delivery, tmp_path)


def test_a_file_that_did_not_come_is_said_in_words(delivery_of, tmp_path):
    delivery = delivery_of("select * from delivery_csv('people.csv')")
    with pytest.raises(DeliveryRefusedError, match="a file that the delivery does not"):
        read(delivery, tmp_path)


def test_an_adapter_may_name_several_files_at_once(delivery_of, tmp_path):
    delivery = delivery_of(
        "select sex, patient_id from delivery_csv('people_*.csv')",
        files={
            "people_1.csv": b"patient_id,sex\np8,male\n",
            "PEOPLE_2.CSV": b"sex,patient_id\nfemale,p9\n",
        },
    )

    assert sorted(read(delivery, tmp_path)) == [("female", "p9"), ("male", "p8")]


def test_invalid_sql_is_the_writers_fault(delivery_of, tmp_path):
    with pytest.raises(DeliveryRefusedError, match="not valid SQL"):
        read(delivery_of("selekt 1"), tmp_path)


BROKEN = {
    "a field too many": (
        b"patient_id,sex\np1,female\np2,male," + MARKER.encode(),
        "at line 3",
    ),
    "a field too few": (b"patient_id,sex\np1,female\np2\n", "at line 3"),
    "an open quote": (
        b'patient_id,sex\np1,"' + MARKER.encode() + b"\n",
        "cannot be read",
    ),
    "a column twice": (b"patient_id,patient_id\np1,p1\n", "1 repeat"),
    "a blank column name": (b"patient_id,\np1,x\n", "1 are blank"),
    "a field too few behind quoted lines": (
        b'\xef\xbb\xbfpatient_id,sex\r\np1,"a\r\nb\nc"\r\n\r\np2,male\r\np3\r\n',
        "at line 7: a record has more or fewer fields",
    ),
    "a quote left open behind quoted lines": (
        b'patient_id,sex\np1,"a\nb"\np2,"' + MARKER.encode() + b"\n",
        "at line 4: a quote is not closed",
    ),
    "nothing at all": (b"", "header line"),
    "another encoding": ("patient_id,sex\né,female\n".encode("utf-16"), "encoding"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_by_position(delivery_of, tmp_path, content, message):
    with pytest.raises(DeliveryRefusedError, match=message) as caught:
        read(delivery_of(None, files={"patients.csv": content}), tmp_path)
    assert MARKER not in str(caught.value)


def test_quoted_newlines_a_bom_and_semicolons_are_read(delivery_of, tmp_path):
    content = '\ufeffpatient_id;region\np1;"north\nwest"\np2;south\n'.encode()
    delivery = delivery_of(
        None, {}, files={"patients.csv": content}, yml="csv: {delimiter: ';'}\n"
    )

    assert read(delivery, tmp_path) == [("p1", "north\nwest"), ("p2", "south")]


def test_fewer_records_than_declared_are_refused(delivery_of, tmp_path):
    delivery = delivery_of(
        None,
        files={"delivery.json": b'{"files": {"patients.csv": {"rows": 3}}}'},
    )
    with pytest.raises(DeliveryRefusedError, match=r"holds 2 records.*says 3"):
        read(delivery, tmp_path)


def test_parquet_is_read(delivery_of, tmp_path):
    delivery = delivery_of("select * from delivery_parquet('people.parquet')", files={})
    path = Path(delivery.folder / "people.parquet")
    duckdb.sql("select 'p9' as patient_id").write_parquet(str(path))
    delivery = read_delivery(delivery.folder, delivery.source)

    assert read(delivery, tmp_path) == [("p9",)]
