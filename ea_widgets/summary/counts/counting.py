"""Counts a part of the data: all thresholds, classes, metrics and bins at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.matching.arrays import place_in_group
from ea_widgets.analysis.sample import Query
from ea_widgets.errors import SummaryMismatchError
from ea_widgets.summary.counts.class_counts import KEPT, ClassCounts, Entries
from ea_widgets.summary.counts.clusters import cluster_hashes, groups_of
from ea_widgets.summary.counts.fixed_point import Scale, split
from ea_widgets.summary.counts.hashes import image_hashes, object_hashes, order_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.summary.settings import Settings


@dataclass(frozen=True, eq=False)
class Event:
    """Rows of which something is so at one IoU threshold.

    Attributes
    ----------
    rows : ndarray of intp, shape (n,)
        Positions among the rows of the side.
    level : ndarray of intp, shape (n,)
        Highest confidence level at which it still is so.
    """

    rows: NDArray[np.intp]
    level: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Side:
    """The predictions or the labels of a part that can count.

    Attributes
    ----------
    level : {"P", "O"}
    rows : ndarray of intp, shape (n,)
        Rows of the engine.
    class_code : ndarray of intp, shape (n,)
    confidence_level : ndarray of intp, shape (n,)
        Highest confidence level at which each is still there.
    found, excluded : list of Event, one for each IoU threshold
    """

    level: str
    rows: NDArray[np.intp]
    class_code: NDArray[np.intp]
    confidence_level: NDArray[np.intp]
    found: list[Event]
    excluded: list[Event]


@dataclass(frozen=True, eq=False)
class ObjectHashes:
    """Hashes of predictions or labels, which no split of the data changes.

    Attributes
    ----------
    of_objects : ndarray of uint64, shape (n,)
    numbers : ndarray of int64, shape (n,)
        Their number in the image, in the order of the file.
    of_images : ndarray of uint64, shape (n_images,)
        In the order of the engine.
    """

    of_objects: NDArray[np.uint64]
    numbers: NDArray[np.int64]
    of_images: NDArray[np.uint64]

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
        return cls(of_objects, number[rows], of_images)


def everything(data: MatchedData, iou_threshold: float = 0.5) -> Query:
    """All classes and predictions."""
    return Query(iou_threshold, -math.inf, tuple(range(len(data.class_names))))


def values_of(
    data: MatchedData, level: str, name: str, rows: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Values of a metric of some rows of the engine; NaN where missing.

    Raises
    ------
    SummaryMismatchError
        If the part does not have it.
    """
    if not len(rows):
        return np.zeros(0)
    table = data.tables[level]
    if name not in table.metrics or name in table.categories:
        raise SummaryMismatchError(
            "binning",
            f"has bins of {name!r}, which is no number in a part",
            "Compute the same metrics for all parts, or leave it out of the binning.",
        )
    column = table.metrics[name]
    return column.of_rows(rows).spread(np.append(column.values, np.nan))


def sides_of(data: MatchedData, settings: Settings) -> tuple[Side, Side]:
    """Match at all IoU thresholds."""
    engine, query = data.engine, everything(data)
    predictions, labels = engine.chosen_predictions(query), data.selection("O", query).rows
    cuts = settings.confidence_thresholds
    # What has no confidence is sorted behind all numbers, and left out by no threshold.
    sure = np.searchsorted(np.array(cuts), engine.predictions.confidence, side="right")
    positions = []
    for rows, table in ((predictions, engine.predictions.row), (labels, engine.labels.row)):
        position = np.full(len(table), -1)
        position[rows] = np.arange(len(rows))
        positions.append(position)
    events: list[list[Event]] = [[], [], []]
    for tick in settings.iou_thresholds:
        outcome = engine.outcome(everything(data, tick))
        taking, taken = outcome.true_positives, outcome.labels
        for found, position, rows, by in zip(
            events,
            (positions[0], positions[1], positions[0]),
            (taking, taken, outcome.excluded),
            (taking, taking, outcome.excluded),
            strict=True,
        ):
            at = position[rows]
            found.append(Event(at[at >= 0], sure[by][at >= 0]))
    last = np.full(len(labels), len(cuts))
    return (
        Side("P", predictions, engine.predictions.class_code[predictions], sure[predictions],
             events[0], events[2]),
        Side("O", labels, engine.labels.class_code[labels], last, events[1], []),
    )  # fmt: skip


def count_part(
    data: MatchedData, settings: Settings, sides: tuple[Side, Side]
) -> dict[str, ClassCounts]:
    """Count a part, class by class; classes without objects are left out."""
    present = np.unique(np.concatenate([side.class_code for side in sides]))
    if not len(present):
        return {}
    sums: dict[str, NDArray[np.int64]] = {}
    for side in sides:
        sums |= count_side(data, settings, side, present)
    labels = np.bincount(sides[1].class_code, minlength=int(present[-1]) + 1)[present]
    sums["labels"] = labels[:, None].astype(np.int64)
    entries = entries_of(data, settings, sides[0])
    code, starts = sides[0].class_code, np.searchsorted(sides[0].class_code, present)
    stops = np.searchsorted(code, present, side="right")
    result = {}
    for at, of_class in enumerate(present):
        own = {name: part[at].copy() for name, part in sums.items()}
        # Not kept where all are 0, so that what is kept does not depend on the split.
        if not any(own[f"P.excluded{what}"].any() for what in ("", "_values", "_squares")):
            own = {name: part for name, part in own.items() if "excluded" not in name}
        rows = slice(starts[at], stops[at])
        of_rows = Entries(**{name: c[rows] for name, c in entries.columns.items()})
        counts = ClassCounts(own, of_rows.ordered(), {})
        if len(of_rows) >= KEPT:
            counts = counts.binned(settings)
        result[data.class_names[of_class]] = counts
    return result


