"""Hashes of ids: which images were counted, and a sample that no split of the data changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIGN = np.uint64(1 << 63)


def mix(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scatter 64-bit numbers, one to one, as SplitMix64 does (Steele et al. 2014).

    Examples
    --------
    >>> mix(np.array([0], np.uint64))
    array([16294208416658607535], dtype=uint64)
    """
    z = numbers + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def image_hashes(ids: pd.Series) -> NDArray[np.uint64]:
    """Hash ids of images, shape (n,): whole numbers one to one, text by its characters."""
    if ids.dtype.kind in "iu":
        return mix(ids.to_numpy(np.int64).view(np.uint64))
    text = ids.astype(str).to_numpy(object)
    return mix(pd.util.hash_array(text, categorize=False))


def order_keys(ids: pd.Series) -> NDArray[np.uint64]:
    """Numbers in the order of the ids, where these are whole numbers; else hashes, shape (n,)."""
    if ids.dtype.kind in "iu":
        return ids.to_numpy(np.int64).view(np.uint64) ^ SIGN
    return image_hashes(ids)


def object_hashes(image: NDArray[np.uint64], number: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Hash objects by the hash of their image and their number in it."""
    # Not mixed alike: object 3 of image 5 would have the hash of object 5 of image 3.
    return mix(image + number.astype(np.uint64))
