"""Faults of a whole delivery: the sound one but for its fault, and named by it."""

from pathlib import Path

import polars as pl
import pytest
from simulate import stand_in

from pipelines.errors import DeliveryRefusedError
from pipelines.intake.adapters import delivery_connection
from pipelines.intake.deliveries import Delivery, read_delivery
from pipelines.intake.identifiers import refuse_identified
from pipelines.intake.sources import load_source
from pipelines.simulate.deliveries import SOURCE, Sending
from pipelines.simulate.faults import dirty, joining
from pipelines.simulate.faults.broken import Sound, write_broken, write_sound
from pipelines.simulate.faults.identities import IDENTITY_FAULTS
from pipelines.simulate.product import Said

BLOCK = 3


@pytest.fixture(scope="module")
def clean() -> dict[str, pl.DataFrame]:
    return stand_in.make_block(BLOCK, 600)


@pytest.fixture(scope="module")
def sound(clean) -> Sound:
    few = clean["patients"]["patient_id"].head(60).implode()
    kept = {
        feed: frame.filter(pl.col("patient_id").is_in(few))
        for feed, frame in clean.items()
    }
    sending = Sending(stand_in.DATA_FROM, stand_in.DATA_TO, "csv")
    return Sound(kept, stand_in.fixed_tables(), sending)


def at_home(folder: Path) -> Delivery:
    """The newest delivery of a small source, as the product reads it."""
    source = folder / "sources" / SOURCE
    source.mkdir(parents=True)
    text = (folder / "source" / "source.yml").read_text(encoding="utf-8")
    (source / "source.yml").write_text(text, encoding="utf-8")
    newest = max(path for path in (folder / "delivery").iterdir())
    return read_delivery(newest, load_source(source))


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

    assert at_home(tmp_path).files
    text = (tmp_path / "source" / "source.yml").read_text(encoding="utf-8")
    assert "imulated" in text.splitlines()[0]


@pytest.mark.parametrize(
    "broken",
    [broken for broken in IDENTITY_FAULTS if broken.expected],
    ids=lambda item: item.kind,
)
def test_the_tripwire_names_a_person_by_the_kind_that_is_expected(
    tmp_path, broken, sound
):
    write_broken(tmp_path, broken, sound, "A test")
    delivery = at_home(tmp_path)
    (tmp_path / "scratch").mkdir()
    with (
        delivery_connection(delivery, tmp_path / "scratch", "1GB") as con,
        pytest.raises(DeliveryRefusedError) as refusal,
    ):
        refuse_identified(con, delivery)
    refused = Said(refused=(str(refusal.value),))

    assert joining.of_delivery(broken, refused, Said()).named == 1
    for other in IDENTITY_FAULTS:
        if other.expected != broken.expected:
            assert joining.of_delivery(other, refused, Said()).named == 0


def test_a_file_that_breaks_off_keeps_as_many_rows_as_its_page_says(tmp_path, sound):
    (broken,) = (
        item
        for item in dirty.DELIVERY_FAULTS
        if item.kind == "truncated_without_manifest"
    )
    write_broken(tmp_path, broken, sound, "A test")
    first, newest = (
        pl.read_csv(path / "sessions.csv").height
        for path in sorted((tmp_path / "delivery").iterdir())
    )

    assert broken.what.startswith("Three fifths of the rows")
    assert newest / first == pytest.approx(3 / 5, abs=0.01)
