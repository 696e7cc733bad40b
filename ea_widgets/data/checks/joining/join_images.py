"""Which image of the labels a prediction means, however the two number images."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np

from ea_widgets.data.checks.values import AMBIGUOUS, UNKNOWN, clean_text, positions_of
from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.checks.refuse import Source

    Id = int | str
    Rows = NDArray[np.intp]

_UPLOAD = re.compile(r"(^|[/\\])[0-9a-f]{8}-(?=[^/\\]+$)")
_EXPORT = re.compile(
    r"_(jpe?g|png|bmp|webp|tiff?)\.rf\.[0-9A-Za-z]{8,}(\.[^./\\]*)?$", re.IGNORECASE
)
_LONGEST_NUMBER = 40

CLEAR_SHARE = 0.3
CLEAR_FACTOR = 2.0
"""Ids are read as file names, although known, if this share of predictions then overlaps a label,
and it is more than so many times what it is otherwise."""

_NUMBERS = "Image ids of the {0} were read as whole numbers"
_STEMS = (
    "The {0} name images by file name without its ending, as Ultralytics writes them; "
    "they were joined with the {1} by that"
)
_FILES = "The {0} name images by file name; they were joined with the {1} by that"
_NAMES = "Labels and predictions number images differently; they were joined by file name"


@dataclass(frozen=True)
class _Reading:
    """One way to understand the image ids of the predictions."""

    found: Rows
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


@dataclass(frozen=True)
class KnownImages:
    """The images of the labels.

    Parameters
    ----------
    ids : sequence of int or str
        As :func:`ea_widgets.data.checks.values.as_id` gives them, each once.
    file_names : sequence of str or None
    """

    ids: Sequence[Id]
    file_names: Sequence[str | None]


def join_images(
    source: Source,
    used: Sequence[Id],
    counts: NDArray[np.intp],
    known: KnownImages,
    share_found: Callable[[Rows], float],
    own_names: Mapping[Id, str] | None = None,
) -> tuple[Rows, str | None]:
    """Find the image of the labels that each id of the predictions means.

    Parameters
    ----------
    source : Source
        The predictions.
    used : sequence of int or str
        Their image ids, each once.
    counts : ndarray of int, shape (n_used,)
        How many predictions have each.
    known : KnownImages
        The images of the labels.
    share_found : callable (positions) -> float
        Share of predictions that overlap a label when ids mean the images at these positions.
        Called only where ids leave doubt.
    own_names : mapping, optional
        File names that the predictions give for their ids. They outweigh the ids.

    Returns
    -------
    positions : ndarray of intp, shape (n_used,)
        Row of the image of each id; -1 where the labels have none.
    note : str or None
        How ids were understood, if not as they are.

    Raises
    ------
    InvalidInputError
        If an id can mean more than one image.
    """
    own_names = own_names or {}
    equal = {id_: row for row, id_ in enumerate(known.ids)}
    direct = _read(used, equal.get, None)
    if not own_names and direct.complete:
        chosen, doubt = _numbered_files(direct, used, known, share_found)
        return chosen.found, doubt or _explain(source, chosen, used, known)
    by_name = _NameIndex(known.file_names)
    if own_names:
        return _by_own_names(source, used, known, direct, by_name, own_names)
    stems = _read(used, by_name.look_up, _STEMS)
    readings = [
        direct,
        _Reading(positions_of(used, known.ids), _NUMBERS),
        stems,
    ]
    chosen = max(readings, key=lambda reading: int(counts[reading.found >= 0].sum()))
    if chosen.note is not None:
        _check_agreement(source, used, known, chosen, readings)
    _refuse_ambiguous(source, used, known, chosen if (chosen.found >= 0).any() else stems)
    return np.maximum(chosen.found, UNKNOWN), _explain(source, chosen, used, known)


def _by_own_names(
    source: Source,
    used: Sequence[Id],
    known: KnownImages,
    direct: _Reading,
    by_name: _NameIndex,
    own_names: Mapping[Id, str],
) -> tuple[Rows, str | None]:
    """Join by the file names that the predictions give; by id where there is none."""
    named = _read(
        used, lambda id_: by_name.look_up(own_names[id_]) if id_ in own_names else None, _NAMES
    )
    nameless = np.array([id_ not in own_names for id_ in used], dtype=bool)
    stems = _read(used, by_name.look_up, _STEMS)
    ambiguous = named.found == AMBIGUOUS
    if ambiguous.any():
        # An id can say which of the files of one name is meant.
        fits = [
            id_ in own_names and row >= 0 and by_name.fits(own_names[id_], row)
            for id_, row in zip(used, direct.found.tolist(), strict=True)
        ]
        named.found[ambiguous & np.array(fits, dtype=bool)] = direct.found[
            ambiguous & np.array(fits, dtype=bool)
        ]
        _refuse_ambiguous(source, used, known, named)
    if not (named.found >= 0).any() and not by_name.any:
        named = _Reading(direct.found, None)  # the labels have no file names
    found = np.where(nameless, direct.found, named.found)
    joined = _Reading(np.where(nameless & (found < 0), np.maximum(stems.found, -1), found), _NAMES)
    understood = joined.found >= 0
    for reading in (direct, stems):
        if bool(np.all(reading.found[understood] == joined.found[understood])):
            return np.maximum(joined.found, -1), _explain(
                source, _Reading(joined.found, reading.note), used, known
            )
    return np.maximum(joined.found, -1), _explain(source, joined, used, known)


def _numbered_files(
    direct: _Reading,
    used: Sequence[Id],
    known: KnownImages,
    share_found: Callable[[Rows], float],
) -> tuple[_Reading, str | None]:
    """Read ids by file names that are numbers, if labels say clearly that they mean these.

    Ultralytics writes the number in the name of ``0012.jpg`` as the image id. Where the label file
    numbers its images otherwise, the same numbers can be known and yet mean other images.
    """
    names = [(name or "").replace("\\", "/") for name in known.file_names]
    names = [name.rpartition("/")[2].partition(".")[0] for name in names]
    if not used or not all(name.isascii() and name.isdigit() for name in names):
        return direct, None
    stems = _index((_whole_number(name), row) for row, name in enumerate(names))
    by_name = _read(used, stems.get, _STEMS)
    if (by_name.found == AMBIGUOUS).any() and share_found(direct.found) < CLEAR_SHARE:
        at = int(np.flatnonzero(by_name.found == AMBIGUOUS)[0])
        return direct, (
            f"Image ids of the predictions, such as {used[at]!r}, are ids of the labels' images "
            "and also the numbers of several files; they were taken for ids, although few "
            "predictions then overlap a label. If files are meant, give their names with folders."
        )
    if not by_name.complete or by_name.allows(direct):
        return direct, None
    share = share_found(by_name.found)
    clear = share >= CLEAR_SHARE and share > CLEAR_FACTOR * share_found(direct.found)
    return (by_name if clear else direct), None


def _read(used: Sequence[Id], look_up: Callable[[Id], int | None], note: str | None) -> _Reading:
    rows = (look_up(id_) for id_ in used)
    found = [UNKNOWN if row is None else row for row in rows]
    return _Reading(np.array(found, dtype=np.intp), note)


def _index(pairs: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    """Map keys to rows, and those of more than one row to none."""
    index: dict[Any, int] = {}
    for key, row in pairs:
        if key is not None:
            index[key] = row if index.get(key, row) == row else AMBIGUOUS
    return index


class _NameIndex:
    """Images by all the names that could mean their file."""

    def __init__(self, file_names: Sequence[str | None]) -> None:
        self._names = file_names
        self.any = any(file_names)
        """Whether an image has a file name."""
        self._index = _index(
            (key, row)
            for row, name in enumerate(file_names)
            if name
            for key in dict.fromkeys(_keys(name))
        )
        uploads = _index(
            (key, row)
            for row, name in enumerate(file_names)
            if name and (plain := plain_name(name)) != name
            for key in dict.fromkeys(_keys(plain))
        )
        self._index = uploads | self._index  # a file's own name goes before
        # Ultralytics writes what it finds in a/b.jpg to a_b.txt.
        self._flat = _index(
            (key.replace("/", "_"), row)
            for row, name in enumerate(file_names)
            if name
            for key in dict.fromkeys(_keys(name))
            if "/" in key
        )
        self._folded = _index((key.casefold(), row) for key, row in self._index.items())
        self._numbers = _index(
            (_whole_number(_stem(name)), row) for row, name in enumerate(file_names) if name
        )

    def look_up(self, name: Id) -> int | None:
        """Find the image of a file name, its end, or its stem; of several: ambiguous."""
        if isinstance(name, int):
            return self._numbers.get(name)  # Ultralytics writes stems that are numbers as numbers
        for key in dict.fromkeys([*_keys(name), *_keys(plain_name(name))]):
            row = self._index.get(key)
            if row is not None:
                return row
        number = _whole_number(name)
        if number is not None:
            return self._numbers.get(number)
        # File systems of Windows and macOS take no notice of case.
        rows = [self._folded.get(key.casefold()) for key in _keys(name)]
        rows += [self._flat.get(key) for key in _keys(name)]
        return next((row for row in rows if row is not None), None)

    def fits(self, name: str, row: int) -> bool:
        """Tell whether a name could mean the file of this image."""
        return bool(set(_keys(name)) & set(_keys(self._names[row] or "")))


def plain_name(name: str) -> str:
    """Give a path as it was before a tool put its own digits into the file's name.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
        Without the eight digits that Label Studio puts before uploaded files, and those that
        Roboflow puts behind exported ones; the same where there are none.

    Examples
    --------
    >>> plain_name("/data/upload/1/1a2b3c4d-cat.jpg")
    '/data/upload/1/cat.jpg'
    >>> plain_name("train/cat_png.rf.0123456789abcdef.jpg")
    'train/cat.png'
    """
    return _EXPORT.sub(r".\1", _UPLOAD.sub(r"\1", name))


def _keys(name: str) -> Iterator[str]:
    """Give the ends of a path or URL, longest first; each with and without the file's ending."""
    text = unicodedata.normalize("NFC", clean_text(name)).replace("\\", "/")
    forms = [text]
    if "://" in text:
        forms.append(unquote(text.partition("?")[0].partition("#")[0]))
    elif "%" in text:
        forms.append(unquote(text))
    for form in forms:
        parts = [part for part in form.split("/") if part not in {"", "."}]
        for start in range(len(parts)):
            end = "/".join(parts[start:])
            yield end
            stem, dot, suffix = end.rpartition(".")
            if dot and stem and not stem.endswith("/") and "/" not in suffix:
                yield stem


