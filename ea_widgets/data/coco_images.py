"""Which image of the label file a prediction means, however the two number images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.data.validation import Source, refuse
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Id = int | str

_UNKNOWN = -1
_AMBIGUOUS = -2
_LONGEST_NUMBER = 18

_NUMBERS = "Image ids of the predictions were read as whole numbers"
_STEMS = (
    "The predictions name images by file name without its ending, as Ultralytics writes them; "
    "they were joined with the labels by that"
)
_NAMES = "Labels and predictions number images differently; they were joined by file name"


@dataclass(frozen=True)
class _Reading:
    """One way to understand the image ids of the predictions."""

    found: NDArray[np.intp]
    """Row of the image of each id; negative where there is none, or more than one."""

    note: str | None
    """What to tell the user; None where ids are simply equal."""

    @property
    def complete(self) -> bool:
        """Whether every id is understood."""
        return bool((self.found >= 0).all())

    def allows(self, other: _Reading) -> bool:
        """Whether the other understands the same, as far as this one understands anything."""
        return bool(np.all((self.found < 0) | (self.found == other.found)))


def match_images(
    source: Source,
    used: Sequence[Id],
    rows: NDArray[np.intp],
    known: Sequence[Id],
    file_names: Sequence[str | None],
    own_names: Mapping[Id, str] | None = None,
) -> tuple[NDArray[np.intp], str | None]:
    """Find the image of the label file that each id of the predictions means.

    Parameters
    ----------
    source : Source
        The predictions.
    used : sequence of int or str
        The ids that predictions bear, each once.
    rows : ndarray of intp, shape (n_predictions,)
        Position in `used` of each prediction's id.
    known : sequence of int or str
        Ids of the label file's images.
    file_names : sequence of str or None
        Their file names.
    own_names : mapping, optional
        File names that the prediction file gives for its ids. They outweigh the ids.

    Returns
    -------
    positions : ndarray of intp, shape (n_used,)
        Position in `known` of each of `used`.
    note : str or None
        How ids were understood, if not as they are.

    Raises
    ------
    InvalidInputError
        If an id stays unknown, or ids can be understood in two ways that differ.
    """
    equal = {id_: row for row, id_ in enumerate(known)}
    readings = [_read(used, equal.get, None)]
    if readings[0].complete and not own_names:
        return readings[0].found, None
    numbers = _index((_as_number(id_), row) for row, id_ in enumerate(known))
    stems = _index(_stems(file_names))
    readings += [
        _read(used, lambda id_: numbers.get(_as_number(id_)), _NUMBERS),
        _read(used, stems.get, _STEMS),
    ]
    named = _read_names(used, file_names, own_names or {})
    complete = [reading for reading in readings if reading.complete and named.allows(reading)]
    if not complete and (named.found >= 0).any():
        readings, complete = [named], [named] if named.complete else []
    if not complete:
        raise _unknown(source, used, rows, known, file_names, readings)
    chosen = complete[0]
    if chosen.note is not None:
        _check_agreement(source, used, rows, known, complete)
    return chosen.found, _explain(chosen, used, known)


def _read(used: Sequence[Id], look_up: Callable[[Id], int | None], note: str | None) -> _Reading:
    rows = (look_up(id_) for id_ in used)
    found = [_UNKNOWN if row is None else row for row in rows]
    return _Reading(np.array(found, dtype=np.intp), note)


def _read_names(
    used: Sequence[Id], file_names: Sequence[str | None], own_names: Mapping[Id, str]
) -> _Reading:
    """Join by the file names that the predictions give, as far as they are found."""
    whole = _index((name, row) for row, name in enumerate(file_names))
    base = _index((_base(name), row) for row, name in enumerate(file_names) if name)

    def look_up(id_: Id) -> int | None:
        name = own_names.get(id_)
        return None if name is None else whole.get(name, base.get(_base(name)))

    return _read(used, look_up, _NAMES)


def _index(pairs: Iterable[tuple[Id | None, int]]) -> dict[Id | None, int]:
    """Map keys to rows, and those of more than one row to none."""
    index: dict[Id | None, int] = {}
    for key, row in pairs:
        if key is not None:
            index[key] = row if index.get(key, row) == row else _AMBIGUOUS
    return index


def _stems(file_names: Sequence[str | None]) -> Iterator[tuple[Id, int]]:
    """Give the names by which Ultralytics, or a person, could mean a file."""
    for row, name in enumerate(file_names):
        if not name:
            continue
        path = PureWindowsPath(name)  # takes both kinds of slashes
        for key in {name, path.name, path.stem, path.with_suffix("").as_posix()}:
            yield key, row
        number = _as_number(path.stem)
        if number is not None:
            yield number, row  # Ultralytics writes stems that are numbers as numbers


def _base(name: str) -> str:
    return PureWindowsPath(name).name


def _as_number(id_: Id) -> int | None:
    if isinstance(id_, int):
        return id_
    if id_.isascii() and id_.isdigit() and len(id_) <= _LONGEST_NUMBER:
        return int(id_)
    return None


def _check_agreement(
    source: Source,
    used: Sequence[Id],
    rows: NDArray[np.intp],
    known: Sequence[Id],
    complete: Sequence[_Reading],
) -> None:
    first = complete[0]
    for other in complete[1:]:
        if not first.allows(other):
            at = int(np.flatnonzero(first.found != other.found)[0])
            raise InvalidInputError(
                source.field("image_id", int(np.flatnonzero(rows == at)[0])),
                f"is {used[at]!r}, which can mean image {known[first.found[at]]!r} as a number "
                f"and image {known[other.found[at]]!r} as a file name",
                "Give the predictions the image ids of the labels.",
            )


def _unknown(
    source: Source,
    used: Sequence[Id],
    rows: NDArray[np.intp],
    known: Sequence[Id],
    file_names: Sequence[str | None],
    readings: Sequence[_Reading],
) -> InvalidInputError:
    best = max(readings, key=lambda reading: int((reading.found >= 0).sum()))
    some = ", ".join(repr(id_) for id_ in known[:3])
    such = f", such as {some}" if some else ""
    name = next((name for name in file_names if name), None)
    files = f" (nor do they match file names, such as {name!r})" if name else ""
    try:
        refuse(
            source,
            "image_id",
            np.flatnonzero(best.found[rows] < 0),
            [used[row] for row in rows.tolist()],
            what="is not among the ids of `labels.images`",
            remedy=f"Known are {len(known):,} ids{such}{files}. "
            "Are labels and predictions of the same images?",
        )
    except InvalidInputError as error:
        return error
    raise AssertionError  # pragma: no cover  # every id is borne by some prediction


def _explain(reading: _Reading, used: Sequence[Id], known: Sequence[Id]) -> str | None:
    if reading.note is None or not len(used):
        return None
    return f"{reading.note} ({used[0]!r} is image {known[reading.found[0]]!r})."