def entries_of(data: MatchedData, settings: Settings, side: Side) -> Entries:
    """Tell all that AP needs of each prediction, by class."""
    engine = data.engine
    ids = data.dataset.images["image_id"].iloc[engine.image_order]
    found, excluded = (np.zeros(len(side.rows), np.uint32) for _ in range(2))
    for tick in range(len(settings.iou_thresholds)):
        found[side.found[tick].rows] |= np.uint32(1 << tick)
        excluded[side.excluded[tick].rows] |= np.uint32(1 << tick)
    of_rows = engine.predictions
    return Entries(
        of_rows.confidence[side.rows].astype(np.float64),
        order_keys(ids)[of_rows.image_code[side.rows]],
        of_rows.place[side.rows].astype(np.uint32),
        groups_of(cluster_hashes(data))[of_rows.image_code[side.rows]].astype(np.uint8),
        found,
        excluded,
    )


def count_side(
    data: MatchedData, settings: Settings, side: Side, present: NDArray[np.intp]
) -> dict[str, NDArray[np.int64]]:
    """Count the rows of one side by class, level, metric and bin; see :class:`ClassCounts`."""
    columns, n_levels = settings.columns(side.level), settings.n_levels
    n_bins = max((columns[name].stop for name in columns), default=0)
    class_code = np.searchsorted(present, side.class_code)
    base = class_code * n_levels + side.confidence_level
    n_cells = len(present) * n_levels
    kinds = {"found": side.found, "excluded": side.excluded}
    bases = {
        kind: [class_code[event.rows] * n_levels + event.level for event in events]
        for kind, events in kinds.items()
    }
    whole = (len(present), n_levels)
    by_tick = (len(present), len(settings.iou_thresholds), n_levels)
    sums = {
        "totals": np.zeros((*whole, n_bins), np.int64),
        "values": np.zeros((*whole, n_bins), np.int64),
        "squares": np.zeros((*whole, len(columns), 2), np.int64),
    }
    for kind, events in kinds.items():
        if events:
            sums[kind] = np.zeros((*by_tick, n_bins), np.int64)
            sums[f"{kind}_values"] = np.zeros((*by_tick, len(columns)), np.int64)
    if side.excluded:
        sums["excluded_squares"] = np.zeros((*by_tick, len(columns), 2), np.int64)
    for number, (name, where) in enumerate(columns.items()):
        values = values_of(data, side.level, name, side.rows)
        width = where.stop - where.start
        code = np.searchsorted(settings.binning.of(name)[1:-1], values, side="right")
        code[np.isnan(values)] = width - 1
        fixed = Scale.of(settings.binning.of(name)).fixed(values)
        cell = base * width + code
        sums["totals"][..., where] = tally(cell, n_cells * width).reshape(*whole, width)
        sums["values"][..., where] = tally(cell, n_cells * width, fixed).reshape(*whole, width)
        sums["squares"][..., number, :] = squared(base, n_cells, fixed).reshape(*whole, 2)
        for kind, events in kinds.items():
            for tick, (event, at) in enumerate(zip(events, bases[kind], strict=True)):
                if not len(event.rows):
                    continue
                own, rows = fixed[event.rows], at * width + code[event.rows]
                sums[kind][:, tick, :, where] = tally(rows, n_cells * width).reshape(*whole, width)
                of_values = tally(at, n_cells, own).reshape(whole)
                sums[f"{kind}_values"][:, tick, :, number] = of_values
                if kind == "excluded":
                    of_squares = squared(at, n_cells, own).reshape(*whole, 2)
                    sums["excluded_squares"][:, tick, :, number] = of_squares
    level_axis = {name: 1 if name in {"totals", "values", "squares"} else 2 for name in sums}
    return {f"{side.level}.{name}": from_here_up(of, level_axis[name]) for name, of in sums.items()}


def from_here_up(counts: NDArray[np.int64], axis: int) -> NDArray[np.int64]:
    """Add what is still there at higher confidence levels to each level."""
    summed: NDArray[np.int64] = np.flip(np.cumsum(np.flip(counts, axis), axis), axis)
    return summed


def tally(
    cell: NDArray[np.intp], n_cells: int, numbers: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Count rows by cell, or sum whole numbers up, exactly."""
    if numbers is None:
        return np.bincount(cell, minlength=n_cells).astype(np.int64)
    total = np.zeros(n_cells, np.int64)
    np.add.at(total, cell, numbers)
    return total


def squared(cell: NDArray[np.intp], n_cells: int, fixed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum squares up by cell, in two parts, shape (n_cells, 2)."""
    high, low = split(fixed * fixed)
    return np.stack([tally(cell, n_cells, high), tally(cell, n_cells, low)], axis=1)
