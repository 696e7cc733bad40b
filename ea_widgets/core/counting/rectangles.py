"""How far the errors in every rectangle of two metrics exceed those that either metric explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_ROWS = 20
"""Rows that a part must have to be looked at."""


def runs_of(n_bins: int) -> NDArray[np.intp]:
    """List all runs of neighbouring bins.

    Parameters
    ----------
    n_bins : int

    Returns
    -------
    ndarray of intp, shape (n_runs, 2)
        First and last bin of each; all single bins first.
    """
    first, last = np.triu_indices(n_bins)
    order = np.argsort(last - first, kind="stable")
    return np.stack([first[order], last[order]], axis=1)


def members(runs: NDArray[np.intp], n_bins: int) -> NDArray[np.float64]:
    """Mark the bins of each run; shape (n_runs, n_bins)."""
    bins = np.arange(n_bins)
    inside = (runs[:, :1] <= bins) & (bins <= runs[:, 1:])
    return inside.astype(np.float64)


def single_scores(
    rows: NDArray[np.float64],
    errors: NDArray[np.float64],
    inside: NDArray[np.float64],
    effect: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Score the errors of every run of one metric above the average of all rows.

    Parameters
    ----------
    rows, errors : ndarray of float64, shape (n_metrics, n_bins)
    inside : ndarray of float64, shape (n_runs, n_bins)
        See :func:`members`.
    effect : ndarray of float64, shape (n_metrics, n_runs)
        Design effect of each.

    Returns
    -------
    ndarray of float64, shape (n_metrics, n_runs)
        Excess over its standard error; 0 where a run has too few rows, or all of them.
    """
    n, wrong = rows.sum(axis=1, keepdims=True), errors.sum(axis=1, keepdims=True)
    return excess_scores(rows @ inside.T, errors @ inside.T, n, wrong, effect)


def pair_scores(
    rows: NDArray[np.float64],
    errors: NDArray[np.float64],
    inside: NDArray[np.float64],
    effect: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Score the errors of every rectangle above what each of its two sides alone explains.

    Parameters
    ----------
    rows, errors : ndarray of float64, shape (n_pairs, n_bins, n_bins)
        By the bins of the first and the second metric.
    inside : ndarray of float64, shape (n_runs, n_bins)
        See :func:`members`.
    effect : ndarray of float64, shape (n_pairs, n_runs, n_runs)
        Design effect of each.

    Returns
    -------
    ndarray of float64, shape (n_pairs, n_runs, n_runs)
        The lesser of two scores: the errors above the rate of all rows in the run of the first
        metric, and above that of the run of the second. 0 where a rectangle has too few rows.
    """
    # Half the memory is half the time; counts are exact in it up to 2^24, and scores are compared
    # with those of null data sets only.
    marks = inside.astype(np.float32)
    n, wrong = (marks @ table.astype(np.float32) @ marks.T for table in (rows, errors))
    spread = n * effect.astype(np.float32)
    enough = n >= FEWEST_ROWS
    least: NDArray[np.float64] = np.full(n.shape, np.inf, np.float32)
    for axis in (2, 1):
        n_side, wrong_side = (
            np.expand_dims((table.sum(axis=axis) @ inside.T).astype(np.float32), axis)
            for table in (rows, errors)
        )
        whole = np.maximum(n_side, np.float32(1))
        rate = wrong_side / whole
        variance = spread * (rate * (1 - rate)) * (1 - n / whole)
        counts = enough & (n_side - n >= FEWEST_ROWS) & (variance > 0)
        np.maximum(variance, np.float32(1e-12), out=variance)
        score = (wrong - n * rate) / np.sqrt(variance, out=variance)
        np.minimum(least, np.where(counts, score, np.float32(0)), out=least)
    return least


def excess_scores(
    n: NDArray[np.float64],
    wrong: NDArray[np.float64],
    n_all: NDArray[np.float64],
    wrong_all: NDArray[np.float64],
    effect: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Score the errors of parts above the rate of a whole that they belong to.

    Parameters
    ----------
    n, wrong : ndarray of float64
        Rows and errors of the part.
    n_all, wrong_all : ndarray of float64
        Of the whole.
    effect : ndarray of float64
        Design effect.

    Returns
    -------
    ndarray of float64
        0 where part or rest has too few rows, or the outcome does not vary.

    Notes
    -----
    z = (w - n r) / sqrt(n r (1 - r) (1 - n / N) D), with w errors in the n rows of the part, the
    rate r of the N rows of the whole, and the design effect D: hypergeometric but for D.
    """
    rate = wrong_all / np.maximum(n_all, 1.0)
    share = n / np.maximum(n_all, 1.0)
    variance = n * rate * (1 - rate) * (1 - share) * effect
    counts = (n >= FEWEST_ROWS) & (n_all - n >= FEWEST_ROWS) & (variance > 0)
    scores: NDArray[np.float64] = np.where(
        counts, (wrong - n * rate) / np.sqrt(np.where(counts, variance, 1.0)), 0.0
    )
    return scores
