"""Federated labels: which classes an image is labelled for, and how many predictions it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.values import is_missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.data.checks.problems import Problems
    from ea_widgets.data.checks.refuse import Source

CLASS_LISTS = ("judged_classes", "not_exhaustive_classes")
"""Columns of the images that list names of classes."""


def check_class_lists(source: Source, further: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    """Read lists of classes as tuples of text, None where there is none.

    Parameters
    ----------
    source : Source
        The images.
    further : DataFrame
        Their further columns.
    problems : Problems
        Told of cells that are no lists of names.

    Returns
    -------
    DataFrame
        A new one if it has such columns.
    """
    for name in CLASS_LISTS:
        if name not in further:
            continue
        given = further[name].tolist()
        lists = [None if is_missing(cell) else _names(cell) for cell in given]
        problems.mend(
            source,
            name,
            [
                row
                for row, (one, cell) in enumerate(zip(lists, given, strict=True))
                if one is None and not is_missing(cell)
            ],
            given,
            what="is not a list of names of classes",
            remedy="Give a list of text, or nothing where all classes are judged.",
            done="left out",
        )
        further = further.assign(**{name: pd.Series(lists, dtype=object, index=further.index)})
    return further


def _names(cell: Any) -> tuple[str, ...] | None:
    if isinstance(cell, str):
        return (cell,)
    if isinstance(cell, np.ndarray) and cell.ndim == 1:
        cell = cell.tolist()
    if not isinstance(cell, list | tuple | set | frozenset):
        return None
    names = tuple(cell)
    return names if all(isinstance(one, str) for one in names) else None


def most_confident(
    images: NDArray[np.intp], confidence: NDArray[np.float64], keep: NDArray[np.bool_], most: int
) -> NDArray[np.bool_]:
    """Mark the most confident predictions of each image, whatever their classes.

    Parameters
    ----------
    images : ndarray of intp, shape (n,)
        Image of each prediction.
    confidence : ndarray of float64, shape (n,)
    keep : ndarray of bool, shape (n,)
        Predictions that can be used; others take no room.
    most : int
        How many an image keeps; of equal confidence the earlier ones.

    Returns
    -------
    ndarray of bool, shape (n,)
        A part of `keep`.
    """
    rows = np.flatnonzero(keep)
    order = rows[np.lexsort((-confidence[rows], images[rows]))]  # stable
    ordered = images[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-2) != 0)
    lengths = np.diff(np.append(first, len(ordered)))
    position = np.arange(len(ordered)) - np.repeat(first, lengths)
    kept = np.zeros(len(keep), dtype=bool)
    kept[order[position < most]] = True
    return kept
