"""Neighbours among very many boxes of one frame, without looking at every pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.core.geometry.batches import count_up

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Columns = Sequence[NDArray[np.float64]]

PAIRS_AT_ONCE = 1 << 17
"""Pairs in one step; its temporaries are 1 MiB each."""

_QUERIES_AT_ONCE = 1 << 14
_SEEDS = 6
"""Boxes of nearest corners that are compared first; any number gives the same answer."""

_CELLS = 1 << 16
"""Most cells along a side of a frame."""

_FINEST = 8
"""Most cells along a box."""

_FINENESS = ((1, 1), (2, 1), (4, 2), (_FINEST, 4))
"""Cells along a box, and kinds of sides per doubling: the next where cells are too full."""

_FULL = 8.0
"""Boxes in a box's cell from which on they are too full."""

_SLACK = 1 + 1e-9
_TINY = np.finfo(np.float64).tiny


def nearest_distance(
    x: NDArray[np.float64], y: NDArray[np.float64], group: NDArray[np.integer], n_threads: int = 1
) -> NDArray[np.float64]:
    """Distance from every point to the nearest other point of its group.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n,)
    group : ndarray of int, shape (n,)
    n_threads : int, default 1

    Returns
    -------
    ndarray of float64, shape (n,)
        0 where another point is at the same spot; NaN for the only point of a group.
    """
    code = np.unique(group, return_inverse=True)[1]
    first, which, count = _distinct(code, x, y)
    points = np.column_stack([code, x, y])[first]
    far = 4 * (np.ptp(x) + np.ptp(y)) + 1  # groups never come near each other
    found = _neighbours_in_tree(points * [far, 1, 1], 2, n_threads)
    other = points[found]
    square = (points[:, None, 1] - other[..., 1]) ** 2 + (points[:, None, 2] - other[..., 2]) ** 2
    absent = (found == np.arange(len(points))[:, None]) | (other[..., 0] != points[:, None, 0])
    square[absent] = np.inf
    nearest = np.sqrt(square.min(axis=1))
    nearest[np.isinf(nearest)] = np.nan
    nearest[count > 1] = 0
    return np.asarray(nearest[which])


def highest_iou(
    boxes: Columns,
    group: NDArray[np.integer],
    at_least: NDArray[np.float64] | None = None,
    *,
    n_threads: int = 1,
) -> NDArray[np.float64]:
    """Highest IoU of every box with another box of its group.

    Parameters
    ----------
    boxes : tuple of five ndarrays of float64, shape (n,)
        x_low, y_low, x_high, y_high and area.
    group : ndarray of int, shape (n,)
    at_least : ndarray of float64, shape (n,), optional
        IoU that is known to be reached.
    n_threads : int, default 1
        Threads for the first guess.

    Returns
    -------
    ndarray of float64, shape (n,)
        0 where nothing else of the group overlaps.

    Notes
    -----
    A first guess comes from the boxes whose corners are nearest. If it is L, a box of higher IoU
    has sides between L and 1 / L times as long, and a centre at most (1 - L) / 2L of the sides
    away. Boxes are sorted into cells by size and centre, so that those are few ranges of rows.
    """
    best = np.zeros(len(group)) if at_least is None else at_least.copy()
    width, height = boxes[2] - boxes[0], boxes[3] - boxes[1]
    real = np.flatnonzero((width > 0) & (height > 0) & (boxes[4] > 0))
    if len(real) < 2:
        return best
    code = np.unique(group[real], return_inverse=True)[1].reshape(-1)
    first, which, count = _distinct(code, *(column[real] for column in boxes[:4]))
    own = real[first]  # copies are looked at once
    known = np.zeros(len(own))
    np.maximum.at(known, which, best[real])
    known[count > 1] = 1
    grid = _Grid(tuple(column[own] for column in boxes), code[first])
    grid.guess(known, n_threads)
    grid.search(known)
    best[real] = known[which]
    return best


