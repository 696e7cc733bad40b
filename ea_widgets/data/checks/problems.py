"""Rows that cannot be used as they are: counted, described, and left out or mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.refuse import EXAMPLES, refuse
from ea_widgets.errors import InvalidInputError, shown, unknown_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.checks.refuse import Column, Source

ON_PROBLEM = ("report", "raise")
"""What to do about a row that cannot be used: go on without it, or refuse."""

COLUMNS = ("source", "row", "field", "value", "what_was_done")

LEFT_OUT = "left out"


@dataclass(frozen=True)
class Problem:
    """Rows of one column with one fault.

    Parameters
    ----------
    source : str
        "images", "labels", "predictions" or "categories".
    field : str
        Name of the column or JSON field.
    what : str
        What is wrong, as in "is not a number".
    done : str
        What was done about it, as in "left out".
    rows : tuple of int or str
        Where the rows are: positions from 0, or file and line.
    shown : tuple of str
        The values at fault, as short text.
    remedy : str
        What the user can do about it.
    """

    source: str
    field: str
    what: str
    done: str
    rows: tuple[Any, ...]
    shown: tuple[str, ...]
    remedy: str = ""

    def sentence(self) -> str:
        """Say how many rows, what is wrong with them, and what was done."""
        count = len(self.rows)
        noun = {"images": "image", "labels": "label", "predictions": "prediction"}.get(
            self.source, "category"
        )
        plural = "categories" if noun == "category" else f"{noun}s"
        verb = "was" if count == 1 else "were"
        first = ", ".join(
            f"{value} in row {row}"
            for value, row in zip(self.shown[:EXAMPLES], self.rows, strict=False)
        )
        more = ", ..." if count > EXAMPLES else ""
        subject = f"`{self.field}`" if self.field else "the entry"
        return (
            f"{count:,} {noun if count == 1 else plural} {verb} {self.done}: "
            f"{subject} {self.what} ({first}{more})."
        )


class Problems:
    """Collects what is wrong with rows while frames are checked.

    Parameters
    ----------
    on_problem : str
        One of :data:`ON_PROBLEM`: "report" collects, "raise" refuses the first problem.

    Raises
    ------
    InvalidInputError
        If `on_problem` is another word.
    """

    def __init__(self, on_problem: str = "report") -> None:
        if on_problem not in ON_PROBLEM:
            raise unknown_option("on_problem", on_problem, ON_PROBLEM)
        self.strict = on_problem == "raise"
        self.found: list[Problem] = []

    def mend(
        self,
        source: Source,
        column: str,
        rows: Sequence[int] | NDArray[np.intp],
        values: Column,
        *,
        what: str,
        remedy: str,
        done: str = LEFT_OUT,
    ) -> None:
        """Note rows that were left out or changed, or refuse them if that is wished.

        Parameters
        ----------
        source : Source
            Where the column is from.
        column : str
            Its name.
        rows : sequence of int
            Positions of the rows at fault, ascending; none is fine.
        values : sequence
            The whole column; only the values at fault are looked at.
        what, remedy : str
            As :func:`ea_widgets.data.checks.refuse.refuse` takes them.
        done : str, default "left out"
            What was done about these rows.

        Raises
        ------
        InvalidInputError
            If there are such rows and problems are to be refused.
        """
        if not len(rows):
            return
        if self.strict:
            refuse(source, column, rows, values, what=what, remedy=remedy)
        at = np.asarray(rows).tolist()
        self.found.append(
            Problem(
                source.name,
                source.name_of(column),
                what,
                done,
                tuple(source.row(row) for row in at),
                tuple(shown(values[row]) for row in at),
                remedy,
            )
        )

    def leave_out(
        self,
        source: Source,
        column: str,
        bad: NDArray[np.bool_],
        values: Column,
        keep: NDArray[np.bool_],
        *,
        what: str,
        remedy: str,
    ) -> None:
        """Take rows out of `keep`, which is changed, and note those that were still in it.

        Parameters
        ----------
        source, column, values, what, remedy
            As :meth:`mend` takes them.
        bad : ndarray of bool, shape (n,)
            The rows at fault.
        keep : ndarray of bool, shape (n,)
            Rows that are kept so far; changed.

        Raises
        ------
        InvalidInputError
            If there are such rows and problems are to be refused.
        """
        if not bad.any():
            return
        rows = np.flatnonzero(bad & keep)
        keep &= ~bad
        self.mend(source, column, rows, values, what=what, remedy=remedy)

    def check_share(self, source: Source, keep: NDArray[np.bool_]) -> None:
        """Refuse a file of which more than half was left out.

        Parameters
        ----------
        source : Source
            The file.
        keep : ndarray of bool, shape (n,)
            Rows that are kept.

        Raises
        ------
        InvalidInputError
            If it is so; with the most frequent fault as the likely cause.
        """
        lost = int(np.count_nonzero(~keep))
        if 2 * lost <= len(keep):
            return
        own = [one for one in self.found if one.source == source.name and one.done == LEFT_OUT]
        worst = max(own, key=lambda one: len(one.rows))
        first = ", ".join(
            f"{value} (row {row})"
            for value, row in zip(worst.shown[:EXAMPLES], worst.rows, strict=False)
        )
        raise InvalidInputError(
            source.field(worst.field, None),
            f"{worst.what} in {len(worst.rows):,} of {source.count(len(keep))}, such as {first}; "
            f"{lost:,} would be left out in all",
            _likely_cause(source.name, worst),
        )


def _likely_cause(source: str, worst: Problem) -> str:
    """Ask about what is behind most files with this fault."""
    field = worst.field.rpartition(".")[2]
    absent = "is missing" in worst.what
    if absent or source == "images":
        return f"Has the field another name? {worst.remedy}" if absent else worst.remedy
    if "unknown size" in worst.what:
        return worst.remedy
    if "image" in field:
        cause = (
            f"Are the {source} of another split, or do they name images by file name where the "
            "images have numbers?"
        )
    elif "class" in field or "category" in field:
        cause = "Are ids of classes shifted by one, or names given for ids?"
    elif field == "line":
        cause = "Are these files of another format?"
    else:
        cause = "Was the file written as a whole, and by a model whose numbers are finite?"
    return f"{cause} {worst.remedy}"


def problem_frame(problems: Sequence[Problem]) -> pd.DataFrame:
    """Give problems as a table, one row for each row of the data.

    Parameters
    ----------
    problems : sequence of Problem

    Returns
    -------
    DataFrame
        ``source``, ``row``, ``field``, ``value`` (short text), ``what_was_done``; no rows where
        nothing was odd.
    """
    rows = [
        (one.source, row, one.field, value, f"{one.done}: {one.what}")
        for one in problems
        for row, value in zip(one.rows, one.shown, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
