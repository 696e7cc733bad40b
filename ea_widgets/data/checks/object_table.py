"""Labels or predictions: boxes, confidences, flags and masks, checked row by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.columns import ids_of
from ea_widgets.data.checks.refuse import BOX, Source
from ea_widgets.data.checks.values import as_flag, id_codes, numbers_of
from ea_widgets.data.masks.encoding import has_mask

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.data.checks.agreement.box_forms import BoxForm
    from ea_widgets.data.checks.image_table import ImageTable
    from ea_widgets.data.checks.problems import Problems
    from ea_widgets.data.checks.raw_frames import RawFrames

    Rows = NDArray[np.intp]
    Numbers = NDArray[np.float64]

_TAKEN = frozenset(
    {
        *("image_id", "class_name", "class_id", "file_name", *BOX, "segmentation"),
        *(
            "label_id",
            "prediction_id",
            "confidence",
            "box_is_of_mask",
            "is_crowd",
            "ignore",
            "coco_area",
        ),
    }
)


_LARGEST = 1e100
"""Numbers of boxes beyond this are no pixels, and their products may be infinite."""

_REMEDY_BOX = "Give boxes as finite numbers of pixels, or leave these rows out."

_ROUNDING = 1e-6
_MOST_ROUNDING = 0.01
"""How far an edge may be from a whole pixel: as a share of the image, and in pixels."""


@dataclass
class ObjectTable:
    """Labels or predictions while they are checked.

    Parameters
    ----------
    source : Source
        How errors name them.
    frame : DataFrame
        As the reader gave it.
    boxes : ndarray of float64, shape (4, n)
        Numbers of the boxes; from :meth:`to_pixels` on x, y, width and height in pixels.
    keep : ndarray of bool, shape (n,)
        Rows that can be used.
    columns : dict
        ``confidence``, ``is_crowd``, ``ignore``, ``segmentation`` and ``coco_area``.
    further : DataFrame
        Columns without a meaning of their own, of the rows kept; set by :meth:`tidy_frame`.
    """

    source: Source
    frame: pd.DataFrame
    boxes: Numbers
    keep: NDArray[np.bool_]
    columns: dict[str, Any] = field(default_factory=dict)
    further: pd.DataFrame = field(default_factory=pd.DataFrame)
    ids: pd.Series | None = None

    @property
    def confidence(self) -> Numbers:
        """Confidence of each prediction."""
        values: Numbers = self.columns["confidence"]
        return values

    def leave_out(
        self,
        problems: Problems,
        column: str,
        bad: NDArray[np.bool_],
        values: Any,
        *,
        what: str,
        remedy: str,
    ) -> None:
        """Leave rows out, see :meth:`ea_widgets.data.checks.problems.Problems.leave_out`."""
        if bad.any():
            cells = values.tolist() if isinstance(values, pd.Series) else values
            problems.leave_out(self.source, column, bad, cells, self.keep, what=what, remedy=remedy)

    def to_pixels(self, form: BoxForm, images: ImageTable, rows: Rows, problems: Problems) -> None:
        """Bring boxes to x, y, width and height in pixels."""
        if form.order != "xywh" or form.needs_sizes:
            width, height = images.width, images.height
            if form.needs_sizes:
                width, height = (np.append(side, np.nan)[rows] for side in (width, height))
                self._check_sizes(width * height, rows, problems)
            self.boxes = form.to_pixels(self.boxes, width, height)
            if form.shares:
                self.boxes = whole_pixels(self.boxes, width, height)

    def _check_sizes(self, areas: Numbers, rows: Rows, problems: Problems) -> None:
        """Leave out boxes that cannot be brought to pixels, as their image's size is unknown."""
        self.leave_out(
            problems,
            "image_id",
            np.isnan(areas) & (rows >= 0),
            self.frame["image_id"],
            what="is an image of unknown size, where boxes are shares of it,",
            remedy="Give `images=` the folder of the images: sizes are taken from the files.",
        )

    def polygons_to_pixels(self, images: ImageTable, rows: Rows) -> None:
        """Bring polygons from shares of the image to pixels."""
        masks = self.columns.get("segmentation")
        if masks is None:
            return
        for row in np.flatnonzero(self.keep).tolist():
            if isinstance(masks[row], list):
                scale = np.array([images.width[rows[row]], images.height[rows[row]]])
                masks[row] = [
                    (np.reshape(polygon, (-1, 2)) * scale).ravel().tolist()
                    for polygon in masks[row]
                ]

    def check_boxes(self, problems: Problems) -> None:
        """Leave out rows whose box is not finite, or so large that its area is not."""
        for column, values in zip(BOX, self.boxes, strict=True):
            bad = ~np.isfinite(values)
            if bad.any():
                self.leave_out(
                    problems,
                    column,
                    bad,
                    values,
                    what="is not a finite number",
                    remedy=_REMEDY_BOX,
                )
            self.leave_out(
                problems,
                column,
                np.abs(values) > _LARGEST,
                values,
                what="is too large for a number of pixels",
                remedy=_REMEDY_BOX,
            )

    def check_masks(self, images: ImageTable, rows: Rows, problems: Problems) -> None:
        """Leave out boxes that come from run lengths of another size than their image."""
        if "box_is_of_mask" not in self.frame:
            return
        masks = self.columns["segmentation"]
        bad = np.zeros(len(masks), dtype=bool)
        for row in np.flatnonzero(self.frame["box_is_of_mask"].to_numpy() & self.keep).tolist():
            size = images.height[rows[row]], images.width[rows[row]]
            bad[row] = np.isfinite(size).all() and tuple(masks[row]["size"]) != size
        self.leave_out(
            problems,
            "segmentation",
            bad,
            [None if mask is None else mask["size"] for mask in masks] if bad.any() else [],
            what="is not of the size of its image, and there is no bbox,",
            remedy="Give masks of the whole image, as height and width, or a bbox.",
        )

    def drop_copies(self, images: Rows, classes: Rows, problems: Problems) -> None:
        """Leave out labels that are equal to an earlier one in id and content."""
        if "label_id" not in self.frame or self.frame["label_id"].is_unique:
            return
        codes = id_codes(self.frame["label_id"]).rows
        repeated = pd.Series(codes).duplicated(keep=False).to_numpy() & (codes >= 0) & self.keep
        rows = np.flatnonzero(repeated)
        if not len(rows):
            return
        content = pd.DataFrame(
            {
                "id": codes[rows],
                "image": images[rows],
                "class": classes[rows],
                **dict(zip(BOX, self.boxes[:, rows], strict=True)),
                "crowd": self.columns["is_crowd"][rows],
            }
        )
        copies = np.zeros(len(codes), dtype=bool)
        copies[rows[content.duplicated().to_numpy()]] = True
        self.leave_out(
            problems,
            "label_id",
            copies,
            self.frame["label_id"],
            what="repeats an earlier label, with the same content",
            remedy="Keep one of them; were two files joined?",
        )

    def check_ids(self, problems: Problems, notes: list[str]) -> None:
        """Give every row an id: its own where all have one of their own, else its position."""
        name = f"{self.source.name[:-1]}_id"
        rows = np.flatnonzero(self.keep)
        self.ids = pd.Series(rows)
        if name not in self.frame:
            return
        codes = id_codes(self.frame[name])
        own = codes.rows[rows]
        if (own < 0).all():
            return
        noun = self.source.name
        if (own < 0).any():
            notes.append(f"Some {noun} have no id; all are numbered in the order of the file.")
            return
        repeated = pd.Series(own).duplicated().to_numpy()
        if repeated.any():
            problems.mend(
                self.source,
                name,
                rows[repeated],
                self.frame[name].tolist(),
                what="repeats an earlier id",
                remedy="Ids must be unique; were two files joined?",
                done=f"numbered anew, as all {noun} are",
            )
            return
        self.ids = ids_of(self.frame[name].iloc[rows], notes, noun[:-1])

    def tidy_frame(self, image_ids: pd.Series, at: Rows, classes: pd.Categorical) -> pd.DataFrame:
        """Build the frame of the rows that are kept, without further columns."""
        every = bool(self.keep.all())
        rows: Any = slice(None) if every else self.keep
        columns = {
            f"{self.source.name[:-1]}_id": self.ids,
            "image_id": image_ids.take(at[rows]).array,
            "class_name": classes[rows],
            **{name: values[rows] for name, values in zip(BOX, self.boxes, strict=True)},
            # A view would change with the caller's frame, and keep all of it in memory.
            **{
                name: values.copy() if every else values[rows]
                for name, values in self.columns.items()
            },
        }
        further = self.frame.drop(columns=[name for name in self.frame if name in _TAKEN])
        self.further = (further if every else further[self.keep]).reset_index(drop=True)
        return pd.DataFrame(columns, copy=False)


