"""A slice of the bad files of `make fuzz`, and that the harness can fail."""

import pytest

from benchmarks import fuzz, fuzzing

SLOW = ("line of 10 MB", "gzip bomb", "very many columns")
"""Kinds that take seconds each; `make fuzz` has them."""

SLICE = 150


def quick_seeds(count):
    seeds = (seed for seed in range(10_000) if fuzzing.kind_of(seed) not in SLOW)
    return [next(seeds) for _ in range(count)]


def test_bad_files_are_laid_out_or_refused_in_words(tmp_path):
    tally = fuzz.read_all(tmp_path, quick_seeds(SLICE))

    assert tally.faults == []
    assert sum((tally.loaded + tally.refused).values()) == SLICE
    assert sum(tally.refused.values()) > SLICE / 2
    assert len(tally.loaded + tally.refused) >= len(fuzzing.KINDS) - len(SLOW) - 2


def test_one_seed_gives_one_delivery():
    assert fuzzing.make(7) == fuzzing.make(7)
    assert fuzzing.make(7).files != fuzzing.make(8).files


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (f"the value {fuzzing.MARKER.lower()}", "the planted value"),
        ("Traceback (most recent call last)", "a traceback"),
        ("line\n" * 24 + "line", ""),
        ("line\n" * 25 + "line", "26 lines"),
        ("a\0b", "no printable text"),
        ("Delivery s/d: file 1 cannot be read.", ""),
    ],
)
def test_a_message_that_breaks_a_promise_is_found(message, fault):
    assert fuzz.faults_of(message) == ([fault] if fault else [])


def test_an_end_that_is_no_refusal_is_a_fault(tmp_path, monkeypatch):
    def fail(*args):
        raise ValueError(fuzzing.MARKER)

    monkeypatch.setattr(fuzz, "read_delivery", fail)
    (fault,) = fuzz.read_all(tmp_path, quick_seeds(1)).faults

    assert fault.endswith("ValueError")
