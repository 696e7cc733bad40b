"""Checks of columns, used by every reader: all problems of a kind at once, in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    Column = Sequence[Any] | NDArray[Any]

_Taken = ParamSpec("_Taken")
_Given = TypeVar("_Given")

EXAMPLES = 3
"""How many of the offending values an error shows."""

BOX = ("x", "y", "width", "height")


@dataclass(frozen=True)
class Source:
    """How to name a place in the user's data: a frame's row or a JSON list's entry.

    Parameters
    ----------
    name : str
        What the user calls it: "images", "labels" or "predictions".
    path : str or None
        The JSON list, such as "labels.annotations"; None for a DataFrame.
    fields : tuple of (str, str)
        JSON names of columns, where they differ.
    places : sequence of str, optional
        Where each row is, such as "0001.txt:5", in formats of many files.
    """

    name: str
    path: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    places: Sequence[str] | None = None

    def name_of(self, column: str) -> str:
        """Name a column as the user's file does."""
        return dict(self.fields).get(column, column)

    def field(self, column: str, row: int | None) -> str:
        """Name the column, and in JSON the first entry at fault, for the head of an error."""
        name = self.name_of(column)
        if self.path is None:
            return f"{self.name}.{column}"
        entry = self.path if row is None else f"{self.path}[{row}]"
        return f"{entry}.{name}" if name else entry

    def row(self, row: int) -> int | str:
        """Give the position of a row, or its file and line where the format has many files."""
        return row if self.places is None else self.places[row]

    def place(self, row: int) -> str:
        """Name one row or entry."""
        if self.places is not None:
            return self.places[row]
        return f"row {row}" if self.path is None else f"{self.path}[{row}]"

    def count(self, number: int) -> str:
        """Count rows or entries."""
        if self.path is None:
            return f"{number:,} row" if number == 1 else f"{number:,} rows"
        return f"{number:,} entry" if number == 1 else f"{number:,} entries"


def refuse(
    source: Source, column: str, rows: ArrayLike, values: Column, *, what: str, remedy: str
) -> None:
    """Raise if there are offending rows; name how many, and the first three with their values.

    Parameters
    ----------
    source : Source
        Where the column is from.
    column : str
        Its name.
    rows : array-like of int, shape (n_bad,)
        Positions of the rows at fault, ascending; none is fine.
    values : sequence
        The whole column; only the offending values are looked at.
    what : str
        What is wrong, after "`column` ".
    remedy : str
        What to do; a whole sentence.

    Raises
    ------
    InvalidInputError
        If `rows` is not empty.
    """
    bad = np.asarray(rows)
    if not len(bad):
        return
    some = [f"{shown(values[row])} ({source.place(row)})" for row in bad[:EXAMPLES].tolist()]
    more = f" and {len(bad) - EXAMPLES:,} more" if len(bad) > EXAMPLES else ""
    raise InvalidInputError(
        source.field(column, int(bad[0])),
        f"{what} in {source.count(len(bad))}: {', '.join(some)}{more}",
        remedy,
    )


def images_once(method: Callable[_Taken, _Given]) -> Callable[_Taken, _Given]:
    """Refuse in words what readers of files call ``images``: the folder of the image files.

    Parameters
    ----------
    method : callable
        A method whose first argument is the table of the images.

    Returns
    -------
    callable
        The same; raises `InvalidInputError` where there is a table and ``images=`` as well.
    """

    @wraps(method)
    def checked(*args: _Taken.args, **kwargs: _Taken.kwargs) -> _Given:
        if len(args) > 1 and "images" in kwargs:
            folder = shown(kwargs["images"])
            raise InvalidInputError(
                "images",
                f"is given twice: as a table, and as {folder}",
                f"Give the folder of the image files as pixels={folder}.",
            )
        return method(*args, **kwargs)

    return checked


def check_both(labels: Any, predictions: Any) -> None:
    """Say what is missing if only labels or only predictions are given.

    Raises
    ------
    InvalidInputError
        If either is None.
    """
    if predictions is None:
        raise InvalidInputError(
            "predictions",
            "is missing, and what drives a detector shows in its predictions only",
            "Give them behind the labels: a file, a folder or an object, such as COCO results. To "
            "look at the labels alone, give an empty list.",
        )
    if labels is None:
        raise InvalidInputError(
            "labels",
            "is missing, and without labels no prediction is right or wrong",
            "Give the labels that the model was tested on: a file, a folder or an object.",
        )
