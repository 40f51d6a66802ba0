from pathlib import Path

import pytest
from support import FEEDS, MARKER, SOURCE_YML, write_delivery

from pipelines.errors import DeliveryRefusedError, PipelineError, UsageError
from pipelines.intake import adapters
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
    "reads another file": "select * from read_text('/etc/hostname')",
    "reads a sibling by a path": "select * from read_text('{folder}/../other.txt')",
    "lists another folder": "select * from glob('/etc/*')",
    "reads by replacement scan": "select * from '/etc/hostname'",
    "writes a file": "copy (select 1) to '{folder}/new.csv'",
    "attaches a database": "attach '{folder}/new.duckdb' as other",
    "changes a setting": "set enable_external_access = true",
    "two statements": "select 1 as patient_id; select 2",
    "makes a table": "create table t as select 1 as patient_id",
    "loads an extension": "load httpfs",
    "reads from the network": "select * from read_csv('http://127.0.0.1:9/x.csv')",
    "reads the environment": "select getenv('HOME') as patient_id",
    "explains": "explain select 1",
    "calls a pragma": "pragma enable_profiling = 'json'",
    "exports": "export database '{folder}/out'",
}


@pytest.mark.parametrize("sql", ESCAPES.values(), ids=ESCAPES)
def test_an_adapter_cannot_leave_its_delivery(delivery_of, tmp_path, sql):
    (tmp_path / "other.txt").write_text(MARKER)
    delivery = delivery_of(sql.format(folder=tmp_path / "2026-03-01"))
    before = sorted(path.name for path in delivery.folder.iterdir())

    with pytest.raises(PipelineError) as caught:
        read(delivery, tmp_path)

    assert MARKER not in str(caught.value)
    assert sorted(path.name for path in delivery.folder.iterdir()) == before


def test_a_renamed_column_is_named_by_the_refusal(delivery_of, tmp_path):
    delivery = delivery_of(
        "select patient_no as patient_id from delivery_csv('patients.csv')"
    )
    with pytest.raises(DeliveryRefusedError, match="patient_no"):
        read(delivery, tmp_path)


def test_invalid_sql_is_the_writers_fault(delivery_of, tmp_path):
    with pytest.raises(UsageError, match="not valid SQL"):
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
    import duckdb

    delivery = delivery_of("select * from delivery_parquet('people.parquet')", files={})
    path = Path(delivery.folder / "people.parquet")
    duckdb.sql("select 'p9' as patient_id").write_parquet(str(path))
    delivery = read_delivery(delivery.folder, delivery.source)

    assert read(delivery, tmp_path) == [("p9",)]
