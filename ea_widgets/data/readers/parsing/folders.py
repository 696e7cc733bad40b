"""Files of folders: the text files of a format, names of classes, and images beside them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ea_widgets.data.checks.joining.join_images import plain_name
from ea_widgets.data.images.sources import IMAGE_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_IMAGE_FOLDERS = ("images", "JPEGImages", "image_2", "imgs", "img")
_UPWARD = 4
"""How many folders above the labels are looked through for images."""

_NO_ANNOTATIONS = frozenset({"classes.txt", "names.txt", "labels.txt", "readme.txt"})
_LISTS = frozenset({"train.txt", "val.txt", "valid.txt", "test.txt", "trainval.txt"})


def list_files(folder: Path, suffixes: frozenset[str]) -> list[str]:
    """List files below a folder, by their endings.

    Parameters
    ----------
    folder : Path
    suffixes : frozenset of str
        Endings in lower case, with their dot.

    Returns
    -------
    list of str
        Paths seen from the folder, with "/", sorted; hidden ones are left out, such as those that
        macOS and notebooks put beside others. Empty where there is no such folder.
    """
    found = []
    for where, inner, names in os.walk(folder):
        inner[:] = [name for name in inner if not name.startswith(".")]
        inside = os.path.relpath(where, folder).replace(os.sep, "/")
        found += [
            name if inside == "." else f"{inside}/{name}"
            for name in names
            if name[0] != "." and os.path.splitext(name)[1].lower() in suffixes  # noqa: PTH122  # hot
        ]
    return sorted(found)


def list_text_files(folder: Path) -> list[str]:
    """List the text files of a folder that can hold objects: no lists, no names of classes."""
    return [
        name
        for name in list_files(folder, frozenset({".txt"}))
        if name.rpartition("/")[2].lower() not in _NO_ANNOTATIONS | _LISTS
    ]


def list_images(folder: Path) -> list[str]:
    """List the image files of a folder, see :func:`list_files`."""
    return list_files(folder, IMAGE_SUFFIXES)


def stem(name: str) -> str:
    """Give the last part of a path without its ending."""
    base = name.replace("\\", "/").rpartition("/")[2]
    return base.rpartition(".")[0] or base


def without_ending(name: str) -> str:
    """Give a path without the ending of its file."""
    folder, slash, base = name.rpartition("/")
    return f"{folder}{slash}{stem(base)}"


def last_part(key: str) -> str:
    """Give the last part of a path that has no ending: digits behind a dot are part of it."""
    return key.rpartition("/")[2]


def plain_stem(key: str) -> str:
    """Give the last part of a path without ending, without the digits of Roboflow's exports."""
    base = last_part(key)
    plain = plain_name(base)
    return base if plain == base else stem(plain)


def find_images(folder: Path, stems: Sequence[str]) -> tuple[Path, list[str]] | None:
    """Find the images that belong to annotation files.

    Looked for in the folder whose name has "images" for "labels", in the folder itself, and in
    folders of usual names beside it and above.

    Parameters
    ----------
    folder : Path
        Folder of the annotations.
    stems : sequence of str
        Names of images without their ending.

    Returns
    -------
    (Path, list of str) or None
        The folder and all image files in it; None if no folder has one of these images.
    """
    wanted = set(map(last_part, stems))
    bare = set(map(plain_stem, wanted))
    exports: tuple[Path, list[str]] | None = None
    for candidate in _candidates(folder):
        if candidate.is_dir():
            names = list_images(candidate)
            if any(stem(name) in wanted for name in names):
                return candidate, names
            if exports is None and any(plain_stem(without_ending(name)) in bare for name in names):
                exports = candidate, names
    return exports


def _candidates(folder: Path) -> Iterator[Path]:
    whole = Path(os.path.abspath(folder))  # noqa: PTH100  # links stay as they are
    parts = list(whole.parts)
    for at in range(len(parts) - 1, 0, -1):
        if parts[at] in {"labels", "Annotations", "label_2"}:
            other = {"labels": "images", "Annotations": "JPEGImages", "label_2": "image_2"}
            yield Path(*parts[:at], other[parts[at]], *parts[at + 1 :])
            break
    yield from (whole / name for name in _IMAGE_FOLDERS)
    for above in list(whole.parents)[:_UPWARD]:
        yield from (above / name for name in _IMAGE_FOLDERS)
    yield whole


def find_names(folder: Path, upward: int = 2) -> list[str] | None:
    """Read names of classes from a file beside predictions or labels.

    Parameters
    ----------
    folder : Path
    upward : int, default 2
        How many folders above are looked through too.

    Returns
    -------
    list of str or None
        One name per line of ``classes.txt``, ``names.txt``, ``obj.names``, or the one file that
        ends in ``.names``; None if there is none.
    """
    whole = Path(os.path.abspath(folder))  # noqa: PTH100  # as above
    for where in (whole, *list(whole.parents)[:upward]):
        try:
            listed = sorted(entry.name for entry in os.scandir(where) if entry.is_file())
        except OSError:
            continue
        usual = [name for name in ("classes.txt", "names.txt", "obj.names") if name in listed]
        other = [name for name in listed if name.endswith(".names")]
        chosen = usual or (other if len(other) == 1 else [])
        if chosen:
            return read_names(where / chosen[0])
    return None


def read_names(path: Path) -> list[str] | None:
    """Read names, one per line; None if the file cannot be read or has none."""
    try:
        text = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return None
    return [line.strip() for line in text.splitlines() if line.strip()] or None
