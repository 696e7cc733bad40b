"""Counts in the smallest kind of whole numbers that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = (np.uint8, np.uint16, np.uint32)


def compact(counts: NDArray[Any]) -> NDArray[Any]:
    """Give counts, none below 0, the smallest kind that holds them all.

    Examples
    --------
    >>> compact(np.array([0, 256])).dtype
    dtype('uint16')
    """
    most = int(counts.max(initial=0))
    for kind in KINDS:
        if most <= np.iinfo(kind).max:
            return counts.astype(kind, copy=False)
    return counts.astype(np.int64, copy=False)


def add_counts(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """Add counts of one kind or two; those that are small stay so."""
    if one.dtype == other.dtype == np.int64:
        return one + other  # type: ignore[no-any-return]
    most = int(one.max(initial=0)) + int(other.max(initial=0))
    kind = next((kind for kind in KINDS if most <= np.iinfo(kind).max), np.int64)
    total: NDArray[Any] = np.add(one, other, dtype=kind, casting="unsafe")
    return total
