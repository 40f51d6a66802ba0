"""Load and judge small deliveries without the guards, which take seconds to import."""

import duckdb
from support import compare_with_nothing, lay_out, write_delivery

from pipelines import audit
from pipelines.checks import records
from pipelines.intake import raw
from pipelines.intake.deliveries import Delivery, read_delivery
from pipelines.intake.sources import Source, load_source
from pipelines.settings import Home, Settings

SETTINGS = Settings(threads=1, memory_limit="1GB")

SOURCE_YML = """
source: {name}
owner: A clinic that does not exist (made-up data)
contact: data@clinic.invalid
namespace: {namespace}
kind: {kind}
date_mode: {date_mode}
expected_every_days: 1
"""


def add_source(
    home: Home,
    name: str = "clinic",
    kind: str = "increment",
    namespace: str = "clinic",
    date_mode: str = "calendar",
) -> Source:
    folder = home.sources / name
    folder.mkdir(parents=True)
    (folder / "source.yml").write_text(
        SOURCE_YML.format(
            name=name, kind=kind, namespace=namespace, date_mode=date_mode
        )
    )
    return load_source(folder)


def judge(home: Home, source: Source, day: str, feeds: dict) -> tuple[dict, dict]:
    """Lay out a delivery and judge it; loads nothing.

    Returns:
        Doubted units and tested counts, each by `<feed>.<check_id>`.
    """
    delivery = _deliver(home, source, day, feeds)
    file = home.scratch / f"{source.name}_{day}.duckdb"
    landed = lay_out(delivery, file, home.raw_file)
    records.judge_delivery(file, home.raw_file, delivery, landed, SETTINGS)
    doubted, tested = {}, {}
    with duckdb.connect(str(file), read_only=True) as con:
        for feed in landed:
            for check_id, unit in con.execute(
                f"select check_id, unit from {feed}_doubted order by all"
            ).fetchall():
                doubted.setdefault(f"{feed}.{check_id}", []).append(unit)
            tested |= {
                f"{feed}.{check_id}": count
                for check_id, count in con.execute(f"from {feed}_judged").fetchall()
            }
    return doubted, tested


def load(home: Home, source: Source, day: str, feeds: dict) -> str:
    """Load a delivery and accept it; returns its load_id."""
    delivery = _deliver(home, source, day, feeds)
    file = home.scratch / f"{source.name}_{day}_loaded.duckdb"
    raw.prepare(home.raw_file)
    landed = lay_out(delivery, file, home.raw_file)
    compare_with_nothing(file)
    counts = {path.name: 0 for path in delivery.files}
    raw.write(home.raw_file, file, delivery, landed, counts, "run")
    raw.accept(home.raw_file, delivery.load_id, audit.line_of("loaded"))
    return delivery.load_id


def _deliver(home: Home, source: Source, day: str, feeds: dict) -> Delivery:
    folder = home.landing / source.name / day
    return read_delivery(write_delivery(folder, feeds), source)
