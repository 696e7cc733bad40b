"""Opens what a user gave as labels or predictions: a file, a folder or an object in memory."""

from __future__ import annotations

import codecs
import gzip
import json
import os
import zlib
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from io import BytesIO
from itertools import islice
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

import msgspec
import pandas as pd

from ea_widgets.data.readers.parsing.folders import list_text_files
from ea_widgets.data.readers.parsing.json_text import parse_json
from ea_widgets.data.readers.parsing.text_rows import TextRows, split_rows
from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNREADABLE = b"(unreadable)"
_LISTED = 10_000  # names of a folder that are compared with one that is not in it
_LONGEST_PATH = 300  # a whole JSON text may be given for a path
_GZIP = b"\x1f\x8b"
_MOST_UNPACKED, _MOST_PER_BYTE = 1 << 24, 200  # text is packed to a tenth, zeros to a thousandth
_LONGEST_LINE = 1 << 20  # of text; a polygon of 50,000 points fits
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WEB_PAGE = (
    "is a web page, not a data file",
    "Was it downloaded from the page about the file? Download the file itself.",
)
_OTHER_KINDS = {
    b"version https://git-lfs": (
        "is a pointer of Git LFS, not the file itself",
        "Fetch the file: `git lfs pull`.",
    ),
    b"<!doctype html": _WEB_PAGE,
    b"<html": _WEB_PAGE,
    b"pk\x03\x04": ("is a zip archive", "Unpack it, and give the file in it."),
    b"bzh": ("is packed by bzip2", "Unpack it; only gzip is read as it is."),
    b"\xfd7zxz": ("is packed by xz", "Unpack it; only gzip is read as it is."),
}
"""First bytes, in lower case, of files that hold no annotations; what they are, the remedy."""

_FIRST_OF_MARKS = frozenset({_GZIP[:1], *(mark[:1] for mark, _ in _MARKS)})


@dataclass(frozen=True)
class Given:
    """Labels or predictions as a user gave them, opened once for all readers.

    Parameters
    ----------
    field : str
        "labels" or "predictions".
    source : object
        A path, or an object in memory.
    options : dict
        Further arguments of the reader's own function, such as ``split`` of YOLO.
    images : path, mapping, callable or None
        Where pixels come from, if the user says so.
    partner : object
        The predictions if these are labels, or the other way round.
    label_images : list, optional
        Ids of the labels' images in their order, for predictions that name none.

    Notes
    -----
    :attr:`raw` is the file's text as UTF-8, unpacked and without a byte order mark.
    """

    field: str
    source: Any
    options: Any = None
    images: Any = None
    partner: Any = None
    label_images: list[Any] | None = None

    @cached_property
    def path(self) -> Path | None:
        """The path with "~" replaced by the user's home; None for an object in memory."""
        if not isinstance(self.source, str | os.PathLike):
            return None
        return Path(os.path.expanduser(self.source))  # noqa: PTH111  # Path's raises for unknown users

    @cached_property
    def is_folder(self) -> bool:
        """Whether the path is a folder."""
        try:
            return self.path is not None and self.path.is_dir()
        except (OSError, ValueError):
            return False

    @cached_property
    def content(self) -> Any:
        """The object in memory; None for a path. A table with boxes in one column is a list."""
        if self.path is not None:
            return None
        if isinstance(self.source, pd.DataFrame) and "bbox" in self.source:
            return self.source.to_dict("records")
        return getattr(self.source, "dataset", self.source)

    @cached_property
    def raw(self) -> bytes:
        """Text of the file as UTF-8.

        Raises
        ------
        InvalidInputError
            If there is no such file, or it cannot be read.
        """
        path = self.path
        if path is None:
            return b""
        try:
            if path.is_fifo() or path.is_char_device() or path.is_block_device():
                raise self._unreadable("which is no regular file")
            raw = path.read_bytes()
        except FileNotFoundError:
            raise InvalidInputError(self.field, *_absent(path)) from None
        except IsADirectoryError:
            raise self._unreadable("which is a folder") from None
        except (OSError, ValueError) as error:
            if isinstance(error, InvalidInputError):
                raise
            why = getattr(error, "strerror", None) or error  # without the path, which may be long
            raise InvalidInputError(
                self.field,
                f"is {shown_path(path)}, which cannot be read ({why})",
                "Check path and rights.",
            ) from error
        return self._decoded(raw)

    @cached_property
    def rows(self) -> TextRows | None:
        """Lines of the text files of a folder; None if it is no folder, or there are none.

        Raises
        ------
        InvalidInputError
            If one cannot be read.
        """
        if self.path is None or not self.is_folder:
            return None
        names = list_text_files(self.path)
        folder = os.fspath(self.path)
        return (
            read_rows(self.field, {name: f"{folder}/{name}" for name in names}) if names else None
        )

    @cached_property
    def head(self) -> bytes:
        """First characters of the text, without white space before them; b"" for a folder."""
        return b"" if self.path is None or self.is_folder else self.raw[:65_536].lstrip()

    @cached_property
    def json(self) -> Any:
        """The object in memory, or what the file's JSON text makes.

        Several texts one after the other, or one a line, are joined: lists into one list, objects
        into a list of them. Of texts one a line, a broken one is left as the line that it is.

        Raises
        ------
        InvalidInputError
            If the file cannot be read or is not JSON.
        """
        if self.path is None:
            return self.content
        try:
            try:
                return msgspec.json.decode(self.raw)  # five times as fast
            except (msgspec.MsgspecError, ValueError):
                return parse_json(self.raw.decode("utf-8"))
        except json.JSONDecodeError as error:
            if (other := other_kind(self.raw)) is not None:
                raise InvalidInputError(self.field, *other) from None
            raise InvalidInputError(
                self.field,
                f"is not JSON: {error.msg} in line {error.lineno:,}, column {error.colno:,}",
                "Was the file written completely?",
            ) from None
        except UnicodeDecodeError as error:
            if (other := other_kind(self.raw)) is not None:
                raise InvalidInputError(self.field, *other) from None
            raise InvalidInputError(
                self.field, f"is not JSON: {error}", "Give a COCO JSON file, encoded as UTF-8."
            ) from None
        except RecursionError:
            raise InvalidInputError(
                self.field, "is not JSON: it is nested too deeply", "Give a COCO JSON file."
            ) from None

    def _unreadable(self, why: str) -> InvalidInputError:
        assert self.path is not None  # noqa: S101  # for mypy
        return InvalidInputError(
            self.field,
            f"is {shown_path(self.path)}, {why}",
            "Give the path of a file of labels or predictions, or the folder of such files.",
        )

    def _decoded(self, raw: bytes) -> bytes:
        """Unpack, and turn text with a byte order mark into UTF-8."""
        try:
            if raw[:2] == _GZIP:
                raw = _unpacked(raw)
            for mark, encoding in _MARKS:
                if raw.startswith(mark):
                    return raw.decode(encoding).encode("utf-8", "surrogatepass")
        except (OSError, EOFError, zlib.error, UnicodeError) as error:
            raise InvalidInputError(
                self.field,
                f"cannot be unpacked or decoded ({error})",
                "Was the file written completely?",
            ) from None
        return raw


