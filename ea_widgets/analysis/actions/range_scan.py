"""Scan of metrics for ranges with more errors than average: what counts as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.binning import bin_of_ranks
from ea_widgets.core.statistics.scan import Demands, best_runs, clustered_variance, guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.selection import Selection

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
    """Rows that are compared with their own average: all of them, or those of one class.

    Attributes
    ----------
    class_code : int
        -1 for all classes together.
    place : ndarray of intp, shape (n,)
        Positions in the selection.
    error : ndarray of float64, shape (n,)
        1 for an error, else 0.
    frame : ndarray of intp, shape (n,)
        Image of each row, numbered from 0 among those that take part.
    image : ndarray of intp, shape (n_frames,)
        Image code by that number.
    rows_of_frame, errors_of_frame : ndarray of float64, shape (n_frames,)
    """

    class_code: int
    place: NDArray[np.intp]
    error: NDArray[np.float64]
    frame: NDArray[np.intp]
    image: NDArray[np.intp]
    rows_of_frame: NDArray[np.float64]
    errors_of_frame: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Candidate:
    """A run of fine bins of one metric, in one group.

    Attributes
    ----------
    group : Group
    metric : int
        Number of the metric of the side.
    first, last : int
        First and last fine bin.
    least_excess : float
    """

    group: Group
    metric: int
    first: int
    last: int
    least_excess: float


@dataclass(frozen=True, eq=False)
class Question:
    """Where the errors of a selection are.

    Attributes
    ----------
    selection : Selection
    is_error, counts : ndarray of bool, shape (n,)
        Per row of the selection: whether it is an error, and whether it counts at all.
    missed : bool
        Whether errors are missed labels, or else false positives.
    skipped : str
        Displayed name of a metric that is not looked at.
    """

    selection: Selection
    is_error: NDArray[np.bool_]
    counts: NDArray[np.bool_]
    missed: bool
    skipped: str = ""

    @property
    def n_errors(self) -> int:
        """Errors of the selection."""
        return int(np.count_nonzero(self.is_error & self.counts))

    def groups(self, *, by_class: bool) -> Iterator[Group]:
        """All rows that count, and then those of each class."""
        side, rows = self.selection.side, self.selection.chosen
        place = np.flatnonzero(self.counts)
        image = side.image_code[rows][place]
        yield self._group(-1, place, image)
        if not by_class or not len(place):  # nothing splits into one part, that of no class
            return
        class_code = side.class_code[rows][place]
        order = np.argsort(class_code, kind="stable")
        codes, start = np.unique(class_code[order], return_index=True)
        for code, part in zip(codes, np.split(order, start[1:]), strict=True):
            yield self._group(int(code), place[part], image[part])

    def _group(self, code: int, place: NDArray[np.intp], image: NDArray[np.intp]) -> Group:
        seen = np.zeros(self.selection.side.n_images, bool)
        seen[image] = True
        number = np.cumsum(seen) - 1
        error = self.is_error[place].astype(np.float64)
        frame, taking_part = number[image], np.flatnonzero(seen)
        size = len(taking_part)
        return Group(
            class_code=code,
            place=place,
            error=error,
            frame=frame,
            image=taking_part,
            rows_of_frame=np.bincount(frame, minlength=size).astype(np.float64),
            errors_of_frame=np.bincount(frame, error, size).astype(np.float64),
        )

    def rows_of(self, group: Group) -> NDArray[np.intp]:
        """Rows of the side that a group has."""
        return self.selection.rows[group.place]

    def of_images(self, metric: int) -> bool:
        """Whether a metric describes images."""
        return metric < self.selection.side.n_image_metrics

    def fine_bins(self, group: Group, metric: int) -> NDArray[np.intp]:
        """Fine bin of each frame of a group, or of each row where the metric describes rows.

        It is ``selection.n_bins`` where the metric is missing.
        """
        of_images, of_rows = self.selection.codes
        if self.of_images(metric):
            return np.asarray(of_images[group.image, metric], np.intp)
        return np.asarray(of_rows[group.place, metric - of_images.shape[1]], np.intp)

    def inside(self, candidate: Candidate) -> NDArray[np.intp]:
        """Rows of its group that a candidate holds."""
        fine = self.fine_bins(candidate.group, candidate.metric)
        within = (fine >= candidate.first) & (fine <= candidate.last)
        if self.of_images(candidate.metric):
            within = within[candidate.group.frame]
        return np.flatnonzero(within)


def candidates(question: Question, *, by_class: bool) -> list[Candidate]:
    """Scan every metric of every group for runs of bins with more errors than average."""
    names = question.selection.side.names
    metrics = [number for number, name in enumerate(names) if name != question.skipped]
    all_errors = question.n_errors
    groups = [g for g in question.groups(by_class=by_class) if 0 < g.error.sum() < len(g.error)]
    n_bins = [
        min(
            max(len(g.place) // ROWS_PER_BIN, FEWEST_BINS), BINS if g.class_code < 0 else CLASS_BINS
        )
        for g in groups
    ]
    z = guard(TRIES_PER_BIN * len(metrics) * sum(n_bins))
    found: list[Candidate] = []
    for group, bins in zip(groups, n_bins, strict=True):
        share = LEAST_SHARE if group.class_code < 0 else LEAST_CLASS_SHARE
        demands = Demands(z, LEAST_ROWS, share * all_errors)
        if group.error.sum() >= demands.errors:
            for metric in metrics:
                found.extend(scan(question, group, metric, bins, demands))
    return sorted(found, key=lambda candidate: -candidate.least_excess)


def scan(
    question: Question, group: Group, metric: int, n_bins: int, demands: Demands
) -> Iterator[Candidate]:
    """Scan one metric of one group."""
    fine = question.fine_bins(group, metric)
    if question.of_images(metric):
        frame, weight, error = np.arange(len(fine)), group.rows_of_frame, group.errors_of_frame
    else:
        frame, weight, error = group.frame, None, group.error
    n_fine = question.selection.n_bins
    rows = np.bincount(fine, weight, n_fine + 1).astype(np.float64)
    errors = np.bincount(fine, error, n_fine + 1).astype(np.float64)
    of_fine, used = bin_of_ranks(rows.astype(np.int64), n_bins)
    of_fine[-1] = used
    rows_of_bin = np.bincount(of_fine, rows, used + 1)[:used].astype(np.float64)
    errors_of_bin = np.bincount(of_fine, errors, used + 1)[:used].astype(np.float64)
    if not best_runs(rows_of_bin, errors_of_bin, None, demands, 1):
        return  # frames only make the variance larger
    average = errors_of_bin.sum() / rows_of_bin.sum()
    residual = error - average * (1.0 if weight is None else weight)
    cell = frame * (used + 1) + of_fine[fine]
    size = len(group.image) * (used + 1)
    residuals = np.bincount(cell, residual, size).astype(np.float64)
    residuals = residuals.reshape(-1, used + 1)[:, :used]
    variance = clustered_variance(residuals)
    for run in best_runs(rows_of_bin, errors_of_bin, variance, demands, RUNS_PER_METRIC):
        inside = np.flatnonzero((of_fine >= run.start) & (of_fine < run.stop) & (rows > 0))
        yield Candidate(group, metric, int(inside[0]), int(inside[-1]), run.least_excess)
