"""Random numbers by (seed, name, block), and pseudonyms by hash.

Each stream is a counter-based generator of its own (Philox), so nothing depends
on the order in which blocks are made, on how they are grouped, or on which other
streams are read. A stream is read week by week from its start: a longer run
repeats a shorter one and goes on.
"""

import hashlib

import numpy as np
import pyarrow as pa

from pipelines.simulate.parameters import BLOCK_PATIENTS

FIXED = -1
"""Block number of what is drawn once for the whole service."""

PSEUDONYM_LENGTH = 17
"""Characters: one letter for the kind, and 64 bits in hexadecimal."""

_HEX = np.frombuffer(
    b"".join(f"{value:02x}".encode() for value in range(256)), dtype="S2"
)


def stream(seed: int, name: str, block: int = FIXED) -> np.random.Generator:
    """Return the generator of one stream of one block."""
    key = _digest(f"{seed}/{name}/{block}")
    return np.random.Generator(np.random.Philox(key=key))


def uniforms(seed: int, name: str, block: int, weeks: int) -> np.ndarray:
    """Return uniforms in [0, 1): weeks x people of the block, single precision."""
    drawn = stream(seed, name, block).random((weeks, BLOCK_PATIENTS), np.float32)
    return np.minimum(drawn, np.float32(1 - 2**-24), out=drawn)


def normals(seed: int, name: str, block: int, weeks: int) -> np.ndarray:
    """Return standard normals: weeks x people of the block, single precision."""
    return stream(seed, name, block).standard_normal(
        (weeks, BLOCK_PATIENTS), np.float32
    )


def pseudonyms(seed: int, kind: str, numbers: np.ndarray) -> pa.StringArray:
    """Return one pseudonym for each number: a letter and 16 hexadecimal digits.

    The numbers are mixed by a bijection of 64 bits (SplitMix64) keyed by seed and
    kind, so two numbers never share a pseudonym.

    Args:
        seed: The run's seed.
        kind: What is named; its first letter begins the pseudonym.
        numbers: Whole numbers, each used once for its kind.
    """
    mixed = _mix(numbers.astype(np.uint64) ^ np.uint64(_digest(f"{seed}/{kind}")[0]))
    text = np.empty((len(mixed), PSEUDONYM_LENGTH), np.uint8)
    text[:, 0] = ord(kind[0])
    octets = mixed.astype(">u8").view(np.uint8)
    text[:, 1:] = _HEX[octets].view(np.uint8).reshape(len(mixed), 16)
    offsets = np.arange(len(mixed) + 1, dtype=np.int32) * PSEUDONYM_LENGTH
    return pa.StringArray.from_buffers(
        len(mixed), pa.py_buffer(offsets), pa.py_buffer(text.tobytes())
    )


def _digest(text: str) -> np.ndarray:
    return np.frombuffer(
        hashlib.blake2b(text.encode(), digest_size=16).digest(), dtype="<u8"
    )


def _mix(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        z = values + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
