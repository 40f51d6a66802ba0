import duckdb
import pytest

from pipelines.errors import UsageError
from pipelines.intake.drift.limits import Drift
from pipelines.settings import Gate, Home, load_settings


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
        ('memory_limit = "1024.1TB"', "memory_limit must be a size"),
        ('memory_limit = "99999999999999999999999GB"', "up to 1024TB"),
        ("[intake]\nmaximum_quarantined_share = 5.0", "must be a share"),
        (
            "[intake]\nmaximum_quarantined_rows_share = 1.1",
            "maximum_quarantined_rows_share must be a share",
        ),
        ("[intake]\nmaximum_adapter_seconds = 0", "maximum_adapter_seconds must be 1"),
        (
            '[intake]\nmaximum_adapter_disk = "much"',
            "maximum_adapter_disk must be a size",
        ),
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


@pytest.mark.parametrize("size", ["1024TB", "8GB", "67108864 kib"])
def test_memory_is_given_in_any_unit_that_duckdb_takes(home, size):
    home.root.mkdir()
    home.settings_file.write_text(f'memory_limit = "{size}"\n')
    config = load_settings(home).duckdb_config

    assert duckdb.connect(config=config).execute("select 1").fetchone() == (1,)


def test_settings_that_are_no_file_are_named(home):
    home.settings_file.mkdir(parents=True)
    with pytest.raises(UsageError, match="it is not a file"):
        load_settings(home)


SHARE = "a share, from 0 to 1"

# setting, a value just outside on either side (None: no such side), what it must be
GATE = [
    ("minimum_people_per_arm", 1, None, "2 or more"),
    ("minimum_events_per_arm", 0, None, "1 or more"),
    ("minimum_observed_share", -0.01, 1.01, SHARE),
    ("maximum_observed_share_difference", -0.01, 1.01, SHARE),
    ("maximum_imbalance", 0.0, None, "above 0"),
    ("minimum_equipoise", -0.01, 1.01, SHARE),
    ("minimum_chance", -0.01, 1.01, SHARE),
    ("minimum_effective_size", 1.99, None, "2 or more"),
    ("maximum_weight_share", 0.0, 1.01, SHARE),
    ("maximum_weight_share_of_a_choice", 0.0, 1.01, SHARE),
    ("maximum_mean_weight_error", 0.0, 1.01, SHARE),
]


def test_every_number_of_the_gate_has_a_range():
    numbers = {name for name, value in vars(Gate()).items() if value != ""}

    assert {row[0] for row in GATE} == numbers


@pytest.mark.parametrize(("name", "low", "high", "said"), GATE)
def test_a_limit_of_the_gate_out_of_range_is_named(home, name, low, high, said):
    home.root.mkdir()
    for value in (low, high):
        if value is not None:
            home.settings_file.write_text(f"[gate]\n{name} = {value}\n")
            with pytest.raises(UsageError, match=rf"\[gate\] {name} must be {said}"):
                load_settings(home)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("minimum_people_per_arm", 2),
        ("minimum_events_per_arm", 1),
        ("minimum_observed_share", 0),
        ("minimum_observed_share", 1),
        ("maximum_observed_share_difference", 0),
        ("maximum_imbalance", 0.001),
        ("minimum_equipoise", 0),
        ("minimum_chance", 0),
        ("minimum_chance", 1),
        ("minimum_effective_size", 2),
        ("maximum_weight_share", 1),
        ("maximum_weight_share_of_a_choice", 1),
        ("maximum_mean_weight_error", 1),
    ],
)
def test_the_ends_of_a_range_are_in_it(home, name, value):
    home.root.mkdir()
    home.settings_file.write_text(f"[gate]\n{name} = {value}\n")

    assert getattr(load_settings(home).gate, name) == value


def test_comparisons_are_overridden_by_name_and_none_is_by_itself(home):
    assert load_settings(home).gate.overridden == ""
    home.root.mkdir()
    home.settings_file.write_text('[gate]\noverridden = "one another"\n')
    assert load_settings(home).gate.overridden == "one another"
    home.settings_file.write_text("[gate]\noverridden = true\n")
    with pytest.raises(UsageError, match="overridden must be of type str"):
        load_settings(home)


@pytest.mark.parametrize("name", ["a?b", "a*", "a[1]"])
def test_a_home_that_duckdb_would_read_as_a_pattern_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match="cannot be the home"):
        Home(tmp_path / name)


def test_a_home_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "home").write_text("")
    with pytest.raises(UsageError, match="cannot be the home"):
        Home(tmp_path / "home")


# setting, a value just outside on either side (None: no such side), what it must be
DRIFT = [
    ("minimum_rows", 0, None, "1 or more"),
    ("minimum_expected_rows", 0, None, "1 or more"),
    ("maximum_lost_share", -0.01, 1.01, SHARE),
    ("maximum_left_behind_share", -0.01, 1.01, SHARE),
    ("maximum_share_difference", -0.01, 1.01, SHARE),
    ("maximum_score_distance", -0.01, 1.01, SHARE),
    ("maximum_volume_ratio", 1.0, None, "above 1"),
    ("maximum_site_month_ratio", 1.0, None, "above 1"),
    ("maximum_mean_shift", 0.0, None, "above 0"),
]


def test_every_limit_of_drift_has_a_range():
    assert {row[0] for row in DRIFT} == set(vars(Drift()))


@pytest.mark.parametrize(("name", "low", "high", "said"), DRIFT)
def test_a_limit_of_drift_out_of_range_is_named(home, name, low, high, said):
    home.root.mkdir()
    for value in (low, high):
        if value is not None:
            home.settings_file.write_text(f"[drift]\n{name} = {value}\n")
            with pytest.raises(UsageError, match=rf"\[drift\] {name} must be {said}"):
                load_settings(home)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("minimum_rows", 1),
        ("minimum_expected_rows", 1),
        ("maximum_lost_share", 0),
        ("maximum_lost_share", 1),
        ("maximum_left_behind_share", 1),
        ("maximum_share_difference", 0),
        ("maximum_score_distance", 1),
        ("maximum_volume_ratio", 1.01),
        ("maximum_site_month_ratio", 1.01),
        ("maximum_mean_shift", 0.01),
    ],
)
def test_the_ends_of_a_range_of_drift_are_in_it(home, name, value):
    home.root.mkdir()
    home.settings_file.write_text(f"[drift]\n{name} = {value}\n")

    assert getattr(load_settings(home).drift, name) == value
