"""What was refused is kept, with its kind and reason, once."""

import pytest
from support import FEEDS, MARKER, add_clinic, sent

from pipelines.errors import CheckFailedError, DeliveryRefusedError, UsageError
from pipelines.intake import ingest as ingesting
from pipelines.intake import refusals

WITHOUT_SCORES = {"patients": sent("x")["patients"]}
NAMED = {**FEEDS, "extra": [{"k": "1", "surname": MARKER}]}


def kept(loading):
    return loading.rows(
        "select delivery, kind, times, load_id is null from refusals order by refused_at"
    )


@pytest.mark.parametrize(
    ("name", "feeds", "manifest", "kind", "has_no_id"),
    [
        ("undated", FEEDS, None, "undated", True),
        ("2026-03-01", {}, None, "unreadable", True),
        ("2026-03-01", FEEDS, {"colour": "red"}, "manifest", True),
        ("2026-03-01", NAMED, None, "identified", False),
        ("2026-03-01", WITHOUT_SCORES, None, "contract", False),
    ],
)
def test_a_refusal_is_kept_with_its_kind(
    loading, clinic, name, feeds, manifest, kind, has_no_id
):
    loading.deliver(name, feeds, manifest)
    ((_, error),) = loading.ingest().refused.items()

    assert kept(loading) == [(name, kind, 1, has_no_id)]
    assert loading.rows("select reason, source, run_id from refusals") == [
        (str(error), "clinic", "run-1")
    ]
    assert MARKER not in str(error)
    assert f'"kind": "{kind}"' in loading.home.audit_file.read_text()


def test_the_same_refusal_every_day_is_one_row(loading, clinic):
    loading.deliver("2026-03-01", WITHOUT_SCORES)
    loading.ingest()
    first = loading.rows("select run_id, refused_at, last_refused_at from refusals")
    loading.ingest()

    ((run_id, refused_at, last_refused_at),) = loading.rows(
        "select run_id, refused_at, last_refused_at from refusals"
    )
    assert kept(loading) == [("2026-03-01", "contract", 2, False)]
    assert first == [(run_id, refused_at, refused_at)]
    assert last_refused_at > refused_at


def test_other_files_under_the_same_name_are_another_refusal(loading, clinic):
    folder = loading.deliver("2026-03-01", WITHOUT_SCORES)
    loading.ingest()
    (folder / "patients.csv").write_text("patient_id,region\np9,y\n")
    loading.ingest()

    assert kept(loading) == [("2026-03-01", "contract", 1, False)] * 2


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (DeliveryRefusedError("x"), "contract"),
        (DeliveryRefusedError("x", kind="checks"), "checks"),
        (CheckFailedError("x"), "guard"),
        (UsageError("x"), "adapter"),
    ],
)
def test_every_refusal_has_one_of_the_known_kinds(error, kind):
    assert refusals.kind_of(error) == kind
    assert kind in refusals.KINDS


def test_a_step_gives_its_kind_to_a_refusal_that_has_none():
    for own, expected in (("", "unreadable"), ("undated", "undated")):
        with (
            pytest.raises(DeliveryRefusedError) as caught,
            refusals.as_kind("unreadable"),
        ):
            raise DeliveryRefusedError("x", kind=own)
        assert caught.value.kind == expected


def test_a_failed_check_is_a_refusal_of_its_own_kind(home, noting, monkeypatch):
    add_clinic(home, "full")
    noting.deliver("2026-03-01", sent("x"))

    def fail(*_):
        raise CheckFailedError("the guard of stage raw stopped it")

    monkeypatch.setattr(ingesting, "_load", fail)
    noting.ingest()

    assert kept(noting) == [("2026-03-01", "guard", 1, False)]
