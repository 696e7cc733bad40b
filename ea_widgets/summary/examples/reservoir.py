"""Some objects of every bin, with boxes and values, for the gallery: those of smallest hashes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.actions.examples import gallery_of
from ea_widgets.analysis.matching import BOX
from ea_widgets.data.dataset import Dataset
from ea_widgets.summary.counts.hashes import image_hashes
from ea_widgets.summary.counts.sides import ObjectHashes, everything
from ea_widgets.summary.counts.values import values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.summary.counts.sides import Side
    from ea_widgets.summary.settings import Settings

    Columns = Mapping[str, NDArray[Any]]
    Drawn = dict[str, NDArray[Any]]

PER_BIN = 64
"""Objects kept of each bin that are right, or found, and as many that are not: of the 20 bins that
a curve has, a few hundred each."""

PER_CLASS = 24
"""The same of each class: a choice of one rare class has pictures too."""

AT_ONCE = 8
"""So many times what all groups keep is looked at first."""

OTHER_BOX = tuple(f"other_{name}" for name in BOX)
OF_IMAGES = ("hash", "id", "file_name", "width", "height")


@dataclass(frozen=True, eq=False)
class Reservoir:
    """Objects of all data of which each is among the smallest hashes of a bin or a class.

    Which those are does not depend on how the data were split.

    Attributes
    ----------
    classes : tuple of str
        Sorted.
    images : tuple of tuple
        Hash, id, file name ("" if unknown), width and height; by hash.
    sides : mapping of {"P", "O"} to mapping of str to ndarray
        Predictions, and labels, by hash: `hash`, `number` (in the image, from 0), `image` and
        `class_code` (in the lists above), the box and `other_` box (float64; NaN for none),
        `other_class_code` (-1 for none), `confidence`, `other_confidence`, `iou`; `found` and
        `excluded` (n, n_ticks): the highest confidence level at which it took a label or was
        taken, or counts nowhere; -1 for none. `values` (n, n_metrics). The other object and the
        IoU with it are those at the IoU threshold nearest to 0.5, see :class:`ExamplePage`;
        `right` is 1 where it took a label there, or was taken.
    """

    classes: tuple[str, ...]
    images: tuple[tuple[Any, ...], ...]
    sides: Mapping[str, Columns]

    @classmethod
    def of(cls, data: MatchedData, settings: Settings, sides: Sequence[Side]) -> Reservoir:
        """Choose objects of a part of the data."""
        frame = data.dataset.images.iloc[data.engine.image_order]
        drawn = {side.level: _drawn(data, settings, side) for side in sides}
        used = np.unique(np.concatenate([columns["image"] for columns in drawn.values()]))
        names = tuple(data.class_names)
        images = _image_facts(frame.iloc[used], image_hashes(frame["image_id"].iloc[used]))
        for columns in drawn.values():
            columns["image"] = np.searchsorted(used, columns["image"])
        return cls(names, images, drawn).tidy()

    def add(self, other: Reservoir, settings: Settings) -> Reservoir:
        """Merge the objects of other images, chosen with the same settings."""
        classes = tuple(sorted({*self.classes, *other.classes}))
        images = (*self.images, *other.images)
        sides = {}
        for level, own in self.sides.items():
            theirs = dict(other.sides[level])
            theirs["image"] = theirs["image"] + len(self.images)
            both = (
                _with_classes(own, self.classes, classes),
                _with_classes(theirs, other.classes, classes),
            )
            joined = {name: np.concatenate([one[name] for one in both]) for name in own}
            sides[level] = _kept(joined, settings, level, len(classes))
        return Reservoir(classes, images, sides).tidy()

    def tidy(self) -> Reservoir:
        """Leave out the classes and images of no object, and put what is left in order."""
        sides = {level: dict(columns) for level, columns in self.sides.items()}
        codes = [c[name] for c in sides.values() for name in ("class_code", "other_class_code")]
        used = np.unique(np.concatenate(codes))
        classes = tuple(sorted(self.classes[code] for code in used if code >= 0))
        rows = np.unique(np.concatenate([columns["image"] for columns in sides.values()]))
        rows = np.array(sorted(rows, key=lambda row: self.images[row][0]), np.int64)
        place = np.zeros(len(self.images), np.int64)
        place[rows] = np.arange(len(rows))
        for level, columns in sides.items():
            sides[level] = _with_classes(columns, self.classes, classes)
            sides[level]["image"] = place[columns["image"]]
        return Reservoir(classes, tuple(self.images[row] for row in rows), sides)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Give all of it as arrays, for the file."""
        text = json.dumps({"classes": self.classes, "images": self.images}).encode()
        arrays = {"text": np.frombuffer(text, np.uint8)}
        for level, columns in self.sides.items():
            arrays |= {f"{level}.{name}": column for name, column in columns.items()}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Reservoir:
        """Make it again of what :meth:`to_arrays` gave."""
        told = json.loads(arrays["text"].astype(np.uint8).tobytes())
        sides: dict[str, dict[str, NDArray[Any]]] = {"P": {}, "O": {}}
        for name, column in arrays.items():
            level, _, kind = name.partition(".")
            if kind:
                sides[level][kind] = column.astype(np.uint64) if kind == "hash" else column
        images = tuple(tuple(image) for image in told["images"])
        return cls(tuple(told["classes"]), images, sides)


