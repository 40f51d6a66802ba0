"""Fixtures that all tests share."""

import pytest
from support import add_clinic

from pipelines.intake.sources import Source
from pipelines.settings import Home, Settings


@pytest.fixture
def home(tmp_path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def settings() -> Settings:
    return Settings(threads=2, memory_limit="2GB")


@pytest.fixture
def clinic(home) -> Source:
    """A full source whose files have the contract's names, so it needs no SQL."""
    return add_clinic(home, "full")