def _check_lines(field: str, path: str, content: bytes) -> None:
    """Refuse what is no text of lines: a line of megabytes would be one word of that length."""
    if len(content) > _LONGEST_LINE and max(map(len, content.splitlines())) > _LONGEST_LINE:
        raise InvalidInputError(
            field,
            f"has {shown_path(Path(path))}, with a line of over a million bytes",
            "Give text files with an object in each line.",
        )


def _unpacked(raw: bytes) -> bytes:
    """Unpack gzip, but not what was made to fill the memory."""
    most = _MOST_UNPACKED + _MOST_PER_BYTE * len(raw)
    unpacked = gzip.GzipFile(fileobj=BytesIO(raw)).read(most + 1)
    if len(unpacked) > most:
        raise OSError(f"{len(raw):,} bytes unpack to more than {most:,}")
    return unpacked


def read_rows(field: str, paths: Mapping[str, str]) -> TextRows:
    """Read the lines of many text files; of one that cannot be read, a line that is none.

    Parameters
    ----------
    field : str
        "labels" or "predictions".
    paths : mapping of str to str
        Path by name.

    Returns
    -------
    TextRows

    Raises
    ------
    InvalidInputError
        If more than half of them cannot be read.
    """
    contents: list[tuple[str, bytes]] = []
    broken: dict[int, InvalidInputError] = {}
    for name, path in paths.items():
        try:
            content = read_small(field, path)
            _check_lines(field, path, content)
        except InvalidInputError as error:
            broken[len(contents)] = error
            content = _UNREADABLE
        contents.append((name, content))
    if 2 * len(broken) > len(contents):
        raise next(iter(broken.values()))
    return replace(split_rows(contents), broken=broken)


def read_small(field: str, path: str) -> bytes:
    """Read one of many files, see :attr:`Given.raw`, in a third of its time.

    Parameters
    ----------
    field : str
        "labels" or "predictions".
    path : str

    Returns
    -------
    bytes
        Text as UTF-8.

    Raises
    ------
    InvalidInputError
        If it cannot be read.
    """
    try:
        if S_ISREG(os.stat(path).st_mode):  # noqa: PTH116  # opening a pipe waits for its writer
            with open(path, "rb") as file:  # noqa: PTH123  # hot
                raw = file.read()
            if raw[:1] not in _FIRST_OF_MARKS:
                return raw
    except (OSError, ValueError):
        pass
    return Given(field, path).raw  # decoded, or refused in words


def _absent(path: Path) -> tuple[str, str]:
    """Say what of a path is not there, and what is there instead."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100  # links stay as they are
    part = next((one for one in (whole, *whole.parents) if one.parent.is_dir()), whole)
    try:
        listed = [entry.name for entry in islice(os.scandir(part.parent), _LISTED)]
    except OSError:
        listed = []
    near = get_close_matches(part.name, listed, n=1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    return (
        f"is {shown_path(path)}, which does not exist",
        f"The folder {shown_path(part.parent)} has no {shown(part.name)}.{meant}",
    )


def shown_path(path: Path) -> str:
    """Write a path for an error, cut where it is very long."""
    text = repr(str(path))
    return text if len(text) <= _LONGEST_PATH else f"{text[:_LONGEST_PATH]}..."


def other_kind(raw: bytes) -> tuple[str, str] | None:
    """Tell what a file is that holds no annotations at all.

    Parameters
    ----------
    raw : bytes
        The file.

    Returns
    -------
    (str, str) or None
        What it is, and the remedy; None if nothing is known of it.

    Examples
    --------
    >>> other_kind(b"  ")
    ('is an empty file', 'Was it written completely?')
    """
    if not raw.strip():
        return "is an empty file", "Was it written completely?"
    start = raw[:1_000].lstrip().lower()
    return next((said for mark, said in _OTHER_KINDS.items() if start.startswith(mark)), None)


def describe(given: Given) -> str:
    """Name what was given, for an error.

    Parameters
    ----------
    given : Given

    Returns
    -------
    str
        Such as "is of type int" or "is 'a.json'".
    """
    if given.path is not None:
        return f"is {shown_path(given.path)}"
    return f"is of type {type(given.source).__name__} ({shown(given.source)})"