def _stem(name: str) -> str:
    base = name.replace("\\", "/").rpartition("/")[2]
    return base.rpartition(".")[0] or base


def _whole_number(id_: Id) -> int | None:
    if isinstance(id_, int):
        return id_
    if id_.isascii() and id_.isdigit() and len(id_) <= _LONGEST_NUMBER:
        return int(id_)
    return None


def _check_agreement(
    source: Source,
    used: Sequence[Id],
    known: KnownImages,
    chosen: _Reading,
    readings: Sequence[_Reading],
) -> None:
    """Refuse ids that have another meaning by another complete reading, or several files."""
    for other in readings:
        several = other.found == AMBIGUOUS
        differs = chosen.found != other.found
        at = np.flatnonzero((differs & (chosen.found >= 0)) if other.complete else several)
        if other is chosen or not len(at):
            continue
        first = int(at[0])
        meaning = "several files" if several[first] else f"image {known.ids[other.found[first]]!r}"
        raise InvalidInputError(
            source.field("image_id", None if source.path is None else 0),
            f"is {shown(used[first])}, which can mean image {known.ids[chosen.found[first]]!r} "
            f"as a number and {meaning} as a file name",
            f"Give the {source.name} the image ids of the {_others(source)}.",
        )


def _others(source: Source) -> str:
    """Say what the images are of that ids are looked for in."""
    return "images" if source.name == "labels" else "labels"


