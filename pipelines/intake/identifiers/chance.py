"""How much more than chance a column must show before its numbers say something."""

from math import exp, log

SURE = 1e-5
"""Probability below which chance is no explanation: one false alarm in 100,000 columns
of random numbers."""

LIKELY = 0.01
"""The same where most of a column has the form: small files hold few numbers."""

MOST = 0.5
"""Share (0-1) of a column's values that are most of it."""

CLOSE = 0.5
"""Share (0-1) of the possible numbers within which a column's numbers must all lie to
be called close together, however many they are."""


def is_more_than_chance(found: int, tested: int, chance: float) -> bool:
    """Return whether random values would so rarely pass a test so often.

    Args:
        found: Values that pass.
        tested: Values that could.
        chance: Share (0-1) of random values that pass.

    Examples:
        >>> is_more_than_chance(2, 2, 1 / 11), is_more_than_chance(1, 1, 1 / 11)
        (True, False)
        >>> is_more_than_chance(95, 1000, 1 / 11), is_more_than_chance(150, 1000, 1 / 11)
        (False, True)

    References:
        Chernoff's bound of a binomial's upper tail: Hoeffding 1963, J Am Stat Assoc
        58:13-30, theorem 1.
    """
    if not tested or found <= chance * tested:
        return False
    share = found / tested
    excess = share * log(share / chance)
    if share < 1:
        excess += (1 - share) * log((1 - share) / (1 - chance))
    bound = exp(-tested * excess)
    return bound < (LIKELY if share > MOST and chance < MOST else SURE)


def are_close(different: int, lowest: int, highest: int, length: int) -> bool:
    """Return whether numbers lie closer together than random ones of their length would.

    Counters and numbers with a common prefix fill a small part of what their length
    allows; random pseudonyms spread over it.

    Args:
        different: Different numbers.
        lowest: The smallest.
        highest: The largest.
        length: Digits of each, leading zeros counted.

    Examples:
        >>> are_close(50, 20_000_001, 20_004_000, 8)
        True
        >>> are_close(50, 10_450_211, 98_765_432, 8)
        False

    References:
        Distribution of the range of uniform numbers: David and Nagaraja 2003, Order
        Statistics, section 2.3.
    """
    if different < 2:
        return False
    bottom = 0 if lowest < 10 ** (length - 1) else 10 ** (length - 1)
    limits = [limit for limit in _LIMITS if limit >= highest and limit >= bottom]
    top = min([*limits, 10**length - 1])
    part = (highest - lowest) / (top - bottom)
    if part == 0 or part >= CLOSE:
        return part == 0
    log_chance = log(different) + (different - 1) * log(part)
    return log_chance < log(SURE)


_LIMITS = (2**31 - 1, 2**32 - 1)
"""Largest whole numbers of 32 bits: random ones of ten digits end there."""
