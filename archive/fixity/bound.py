"""What reading a part says of the whole: an upper bound for the share that is wrong.

The exact one-sided bound of Clopper and Pearson (1934).  With nothing wrong among *k* it is
1 - 0.05^(1/k), which is about 3/k: the rule of three.  It holds for a sample drawn at random; for
one drawn without putting back, as ours is, the true bound is smaller still.
"""

from __future__ import annotations

from math import exp, lgamma, log, log1p

CONFIDENCE = 0.95
_HALVINGS = 60


def at_most(wrong: int, read: int) -> float:
    """The share of all that is wrong, at most, with 95 % confidence, after *read* were read.

    *wrong* of them were.  1.0 if nothing was read.
    """
    if wrong >= read:
        return 1.0
    low, high = wrong / read, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _as_few(wrong, read, middle) > 1 - CONFIDENCE:
            low = middle
        else:
            high = middle
    return high


def _as_few(wrong: int, read: int, share: float) -> float:
    """How likely no more than *wrong* of *read* are wrong if this *share* of all is."""
    if share >= 1:
        return 0.0
    of_wrong, of_right = log(share) if share > 0 else -1e300, log1p(-share)
    total = 0.0
    for count in range(wrong + 1):
        ways = lgamma(read + 1) - lgamma(count + 1) - lgamma(read - count + 1)
        total += exp(ways + count * of_wrong + (read - count) * of_right)
    return total