def _refuse_ambiguous(
    source: Source, used: Sequence[Id], known: KnownImages, reading: _Reading
) -> None:
    """Refuse names that mean more than one image."""
    several = np.flatnonzero(reading.found == AMBIGUOUS)
    if not len(several):
        return
    name = next((name for name in known.file_names if name), None)
    raise InvalidInputError(
        source.field("image_id", None),
        f"has names that mean more than one image of the labels ({len(several):,}), such as "
        f"{shown(used[int(several[0])])} (the labels have files such as {shown(name)})",
        f"Give the {source.name} the image ids of the {_others(source)}, or file names with their "
        "folders.",
    )


def _explain(
    source: Source, reading: _Reading, used: Sequence[Id], known: KnownImages
) -> str | None:
    found = np.flatnonzero(reading.found >= 0)
    if reading.note is None or not len(found):
        return None
    first = int(found[0])
    row = reading.found[first]
    note = reading.note
    if note is _STEMS and str(used[first]).endswith(_ending(known.file_names[row] or "")):
        note = _FILES
    said = note.format(source.name, _others(source))
    return f"{said} ({used[first]!r} is image {known.ids[row]!r})."


def _ending(name: str) -> str:
    """Give the ending of a file's name with its dot; of a name without one, the name."""
    base = name.replace("\\", "/").rpartition("/")[2]
    return base[max(base.rfind("."), 0) :]