def pictured_images(reservoir: Reservoir, pixels: Any) -> Dataset:
    """Make a data set of the images of the objects, without any object."""
    images = pd.DataFrame(reservoir.images, columns=list(OF_IMAGES))
    images = images.rename(columns={"id": "image_id"}).drop(columns="hash")
    if (images["file_name"] == "").all():
        images = images.drop(columns="file_name")
    columns = ["image_id", "class_name", *BOX]
    labels = pd.DataFrame({name: [] for name in columns})
    return Dataset.from_frames(images, labels, labels.assign(confidence=[]), pixels=pixels)


def _drawn(data: MatchedData, settings: Settings, side: Side) -> Drawn:
    """Choose the objects of one side, and tell all of them that is kept."""
    reference = settings.nearest_tick(0.5)
    number = "PO".index(side.level)
    hashes = ObjectHashes.of(data, side.level, side.rows)
    found = side.found.level[:, reference] >= 0
    order = np.arange(len(side.rows))
    if side.excluded is not None:
        order = np.flatnonzero(~(side.excluded.level >= 0).all(axis=1))
    order = order[np.argsort(hashes.of_objects[order], kind="stable")]
    groups = _groups(
        settings,
        side.level,
        lambda number, rows: side.codes[number, rows],
        lambda rows: side.class_code[rows],
        len(data.class_names),
    )
    rows = _smallest(groups, order, found)
    of_engine = side.rows[rows]
    gallery = gallery_of(data)
    query = everything(data, settings.iou_thresholds[reference])
    table = gallery.table(number, of_engine, gallery.kinds(query)[number])
    names = list(settings.columns(side.level))
    values = np.empty((len(rows), len(names)))
    for at, name in enumerate(names):
        categories = settings.binning.categories.get(name)
        values[:, at] = values_of(data, side.level, name, of_engine, categories)
    none = np.full((len(rows), len(settings.iou_thresholds)), -1, np.int64)
    levels = {"found": none, "excluded": none}
    levels |= {name: event.level[rows].astype(np.int64) for name, event in side.events.items()}
    codes = {name: code for code, name in enumerate(data.class_names)}
    others = table["other_class_name"].map(codes).fillna(-1).to_numpy(np.int64)
    numbers = (*BOX, *OTHER_BOX, "confidence", "other_confidence", "iou")
    table_of_side = data.engine.predictions if side.level == "P" else data.engine.labels
    return {
        "hash": hashes.of_objects[rows],
        "number": hashes.numbers[rows].astype(np.int64),
        "image": table_of_side.image_code[of_engine].astype(np.int64),
        "class_code": side.class_code[rows].astype(np.int64),
        "other_class_code": others,
        **{name: table[name].to_numpy(np.float64) for name in numbers},
        **levels,
        "right": found[rows].astype(np.int64),
        "values": values,
    }


