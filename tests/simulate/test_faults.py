"""Planted faults: where the answer key says, nowhere else, and each of its kind."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from simulate import stand_in

from pipelines.checks import catalogue
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.feeds import FEEDS
from pipelines.intake.sources import load_source
from pipelines.simulate.deliveries import PLANTED, SOURCE, Sending
from pipelines.simulate.faults import dirty, joining
from pipelines.simulate.faults.broken import Broken, Sound, write_broken, write_sound
from pipelines.simulate.faults.planting import Fault, as_text
from pipelines.simulate.product import Said

LEAST_KINDS = 40
BLOCK = 3
SEED = 7


@pytest.fixture(scope="module")
def clean() -> dict[str, pl.DataFrame]:
    return stand_in.make_block(BLOCK, 600)


@pytest.fixture(scope="module")
def planted(clean) -> dict[str, pl.DataFrame]:
    return dirty.plant(clean, stand_in.fixed_tables(), SEED, BLOCK)


@pytest.fixture(scope="module")
def key(planted) -> pl.DataFrame:
    return planted[PLANTED]


def rows_of(key: pl.DataFrame, kind: str) -> pl.DataFrame:
    return key.filter(pl.col("kind") == kind)


def test_there_are_at_least_forty_kinds_each_with_a_name_of_its_own():
    kinds = [fault.kind for fault in (*dirty.FAULTS, *dirty.DELIVERY_FAULTS)]

    assert len(kinds) == len(set(kinds)) >= LEAST_KINDS
    assert all(fault.what.endswith(".") for fault in dirty.FAULTS)


@pytest.mark.parametrize("fault", dirty.FAULTS, ids=lambda fault: fault.kind)
def test_each_kind_is_planted_and_described(fault, key):
    mine = rows_of(key, fault.kind)

    assert mine.height >= 1
    assert mine["rows_count"].min() >= 1
    assert mine["feed"].unique().to_list() == [fault.feed]
    assert mine["column_name"].unique().to_list() == [fault.column]
    assert fault.column in {column.name for column in FEEDS[fault.feed].columns}


def test_the_key_points_at_the_row(planted, key):
    for feed, rows in key.drop_nulls("row_position").group_by("feed"):
        frame = planted[feed[0]].with_row_index("row_position", offset=1)
        found = rows.join(
            frame.cast({"row_position": pl.Int64}), on="row_position", how="left"
        )

        assert found.height == rows.height
        named = pl.Series(found[FEEDS[feed[0]].key])
        assert named.equals(pl.Series(found["row_key"]), null_equal=True)


def test_no_row_carries_two_faults(key):
    places = key.drop_nulls("row_position").select("feed", "row_position")

    assert not places.is_duplicated().any()


def test_every_other_row_is_as_it_was(clean, planted, key):
    """But for the rows of the sites whose pattern as a whole is the fault."""
    sites = key.filter(pl.col("row_position").is_null())["row_key"].unique()
    episodes = clean["episodes"].filter(pl.col("site_id").is_in(sites.implode()))
    elsewhere = ~pl.col("patient_id").is_in(episodes["patient_id"].implode())
    for feed, frame in clean.items():
        faulty = key.filter(pl.col("feed") == feed)["row_position"].drop_nulls()
        name = FEEDS[feed].key
        sound = (
            planted[feed]
            .with_row_index("row_position", offset=1)
            .filter(~pl.col("row_position").is_in(faulty.implode()), elsewhere)
            .drop("row_position")
        )
        expected = as_text(frame).filter(
            pl.col(name).is_in(sound[name].implode()), elsewhere
        )

        assert sound.height > 100
        assert_frame_equal(sound, expected)


def test_the_same_seed_plants_the_same_and_another_block_elsewhere(clean, planted):
    fixed = stand_in.fixed_tables()
    again = dirty.plant(clean, fixed, SEED, BLOCK)
    other = dirty.plant(clean, fixed, SEED, BLOCK + 1)

    for name, frame in planted.items():
        assert_frame_equal(again[name], frame)
    assert not other["sessions"].equals(planted["sessions"])


def test_a_patient_whose_own_row_is_spoiled_carries_no_other_fault(planted, key):
    spoiled = key.filter(pl.col("feed") == "patients")["row_key"]
    for feed in ("sessions", "assessments", "medications", "episodes"):
        rows = key.filter(pl.col("feed") == feed).drop_nulls("row_position")
        frame = planted[feed].with_row_index("row_position", offset=1)
        patients = frame.filter(
            pl.col("row_position").is_in(rows["row_position"].implode())
        )["patient_id"]

        assert not set(patients) & set(spoiled)


def test_what_is_planted_between_rows_is_so(planted, key):
    sessions = planted["sessions"].with_row_index("row_position", offset=1)

    def chosen(kind: str) -> pl.DataFrame:
        positions = rows_of(key, kind)["row_position"].implode()
        return sessions.filter(pl.col("row_position").is_in(positions))

    late = chosen("session_after_death").join(planted["patients"], on="patient_id")
    assert (late["held_on"] > late["died_on"]).all()
    early = chosen("session_before_birth").join(planted["patients"], on="patient_id")
    assert (early["held_on"].str.slice(0, 4) < early["birth_year"]).all()
    busy = chosen("clinician_over_capacity")
    assert busy.height == 25
    assert busy.select("clinician_id", "held_on").n_unique() == 1
    lent = chosen("session_in_anothers_episode").join(
        planted["episodes"], on="episode_id", suffix="_of_episode"
    )
    assert lent.height
    assert (lent["patient_id"] != lent["patient_id_of_episode"]).all()
    twice = chosen("exact_duplicate").drop("row_position")
    assert twice.join(planted["sessions"], on="session_id").height == 2 * twice.height


def test_what_is_planted_at_sites_is_so(planted, key):
    site = {row["kind"]: row["row_key"] for row in key.iter_rows(named=True)}
    at = {
        kind: planted["assessments"].join(
            planted["episodes"]
            .filter(pl.col("site_id") == site[kind])
            .select("episode_id"),
            on="episode_id",
        )
        for kind in ("item_9_always_zero", "scores_on_one_day_of_the_month")
    }
    planted_here = key.drop_nulls("row_position")["row_key"].implode()
    calm = at["item_9_always_zero"].filter(
        ~pl.col("assessment_id").is_in(planted_here), pl.col("item_9").is_not_null()
    )
    dated = at["scores_on_one_day_of_the_month"].filter(
        ~pl.col("assessment_id").is_in(planted_here)
    )

    assert calm.height > 100
    assert set(calm["item_9"]) == {"0"}
    assert dated.height > 100
    assert set(dated["completed_on"].str.slice(8)) == {"01"}


def test_every_check_that_is_expected_exists():
    """Its name is the one in docs/checks.md, without the model's before it."""
    known = {
        (line.split("|")[1].strip(), line.split("`")[1])
        for line in catalogue.render().splitlines()
        if line.startswith("| ") and "`" in line
    }
    known |= {(table, check.removeprefix(f"{table}__")) for table, check in known} | {
        ("load_feeds", "duplicate_count")
    }
    expected = {fault.expected for fault in dirty.FAULTS} - {""}

    assert {tuple(name.split(".", 1)) for name in expected} <= known


