"""Holm's correction for several primary outcomes looked at together."""

from collections.abc import Sequence

from statsmodels.stats.multitest import multipletests


def adjust(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjust the p values of one family by Holm's step-down procedure.

    A withheld estimate has no p value: it stays None and is not counted in the
    family, because it was withheld on counts alone, before its result was known.

    Args:
        p_values: One per primary outcome, each in [0, 1] or None. Shape (k,).

    Returns:
        The adjusted values in the order given, at most 1, None where None was given.

    Raises:
        ValueError: A p value is outside [0, 1]; the message gives positions.

    Examples:
        >>> [round(p, 6) for p in adjust([0.01, 0.04, 0.03])]
        [0.03, 0.06, 0.06]
        >>> adjust([None, 0.04])
        [None, 0.04]
        >>> adjust([])
        []

    References:
        Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat
        1979;6:65-70.
    """
    wrong = [
        position
        for position, p_value in enumerate(p_values)
        if p_value is not None and not 0 <= p_value <= 1
    ]
    if wrong:
        raise ValueError(f"p values must be in [0, 1]; positions {wrong} are not.")
    given = [p_value for p_value in p_values if p_value is not None]
    if not given:
        return [None] * len(p_values)
    adjusted = iter(multipletests(given, method="holm")[1])
    return [None if p_value is None else float(next(adjusted)) for p_value in p_values]
