"""The DAGs run for real, on the trial, one after the other."""

from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def story(make_place):
    """Ingest, transform, publish; then ingest again, and rebuild."""
    place = make_place()
    place.run("outcomes", "source", "add", str(place.example))
    first = [
        place.run_dag(dag_id)
        for dag_id in ("ingest_outcomes", "transform_outcomes", "publish_outcomes")
    ]
    after_first = place.releases()
    again = place.run_dag("ingest_outcomes")
    rebuild = place.run_dag("rebuild_outcomes")
    return SimpleNamespace(
        place=place,
        first=first,
        after_first=after_first,
        again=again,
        rebuild=rebuild,
    )


def test_the_three_dags_end_in_one_release(story):
    assert [run.exit_code for run in story.first] == [0, 0, 0], story.first[-1].ending
    assert len(story.after_first) == 1


def test_a_release_carries_the_run_id_of_the_build(story):
    builds = sorted(path.name for path in (story.place.home / "builds").iterdir())

    assert builds == story.place.releases()


def test_a_second_ingest_finds_nothing_new_and_does_not_fail(story):
    assert story.again.exit_code == 0
    assert "exit code 99. Skipping" in story.again.log


def test_a_rebuild_publishes_also_with_nothing_new_to_load(story):
    assert story.rebuild.exit_code == 0, story.rebuild.ending
    assert "exit code 99. Skipping" in story.rebuild.log
    assert story.rebuild.tasks_started()[-1] == "publish_release"
    assert len(story.place.releases()) == 2


def test_the_newest_release_is_current_and_opens(story):
    current = story.place.home / "releases" / "current"
    counted = story.place.run(
        "outcomes", "query", "--csv", "select count(*) as n from marts.dim_patients"
    )

    assert current.resolve().name == story.place.releases()[-1]
    assert counted.stdout.split() == ["n", "100"]


def test_both_releases_show_the_same_bytes(story):
    first, second = (
        story.place.home / "releases" / name / "public"
        for name in story.place.releases()
    )
    files = sorted(path.name for path in first.iterdir())

    assert files == sorted(path.name for path in second.iterdir()) != []
    for name in files:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