def whole_pixels(boxes: Numbers, width: Numbers, height: Numbers) -> Numbers:
    """Bring boxes back to whole pixels, where all are such but for the rounding of shares.

    A share is written with six digits, which moves an edge by up to a millionth of the image: an
    IoU that is exactly 0.75 in whole pixels would be just below it.

    Parameters
    ----------
    boxes : ndarray of float64, shape (4, n)
        x, y, width and height in pixels.
    width, height : ndarray of float64, shape (n,)
        Size of each box's image in pixels.

    Returns
    -------
    ndarray of float64, shape (4, n)
        `boxes` itself where an edge is no whole pixel. Boxes that are not finite stay.
    """
    finite = np.isfinite(boxes).all(axis=0)
    if not finite.all():
        mended = boxes.copy()
        mended[:, finite] = whole_pixels(boxes[:, finite], width[finite], height[finite])
        return mended
    edges = np.concatenate([boxes[:2], boxes[:2] + boxes[2:]])
    sides = np.stack([width, height, width, height])
    whole = np.round(edges)
    off = np.abs(edges - whole) > np.minimum(_ROUNDING * sides, _MOST_ROUNDING)
    if off.any():
        return boxes
    return np.concatenate([whole[:2], whole[2:] - whole[:2]])


def read_objects(name: str, raw: RawFrames, problems: Problems) -> ObjectTable:
    """Read the numbers, flags and masks of labels or predictions.

    Parameters
    ----------
    name : str
        "labels" or "predictions".
    raw : RawFrames
        What a reader found.
    problems : Problems
        Told of what is left out or mended.

    Returns
    -------
    ObjectTable
        Images and classes are not looked up yet.

    Raises
    ------
    InvalidInputError
        Where problems are to be refused.
    """
    frame = getattr(raw, name)
    if "image_id" not in frame and "file_name" in frame:
        frame = frame.rename(columns={"file_name": "image_id"})
    if not isinstance(frame.index, pd.RangeIndex) or frame.index.start or frame.index.step != 1:
        frame = frame.reset_index(drop=True)
    source = raw.source(name)
    objects = ObjectTable(source, frame, np.empty((4, len(frame))), np.ones(len(frame), bool))
    for fault in raw.faults:
        if fault.frame == name:
            bad, values = fault.on_rows(len(frame))
            objects.leave_out(
                problems, fault.column, bad, values, what=fault.what, remedy=fault.remedy
            )
    boxes = []
    for column in BOX:
        numbers, odd = numbers_of(frame[column])
        objects.leave_out(
            problems,
            column,
            odd,
            frame[column],
            what="is not a number",
            remedy="Give boxes as numbers of pixels.",
        )
        boxes.append(numbers)
    objects.boxes = np.stack(boxes)
    if name == "predictions":
        objects.columns["confidence"] = _confidences(objects, problems)
    else:
        for column in ("is_crowd", "ignore"):
            objects.columns[column] = _flags(objects, column, problems)
    _add_masks(objects)
    if name == "labels" and "coco_area" in frame:
        _add_areas(objects, problems)
    return objects


