"""Plant every kind of fault that a delivery can be loaded with."""

from pipelines.intake.feeds import FEEDS
from pipelines.simulate.deliveries import PLANTED, Frames
from pipelines.simulate.faults.broken import Broken
from pipelines.simulate.faults.drifts import DRIFT_FAULTS
from pipelines.simulate.faults.forms import FORM_FAULTS
from pipelines.simulate.faults.identities import IDENTITY_FAULTS
from pipelines.simulate.faults.in_assessments import ASSESSMENT_FAULTS
from pipelines.simulate.faults.in_other_feeds import OTHER_FAULTS
from pipelines.simulate.faults.in_sessions import SESSION_FAULTS
from pipelines.simulate.faults.patterns import PATTERN_FAULTS
from pipelines.simulate.faults.planting import FAULTS_PER_BLOCK, Fault, Planter
from pipelines.simulate.faults.relations import RELATION_FAULTS
from pipelines.simulate.parameters import BLOCK_PATIENTS

# Patients first: nothing else is planted in people whose own row is spoiled.
FAULTS: tuple[Fault, ...] = (
    *PATTERN_FAULTS,
    *sorted(
        (*ASSESSMENT_FAULTS, *SESSION_FAULTS, *OTHER_FAULTS, *RELATION_FAULTS),
        key=lambda fault: fault.feed != "patients",
    ),
)
"""Kinds of fault that go together into one delivery, in the order of planting."""

DELIVERY_FAULTS: tuple[Broken, ...] = (*FORM_FAULTS, *IDENTITY_FAULTS, *DRIFT_FAULTS)
"""Kinds of fault that get a small source each."""


def plant(frames: Frames, fixed: Frames, seed: int, block: int) -> Frames:
    """Plant every kind of fault in one block.

    Args:
        frames: The block's feeds, clean.
        fixed: Clinicians and sites, which are read and stay as they are.
        seed: Seed of the simulation.
        block: Number of the block.

    Returns:
        The feeds as text, and a frame `planted`: the answer key of the block. In a
        very small block a kind that finds no row is left out.
    """
    share = frames["patients"].height / BLOCK_PATIENTS
    count = max(1, round(FAULTS_PER_BLOCK * share))
    planter = Planter({**frames, **fixed}, seed, block, count)
    for fault in FAULTS:
        fault.plant(planter, fault)
    spoiled = planter.clean()
    made = {feed: spoiled[feed] for feed in FEEDS if feed in frames}
    return {**made, PLANTED: planter.key(FAULTS)}
