"""Rows in a few bins of each metric, and in the cells of each two of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.sample import BINS
from ea_widgets.core.counting.rectangles import members, pair_scores, runs_of, single_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

CUTS = (0, 2, 5, 10, 15, 18, BINS)
"""Bins are cut at 10, 25, 50, 75 and 90 % of the rows: few, since every two metrics are tried."""

COARSE = len(CUTS) - 1

RUNS = runs_of(COARSE)

INSIDE = members(RUNS, COARSE)

ROWS_PER_BLOCK, PAIRS_PER_BLOCK = 1 << 12, 64
"""So many fit into the cache."""


def coarse_codes(code: NDArray[np.uint8], categorical: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Merge the bins of ranges into a few.

    Parameters
    ----------
    code : ndarray of uint8, shape (n_metrics, n_rows)
        See :class:`RangeBins`.
    categorical : ndarray of intp
        Metrics whose bins are categories: the most frequent stay, the others are left out.

    Returns
    -------
    ndarray of uint8, shape (n_rows, n_metrics)
        `COARSE` where a row has no value.
    """
    ordered = np.append(np.repeat(np.arange(COARSE), np.diff(CUTS)), COARSE).astype(np.uint8)
    frequent = np.minimum(np.arange(BINS + 1), COARSE).astype(np.uint8)
    return np.stack(
        [(frequent if metric in categorical else ordered)[row] for metric, row in enumerate(code)],
        axis=1,
    )


def marks(code: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mark the bin of each metric that a row is in.

    Parameters
    ----------
    code : ndarray of uint8, shape (n_rows, n_metrics)
        See :func:`coarse_codes`.

    Returns
    -------
    ndarray of float32, shape (n_rows, n_metrics * COARSE)
        1 in that bin, else 0. The product of two columns, added up, counts the rows of a cell.
    """
    inside = code[:, :, None] == np.arange(COARSE, dtype=np.uint8)
    found: NDArray[np.float32] = inside.reshape(len(code), -1).astype(np.float32)
    return found


def count_cells(code: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Count rows in the cells of every two metrics, (n_metrics * COARSE, n_metrics * COARSE)."""
    width = code.shape[1] * COARSE
    found = np.zeros((width, width))
    for start in range(0, len(code), ROWS_PER_BLOCK):  # exact in 32 bits
        block = marks(code[start : start + ROWS_PER_BLOCK])
        found += block.T @ block
    return found


def count_both(
    code: NDArray[np.uint8], error: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count rows, and errors among them, as :func:`count_cells` does.

    Parameters
    ----------
    code : ndarray of uint8, shape (n_rows, n_metrics)
    error : ndarray of bool, shape (n_rows,)
    """
    rows, of_errors = count_cells(code), 2 * int(np.count_nonzero(error)) <= len(error)
    rarer = count_cells(code[error == of_errors])
    return rows, rarer if of_errors else rows - rarer


@dataclass(frozen=True, eq=False)
class Cells:
    """Where every score of a single metric and of a pair of them is.

    Attributes
    ----------
    categorical : ndarray of bool, shape (n_metrics,)
        Metrics whose bins are in no order: only single ones are looked at.
    of_objects : ndarray of bool, shape (n_metrics,)
        Metrics that differ among the objects of an image.
    neighbours : float
        Mean number of further objects in the cluster of an object.
    alike : float
        Intraclass correlation of the outcome.
    """

    categorical: NDArray[np.bool_]
    of_objects: NDArray[np.bool_]
    neighbours: float
    alike: float

    @cached_property
    def pairs(self) -> NDArray[np.intp]:
        """Numbers of the two metrics of each pair, shape (n_pairs, 2)."""
        first, second = np.triu_indices(len(self.categorical), 1)
        return np.stack([first, second], axis=1)

    @cached_property
    def _single(self) -> NDArray[np.bool_]:
        """Runs that each metric is looked at by, shape (n_metrics, n_runs)."""
        alone: NDArray[np.bool_] = RUNS[:, 0] == RUNS[:, 1]
        return ~self.categorical[:, None] | alone

    def _effect(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Design effect where the part takes so large a share of the objects of an image."""
        effect: NDArray[np.float64] = 1 + self.alike * self.neighbours * share
        return effect

    def score(
        self, rows: NDArray[np.float64], errors: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Score all runs of single metrics, and all rectangles of pairs.

        Parameters
        ----------
        rows, errors : ndarray of float64, shape (n_metrics * COARSE, n_metrics * COARSE)
            See :func:`count_cells`.

        Returns
        -------
        singles : ndarray of float64, shape (n_metrics, n_runs)
        pairs : ndarray of float32, shape (n_pairs, n_runs, n_runs)
        """
        shape = (len(self.categorical), COARSE) * 2
        rows, errors = (table.reshape(shape).swapaxes(1, 2) for table in (rows, errors))
        alone = np.arange(len(self.categorical))
        of_one, wrong = (np.einsum("mii->mi", table[alone, alone]) for table in (rows, errors))
        n = np.maximum(of_one.sum(axis=1, keepdims=True), 1.0)
        share = np.where(self.of_objects[:, None], of_one @ INSIDE.T / n, 1.0)
        singles = single_scores(of_one, wrong, INSIDE, self._effect(share))
        singles = np.where(self._single, singles, 0.0)
        found = np.empty((len(self.pairs), len(RUNS), len(RUNS)), np.float32)
        for start in range(0, len(found), PAIRS_PER_BLOCK):
            at = slice(start, start + PAIRS_PER_BLOCK)
            first, second = self.pairs[at].T
            of_pair = share[first][:, :, None] * share[second][:, None, :]
            both, wrong = rows[first, second], errors[first, second]
            found[at] = pair_scores(both, wrong, INSIDE, self._effect(of_pair))
            found[at] *= self._single[first][:, :, None] & self._single[second][:, None, :]
        return singles, found
