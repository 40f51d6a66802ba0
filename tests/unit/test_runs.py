from dataclasses import replace

import pytest

from pipelines import runs
from pipelines.errors import UsageError

EARLY, LATE = "2026-03-01T00:00:00.000000Z", "2026-03-02T00:00:00.000000Z"


def started(home, settings, run_id, as_of, *finished):
    run = runs.start(home, settings, run_id, as_of)
    for stage in finished:
        run = runs.finish(home, run, stage)
    return run


def test_a_stage_that_is_done_again_takes_back_what_came_after(home, settings):
    run = started(home, settings, "r", EARLY, "staging", "intermediate", "marts")
    runs.begin(home, settings, run, "intermediate")

    assert runs.read(home, "r").finished == ("staging",)
    with pytest.raises(UsageError, match="has not finished intermediate"):
        runs.expect(runs.read(home, "r"), "marts")


def test_only_the_newest_run_is_taken_without_its_name(home, settings):
    started(home, settings, "old", EARLY, *runs.STAGES)
    started(home, settings, "new", LATE, *runs.STAGES, "release")
    with pytest.raises(UsageError, match="none waits for release"):
        runs.ready_for(home, "release")

    started(home, settings, "newer", "2026-03-03T00:00:00.000000Z", *runs.STAGES)
    assert runs.ready_for(home, "release").run_id == "newer"


def test_settings_may_not_change_within_a_run(home, settings):
    run = started(home, settings, "r", EARLY, "staging")
    changed = replace(settings)
    object.__setattr__(changed, "sha256", "other")
    with pytest.raises(UsageError, match=r"settings\.toml has changed"):
        runs.begin(home, changed, run, "intermediate")


@pytest.mark.parametrize("text", ["2999-01-01T00:00:00Z", "yesterday"])
def test_as_of_is_an_instant_that_has_been(text):
    with pytest.raises(UsageError):
        runs.parse_as_of(text)


def test_as_of_is_taken_to_utc():
    assert runs.parse_as_of("2026-03-01T02:00:00+02:00") == EARLY
    assert runs.parse_as_of("2026-03-01") == EARLY


@pytest.mark.parametrize("run_id", ["", "a/b", "..", "a b", "x" * 129])
def test_a_run_id_names_a_folder(run_id):
    with pytest.raises(UsageError, match="run id"):
        runs.check_run_id(run_id)