def _kept(columns: Columns, settings: Settings, level: str, n_classes: int) -> Drawn:
    """Leave out what is among the smallest hashes no more."""
    inner = [settings.binning.of(name)[1:-1] for name in settings.columns(level)]

    def bins_of(number: int, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        values = columns["values"][rows, number]
        return np.where(np.isnan(values), -1, np.searchsorted(inner[number], values, "right"))

    groups = _groups(
        settings,
        level,
        bins_of,
        lambda rows: columns["class_code"][rows],
        n_classes,
    )
    order = np.argsort(columns["hash"], kind="stable")
    rows = _smallest(groups, order, columns["right"].astype(bool))
    return {name: column[rows] for name, column in columns.items()}


@dataclass(frozen=True)
class Groups:
    """Groups of objects, such as the bins of a metric.

    Attributes
    ----------
    n : int
    most : int
        Objects kept of each.
    code_of : callable
        Gives the group of each of some rows; -1, or `n`, for none.
    """

    n: int
    most: int
    code_of: Callable[[NDArray[np.intp]], NDArray[Any]]


def _groups(
    settings: Settings,
    level: str,
    bin_of: Callable[[int, NDArray[np.intp]], NDArray[Any]],
    class_of: Callable[[NDArray[np.intp]], NDArray[np.intp]],
    n_classes: int,
) -> list[Groups]:
    """List the classes, and the bins of each metric."""
    of_classes = Groups(n_classes, PER_CLASS, class_of)
    return [of_classes] + [
        Groups(settings.binning.n_bins(name), PER_BIN, partial(bin_of, number))
        for number, name in enumerate(settings.columns(level))
    ]


def _smallest(
    groups: Sequence[Groups], order: NDArray[np.intp], right: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Find the first rows of each group that are right, and those that are not, in their order.

    Parameters
    ----------
    groups : sequence of Groups
    order : ndarray of intp, shape (n,)
        Rows, by hash.
    right : ndarray of bool
        By row.
    """
    kept = np.zeros(len(right), bool)
    for half in (order[right[order]], order[~right[order]]):
        for one in groups:
            # As a rule all groups are full long before the end.
            for rows in (half[: AT_ONCE * one.n * one.most], half):
                code = one.code_of(rows)
                known = np.flatnonzero((code >= 0) & (code < one.n))
                counts = np.bincount(code[known], minlength=one.n)
                if len(rows) == len(half) or counts.min(initial=one.most) >= one.most:
                    break
            small = np.int16 if one.n < 1 << 15 else np.int64  # by radix
            by_group = known[np.argsort(code[known].astype(small), kind="stable")]
            rank = np.arange(one.most)
            first = np.cumsum(counts) - counts
            kept[rows[by_group[(first[:, None] + rank)[rank < counts[:, None]]]]] = True
    return order[kept[order]]


def _with_classes(columns: Columns, classes: Sequence[str], wanted: Sequence[str]) -> Drawn:
    """Give classes the numbers of another list, which holds all of them that are used."""
    at = {name: code for code, name in enumerate(wanted)}
    new = np.array([*(at.get(name, -1) for name in classes), -1], np.int64)
    renamed = {name: new[columns[name]] for name in ("class_code", "other_class_code")}
    return {**columns, **renamed}


def _image_facts(frame: pd.DataFrame, hashes: NDArray[np.uint64]) -> tuple[tuple[Any, ...], ...]:
    """List what is known of images."""
    ids = [
        one.item() if isinstance(one, np.integer) else one if isinstance(one, int) else str(one)
        for one in frame["image_id"]
    ]
    named = frame["file_name"] if "file_name" in frame else [None] * len(frame)
    names = [name if isinstance(name, str) else "" for name in named]
    sizes = (frame[side].to_numpy(np.float64).tolist() for side in ("width", "height"))
    return tuple(zip(hashes.tolist(), ids, names, *sizes, strict=True))
