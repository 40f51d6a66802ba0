"""Each example of the page gives the table that stands under it."""

import re
from pathlib import Path

import duckdb
import pytest

from pipelines.intake import adapters, identifiers
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.feeds import FEEDS
from pipelines.intake.sources import load_source

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "writing_an_adapter.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"```(?P<kind>csv|sql) (?P<name>\S+)\n(?P<text>.*?)```|(?P<table>(?:^\|[^\n]*\n)+)",
    re.DOTALL | re.MULTILINE,
)
DESCRIBED = re.search(r"```yaml source\.yml\n(.*?)```", PAGE, re.DOTALL).group(1)
DAY = "2026-03-31"
MOST_LINES = 8


def examples() -> list[tuple[dict[str, str], str, str, str]]:
    """Return each adapter's files by name, its feed, its SQL and the table after it."""
    found, files, adapter = [], {}, None
    for block in BLOCK.finditer(PAGE):
        if block["kind"] == "csv":
            files[block["name"]] = block["text"]
        elif block["kind"] == "sql":
            adapter = (files, block["name"].removesuffix(".sql"), block["text"])
        elif adapter:
            found.append((*adapter, block["table"]))
            files, adapter = {}, None
    return found


EXAMPLES = examples()


@pytest.mark.parametrize(
    ("files", "feed", "sql", "table"),
    EXAMPLES,
    ids=[next(iter(files)).rpartition("/")[2] for files, *_ in EXAMPLES],
)
def test_an_example_gives_the_table_on_the_page(tmp_path, files, feed, sql, table):
    source = describe(tmp_path, feed, sql)
    columns, *expected = [
        cells(line) for line in table.splitlines() if "---" not in line
    ]
    given = []
    for number, folder in enumerate(deliver(tmp_path, files)):
        scratch = tmp_path / f"scratch_{number}"
        scratch.mkdir()
        delivery = read_delivery(folder, source)
        with adapters.delivery_connection(delivery, scratch, "1GB") as con:
            identifiers.refuse_identified(con, delivery)
            sent = adapters.collect_feeds(con, delivery, scratch)[feed]
            assert list(sent.columns) == columns
            given += [
                ["" if value is None else str(value).strip() for value in row]
                for table in sent.tables
                for row in con.execute(f"from {table} order by 1").fetchall()
            ]

    assert given == expected
    assert set(columns) <= {column.name for column in FEEDS[feed].columns}
    assert len(sql.splitlines()) <= MOST_LINES


def test_every_block_of_sql_and_every_file_is_in_an_example():
    assert len(EXAMPLES) == PAGE.count("```sql") == 8
    assert sum(len(files) for files, *_ in EXAMPLES) == PAGE.count("```csv")


def test_the_pages_that_lead_here_do():
    for page in ("README.md", "docs/bring_your_data.md", "docs/files.md"):
        assert "writing_an_adapter.md" in (ROOT / page).read_text("utf-8"), page


def describe(folder: Path, feed: str, sql: str):
    """Make the source that the page describes, with one adapter."""
    source = folder / "north_clinic"
    source.mkdir()
    (source / "source.yml").write_text(DESCRIBED, encoding="utf-8")
    (source / f"{feed}.sql").write_text(sql, encoding="utf-8")
    return load_source(source)


def deliver(folder: Path, files: dict[str, str]) -> list[Path]:
    """Write the files, each into the delivery that it names; return those in order."""
    for name, text in files.items():
        path = folder / (name if "/" in name else f"{DAY}/{name}")
        path.parent.mkdir(exist_ok=True)
        if path.suffix != ".parquet":
            path.write_text(text, encoding="utf-8")
            continue
        typed = folder / "typed.csv"
        typed.write_text(text, encoding="utf-8")
        duckdb.sql(f"from read_csv('{typed}')").write_parquet(str(path))
    return sorted(folder.glob("2026-*"))


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