@pytest.fixture(scope="module")
def sound(clean) -> Sound:
    few = clean["patients"]["patient_id"].head(60).implode()
    kept = {
        feed: frame.filter(pl.col("patient_id").is_in(few))
        for feed, frame in clean.items()
    }
    sending = Sending(stand_in.DATA_FROM, stand_in.DATA_TO, "csv")
    return Sound(kept, stand_in.fixed_tables(), sending)


@pytest.mark.parametrize("broken", dirty.DELIVERY_FAULTS, ids=lambda item: item.kind)
def test_a_broken_delivery_is_the_sound_one_but_for_its_fault(tmp_path, broken, sound):
    good = write_sound(tmp_path / "good", sound, "A test")
    write_broken(tmp_path / "bad", broken, sound, "A test")
    made = sorted((tmp_path / "bad" / "delivery").iterdir())
    first, newest = made[0], made[-1]

    assert len(made) == (2 if broken.is_second else 1)
    if broken.is_second:
        assert {p.name: p.read_bytes() for p in first.iterdir()} == {
            p.name: p.read_bytes() for p in good.iterdir()
        }
    before = {path.name: path.read_bytes() for path in good.iterdir()}
    after = {path.name: path.read_bytes() for path in newest.iterdir()}
    data = {name for name in before if before[name] != after.get(name)}
    strange = set(after) - set(before)
    assert strange or data or newest.name != good.name
    assert len(data - {"delivery.json"}) <= 1 or broken.kind == "renumbered_patients"


