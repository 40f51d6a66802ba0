import pytest
from support import SOURCE_YML, TRIAL

from pipelines.errors import UsageError
from pipelines.intake.sources import add_source, load_source


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
    ],
)
def test_a_wrong_source_yml_is_refused_with_its_reason(home, text, message):
    with pytest.raises(UsageError, match=message):
        load_source(write(home, text))


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


def test_a_folder_that_is_no_example_is_refused(home, tmp_path):
    with pytest.raises(UsageError, match=r"no source/source\.yml"):
        add_source(tmp_path, home)
