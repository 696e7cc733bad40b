"""What a reader found: rows as they are, to be checked and joined."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.checks.refuse import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from ea_widgets.errors import InvalidInputError

TURNED = "is not 0: the box is turned"
TURNED_REMEDY = "Boxes here are upright; draw upright ones, or polygons."
"""What is said of a box with an angle."""


@dataclass(frozen=True)
class Fault:
    """Rows that a reader itself found to be unusable; the door leaves them out and counts them.

    Parameters
    ----------
    frame : str
        "images", "labels" or "predictions".
    column : str
        The column, or the field's own name.
    rows : sequence of int
        Positions in the frame, ascending.
    values : sequence
        What stands there, one per row.
    what : str
        What is wrong, as in "is not four numbers".
    remedy : str
        A whole sentence.
    """

    frame: str
    column: str
    rows: Sequence[int]
    values: Sequence[Any]
    what: str
    remedy: str

    def on_rows(self, number: int) -> tuple[NDArray[np.bool_], list[Any]]:
        """Mark the rows at fault among so many, and give each row's value; None where it is fine.

        Parameters
        ----------
        number : int
            Rows of the frame.

        Returns
        -------
        bad : ndarray of bool, shape (number,)
        values : list of length number
        """
        bad = np.zeros(number, dtype=bool)
        bad[list(self.rows)] = True
        cells = dict(zip(self.rows, self.values, strict=True))
        return bad, [cells.get(row) for row in range(number)]


def broken_files(files: Mapping[int, InvalidInputError]) -> list[Fault]:
    """Give the fault of images whose files of labels cannot be read; none of no such files.

    Parameters
    ----------
    files : mapping of int to InvalidInputError
        Why, by row of the image.

    Returns
    -------
    list of Fault
    """
    if not files:
        return []
    what = "cannot be read, so that its labels are not known"
    why = [error.problem for error in files.values()]
    remedy = next(iter(files.values())).remedy
    return [Fault("images", "file", list(files), why, what, remedy)]


@dataclass
class RawFrames:
    """What a reader found, not checked yet: the door does that, for every format alike.

    A reader fills what its files say and leaves the rest None. Values need no types: numbers may
    be text, ids numbers or text, cells missing. Columns of numpy arrays with types are the fast
    lane.

    Parameters
    ----------
    images : DataFrame, optional
        ``image_id``, and where known ``file_name``, ``width``, ``height`` (pixels; missing sizes
        are taken from the image files). Of predictions: only where the file numbers its own
        images.
    labels, predictions : DataFrame, optional
        ``image_id`` (of predictions: an id of the labels' images, or a file name, a stem, the last
        part of a path or URL), ``class_name`` or ``class_id`` or both (the name counts),
        ``x``, ``y``, ``width``, ``height`` in the form that `boxes` says, ``confidence`` of
        predictions; as they are there ``file_name`` (of the image, outweighs its id),
        ``label_id``, ``is_crowd``, ``ignore``, ``segmentation``, ``coco_area``. Further columns
        are kept, and are metrics where they can be.
    categories : sequence of (id, name), optional
        What numbers of classes mean, in display order.
    boxes : str, default "xywh"
        Form of the boxes, see :func:`ea_widgets.data.checks.agreement.box_forms.parse_form`.
    polygons_are_shares : bool, default False
        Whether polygons are written as shares of the image's width and height.
    pixels : path, optional
        The folder of images that was found beside the labels; used where the user gives none.
    class_columns : dict of str to sequence, optional
        Further columns of labels and predictions that go by the class, such as LVIS' frequency:
        one value for each of `categories`.
    predictions_per_image : int, optional
        How many predictions an image keeps, the most confident ones of all classes together; said
        by the labels. Default: all.
    notes : list of str
        Sentences for ``dataset.notes``.
    faults : list of Fault
        Rows that cannot be used and whose columns do not show it.
    sources : dict of str to Source
        How errors name "images", "labels", "predictions" and "categories".
    """

    images: pd.DataFrame | None = None
    labels: pd.DataFrame | None = None
    predictions: pd.DataFrame | None = None
    categories: Sequence[tuple[Any, Any]] | None = None
    boxes: str = "xywh"
    polygons_are_shares: bool = False
    pixels: Any = None
    class_columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    predictions_per_image: int | None = None
    notes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sources: Mapping[str, Source] = field(default_factory=dict)

    def source(self, name: str) -> Source:
        """Say how errors name one of the frames."""
        return self.sources.get(name, Source(name))
