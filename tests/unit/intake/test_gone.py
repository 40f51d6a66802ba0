"""What is said, and can be done, where rows are needed that retention removed."""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from support import sent

from pipelines.intake import retention
from pipelines.settings import Retention, Settings

RULES = Settings(threads=1, memory_limit="1GB", retention=Retention(superseded_days=30))
FIRST, SECOND = "clinic/2026-03-01", "clinic/2026-03-02"


@pytest.fixture
def removed(noting, clinic):
    """Two full deliveries; the rows of the first, long superseded, are gone."""
    noting.deliver("2026-03-01", sent("north"))
    noting.ingest()
    noting.deliver("2026-03-02", sent("south"))
    noting.ingest()
    with duckdb.connect(str(noting.home.raw_file)) as con:
        con.execute("update loads set accepted_at = accepted_at - interval 100 day")
    assert retention.remove(noting.home, RULES) == [FIRST]
    return noting


@pytest.fixture
def command(removed, outcomes):
    return outcomes


def says_what_is_gone(told):
    assert f"The rows of {FIRST} were removed for good on 20" in told
    assert "superseded by newer ones for longer than settings.toml keeps" in told
    assert "[retention] superseded_days" in told
    return True


def test_a_withdrawal_says_what_cannot_take_its_place(command):
    code, told = command("withdraw", SECOND, "--reason", "x")

    assert code == 0
    assert says_what_is_gone(told)
    assert "it does not count again in its place" in told
    assert "no rows now" in told


def test_bringing_back_what_is_gone_says_so_and_what_to_do(command):
    command("withdraw", SECOND, "--reason", "x")
    code, told = command("ingest", "--again", FIRST)

    assert code == 2
    assert says_what_is_gone(told)
    assert "ask the source to send again" in told
    assert f"Withdrawn and in landing/: {SECOND}" in told
    assert "No withdrawn delivery" not in told


def test_an_ingest_says_what_would_count_and_is_gone(command):
    assert "removed for good" not in command("ingest")[1]
    command("withdraw", SECOND, "--reason", "x")
    told = command("ingest")[1]

    assert says_what_is_gone(told)
    assert "Nothing counts in their place" in told
    assert "outcomes ingest --again SOURCE/DELIVERY" in told


def test_what_is_gone_cannot_be_withdrawn_and_is_not_offered(command):
    code, told = command("withdraw", FIRST, "--reason", "x")
    assert code == 2
    assert says_what_is_gone(told)
    assert "nothing to withdraw" in told

    told = command("withdraw", "clinic/other", "--reason", "x")[1]
    assert f"newest first: {SECOND}." in told


def test_what_the_source_sends_after_the_removal_is_loaded(command, removed):
    command("withdraw", SECOND, "--reason", "x")
    removed.deliver("2026-03-05", sent("north"))  # it lay there before the removal
    assert removed.ingest().loaded == []

    later = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    removed.deliver(later, sent("north"))

    assert removed.ingest().loaded == [f"clinic/{later}"]
    assert removed.in_force() == [later]


def test_a_build_without_a_load_says_where_to_look(command):
    command("withdraw", SECOND, "--reason", "x")
    code, told = command("build", "--stage", "staging")

    assert code == 2
    assert "what retention removed is gone" in told
