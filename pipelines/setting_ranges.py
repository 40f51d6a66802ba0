"""Which values a setting may have, and what its file is told where it has another."""

import re
from typing import TYPE_CHECKING

from pipelines.errors import UsageError
from pipelines.intake.drift import limits

if TYPE_CHECKING:
    from pipelines.settings import Settings

MEMORY = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT])i?B", re.IGNORECASE)
"""DuckDB's notation of a size."""

MEMORY_UNITS = {"K": 10, "M": 20, "G": 30, "T": 40}
"""Powers of two, near enough for a bound."""

MOST_MEMORY = 1 << 50
"""A pebibyte, more than any machine has. DuckDB counts to 16,384 of them, and fails on
more."""

LONGEST_RETENTION_DAYS = 36_500
"""A hundred years: whoever writes more means to keep, and writes 0."""


def is_size(text: str) -> bool:
    """Say whether a text is a size that DuckDB takes."""
    size = MEMORY.fullmatch(text)
    if size is None:
        return False
    return float(size[1]) <= MOST_MEMORY >> MEMORY_UNITS[size[2].upper()]


def bytes_of(text: str) -> int:
    """Return a size in DuckDB's notation in bytes, near enough for a bound.

    Examples:
        >>> bytes_of("8GB") == 8 << 30
        True
    """
    size = MEMORY.fullmatch(text)
    return int(float(size[1]) * (1 << MEMORY_UNITS[size[2].upper()]))


def check_ranges(settings: "Settings", where: str) -> None:
    """Refuse settings that are out of their range, all of them at once.

    Args:
        settings: As they were read.
        where: The file, for the message.

    Raises:
        UsageError: A setting is out of its range; names it and says what it must be.
    """
    gate, disclosure = settings.gate, settings.disclosure
    share = "a share, from 0 to 1"
    rules = (
        ("threads", settings.threads >= 1, "1 or more"),
        (
            "memory_limit",
            is_size(settings.memory_limit),
            'a size such as "8GB", up to 1024TB',
        ),
        ("release_every_days", settings.release_every_days >= 1, "1 or more"),
        (
            "[intake] maximum_quarantined_share",
            0 <= settings.intake.maximum_quarantined_share <= 1,
            share,
        ),
        (
            "[intake] maximum_quarantined_rows_share",
            0 <= settings.intake.maximum_quarantined_rows_share <= 1,
            share,
        ),
        (
            "[intake] maximum_adapter_seconds",
            settings.intake.maximum_adapter_seconds >= 1,
            "1 or more",
        ),
        (
            "[intake] maximum_adapter_disk",
            is_size(settings.intake.maximum_adapter_disk),
            'a size such as "100GB", up to 1024TB',
        ),
        *(
            (
                f"[retention] {name}",
                0 <= days <= LONGEST_RETENTION_DAYS,
                f"0 to keep, or up to {LONGEST_RETENTION_DAYS} days",
            )
            for name, days in vars(settings.retention).items()
        ),
        (
            "[gate] minimum_people_per_arm",
            gate.minimum_people_per_arm >= 2,
            "2 or more",
        ),
        (
            "[gate] minimum_events_per_arm",
            gate.minimum_events_per_arm >= 1,
            "1 or more",
        ),
        ("[gate] minimum_observed_share", 0 <= gate.minimum_observed_share <= 1, share),
        (
            "[gate] maximum_observed_share_difference",
            0 <= gate.maximum_observed_share_difference <= 1,
            share,
        ),
        ("[gate] maximum_imbalance", gate.maximum_imbalance > 0, "above 0"),
        ("[gate] minimum_equipoise", 0 <= gate.minimum_equipoise <= 1, share),
        ("[gate] minimum_chance", 0 <= gate.minimum_chance <= 1, share),
        (
            "[gate] minimum_effective_size",
            gate.minimum_effective_size >= 2,
            "2 or more",
        ),
        ("[gate] maximum_weight_share", 0 < gate.maximum_weight_share <= 1, share),
        (
            "[gate] maximum_weight_share_of_a_choice",
            0 < gate.maximum_weight_share_of_a_choice <= 1,
            share,
        ),
        (
            "[gate] maximum_mean_weight_error",
            0 < gate.maximum_mean_weight_error <= 1,
            share,
        ),
        (
            "[disclosure] minimum_cell_count",
            disclosure.minimum_cell_count >= 2,
            "2 or more",
        ),
        ("[disclosure] rounding_base", disclosure.rounding_base >= 1, "1 or more"),
        (
            "[disclosure] minimum_clinicians",
            disclosure.minimum_clinicians >= 2,
            "2 or more",
        ),
        *limits.rules(settings.drift),
    )
    wrong = [f"{name} must be {wanted}" for name, holds, wanted in rules if not holds]
    if wrong:
        raise UsageError(f"{where}: {'; '.join(wrong)}.")
