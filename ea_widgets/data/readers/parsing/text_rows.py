"""Lines of many small text files, one file per image: split once, turned into numbers at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pandas as pd

from ea_widgets.data.checks.values import as_id
from ea_widgets.data.readers.parsing.folders import without_ending

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ea_widgets.errors import InvalidInputError

    Rows = NDArray[np.intp]
    Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Places(Sequence[str]):
    """Where each row is, such as "0001.txt:5"; written only for the rows that an error names.

    Parameters
    ----------
    names : list of str
        Name of each file.
    files, lines : ndarray of intp, shape (n,)
        File of each row, and its line in it, from 1.
    """

    names: list[str]
    files: Rows
    lines: Rows

    def __len__(self) -> int:
        return len(self.files)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return Places(self.names, self.files[at], self.lines[at])
        return f"{self.names[self.files[at]]}:{self.lines[at]}"


@dataclass(frozen=True)
class TextRows:
    """The lines of text files that are not empty, split at white space.

    Parameters
    ----------
    names : list of str
        Name of each file, with the folders below the one that was read.
    tokens : list of list of bytes
        Parts of each line.
    files, lines : ndarray of intp, shape (n_lines,)
        File of each line, and its number there, from 1.
    broken : dict of int to InvalidInputError
        Why a file, by its position, could not be read.
    """

    names: list[str]
    tokens: list[list[bytes]]
    files: Rows
    lines: Rows
    broken: dict[int, InvalidInputError] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def stems(self) -> list[str]:
        """Name of each file without its ending."""
        return list(map(without_ending, self.names))

    @cached_property
    def lengths(self) -> Rows:
        """Number of parts of each line."""
        return np.fromiter(map(len, self.tokens), np.intp, len(self.tokens))

    @property
    def places(self) -> Places:
        """Where each line is."""
        return Places(self.names, self.files, self.lines)

    def text(self, row: int) -> str:
        """Give a line as text, cut where it is long, for an error."""
        return b" ".join(self.tokens[row][:20]).decode("utf-8", "replace")

    def values(self, column: int, rows: Rows | None = None) -> NDArray[np.object_]:
        """Give one part of each line: whole numbers as such, also "3.0"; else text.

        Parameters
        ----------
        column : int
        rows : ndarray of intp, optional
            Lines that have this column. Default: all.

        Returns
        -------
        ndarray of object, shape (n_rows,)
        """
        chosen = self.tokens if rows is None else [self.tokens[row] for row in rows.tolist()]
        codes, used = pd.factorize(
            np.fromiter((tokens[column] for tokens in chosen), object, len(chosen))
        )
        found = np.empty(len(used) + 1, dtype=object)
        found[: len(used)] = list(map(_value, used))
        given: NDArray[np.object_] = found[codes]
        return given

    def numbers(self, rows: Rows, first: int, count: int) -> Numbers:
        """Give parts of lines as numbers.

        Parameters
        ----------
        rows : ndarray of intp, shape (n,)
            Lines that have these parts.
        first, count : int
            The first of these parts, from the end if it is negative, and how many.

        Returns
        -------
        ndarray of float64, shape (n, count)
            NaN where it is no number.
        """
        stop = first + count or None
        parts = [part for row in rows.tolist() for part in self.tokens[row][first:stop]]
        return as_numbers(parts).reshape(len(rows), count)


def as_numbers(parts: Sequence[bytes]) -> Numbers:
    """Turn text into numbers; NaN where it is none.

    Parameters
    ----------
    parts : sequence of bytes, of length n

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    try:
        return np.fromiter(map(float, parts), np.float64, len(parts))
    except ValueError:
        return np.fromiter(map(_number, parts), np.float64, len(parts))


def _number(part: bytes) -> float:
    try:
        return float(part)
    except ValueError:
        return float("nan")


def _value(part: bytes) -> Any:
    id_ = as_id(part.decode("utf-8", "replace"))
    if isinstance(id_, str):
        number = _number(part)
        if abs(number) < 1e15 and number == int(number):
            return int(number)
    return id_


def split_rows(files: Iterable[tuple[str, bytes]]) -> TextRows:
    """Split text files into lines and parts.

    Parameters
    ----------
    files : iterable of (name, content)

    Returns
    -------
    TextRows
        Without empty lines and comments (#).
    """
    names: list[str] = []
    tokens: list[list[bytes]] = []
    at: list[int] = []
    lines: list[int] = []
    for name, content in files:
        for number, line in enumerate(content.splitlines(), 1):
            parts = line.split()
            if parts and not parts[0].startswith(b"#"):
                tokens.append(parts)
                at.append(len(names))
                lines.append(number)
        names.append(name)
    return TextRows(names, tokens, np.array(at, np.intp), np.array(lines, np.intp))


def image_column(rows: TextRows) -> pd.Categorical:
    """Give the image of each line: its file's stem."""
    codes, stems = pd.factorize(np.array([*rows.stems, ""], dtype=object)[:-1])
    at = codes[rows.files] if len(codes) else rows.files
    return pd.Categorical.from_codes(at, pd.Index(stems, dtype=object))


def class_column(rows: TextRows) -> dict[str, Any]:
    """Give the class of each line: numbers if most are, since a line can be broken, else names."""
    values = rows.values(0)
    numbers = sum(isinstance(value, int) for value in values.tolist())
    if 2 * numbers > len(values) or not len(values):
        return {"class_id": pd.Series(values, dtype=object)}
    return {"class_name": pd.Series([str(value) for value in values.tolist()], dtype=object)}
