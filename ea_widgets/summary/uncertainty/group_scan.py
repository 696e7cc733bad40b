"""How far the errors of every run of bins are above average, from random groups of clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.scan import FEWEST_CLUSTERS, FEWEST_ROWS, between, running
from ea_widgets.core.statistics.swaps import numbered_signs

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class GroupScan:
    """Errors above average in every run of bins of one metric.

    Attributes
    ----------
    parts : ndarray of float64, shape (n_groups, n_bins + 1, n_bins + 1)
        What each group adds to them, of the bins from row to column, that one excluded.
    least : ndarray of float64, shape (n_bins + 1, n_bins + 1)
        Variance that they have at least: where rows are independent.
    held : ndarray of bool, shape (n_bins + 1, n_bins + 1)
        Runs with enough rows, of enough groups, and not all.
    """

    parts: NDArray[np.float64]
    least: NDArray[np.float64]
    held: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: NDArray[np.float64], errors: NDArray[np.float64]) -> GroupScan:
        """Scan counts of shape (n_groups, n_bins)."""
        n = max(float(rows.sum()), 1.0)
        rate = float(errors.sum()) / n
        residual = errors - rate * rows
        in_run = between(running(rows.sum(axis=0)))
        share = in_run / n
        parts = between(running(residual)) - residual.sum(axis=1)[:, None, None] * share
        groups = between(running(rows))
        held = (in_run >= FEWEST_ROWS) & (share < 1)
        held &= (groups > 0).sum(axis=0) >= FEWEST_CLUSTERS
        return cls(parts, np.maximum(in_run * rate * (1 - rate) * (1 - share), 0.0), held)

    def scores(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give errors above average over their standard error, and that error; 0 where not held.

        Returns
        -------
        z, error : ndarray of float64, shape (n_bins + 1, n_bins + 1)
        """
        excess = self.parts.sum(axis=0)
        error = self._errors(excess)
        return np.divide(excess, error, out=np.zeros_like(error), where=error > 0), error

    def by_chance(self, numbers: range) -> NDArray[np.float64]:
        """Give the scores of numbered data sets in which no run has a tendency.

        What each group adds is turned round, or not, at random: for all runs of all metrics
        together.

        Returns
        -------
        ndarray of float64, shape (len(numbers), n_bins + 1, n_bins + 1)
        """
        n_groups = len(self.parts)
        signs = numbered_signs(numbers, n_groups)
        excess = (signs @ self.parts.reshape(n_groups, -1)).reshape(-1, *self.least.shape)
        error = self._errors(excess)
        return np.divide(excess, error, out=np.zeros_like(error), where=error > 0)

    def _errors(self, excess: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give standard errors of excesses whose parts have these squares."""
        n_groups = len(self.parts)
        variance = (self.parts**2).sum(axis=0) - excess**2 / n_groups
        variance = np.maximum(variance * n_groups / max(n_groups - 1, 1), self.least)
        error: NDArray[np.float64] = np.where(self.held, np.sqrt(variance), 0.0)
        return error
