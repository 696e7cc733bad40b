"""Which image of the label file a prediction means, however the two number images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.data.checks.refuse import Source, refuse
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.readers.coco.entry_columns import Codes

    Id = int | str

_UNKNOWN = -1
_AMBIGUOUS = -2
_LONGEST_NUMBER = 18

CLEAR_SHARE = 0.3
CLEAR_FACTOR = 2.0
"""Ids are read as file names, although known, if this share of predictions then overlaps a label,
and it is more than so many times what it is otherwise."""

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
    codes: Codes,
    known: Sequence[Id],
    file_names: Sequence[str | None],
    share_found: Callable[[NDArray[np.intp]], float],
    *,
    own_names: Mapping[Id, str] | None = None,
) -> tuple[NDArray[np.intp], str | None]:
    """Find the image of the label file that each id of the predictions means.

    Parameters
    ----------
    source : Source
        The predictions.
    codes : Codes
        Their image ids.
    known : sequence of int or str
        Ids of the label file's images.
    file_names : sequence of str or None
        Their file names.
    share_found : callable (positions) -> float
        Share of predictions that overlap a label when ids mean the images at these positions.
        Called only where ids leave doubt.
    own_names : mapping, optional
        File names that the prediction file gives for its ids. They outweigh the ids.

    Returns
    -------
    positions : ndarray of intp, shape (n_used,)
        Position in `known` of each id of `codes`.
    note : str or None
        How ids were understood, if not as they are.

    Raises
    ------
    InvalidInputError
        If an id stays unknown, or ids can be understood in two ways that differ.
    """
    used = codes.used
    equal = {id_: row for row, id_ in enumerate(known)}
    direct = _read(used, equal.get, None)
    if direct.complete and not own_names:
        chosen = _numbered_files(direct, used, file_names, share_found)
        return chosen.found, _explain(chosen, used, known)
    numbers = _index((_as_number(id_), row) for row, id_ in enumerate(known))
    stems = _index(_stems(file_names))
    readings = [
        direct,
        _read(used, lambda id_: numbers.get(_as_number(id_)), _NUMBERS),
        _read(used, stems.get, _STEMS),
    ]
    named = _read_names(used, file_names, own_names or {})
    complete = [reading for reading in readings if reading.complete and named.allows(reading)]
    if not complete and (named.found >= 0).any():
        readings, complete = [named], [named] if named.complete else []
    if not complete:
        raise _unknown(source, codes, known, file_names, readings)
    chosen = complete[0]
    if chosen.note is not None:
        _check_agreement(source, codes, known, complete)
    return chosen.found, _explain(chosen, used, known)


def _numbered_files(
    direct: _Reading,
    used: Sequence[Id],
    file_names: Sequence[str | None],
    share_found: Callable[[NDArray[np.intp]], float],
) -> _Reading:
    """Read ids by file names that are numbers, if labels say clearly that they mean these.

    Ultralytics writes the number in the name of ``0012.jpg`` as the image id. Where the label file
    numbers its images otherwise, the same numbers can be known and yet mean other images.
    """
    names = [(name or "").rpartition("/")[2].partition(".")[0] for name in file_names]
    if not used or not all(name.isascii() and name.isdigit() for name in names):
        return direct
    stems = _index((_as_number(name), row) for row, name in enumerate(names))
    by_name = _read(used, stems.get, _STEMS)
    if not by_name.complete or by_name.allows(direct):
        return direct
    share = share_found(by_name.found)
    clear = share >= CLEAR_SHARE and share > CLEAR_FACTOR * share_found(direct.found)
    return by_name if clear else direct


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
    codes: Codes,
    known: Sequence[Id],
    complete: Sequence[_Reading],
) -> None:
    first = complete[0]
    for other in complete[1:]:
        if not first.allows(other):
            at = int(np.flatnonzero(first.found != other.found)[0])
            raise InvalidInputError(
                source.field("image_id", int(np.flatnonzero(codes.rows == at)[0])),
                f"is {codes.used[at]!r}, which can mean image {known[first.found[at]]!r} as a "
                f"number and image {known[other.found[at]]!r} as a file name",
                "Give the predictions the image ids of the labels.",
            )


def _unknown(
    source: Source,
    codes: Codes,
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
            np.flatnonzero(best.found[codes.rows] < 0),
            [codes.used[row] for row in codes.rows.tolist()],
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
