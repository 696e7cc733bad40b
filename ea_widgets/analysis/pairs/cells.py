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

ROWS_PER_BLOCK = 1 << 22


def coarse_codes(code: NDArray[np.uint8], categorical: NDArray[np.intp]) -> NDArray[np.intp]:
    """Merge the bins of ranges into a few.

    Parameters
    ----------
    code : ndarray of uint8, shape (n_metrics, n_rows)
        See :class:`RangeBins`.
    categorical : ndarray of intp
        Metrics whose bins are categories: the most frequent stay, the others are left out.

    Returns
    -------
    ndarray of intp, shape (n_metrics, n_rows)
        `COARSE` where a row has no value.
    """
    ordered = np.append(np.repeat(np.arange(COARSE), np.diff(CUTS)), COARSE)
    frequent = np.minimum(np.arange(BINS + 1), COARSE)
    return np.stack(
        [(frequent if metric in categorical else ordered)[row] for metric, row in enumerate(code)]
    )


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
        self, code: NDArray[np.intp], error: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Score all runs of single metrics, and all rectangles of pairs.

        Parameters
        ----------
        code : ndarray of intp, shape (n_metrics, n_rows)
        error : ndarray of bool, shape (n_rows,)

        Returns
        -------
        singles : ndarray of float64, shape (n_metrics, n_runs)
        pairs : ndarray of float64, shape (n_pairs, n_runs, n_runs)
        """
        rows, errors = self._single_counts(code, error)
        n = np.maximum(rows.sum(axis=1, keepdims=True), 1.0)
        share = np.where(self.of_objects[:, None], rows @ INSIDE.T / n, 1.0)
        singles = single_scores(rows, errors, INSIDE, self._effect(share))
        singles = np.where(self._single, singles, 0.0)
        rows, errors = self._pair_counts(code, error)
        first, second = self.pairs.T
        of_pair = share[first][:, :, None] * share[second][:, None, :]
        found = pair_scores(rows, errors, INSIDE, self._effect(of_pair))
        found *= self._single[first][:, :, None] & self._single[second][:, None, :]
        return singles, found

    def _single_counts(
        self, code: NDArray[np.intp], error: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        width, n_metrics = COARSE + 1, len(code)
        cell = code + np.arange(n_metrics)[:, None] * width
        counts = [
            np.bincount(cells.ravel(), minlength=n_metrics * width)
            .reshape(n_metrics, width)[:, :-1]
            .astype(np.float64)
            for cells in (cell, cell[:, error])
        ]
        return counts[0], counts[1]

    def _pair_counts(
        self, code: NDArray[np.intp], error: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Count rows and errors in the cells of each pair, shape (n_pairs, COARSE, COARSE)."""
        width, (n_metrics, n_rows) = COARSE + 1, code.shape
        wrong = code[:, error]
        tables = [np.zeros((len(self.pairs), width, width)) for _ in range(2)]
        at = 0
        for first in range(n_metrics - 1):
            others = np.arange(first + 1, n_metrics)
            for block in np.array_split(others, -(-len(others) * n_rows // ROWS_PER_BLOCK) or 1):
                offset = np.arange(len(block))[:, None] * width**2
                for table, codes in zip(tables, (code, wrong), strict=True):
                    cell = codes[first] * width + codes[block] + offset
                    found = np.bincount(cell.ravel(), minlength=len(block) * width**2)
                    table[at : at + len(block)] = found.reshape(-1, width, width)
                at += len(block)
        return tables[0][:, :-1, :-1], tables[1][:, :-1, :-1]