def _confidences(objects: ObjectTable, problems: Problems) -> Numbers:
    if "confidence" not in objects.frame:
        return np.full(len(objects.frame), np.nan)
    values = objects.frame["confidence"]
    numbers, odd = numbers_of(values)
    remedy = "Give every prediction a confidence, a finite number."
    objects.leave_out(problems, "confidence", odd, values, what="is not a number", remedy=remedy)
    bad = ~np.isfinite(numbers)
    if bad.any():
        missing = np.array([one is None or one is pd.NA for one in values.tolist()], dtype=bool)
        for which, what in ((missing, "is missing"), (bad, "is not a finite number")):
            objects.leave_out(problems, "confidence", which, values, what=what, remedy=remedy)
    return numbers


def _flags(objects: ObjectTable, column: str, problems: Problems) -> NDArray[np.bool_]:
    n_rows = len(objects.frame)
    if column not in objects.frame:
        return np.zeros(n_rows, dtype=bool)
    values = objects.frame[column]
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "b":
        return values.to_numpy()
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iu":
        numbers = values.to_numpy()
        if ((numbers == 0) | (numbers == 1)).all():
            set_: NDArray[np.bool_] = numbers == 1
            return set_
    cells = values.tolist()
    flags = [as_flag(cell) for cell in cells]
    odd = [row for row, flag in enumerate(flags) if flag is None]
    truthy = [isinstance(cells[row], int | float) and bool(cells[row]) for row in odd]
    for wanted, done in ((True, "counted as true"), (False, "counted as false")):
        problems.mend(
            objects.source,
            column,
            [row for row, true in zip(odd, truthy, strict=True) if true is wanted],
            cells,
            what="is neither 0 nor 1",
            remedy="Give 1 for true, 0 for false.",
            done=done,
        )
    for row, true in zip(odd, truthy, strict=True):
        flags[row] = true
    return np.array(flags, dtype=bool)


def _add_masks(objects: ObjectTable) -> None:
    """Keep masks as they are, None where there is none, if there are any."""
    if "segmentation" not in objects.frame:
        return
    masks = objects.frame["segmentation"].tolist()
    given = [has_mask(mask) for mask in masks]
    if any(given):
        column = np.empty(len(masks), dtype=object)
        for row, (mask, has) in enumerate(zip(masks, given, strict=True)):
            column[row] = mask if has else None
        objects.columns["segmentation"] = column


def _add_areas(objects: ObjectTable, problems: Problems) -> None:
    """Keep the areas that the file states, if it states any; those that cannot be are missing."""
    values = objects.frame["coco_area"]
    areas, odd = numbers_of(values)
    bad = np.isinf(areas) | (areas < 0)
    areas = np.where(bad, np.nan, areas)
    for which, what in ((odd, "is not a number"), (bad, "is infinite or negative")):
        if which.any():
            problems.mend(
                objects.source,
                "coco_area",
                np.flatnonzero(which),
                values.tolist(),
                what=what,
                remedy="Give areas in square pixels, or leave them out.",
                done="left without a stated area",
            )
    if not np.isnan(areas).all() or len(areas) == 0:
        objects.columns["coco_area"] = areas
