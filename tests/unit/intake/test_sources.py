from pathlib import Path

import pytest
from support import SOURCE_YML, TRIAL

from pipelines.errors import UsageError
from pipelines.intake.sources import add_source, load_source, load_sources


def write(home, text, sql=None):
    folder = home.sources / "clinic"
    folder.mkdir(parents=True)
    (folder / "source.yml").write_text(text)
    for name, content in (sql or {}).items():
        (folder / name).write_text(content)
    return folder


GOOD = SOURCE_YML.format(kind="full")


def test_a_good_source_is_read(home):
    source = load_source(write(home, GOOD))

    assert (source.name, source.kind, source.disclosure_profile) == (
        "clinic",
        "full",
        "default",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + "colour: red\n", "keys we do not know: colour"),
        (GOOD.replace("kind: full", "kind: sometimes"), "`kind` must be one of"),
        (GOOD.replace("source: clinic", "source: other"), "must be the folder's name"),
        (GOOD.replace("namespace: clinic", "namespace: 'a b'"), "`namespace`"),
        (GOOD.replace("expected_every_days: 1", ""), "expected_every_days"),
        (GOOD + "optional_feeds: [nothing]\n", "names no feed"),
        (GOOD + "csv: {tab: yes}\n", "`csv` may say"),
        ("- a\n- b\n", "`key: value`"),
        ("a: [", "not valid YAML"),
        (GOOD.replace("data@clinic.invalid", "2026-02-30"), "not valid YAML"),
        (GOOD.replace("data@clinic.invalid", '"\\ud800"'), "what is no text"),
        ("[" * 10_000, "not valid YAML"),
        (GOOD.replace("days: 1", "days: 0"), "from 1 to 36500"),
        (GOOD.replace("days: 1", "days: 36501"), "from 1 to 36500"),
        (GOOD.replace("days: 1", "days: 99999999999"), "from 1 to 36500"),
        (GOOD.replace("days: 1", "days: true"), "from 1 to 36500"),
    ],
)
def test_a_wrong_source_yml_is_refused_with_its_reason(home, text, message):
    with pytest.raises(UsageError, match=message):
        load_source(write(home, text))


@pytest.mark.parametrize("days", [1, 36_500])
def test_a_source_may_send_every_day_or_never_again(home, days):
    text = GOOD.replace("days: 1", f"days: {days}")

    assert load_source(write(home, text)).expected_every_days == days


def test_sql_that_cannot_be_read_is_named(home):
    folder = write(home, GOOD)
    (folder / "patients.sql").write_bytes("-- caf\xe9".encode("latin-1"))
    with pytest.raises(UsageError, match=r"patients\.sql is not in UTF-8"):
        load_source(folder)
    (folder / "patients.sql").unlink()
    (folder / "patients.sql").mkdir()
    with pytest.raises(UsageError, match=r"patients\.sql cannot be read"):
        load_source(folder)


@pytest.mark.parametrize("action", ["iterdir", "is_file", "read_bytes"])
def test_a_source_that_the_system_does_not_open_is_named(home, monkeypatch, action):
    write(home, GOOD)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, action, refuse)
    with pytest.raises(UsageError, match="cannot be read"):
        load_sources(home)


def test_a_hidden_folder_is_no_source(home):
    write(home, GOOD)
    (home.sources / ".drafting-x1").mkdir()

    assert [source.name for source in load_sources(home)] == ["clinic"]


def test_sql_named_after_no_feed_is_refused(home):
    with pytest.raises(UsageError, match="named after no feed"):
        load_source(write(home, GOOD, {"visits.sql": "select 1"}))


def test_a_mended_adapter_changes_the_fingerprint(home):
    folder = write(home, GOOD, {"patients.sql": "select 1 as patient_id"})
    before = load_source(folder).fingerprint
    (folder / "patients.sql").write_text("select 2 as patient_id")

    assert load_source(folder).fingerprint != before


def test_adding_an_example_twice_keeps_what_is_there(home):
    add_source(TRIAL, home)
    landed = home.landing / "beat_the_blues" / "2003-02-01" / "BtheB.csv"
    before = landed.stat().st_mtime_ns
    add_source(TRIAL, home)

    assert landed.stat().st_mtime_ns == before


def example(tmp_path, text=GOOD):
    """Write a folder such as those in examples/."""
    (tmp_path / "example" / "source").mkdir(parents=True)
    (tmp_path / "example" / "source" / "source.yml").write_text(text)
    (tmp_path / "example" / "delivery" / "2026-03-01").mkdir(parents=True)
    return tmp_path / "example"


def test_a_folder_that_is_no_example_is_refused(home, tmp_path):
    with pytest.raises(UsageError, match=r"no source/source\.yml"):
        add_source(tmp_path, home)
    folder = example(tmp_path)
    (folder / "delivery" / "2026-03-01").rmdir()
    (folder / "delivery").rmdir()
    with pytest.raises(UsageError, match="no folder delivery/"):
        add_source(folder, home)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("source: clinic", "source: 42"), "names no source"),
        (GOOD.replace("source: clinic", "source: ../x"), "names no source"),
        (GOOD.replace("source: clinic", "source: .x"), "names no source"),
        (GOOD.replace("source: clinic", ""), "names no source"),
        (GOOD + "colour: red\n", "keys we do not know"),
    ],
)
def test_a_wrong_example_is_not_copied(home, tmp_path, text, message):
    with pytest.raises(UsageError, match=message):
        add_source(example(tmp_path, text), home)

    assert not home.root.exists()


def test_an_example_that_cannot_be_copied_is_told(home, tmp_path):
    folder = example(tmp_path)
    home.sources.mkdir(parents=True)
    (home.sources / "clinic").write_text("a file in its place")
    with pytest.raises(UsageError, match="could not be copied whole"):
        add_source(folder, home)