def test_a_sound_small_source_is_read(tmp_path, sound):
    write_sound(tmp_path, sound, "A test")
    source = tmp_path / "sources" / SOURCE
    source.mkdir(parents=True)
    text = (tmp_path / "source" / "source.yml").read_text(encoding="utf-8")
    (source / "source.yml").write_text(text, encoding="utf-8")

    assert "imulated" in text.splitlines()[0]
    assert read_delivery(
        tmp_path / "delivery" / "2025-01-01", load_source(source)
    ).files


# What follows tests the joining on results made up for it.
KEY = pl.DataFrame(
    {
        "fault_id": ["a_0_0", "a_0_1", "b_0_0", "b_0_1"],
        "kind": ["a", "a", "b", "b"],
        "feed": ["sessions"] * 4,
        "row_position": [1, 2, 3, 4],
    },
    schema_overrides={"row_position": pl.Int64},
)
QUARANTINE = {
    "feed": pl.String,
    "row_position": pl.Int64,
    "check_id": pl.String,
    "patient_id": pl.String,
}


def said(quarantined=(), failed=None, **more) -> Said:
    frame = pl.DataFrame(list(quarantined), schema=QUARANTINE, orient="row")
    return Said(quarantined=frame, failed=failed or {}, **more)


def fault(kind: str, expected: str = "") -> Fault:
    return Fault(kind, "sessions", "held_on", "Wrong.", lambda *_: None, expected)


def test_a_refused_row_names_its_fault_and_no_other():
    rows = joining.of_rows(
        (fault("a"), fault("b")),
        KEY,
        said([("sessions", 2, "held_on_is_a_date", "p")]),
        said(),
    )

    assert [(row.kind, row.planted, row.named) for row in rows] == [
        ("a", 2, 1),
        ("b", 2, 0),
    ]
    assert rows[0].named_by == ("sessions.held_on_is_a_date",)
    assert rows[1].named_by == ()


@pytest.mark.parametrize(("here", "named"), [(5, 0), (6, 2), (7, 2), (8, 2)])
def test_a_check_names_only_what_it_counts_beyond_the_sound_data(here, named):
    rows = joining.of_rows(
        (fault("b", "t.c"),), KEY, said(failed={"t.c": here}), said(failed={"t.c": 5})
    )

    assert rows[0].named == named


def test_one_check_for_two_kinds_must_count_enough_for_both():
    both = (fault("a", "t.c"), fault("b", "t.c"))

    few = joining.of_rows(both, KEY, said(failed={"t.c": 3}), said())
    enough = joining.of_rows(both, KEY, said(failed={"t.c": 4}), said())

    assert [row.named for row in enough] == [2, 2]
    assert all(row.named <= 3 for row in few)


def test_what_nobody_planted_is_an_alarm():
    found = joining.alarms(
        (fault("a"), fault("b")),
        KEY,
        said(
            [
                ("sessions", 1, "planted", "p1"),
                ("sessions", 9, "unplanted", "p1"),
                ("sessions", 7, "unplanted", None),
                ("patients", 5, "refused", "p2"),
                ("sessions", 8, "follows", "p2"),
            ],
            {"t.c": 2, "t.same": 1},
        ),
        said(failed={"t.same": 1}),
    )

    assert {(alarm.check, alarm.rows, alarm.where) for alarm in found} == {
        ("t.same", 1, "sound data"),
        ("sessions.unplanted", 2, "data with faults"),
        ("patients.refused", 1, "data with faults"),
        ("t.c", 2, "data with faults"),
    }


def broken(expected: str) -> Broken:
    return Broken("b", "sessions", "Wrong.", lambda *_: None, expected)


def test_a_refusal_counts_only_with_the_right_reason():
    refused = said(refused=("Delivery s/d: file 1 cannot be read.",))

    assert joining.of_delivery(broken("cannot be read"), refused, said()).named == 1
    mistaken = joining.of_delivery(broken("de-identified"), refused, said())
    assert mistaken.named == 0
    assert mistaken.named_by[0].startswith(joining.MISTAKEN)
    assert joining.of_delivery(broken("cannot be read"), said(), said()).named == 0


def test_a_loaded_fault_is_named_by_a_check_that_was_quiet_before():
    quiet, loud = said(failed={"t.c": 1}), said(failed={"t.c": 2})

    assert joining.of_delivery(broken(""), loud, quiet).named_by == ("t.c",)
    assert joining.of_delivery(broken(""), quiet, quiet).named == 0
