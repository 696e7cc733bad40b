"""Masks of all objects, and their overlaps."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.refuse import Source, refuse
from ea_widgets.data.masks.encoding import (
    BrokenMaskError,
    check_counts,
    encode_mask,
    has_mask,
    import_mask_library,
    in_chunks,
)
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.data.dataset import Dataset

    Rle = dict[str, Any]


class UnusableMasksError(InvalidInputError):
    """Some objects have no mask, or a broken one.

    Attributes
    ----------
    frame : str
        "labels" or "predictions".
    rows : list of int
        Rows of that frame.
    what : str
        What is wrong with them.
    """

    frame = ""
    what = ""
    rows: list[int] = []  # noqa: RUF012  # replaced whole, never changed

    @classmethod
    def of(
        cls, frame: str, rows: list[int], what: str, problem: str, remedy: str
    ) -> UnusableMasksError:
        """Put the error together; see the attributes and :class:`InvalidInputError`."""
        made = cls(f"{frame}.segmentation", problem, remedy)
        made.frame, made.rows, made.what = frame, rows, what
        return made


class MaskOverlap:
    """Masks of all predictions and labels, encoded once, and their overlaps.

    Parameters
    ----------
    dataset : Dataset
        With a column ``segmentation`` in labels and predictions.

    Attributes
    ----------
    prediction_boxes, label_boxes : ndarray of float64, shapes (n_predictions, 4), (n_labels, 4)
        Boxes around the masks, ``[x, y, width, height]`` in pixels; zeros where a mask is empty.
        Masks whose boxes share no area do not overlap.
    prediction_areas, label_areas : ndarray of float64
        Pixels of each mask.

    Raises
    ------
    InvalidInputError
        If pycocotools is not installed, or an object has no mask, or one that is broken or not
        of its image's size.
    """

    def __init__(self, dataset: Dataset) -> None:
        try:
            self._library = import_mask_library()
        except ImportError:
            raise InvalidInputError(
                "iou_type",
                "is 'segm', and masks need pycocotools, which is not installed",
                "Install the extra: `pip install 'ea_widgets[masks]'`.",
            ) from None
        images = dataset.images
        known = pd.Index(images["image_id"])
        sizes = images[["height", "width"]].to_numpy()
        objects = []
        for name, frame in (("predictions", dataset.predictions), ("labels", dataset.labels)):
            image = known.get_indexer(pd.Index(frame["image_id"]))
            masks = encode_masks(self._library, name, frame, sizes[image].astype(int).tolist())
            objects.append((masks, image, frame["class_name"].cat.codes.to_numpy()))
        (self._predictions, self._image, self._class) = objects[0]
        (self._labels, _, self._label_class) = objects[1]
        self.prediction_boxes = in_chunks(self._library.toBbox, self._predictions).reshape(-1, 4)
        self.prediction_areas = in_chunks(self._library.area, self._predictions)
        self.label_boxes = in_chunks(self._library.toBbox, self._labels).reshape(-1, 4)
        self.label_areas = in_chunks(self._library.area, self._labels)

    def __call__(
        self,
        predictions: NDArray[np.intp],
        labels: NDArray[np.intp],
        is_crowd: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Overlap of the mask of prediction *i* with that of label *i*.

        Parameters
        ----------
        predictions, labels : ndarray of intp, shape (n,)
            Rows of the dataset's frames; of one image each.
        is_crowd : ndarray of bool, shape (n,)
            True where the label marks a crowd: the divisor is then the prediction's area.

        Returns
        -------
        ndarray of float64, shape (n,)
            Shared pixels over pixels of the union, in [0, 1].
        """
        if not len(predictions):
            return np.zeros(0)
        order, starts = self._groups(predictions, labels)
        pairs = [array[order].tolist() for array in (predictions, labels, is_crowd)]
        sorted_iou = np.zeros(len(order))
        for low, high in pairwise(starts):
            rows: dict[int, int] = {}  # indices in the table, by row of the frame
            columns: dict[int, int] = {}
            row = [rows.setdefault(at, len(rows)) for at in pairs[0][low:high]]
            column = [columns.setdefault(at, len(columns)) for at in pairs[1][low:high]]
            crowd = dict(zip(pairs[1][low:high], pairs[2][low:high], strict=True))
            table = self._library.iou(
                [self._predictions[at] for at in rows],
                [self._labels[at] for at in columns],
                [*crowd.values()],
            )
            sorted_iou[low:high] = table[row, column]
        result = np.empty(len(order))
        result[order] = sorted_iou
        return result

    def _groups(
        self, predictions: NDArray[np.intp], labels: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], list[int]]:
        """Sort pairs into groups to hand over at once: of an image, and a class if classes agree.

        Returns the order, and where each group starts; at last, where the last one ends.
        """
        group = self._image[predictions].astype(np.int64)
        classes = self._class[predictions].astype(np.int64)
        if (classes == self._label_class[labels]).all():
            group = group * (int(self._class.max(initial=0)) + 1) + classes
        order = np.argsort(group, kind="stable")
        cuts = np.flatnonzero(np.diff(group[order])) + 1
        return order, [0, *cuts.tolist(), len(order)]


def encode_masks(library: Any, name: str, frame: pd.DataFrame, sizes: list[list[int]]) -> list[Rle]:
    """Encode the masks of all objects, or say what is wrong with them.

    Parameters
    ----------
    library : module
        See :func:`import_mask_library`.
    name : {"labels", "predictions"}
    frame : DataFrame, n rows
        The dataset's frame.
    sizes : list of [int, int], length n
        Height and width of each object's image.

    Returns
    -------
    list of dict, length n

    Raises
    ------
    InvalidInputError
        If there is no such column.
    UnusableMasksError
        If an object has no mask, or a broken one.
    """
    remedy = "Give a mask for every object, or evaluate boxes with iou_type='bbox'."
    if "segmentation" not in frame.columns:
        if not len(frame):
            return []
        raise InvalidInputError(f"{name}.segmentation", "is not there", remedy)
    source = Source(name)
    given = frame["segmentation"].to_list()
    none = [row for row, mask in enumerate(given) if not has_mask(mask)]
    try:
        refuse(source, "segmentation", none, given, what="is missing", remedy=remedy)
    except InvalidInputError as error:
        what = "is missing"
        raise UnusableMasksError.of(name, none, what, error.problem, error.remedy) from None
    masks: list[Rle] = []
    problems: dict[int, str] = {}
    for row, (segmentation, (height, width)) in enumerate(zip(given, sizes, strict=True)):
        try:
            masks.append(encode_mask(library, segmentation, height, width))
        except BrokenMaskError as error:
            problems[row] = str(error)
    if not problems:
        unreadable = np.flatnonzero(check_counts(library, masks)).tolist()
        problems = dict.fromkeys(unreadable, "has compressed run lengths that cannot be read")
    if problems:
        shown = ", ".join(f"the mask {text} (row {row})" for row, text in [*problems.items()][:3])
        more = f" and {len(problems) - 3:,} more" if len(problems) > 3 else ""
        raise UnusableMasksError.of(
            name,
            list(problems),
            "is no mask that can be used",
            f"is broken in {source.count(len(problems))}: {shown}{more}",
            "Masks are polygons or run lengths, of the size of their image.",
        )
    return masks
