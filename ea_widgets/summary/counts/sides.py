"""The predictions and labels of a part that can count, matched at all IoU thresholds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.matching.arrays import place_in_group
from ea_widgets.analysis.sample import Query
from ea_widgets.summary.counts.hashes import image_hashes, object_hashes
from ea_widgets.summary.counts.values import codes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.summary.settings import Settings


@dataclass(frozen=True, eq=False)
class Changes:
    """At which IoU thresholds something begins or ends to be so.

    The sum of the signs up to a threshold tells what is so there. Most predictions that are right
    are so from the lowest threshold up to one: two changes in place of a row for each threshold.

    Attributes
    ----------
    rows : ndarray of intp, shape (n,)
        Positions among the rows of the side.
    tick, level : ndarray of intp, shape (n,)
        Number of the IoU threshold, and the highest confidence level at which it is so.
    sign : ndarray of int64, shape (n,)
        1 where it begins, -1 where it ends.
    """

    rows: NDArray[np.intp]
    tick: NDArray[np.intp]
    level: NDArray[np.intp]
    sign: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Event:
    """Something that is so of rows at some IoU thresholds.

    Attributes
    ----------
    level : ndarray of int8, shape (n_rows, n_ticks)
        Highest confidence level at which it still is so of each row of the side; -1 for none.
    """

    level: NDArray[np.int8]

    @cached_property
    def bits(self) -> NDArray[np.uint32]:
        """A bit for each IoU threshold, by row."""
        found = np.zeros(len(self.level), np.uint32)
        for tick in range(self.level.shape[1]):
            found |= (self.level[:, tick] >= 0).astype(np.uint32) << np.uint32(tick)
        return found

    @cached_property
    def changes(self) -> Changes:
        """Where it begins and ends."""
        rows = np.flatnonzero((self.level >= 0).any(axis=1))
        level = self.level[rows]
        before = np.concatenate([np.full((len(rows), 1), -1, np.int8), level[:, :-1]], axis=1)
        row, tick = np.nonzero(level != before)
        now, then = level[row, tick], before[row, tick]
        begins, ends = np.flatnonzero(now >= 0), np.flatnonzero(then >= 0)
        both = np.concatenate([begins, ends])
        levels = np.concatenate([now[begins], then[ends]]).astype(np.intp)
        sign = np.repeat(np.array([1, -1]), [len(begins), len(ends)])
        return Changes(rows[row[both]], tick[both], levels, sign)


@dataclass(frozen=True, eq=False)
class Side:
    """The predictions or the labels of a part that can count.

    Attributes
    ----------
    level : {"P", "O"}
    rows : ndarray of intp, shape (n,)
        Rows of the engine, by class.
    class_code, image_code : ndarray of intp, shape (n,)
    confidence_level : ndarray of intp, shape (n,)
        Highest confidence level at which each is still there.
    codes : ndarray of uint8, shape (n_metrics, n)
        Bin of each metric; the last one is of missing values.
    found : Event
        It took a label, or was taken.
    excluded : Event or None
        It counts nowhere; None for labels.
    """

    level: str
    rows: NDArray[np.intp]
    class_code: NDArray[np.intp]
    image_code: NDArray[np.intp]
    confidence_level: NDArray[np.intp]
    codes: NDArray[np.uint8]
    found: Event
    excluded: Event | None

    @property
    def events(self) -> dict[str, Event]:
        """What can be so of rows, by name."""
        return {"found": self.found} | ({"excluded": self.excluded} if self.excluded else {})


@dataclass(frozen=True, eq=False)
class ObjectHashes:
    """Hashes of predictions or labels, which no split of the data changes.

    Attributes
    ----------
    of_objects : ndarray of uint64, shape (n,)
    numbers : ndarray of int64, shape (n,)
        Their number in the image, in the order of the file.
    """

    of_objects: NDArray[np.uint64]
    numbers: NDArray[np.int64]

    @classmethod
    def of(cls, data: MatchedData, level: str, rows: NDArray[np.intp]) -> ObjectHashes:
        """Hash rows of the engine: predictions ("P") or labels ("O")."""
        engine = data.engine
        side = engine.predictions if level == "P" else engine.labels
        of_images = image_hashes(data.dataset.images["image_id"].iloc[engine.image_order])
        order = np.argsort(side.row)
        number = np.empty(len(order), np.int64)
        number[order] = place_in_group(side.image_code[order])
        of_objects = object_hashes(of_images[side.image_code[rows]], number[rows])
        return cls(of_objects, number[rows])


def everything(data: MatchedData, iou_threshold: float = 0.5) -> Query:
    """All classes and predictions."""
    return Query(iou_threshold, -math.inf, tuple(range(len(data.class_names))))


def counting_rows(data: MatchedData, level: str) -> NDArray[np.intp]:
    """Rows of the engine that can count: predictions ("P") or labels ("O"), by class."""
    if level == "P":
        return data.engine.chosen_predictions(everything(data))
    return np.flatnonzero(~data.engine.labels.ignored)


def sides_of(data: MatchedData, settings: Settings) -> tuple[Side, Side]:
    """Match at all IoU thresholds."""
    engine, ticks = data.engine, settings.iou_thresholds
    predictions, labels = counting_rows(data, "P"), counting_rows(data, "O")
    cuts = settings.confidence_thresholds
    # What has no confidence is sorted behind all numbers, and left out by no threshold.
    sure = np.searchsorted(np.array(cuts), engine.predictions.confidence, side="right")
    # Of all rows of the engine, each threshold in a row of its own.
    right, excluded = np.full((2, len(ticks), len(engine.predictions.row)), -1, np.int8)
    taken = np.full((len(ticks), len(engine.labels.row)), -1, np.int8)
    for tick, threshold in enumerate(ticks):
        outcome = engine.outcome(everything(data, threshold))
        taking = outcome.true_positives
        right[tick, taking] = taken[tick, outcome.labels] = sure[taking]
        excluded[tick, outcome.excluded] = sure[outcome.excluded]
    return (
        Side(
            "P",
            predictions,
            engine.predictions.class_code[predictions],
            engine.predictions.image_code[predictions],
            sure[predictions],
            codes_of(data, settings, "P", predictions),
            Event(right.T[predictions]),
            Event(excluded.T[predictions]),
        ),
        Side(
            "O",
            labels,
            engine.labels.class_code[labels],
            engine.labels.image_code[labels],
            np.full(len(labels), len(cuts)),
            codes_of(data, settings, "O", labels),
            Event(taken.T[labels]),
            None,
        ),
    )
