"""Scan of metrics for ranges with more errors than average."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.binning import bin_of_ranks
from ea_widgets.core.statistics.intervals import Z_95
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.core.statistics.scan import Demands, best_runs, bonferroni_z, clustered_variance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.sample import Sample
    from ea_widgets.core.statistics.scan import Run

BINS, CLASS_BINS = 64, 32
"""Bins scanned per metric, of all classes together and of one class."""

ROWS_PER_BIN, FEWEST_BINS = 50, 8
"""Fewer bins where there are few rows: each try costs power."""

TRIES_PER_BIN = 3
"""All runs of k bins are as likely to stand out by chance as so many times k independent tries.

Simulated: 1.4 for 20 bins of noise, 2.6 for 32, 2.8 for 64, at 4 standard deviations.
"""

CONFIDENCE = "Model Confidence (P)"
"""Would be first everywhere and hide the rest: unsure predictions are wrong more often."""

RUNS_PER_METRIC = 3
LEAST_ROWS = 20
LEAST_SHARE, LEAST_CLASS_SHARE = 0.02, 0.005
"""Smallest share of all errors that is worth a name; a single class holds less."""


@dataclass(frozen=True, eq=False)
class Group:
    """Rows that are compared with their own average: all that count, or those of one class.

    Attributes
    ----------
    sample : Sample
    class_code : int
        -1 for all classes together.
    index : ndarray of intp or slice
        Which of the rows that count are in the group.
    n, n_errors : int
        How many these are, and errors among them.
    rows_of_bin, errors_of_bin : ndarray of int64, shape (n_metrics, n_fine_bins)
        Rows and errors with a value.
    """

    sample: Sample
    class_code: int
    index: NDArray[np.intp] | slice
    n: int
    n_errors: int
    rows_of_bin: NDArray[np.int64]
    errors_of_bin: NDArray[np.int64]

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """Rows of the table, shape (n,)."""
        return self.sample.rows[self.index]

    @cached_property
    def error(self) -> NDArray[np.float64]:
        """1 for an error, else 0; shape (n,)."""
        return self.sample.error[self.index].astype(np.float64)

    @cached_property
    def cluster(self) -> NDArray[np.intp]:
        """Cluster of each row, shape (n,)."""
        return self.sample.cluster[self.index]

    def fine_bins(self, metric: int) -> NDArray[np.uint16]:
        """Fine bin of each row; the number of bins where the metric is missing."""
        return fine_bins_of(self.sample, metric)[self.index]


@dataclass(frozen=True, eq=False)
class Candidate:
    """A run of fine bins of one metric, in one group.

    Attributes
    ----------
    group : Group
    metric : int
        Number of the metric of the table.
    first, last : int
        First and last fine bin.
    least_excess : float
    but_one : bool
        Whether the bin is left out, and all others are meant: those of a categorical metric.
    """

    group: Group
    metric: int
    first: int
    last: int
    least_excess: float
    but_one: bool = False

    def inside(self) -> NDArray[np.intp]:
        """Rows of the group that the run holds."""
        fine = self.group.fine_bins(self.metric)
        if self.but_one:
            return np.flatnonzero(
                (fine != self.first) & (fine < self.group.sample.selection.n_bins)
            )
        return np.flatnonzero((fine >= self.first) & (fine <= self.last))


def fine_bins_of(sample: Sample, metric: int) -> NDArray[np.uint16]:
    """Fine bin of each row that counts, by one metric."""
    of_images, of_rows = sample.selection.codes
    if metric < of_images.shape[1]:
        fine = of_images[:, metric][sample.selection.side.image_code[sample.rows]]
    else:
        fine = of_rows[:, metric - of_images.shape[1]][sample.counted]
    return np.asarray(fine)


def groups_of(sample: Sample, *, by_class: bool) -> list[Group]:
    """Make the group of all rows that count, and then that of each class."""
    counts = sample.counts
    errors = counts.successes if sample.missed else counts.totals - counts.successes
    n = len(sample.counted)
    groups = [Group(sample, -1, slice(None), n, sample.n_errors, counts.totals, errors)]
    if not by_class or not n:
        return groups
    codes, code = np.unique(sample.selection.side.class_code[sample.rows], return_inverse=True)
    n_metrics, width = len(counts.totals), sample.selection.n_bins + 1
    tables = np.empty((2, len(codes), n_metrics, width), np.int64)
    wrong = np.flatnonzero(sample.error)
    for metric in range(n_metrics):
        cell = code * width + fine_bins_of(sample, metric)
        for table, taken in zip(tables, (cell, cell[wrong]), strict=True):
            found = np.bincount(taken, minlength=len(codes) * width)
            table[:, metric] = found.reshape(-1, width)
    rows_of_bin, errors_of_bin = tables[..., :-1]
    sizes, n_errors = (np.bincount(part, minlength=len(codes)) for part in (code, code[wrong]))
    parts = np.split(np.argsort(code, kind="stable"), np.cumsum(sizes)[:-1])
    return groups + [
        Group(sample, *group)
        for group in zip(
            codes.tolist(),
            parts,
            sizes.tolist(),
            n_errors.tolist(),
            rows_of_bin,
            errors_of_bin,
            strict=True,
        )
    ]


def candidates(
    sample: Sample,
    *,
    by_class: bool,
    skipped: str = CONFIDENCE,
    should_stop: Callable[[], bool] | None = None,
) -> list[Candidate]:
    """Scan every metric of every group for runs of bins with more errors than average.

    Parameters
    ----------
    sample : Sample
    by_class : bool
    skipped : str
        Displayed name of a metric that is not looked at.
    should_stop : callable, optional
        Asked before each metric.

    Returns
    -------
    list of Candidate
        By falling `least_excess`.
    """
    metrics = [number for number, name in enumerate(sample.names) if name != skipped]
    groups = [g for g in groups_of(sample, by_class=by_class) if 0 < g.n_errors < g.n]
    most = [BINS if group.class_code < 0 else CLASS_BINS for group in groups]
    n_bins = [
        min(max(group.n // ROWS_PER_BIN, FEWEST_BINS), limit)
        for group, limit in zip(groups, most, strict=True)
    ]
    z = bonferroni_z(TRIES_PER_BIN * len(metrics) * sum(n_bins))
    found: list[Candidate] = []
    for group, bins in zip(groups, n_bins, strict=True):
        share = LEAST_SHARE if group.class_code < 0 else LEAST_CLASS_SHARE
        demands = Demands(z, LEAST_ROWS, share * sample.n_errors)
        if group.n_errors >= demands.errors:
            for metric in metrics:
                stop_if(should_stop)
                pools = sample.selection.pools
                one = scan_categories if metric in pools else scan
                found.extend(one(group, metric, bins, demands))
    return sorted(found, key=lambda candidate: -candidate.least_excess)


def scan(group: Group, metric: int, n_bins: int, demands: Demands) -> Iterator[Candidate]:
    """Scan one metric of one group."""
    rows, errors = group.rows_of_bin[metric], group.errors_of_bin[metric]
    of_fine, used = bin_of_ranks(np.append(rows, 0), n_bins)
    of_fine[-1] = used
    n, wrong = (
        np.bincount(of_fine[:-1], part, used)[:used].astype(np.float64) for part in (rows, errors)
    )
    if not best_runs(n, wrong, None, demands, 1):
        return  # clusters only make the variance larger
    average = wrong.sum() / n.sum()
    number = np.cumsum(np.bincount(group.cluster) > 0) - 1
    cell = number[group.cluster] * (used + 1) + of_fine[group.fine_bins(metric)]
    size = (int(number[-1]) + 1) * (used + 1)
    residuals = np.bincount(cell, group.error - average, size).astype(np.float64)
    variance = clustered_variance(residuals.reshape(-1, used + 1)[:, :used])
    for run in best_runs(n, wrong, variance, demands, RUNS_PER_METRIC):
        yield candidate_of(group, metric, of_fine[:-1], run)


def candidate_of(group: Group, metric: int, of_fine: NDArray[np.intp], run: Run) -> Candidate:
    """Take the first and the last fine bin of a run that have rows."""
    inside = (of_fine >= run.start) & (of_fine < run.stop) & (group.rows_of_bin[metric] > 0)
    held = np.flatnonzero(inside)
    return Candidate(group, metric, int(held[0]), int(held[-1]), run.least_excess)


def scan_categories(
    group: Group, metric: int, n_bins: int, demands: Demands
) -> Iterator[Candidate]:
    """Look at the most frequent categories of one metric of one group, and at all but each."""
    rows, errors = group.rows_of_bin[metric], group.errors_of_bin[metric]
    chosen = np.argsort(-rows, kind="stable")[: min(n_bins, np.count_nonzero(rows))]
    if len(chosen) < 2:
        return
    average = errors.sum() / rows.sum()
    fine, width = group.fine_bins(metric), len(rows) + 1
    cluster, of_row = np.unique(group.cluster, return_inverse=True)
    cell = of_row * width + np.minimum(fine, len(rows))
    residual = np.bincount(cell, group.error - average, len(cluster) * width)
    residual = residual.reshape(-1, width)[:, :-1]
    whole = residual.sum(axis=1, keepdims=True)
    binomial = average * (1 - average) * rows[chosen]
    own = (residual[:, chosen] ** 2).sum(axis=0)
    # As of runs: a category that lacks the few clusters that vary would look surer than it is.
    least = binomial * max(float(own.sum() / max(binomial.sum(), 1e-300)), 1.0)
    for but_one, n, wrong, spread in (
        (False, rows[chosen], errors[chosen], own),
        (
            True,
            rows.sum() - rows[chosen],
            errors.sum() - errors[chosen],
            ((whole - residual[:, chosen]) ** 2).sum(axis=0),
        ),
    ):
        # The excess of all but one is that of the one, turned round: so is its variance.
        deviation = np.sqrt(np.maximum(spread, least))
        excess = wrong - average * n
        fits = (n >= demands.rows) & (wrong >= demands.errors) & (excess > demands.z * deviation)
        for at in np.flatnonzero(fits).tolist():
            surely = float(excess[at] - Z_95 * deviation[at])
            place = int(chosen[at])
            yield Candidate(group, metric, place, place, surely, but_one)
