"""Recall over false positives, from ranked predictions alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class FreeResponse:
    """Counts down to the confidences at which recall rises, and of all predictions.

    Attributes
    ----------
    group : ndarray of intp, shape (n_points,)
        Ascending.
    found, wrong : ndarray of int64, shape (n_points,)
        True and false positives at or above that confidence; both rise within a group.
    confidence : ndarray of float64, shape (n_points,)
        Falling within a group.
    """

    group: NDArray[np.intp]
    found: NDArray[np.int64]
    wrong: NDArray[np.int64]
    confidence: NDArray[np.float64]

    def last_within(self, most: NDArray[np.float64], n_groups: int) -> NDArray[np.intp]:
        """Find the last point of each group with at most so many false positives.

        Parameters
        ----------
        most : ndarray of float64, shape (n_rates,)
        n_groups : int

        Returns
        -------
        ndarray of intp, shape (n_groups, n_rates)
            ``n_points`` where a group has none.
        """
        beyond = int(self.wrong.max(initial=0)) + 1
        key = self.group * (beyond + 1) + self.wrong
        wanted = np.minimum(np.floor(most), beyond).astype(np.int64)
        groups = np.arange(n_groups)[:, None]
        place = np.searchsorted(key, groups * (beyond + 1) + wanted, side="right") - 1
        in_group = np.append(self.group, -1)[place] == groups
        return np.where(in_group, place, len(self.group))


def trace_free_response(
    group: NDArray[np.intp], confidence: NDArray[np.float64], hit: NDArray[np.bool_]
) -> FreeResponse:
    """Count true and false positives by falling confidence.

    Parameters
    ----------
    group : ndarray of intp, shape (n,)
        Ascending.
    confidence : ndarray of float64, shape (n,)
        Falling within a group. Predictions of equal confidence count together, and so do those
        without any.
    hit : ndarray of bool, shape (n,)
        True positives.

    Returns
    -------
    FreeResponse

    Examples
    --------
    >>> confidence, hit = np.array([0.9, 0.8, 0.8, 0.4, 0.2]), np.array([1, 0, 1, 0, 0], bool)
    >>> curve = trace_free_response(np.zeros(5, np.intp), confidence, hit)
    >>> curve.found.tolist(), curve.wrong.tolist(), curve.confidence.tolist()
    ([1, 2, 2], [0, 1, 3], [0.9, 0.8, 0.2])
    """
    n = len(group)
    final = np.ones(n, bool)  # the last of its group
    np.not_equal(group[1:], group[:-1], out=final[:-1])
    ends = final.copy()
    ends[:-1] |= (confidence[1:] != confidence[:-1]) & ~np.isnan(confidence[1:])
    first = np.searchsorted(group, group)
    found: NDArray[np.int64] = np.cumsum(hit) - (np.cumsum(hit) - hit)[first]
    place = np.flatnonzero(ends)
    before = np.append(0, found[place[:-1]])[: len(place)]
    before[np.append(True, final[place[:-1]])[: len(place)]] = 0
    place = place[(found[place] > before) | final[place]]
    wrong = place - first[place] + 1 - found[place]
    return FreeResponse(group[place], found[place], wrong, confidence[place])
