"""Which images were counted: enough of their hashes to notice those that come twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.errors import RepeatedImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_KEPT = 1 << 23
"""Hashes kept at most, of 8 bytes each: 67 MB."""


@dataclass(frozen=True, eq=False)
class CountedImages:
    """Hashes of the ids of images; of very many, those below 2^64, 2^63, 2^62, ... only.

    The limit is the first under which there are at most 8,388,608: so what is kept does not depend
    on the split. Of twice as many images half are kept, and a part of 100 images that comes twice
    is noticed but for a chance of 2^-100.

    Attributes
    ----------
    n : int
        All images.
    halvings : int
        How often the limit was halved.
    hashes : ndarray of uint64, shape (n_kept,)
        Ascending.
    """

    n: int
    halvings: int
    hashes: NDArray[np.uint64]

    @classmethod
    def of(cls, hashes: NDArray[np.uint64]) -> CountedImages:
        """Keep those of a part.

        Raises
        ------
        RepeatedImageError
            If two are equal.

        Examples
        --------
        >>> CountedImages.of(np.array([7, 3], np.uint64)).hashes.tolist()
        [3, 7]
        """
        kept = np.sort(hashes)
        if (kept[1:] == kept[:-1]).any():
            raise RepeatedImageError(
                "image_id", "has two ids with the same 64-bit hash", "Rename one of the images."
            )
        return limited(len(kept), 0, kept)

    def __add__(self, other: CountedImages) -> CountedImages:
        """Add the images of another part.

        Raises
        ------
        RepeatedImageError
            If one of those that are kept is in both.
        """
        halvings = max(self.halvings, other.halvings)
        parts = [one.below(halvings) for one in (self, other)]
        both = np.concatenate(parts)
        both.sort()
        repeated = int((both[1:] == both[:-1]).sum())
        if repeated:
            raise RepeatedImageError(
                "image_id",
                f"{repeated:,} of {len(parts[1]):,} images were counted already",
                "Add each part once, and never split an image over parts.",
            )
        return limited(self.n + other.n, halvings, both)

    def below(self, halvings: int) -> NDArray[np.uint64]:
        """Give the hashes below a limit that was halved so often, or more often than here."""
        if halvings <= self.halvings:
            return self.hashes
        return self.hashes[: np.searchsorted(self.hashes, np.uint64(1 << (64 - halvings)))]

    def is_same(self, other: CountedImages) -> bool:
        """Whether both are of the same images, as far as is known."""
        return self.n == other.n and np.array_equal(self.hashes, other.hashes)


def limited(n: int, halvings: int, hashes: NDArray[np.uint64]) -> CountedImages:
    """Halve the limit until few enough hashes are below it."""
    images = CountedImages(n, halvings, hashes)
    while len(images.hashes) > MOST_KEPT:
        halvings += 1
        images = CountedImages(n, halvings, images.below(halvings))
    return images
