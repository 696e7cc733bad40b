"""What all parts of a summary must have in common."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.analysis.importance import IOU_THRESHOLDS
from ea_widgets.core.counting.edges import Binning
from ea_widgets.data.catalogue import MetricName
from ea_widgets.errors import InvalidInputError, NotAnswerableError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

COCO_TICKS = IOU_THRESHOLDS[9:]
"""Those over which COCO averages."""

CONFIDENCE_TICKS = (0.1, 0.3, 0.5, 0.7)
"""Confidence thresholds at which is counted by default, beside that of all predictions."""

MOST_IOU_TICKS = 32
"""One bit each tells at which thresholds a prediction is right."""

MOST_BINS = 64

MOST_CLASSES = 80
"""Classes that have bins of their own; the others, the rarest ones, share theirs."""

MOST_DISPLAYED = 20
"""Bins per metric in which the groups of clusters are counted."""

N_GROUPS = 100
"""Random groups of clusters: what varies between them tells how wide intervals are, to 7 %."""

GROUP_TICK = 0.5
"""IoU threshold at which the groups are counted, by default."""

COARSE = 32
"""Bins of confidence that are one where the groups are counted."""

CONFIDENCE_BINS = 2048

SAME = 1e-9
"""Thresholds that differ by less are the same: 0.15000000000000002 is 0.15."""


@dataclass(frozen=True)
class Settings:
    """Thresholds, bins and way of matching; summaries of equal ones can be added.

    Attributes
    ----------
    iou_thresholds : tuple of float
        Ascending.
    confidence_thresholds : tuple of float
        Ascending; all predictions are counted beside.
    iou_type : {"bbox", "segm"}
    max_detections : int
    class_agnostic : bool
    binning : Binning
        At most 64 bins per metric.
    classes : tuple of str or None
        The classes, where they were given; else those of all parts unite.
    cluster : str or None
        Column of the images that names their cluster; None where each is one.
    group_iou_thresholds : tuple of float
        Those at which the groups of clusters are counted by metric and bin, ascending.
    """

    iou_thresholds: tuple[float, ...]
    confidence_thresholds: tuple[float, ...]
    iou_type: str
    max_detections: int
    class_agnostic: bool
    binning: Binning
    classes: tuple[str, ...] | None
    cluster: str | None
    group_iou_thresholds: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give all as JSON can hold it."""
        return {
            "iou_thresholds": list(self.iou_thresholds),
            "confidence_thresholds": list(self.confidence_thresholds),
            "iou_type": self.iou_type,
            "max_detections": self.max_detections,
            "class_agnostic": self.class_agnostic,
            "binning": self.binning.to_dict(),
            "classes": None if self.classes is None else list(self.classes),
            "cluster": self.cluster,
            "group_iou_thresholds": list(self.group_iou_thresholds),
        }

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> Settings:
        """Make it again of what :meth:`to_dict` gave."""
        classes = given["classes"]
        return cls(
            tuple(given["iou_thresholds"]),
            tuple(given["confidence_thresholds"]),
            given["iou_type"],
            given["max_detections"],
            given["class_agnostic"],
            Binning.from_dict(given["binning"]),
            None if classes is None else tuple(classes),
            given["cluster"],
            tuple(given["group_iou_thresholds"]),
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all of it: equal where summaries can be added."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    def ticks(self, lowest: float) -> dict[str, tuple[float, ...]]:
        """Give the only thresholds that can be asked for, by argument; the lowest keeps all."""
        higher = (cut for cut in self.confidence_thresholds if cut > lowest)
        return {
            "iou_threshold": self.iou_thresholds,
            "confidence_threshold": (lowest, *higher),
        }

    @property
    def n_levels(self) -> int:
        """Levels of confidence; the first takes all predictions."""
        return len(self.confidence_thresholds) + 1

    @cached_property
    def confidence_edges(self) -> NDArray[np.float64]:
        """Edges of the bins of confidence; finer towards 1, and one at each threshold.

        Predictions below the first and from the last on have bins too.
        """
        down = np.arange(CONFIDENCE_BINS, -1, -1) / CONFIDENCE_BINS
        return np.union1d(1 - down**2, self.confidence_thresholds)

    @cached_property
    def coarse_edges(self) -> NDArray[np.float64]:
        """Edges of the bins of confidence in which the groups of clusters are counted."""
        return np.union1d(self.confidence_edges[::COARSE], self.confidence_thresholds)

    @cached_property
    def group_ticks(self) -> tuple[int, ...]:
        """Numbers of the IoU thresholds at which the groups are counted."""
        return tuple(self.tick(threshold) for threshold in self.group_iou_thresholds)

    def has_own_bins(self, class_name: str) -> bool:
        """Whether the class is counted by itself in the bins of metrics, not with other ones."""
        return not self.binning.classes or class_name in self._own

    @cached_property
    def _own(self) -> frozenset[str]:
        return frozenset(self.binning.classes)

    def names(self, level: str) -> tuple[str, ...]:
        """List the displayed names of the metrics of predictions ("P") or labels ("O")."""
        found = sorted(n for n in self.binning.edges if MetricName.parse(n).level in {"F", level})
        return tuple(found)

    def columns(self, level: str) -> dict[str, slice]:
        """Where the bins of each metric are counted, those without a value last."""
        return self._columns[level]

    @cached_property
    def _columns(self) -> dict[str, dict[str, slice]]:
        return self._in_a_row(lambda name: self.binning.n_bins(name) + 1)

    def _in_a_row(self, width_of: Callable[[str], int]) -> dict[str, dict[str, slice]]:
        """Put the bins of all metrics of each side in a row."""
        both: dict[str, dict[str, slice]] = {"P": {}, "O": {}}
        for level, columns in both.items():
            start = 0
            for name in self.names(level):
                stop = start + width_of(name)
                columns[name], start = slice(start, stop), stop
        return both

    def nearest_tick(self, iou_threshold: float) -> int:
        """Give the number of the IoU threshold nearest to one."""
        return int(np.abs(np.array(self.iou_thresholds) - iou_threshold).argmin())

    def displayed(self, level: str) -> dict[str, slice]:
        """Where the few bins of each metric are counted by group of clusters; none is for missing.

        Each is a run of the bins of :meth:`columns`; :meth:`display_starts` tells their first.
        """
        return self._displayed[level]

    @cached_property
    def _displayed(self) -> dict[str, dict[str, slice]]:
        return self._in_a_row(lambda name: len(self.display_starts(name)))

    def display_starts(self, metric: str) -> NDArray[np.intp]:
        """Give the first of those bins that each of the few is made of, shape (n_displayed,)."""
        n_bins = self.binning.n_bins(metric)
        n = min(n_bins, MOST_DISPLAYED)
        if metric in self.binning.categories:
            return np.arange(n)  # the frequent ones, each by itself
        return np.arange(n) * n_bins // max(n, 1)

    def tick(self, iou_threshold: float) -> int:
        """Give the number of an IoU threshold.

        Raises
        ------
        NotAnswerableError
            If it was not counted.
        """
        return nearest_tick("iou_threshold", iou_threshold, self.iou_thresholds)

    def level(self, confidence_threshold: float) -> int:
        """Give the number of a confidence threshold; 0 for minus infinity.

        Raises
        ------
        NotAnswerableError
            If it was not counted.
        """
        if confidence_threshold == -math.inf:
            return 0
        field, ticks = "confidence_threshold", (0.0, *self.confidence_thresholds)
        return nearest_tick(field, confidence_threshold, ticks, first_usable=1)


def nearest_tick(field: str, value: float, ticks: tuple[float, ...], first_usable: int = 0) -> int:
    """Give the number of a tick, or tell the nearest one."""
    distance = np.abs(np.array(ticks) - value)
    at = int(distance.argmin())
    if distance[at] <= SAME and at >= first_usable:
        return at
    nearest = ticks[at]
    known = ", ".join(f"{tick:g}" for tick in ticks)
    raise NotAnswerableError(
        field,
        f"is {value:g}, at which was not counted",
        f"The nearest at which was counted is {nearest:g}; of {known}.",
        nearest,
    )


def check_ticks(
    field: str, values: Iterable[float], span: tuple[float, float]
) -> tuple[float, ...]:
    """Return thresholds, ascending, or refuse them."""
    low, high = span
    try:
        ticks = tuple(sorted({float(value) for value in values}))
    except (TypeError, ValueError):
        ticks = (math.nan,)
    if not all(low <= tick <= high for tick in ticks):
        raise InvalidInputError(
            field, f"is {shown(values)}", f"Give numbers from {low:g} to {high:g}."
        )
    return ticks


def check_binning(binning: object) -> Binning:
    """Return edges of at most 64 bins per metric, or refuse them."""
    if not isinstance(binning, Binning):
        raise InvalidInputError(
            "binning", f"is {shown(binning)}", "Give ea.Binning, from `evaluation.binning(64)`."
        )
    for name in binning.edges:
        if binning.n_bins(name) > MOST_BINS:
            raise InvalidInputError(
                "binning",
                f"has {binning.n_bins(name):,} bins of {name!r}",
                f"Give at most {MOST_BINS}.",
            )
    return binning
