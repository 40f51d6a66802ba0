"""Which rows count: loads accepted by as_of, full feed by feed, increments by key."""

import pytest
from small_warehouse import Raw, build, by_name, query

MARKER = "SECRET4242"

pytestmark = pytest.mark.slow


def loads_of_every_kind() -> Raw:
    raw = Raw()
    full_1 = raw.load("full_1", "full", extracted_at="2026-01-01")
    full_1.add("patients", {"patient_id": "n:f1"}, {"patient_id": "n:f2"})
    full_1.add("sites", {"site_id": "n:kept", "site_name": "from full_1"})
    full_2 = raw.load("full_2", "full", extracted_at="2026-02-01")
    full_2.add("patients", {"patient_id": "n:f2"}, {"patient_id": "n:f3"})

    first = raw.load("inc_1", "inc", "increment", extracted_at="2026-01-01")
    first.add(
        "patients",
        {"patient_id": "n:stays", "region": "first"},
        {"patient_id": "n:moves", "region": "first"},
        {"patient_id": "n:retired", "region": "first"},
    )
    # arrives first, but was extracted last: the source's clock decides
    newest = raw.load(
        "inc_3",
        "inc",
        "increment",
        extracted_at="2026-03-01",
        accepted_at="2026-01-01 06:00:00",
    )
    newest.add("patients", {"patient_id": "n:moves", "region": "newest"})
    second = raw.load("inc_2", "inc", "increment", extracted_at="2026-02-01")
    second.add(
        "patients",
        {"patient_id": "n:moves", "region": "second"},
        {"patient_id": "n:retired", "is_deleted": True},
    )

    late = raw.load(
        "full_3", "full", extracted_at="2026-04-01", accepted_at="2026-07-01 12:00:00"
    )
    late.add("patients", {"patient_id": "n:f4"})
    # gone back to, then withdrawn: the load between holds until July and from then on
    for load_id, files, days in (
        ("back_1", "north", ("2026-01-01", "2026-01-02")),
        ("back_2", "south", ("2026-02-01", "2026-02-02")),
        ("back_3", "north", ("2026-03-01", "2026-03-02")),
    ):
        back = raw.load(
            load_id,
            "back",
            files_id=files,
            extracted_at=days[0],
            accepted_at=days[1],
            withdrawn_at="2026-07-01 12:00:00" if load_id == "back_3" else None,
        )
        back.add("patients", {"patient_id": "n:b", "region": files})

    # of two sources with one namespace each has its say about a patient
    for source, namespace in (("one", "s"), ("two", "s"), ("three", "t")):
        shared = raw.load(f"{source}_1", source, namespace=namespace)
        shared.add("patients", {"patient_id": f"{namespace}:p", "region": source})

    never = raw.load("full_4", "full", extracted_at="2026-05-01", accepted_at=None)
    never.add("patients", {"patient_id": "n:f5"})
    return raw


@pytest.fixture(scope="module")
def in_june(tmp_path_factory):
    root = tmp_path_factory.mktemp("june")
    return build(loads_of_every_kind(), root, ("staging",))[0]


def patients(home, source):
    return query(
        home,
        "select patient_id, region from staging.stg_patients "
        f"where source = '{source}' order by patient_id",
    )


def test_a_newer_full_load_replaces_the_older_one(in_june):
    assert patients(in_june, "full") == [("n:f2", None), ("n:f3", None)]


def test_a_feed_that_the_newer_full_load_lacks_stays_in_force(in_june):
    rows = query(in_june, "select site_id, site_name, load_id from staging.stg_sites")

    assert rows == [("n:kept", "from full_1", "full_1")]


def test_of_increments_the_newest_extracted_row_wins_and_a_deleted_key_is_gone(in_june):
    assert patients(in_june, "inc") == [("n:moves", "newest"), ("n:stays", "first")]


def test_as_of_an_instant_hides_what_was_accepted_later(tmp_path, in_june):
    noon = "2026-07-01T12:00:00.000000Z"
    before = "2026-07-01T11:59:59.999999Z"
    raw = loads_of_every_kind()

    at_noon, _ = build(raw, tmp_path / "noon", ("staging",), as_of=noon)
    just_before, _ = build(raw, tmp_path / "before", ("staging",), as_of=before)

    assert patients(at_noon, "full") == [("n:f4", None)]
    assert patients(just_before, "full") == patients(in_june, "full")
    # withdrawn at noon: until then it counts, and what stood before it comes back
    assert patients(just_before, "back") == [("n:b", "north")]
    assert patients(at_noon, "back") == [("n:b", "south")]


def test_sources_share_a_patient_only_in_a_shared_namespace(in_june):
    rows = query(
        in_june,
        "select patient_id, list(source order by source) from staging.stg_patients "
        "where source in ('one', 'two', 'three') group by all order by all",
    )

    assert rows == [("s:p", ["one", "two"]), ("t:p", ["three"])]


def test_a_key_twice_in_one_load_is_counted_and_not_shown(tmp_path, caplog):
    raw = Raw()
    load = raw.load("l1", "clinic")
    load.add(
        "patients",
        {"patient_id": f"n:{MARKER}", "region": "a"},
        {"patient_id": f"n:{MARKER}", "region": "b"},
    )

    _, results = build(raw, tmp_path, ("staging",))

    failed = {k: r for k, r in by_name(results).items() if r.status != "pass"}
    assert set(failed) == {"raw.patients.key_is_unique_in_each_load"}
    assert all(
        r.failed_count == 2 and r.severity == "critical" for r in failed.values()
    )
    assert MARKER not in caplog.text
    assert MARKER not in repr(results)
