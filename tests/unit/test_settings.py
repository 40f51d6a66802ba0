import pytest

from pipelines.errors import UsageError
from pipelines.settings import Home, load_settings


def test_defaults_hold_without_a_file(home):
    settings = load_settings(home)

    assert settings.gate.minimum_people_per_arm == 20
    assert settings.disclosure.minimum_cell_count == 11
    assert settings.disclosure.minimum_clinicians == 5


def test_the_hash_follows_the_file(home):
    before = load_settings(home).sha256
    home.root.mkdir()
    home.settings_file.write_text("threads = 1\n")

    assert load_settings(home).threads == 1
    assert load_settings(home).sha256 != before
    assert load_settings(home, threads=3).threads == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colour = 1", "do not know: colour"),
        ("[gate]\ncolour = 1", "do not know: colour"),
        ("gate = 1", "must be a table"),
        ('threads = "two"', "threads must be of type int"),
        ("threads = true", "threads must be of type int"),
        ("threads = 0", "threads must be 1 or more"),
        ('memory_limit = "lots"', "memory_limit must be a size"),
        ("[intake]\nmaximum_quarantined_share = 5.0", "must be a share"),
        ("[disclosure]\nrounding_base = 0", "rounding_base must be 1 or more"),
        ("[disclosure]\nminimum_cell_count = 1", "minimum_cell_count must be 2"),
        ("[disclosure]\nminimum_clinicians = 1", "minimum_clinicians must be 2"),
        ("threads = ", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named(home, text, message):
    home.root.mkdir()
    home.settings_file.write_text(text)
    with pytest.raises(UsageError, match=message):
        load_settings(home)


@pytest.mark.parametrize("name", ["a?b", "a*", "a[1]"])
def test_a_home_that_duckdb_would_read_as_a_pattern_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match="cannot be the home"):
        Home(tmp_path / name)


def test_a_home_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "home").write_text("")
    with pytest.raises(UsageError, match="cannot be the home"):
        Home(tmp_path / "home")
