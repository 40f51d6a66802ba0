from dataclasses import replace
from pathlib import Path

import pytest
from unit.reporting import report_database

from pipelines.reporting import reading
from pipelines.reporting.site import build
from pipelines.reporting.site.figure import PageContext
from pipelines.reporting.tables import read_reports


@pytest.fixture
def con():
    connection = report_database.open_reports()
    yield connection
    connection.close()


@pytest.fixture
def read_page(con):
    """Read the fixture after spoiling it with SQL; what every figure is made from."""

    def read(*statements, **passport):
        report_database.spoil(con, *statements)
        reports = read_reports(con)
        told = replace(report_database.PASSPORT, **passport)
        return PageContext(reports, told, reading.comparisons(reports))

    return read


@pytest.fixture
def build_page(con, tmp_path):
    """Build the page after spoiling the fixture with SQL, and return its HTML."""

    def build_it(*statements, **passport) -> str:
        report_database.spoil(con, *statements)
        build(con, tmp_path, replace(report_database.PASSPORT, **passport))
        return Path(tmp_path / "index.html").read_text(encoding="utf-8")

    return build_it


@pytest.fixture(scope="session")
def trial_page(tmp_path_factory) -> str:
    """The page of the fixture as it is, built once."""
    folder = tmp_path_factory.mktemp("page")
    with report_database.open_reports() as connection:
        build(connection, folder, report_database.PASSPORT)
    return (folder / "index.html").read_text(encoding="utf-8")