def _distinct(
    *columns: NDArray[Any],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """First row of each distinct one, which of these each row is, and how often each occurs."""
    order = np.lexsort(columns)
    differs = np.zeros(len(order), bool)
    differs[:1] = True
    for column in columns:
        differs[1:] |= np.diff(column[order]) != 0
    which = np.empty(len(order), np.intp)
    which[order] = np.cumsum(differs) - 1
    starts = np.flatnonzero(differs)
    return order[starts], which, np.diff(starts, append=len(order))


def _neighbours_in_tree(points: NDArray[np.float64], k: int, n_threads: int) -> NDArray[np.intp]:
    """Rows of the k nearest points of each, itself among them; shape (n, k)."""
    # It takes a tenth of a second to load, and only crowds need it.
    from scipy.spatial import cKDTree  # noqa: PLC0415

    found = cKDTree(points).query(points, k=min(k, len(points)), workers=n_threads)[1]
    return np.asarray(found, dtype=np.intp).reshape(len(points), -1)


class _Grid:
    """Boxes without copies, sorted by group, kind (size along x and y) and centre."""

    def __init__(self, boxes: Columns, group: NDArray[np.intp]) -> None:
        x_low, y_low, x_high, y_high, _ = boxes
        sides = np.stack([x_high - x_low, y_high - y_low])
        centres = np.stack([x_low + x_high, y_low + y_high]) / 2
        centres -= centres.min(axis=1, keepdims=True)
        self.far = 4 * (np.ptp(np.concatenate([x_low, x_high, y_low, y_high]))) + 1
        finest = np.maximum(sides.min(axis=1), centres.max(axis=1) / (_CELLS // _FINEST))
        octaves = np.maximum(np.log2(sides / finest[:, None]), 0)
        for finer, steps in _FINENESS:
            levels = np.floor(octaves * steps).astype(np.int64)
            kinds, kind = np.unique(levels, axis=1, return_inverse=True)
            self.n_kinds = kinds.shape[1]
            self.least = finest[:, None] * 2.0 ** (kinds / steps) / _SLACK
            self.most = self.least * 2.0 ** (1 / steps) * _SLACK**2
            self.cells = self.most / finer
            self.least[kinds == 0] = 0
            kind = kind.reshape(-1)
            columns, rows = (centres // self.cells[:, kind]).astype(np.int64)
            self.n_columns, self.n_rows = int(columns.max()) + 1, int(rows.max()) + 1
            key = self._key(group, kind, rows, columns)
            _, count = np.unique(key, return_counts=True)
            if float((count * count).sum()) / len(group) <= _FULL:
                break
        self.order = np.argsort(key, kind="stable")
        self.key = key[self.order]
        self.boxes = tuple(values[self.order] for values in boxes)
        self.group = group[self.order]
        self.centres, self.sides = centres[:, self.order], sides[:, self.order]

    def _key(
        self,
        group: NDArray[np.integer],
        kind: NDArray[np.integer] | int,
        row: NDArray[np.integer],
        column: NDArray[np.integer],
    ) -> NDArray[np.int64]:
        strip = (group * self.n_kinds + kind) * self.n_rows + row
        return np.asarray(strip * self.n_columns + column)

    def guess(self, best: NDArray[np.float64], n_threads: int) -> None:
        """Raise `best` by the boxes whose corners are nearest."""
        points = np.column_stack([self.group * self.far, *self.boxes[:4]])
        found = _neighbours_in_tree(points, _SEEDS, n_threads)
        mine = np.arange(len(points))
        for other in found.T:
            iou = self._iou(mine, other)
            iou[(other == mine) | (self.group != self.group[other])] = 0
            best[self.order] = np.maximum(best[self.order], iou)

    def search(self, best: NDArray[np.float64]) -> None:
        """Raise `best` to the highest there is."""
        reached = best[self.order]
        for kind in range(self.n_kinds):
            waiting = self._worth_a_look(reached, kind)
            for low in range(0, len(waiting), _QUERIES_AT_ONCE):
                for mine, other, starts in self._pairs(
                    waiting[low : low + _QUERIES_AT_ONCE], reached, kind
                ):
                    iou = self._iou(mine, other)
                    iou[mine == other] = 0
                    np.maximum.at(reached, mine[starts], np.maximum.reduceat(iou, starts))
        best[self.order] = reached

    def _worth_a_look(self, reached: NDArray[np.float64], kind: int) -> NDArray[np.intp]:
        """Boxes for which one of this kind could have a higher IoU."""
        longer = np.maximum(self.least[:, kind, None], self.sides)
        shorter = np.minimum(self.most[:, kind, None], self.sides)
        bound = (shorter / longer).min(axis=0) * _SLACK
        return np.flatnonzero((bound >= reached) & (reached < 1))

    def _pairs(
        self, waiting: NDArray[np.intp], reached: NDArray[np.float64], kind: int
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]]:
        """Pairs of a waiting box and one of the kind near enough, in bounded portions.

        Yields both boxes of each pair, and where a run of pairs of one waiting box begins.
        """
        known = np.maximum(reached[waiting], 1e-6)
        own, cell = self.sides[:, waiting], self.cells[:, kind, None]
        touching = (own + self.most[:, kind, None]) / 2
        reach = np.minimum(touching, own * (1 - known) / (2 * known)) * _SLACK + 1e-9 * cell
        last = np.array([[self.n_columns - 1], [self.n_rows - 1]])
        centre = self.centres[:, waiting]
        column_low, row_low = np.clip((centre - reach) // cell, 0, last).astype(np.int64)
        column_high, row_high = np.clip((centre + reach) // cell, 0, last).astype(np.int64)
        n_rows = row_high - row_low + 1
        query = np.repeat(np.arange(len(waiting)), n_rows)
        row = row_low[query] + count_up(n_rows)
        group = self.group[waiting][query]
        begin = np.searchsorted(self.key, self._key(group, kind, row, column_low[query]))
        end = np.searchsorted(
            self.key, self._key(group, kind, row, column_high[query]), side="right"
        )
        some = end > begin
        query, begin, length = waiting[query[some]], begin[some], (end - begin)[some]
        total = np.cumsum(length)
        low = 0
        while low < len(query):
            done = total[low - 1] if low else 0
            high = max(low + 1, int(np.searchsorted(total, done + PAIRS_AT_ONCE, side="right")))
            size = length[low:high]
            other = np.repeat(begin[low:high], size) + count_up(size)
            yield np.repeat(query[low:high], size), other, total[low:high] - size - done
            low = high

    def _iou(self, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.float64]:
        x_low, y_low, x_high, y_high, area = self.boxes
        shared = np.minimum(x_high[one], x_high[other]) - np.maximum(x_low[one], x_low[other])
        np.maximum(shared, 0, out=shared)
        tall = np.minimum(y_high[one], y_high[other]) - np.maximum(y_low[one], y_low[other])
        shared *= np.maximum(tall, 0, out=tall)
        union = area[one] + area[other] - shared
        return np.asarray(shared / np.maximum(union, _TINY))
