"""Finds the one image file that a name of another machine, or of another spelling, can mean."""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ea_widgets.data.checks.joining.join_images import plain_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST_FILES = 2_000_000
"""Files that are listed at most; a folder of more is no folder of images."""


class FileFinder:
    """Files of a folder and the folders below it, listed once when a name is not found as it is.

    A file is found by the longest end of its path that fits: Windows' separators and URLs are
    understood, and, where nothing fits exactly, another case or Unicode form. Where two files fit
    equally well, none is found. Links out of the folder are never followed.

    Parameters
    ----------
    root : str
        The folder, with links resolved.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._exact: dict[str, list[str]] = {}
        self._folded: dict[str, list[str]] = {}
        for inside in self._files():
            base = inside.rpartition("/")[2]
            self._exact.setdefault(base, []).append(inside)
            self._folded.setdefault(_fold(base), []).append(inside)

    def find(self, file_name: str) -> str | None:
        """Give the path of the one file that a name can mean.

        Parameters
        ----------
        file_name : str
            A path or URL.

        Returns
        -------
        str or None
            None if there is none, or more than one.
        """
        for name in _spellings(file_name):
            base = name.rpartition("/")[2]
            forms: tuple[tuple[dict[str, list[str]], Callable[[str], str]], ...] = (
                (self._exact, str),
                (self._folded, _fold),
            )
            for index, form in forms:
                found = _longest_end(index.get(form(base), []), form(name), form)
                if found is not None:
                    path = os.path.realpath(os.path.join(self._root, found))  # noqa: PTH118
                    inside = os.path.commonpath([path, self._root]) == self._root
                    return path if inside else None
        return None

    def _files(self) -> Iterator[str]:
        number = 0
        for folder, _, names in os.walk(self._root):
            inside = os.path.relpath(folder, self._root).replace(os.sep, "/")
            for name in names:
                number += 1
                if number > _MOST_FILES:
                    return
                yield name if inside == "." else f"{inside}/{name}"


def _spellings(file_name: str) -> Iterator[str]:
    plain = file_name.replace("\\", "/")
    yield plain
    address = plain.partition("?")[0].partition("#")[0] if "://" in plain else plain
    if (decoded := unquote(address)) != plain:
        yield decoded
    if (uploaded := plain_name(decoded)) != decoded:
        yield uploaded


def _fold(name: str) -> str:
    """Give the form in which names that differ in case or Unicode form only are equal."""
    known = name if name.isascii() else _without_surrogates(name)
    return unicodedata.normalize("NFC", known).casefold()


def _without_surrogates(name: str) -> str:
    return name.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _longest_end(candidates: list[str], name: str, form: Callable[[str], str]) -> str | None:
    """Choose the candidate that shares most of its last parts with the name; None if two do."""
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    wanted = name.split("/")[::-1]

    def shared(candidate: str) -> int:
        parts = form(candidate).split("/")[::-1]
        pairs = zip(parts, wanted, strict=False)
        return next((n for n, (one, other) in enumerate(pairs) if one != other), len(parts))

    scores = [shared(candidate) for candidate in candidates]
    best = max(scores)
    return candidates[scores.index(best)] if scores.count(best) == 1 else None
