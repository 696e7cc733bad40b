"""Where the label files and images of a YOLO data set are, also after its folders were moved."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ea_widgets.data.images.sources import IMAGE_SUFFIXES
from ea_widgets.data.readers.opening import Given, shown_path
from ea_widgets.data.readers.parsing.folders import (
    find_images,
    find_names,
    list_images,
    list_text_files,
    read_names,
    stem,
    without_ending,
)
from ea_widgets.data.readers.parsing.image_files import choose_images
from ea_widgets.data.readers.yolo.config import class_names, keypoint_numbers, parse_config
from ea_widgets.errors import InvalidInputError, shown, unknown_option

if TYPE_CHECKING:
    from collections.abc import Iterator

_UPWARD = 3
"""How many folders above a configuration file its paths are looked for in."""

_OTHER_NAMES = {"val": ("valid", "validation"), "valid": ("val",), "train": (), "test": ()}
"""Other names of splits."""

_REMEDY = (
    "Give a data.yaml with its folders beside it, or the folder of the label files; "
    "`split` says which images of a data.yaml."
)


@dataclass
class Layout:
    """A YOLO data set on disk.

    Parameters
    ----------
    label_files : dict of str to Path
        Path of each label file, by the name of its image: the path without ending.
    classes : list of (id, name) or None
    images : dict of str to str
        File name of each image, likewise; some may have no label file.
    pixels : Path or None
        The folder they are in, if it is there.
    keypoints : int
        Numbers of keypoints behind each box.
    notes : list of str
    """

    label_files: dict[str, Path] = field(default_factory=dict)
    classes: list[tuple[Any, str]] | None = None
    images: dict[str, str] = field(default_factory=dict)
    pixels: Path | None = None
    keypoints: int = 0
    notes: list[str] = field(default_factory=list)


def find_config(given: Given) -> Path | None:
    """Find the configuration of what was given: the file itself, or the one file in a folder."""
    path = given.path
    if path is None:
        return None
    if not given.is_folder:
        return path if path.suffix.lower() in {".yaml", ".yml", ".data"} else None
    try:
        names = sorted(entry.name for entry in os.scandir(path) if entry.is_file())
    except OSError:
        return None
    for suffixes in ((".yaml", ".yml"), (".data",)):
        found = [path / name for name in names if name.lower().endswith(suffixes)]
        found = [one for one in found if set(_config(given.field, one)) & {"names", "nc"}]
        if len(found) == 1:
            return found[0]
    return None


def find_layout(given: Given) -> Layout:
    """Find label files, images and names of classes.

    Parameters
    ----------
    given : Given
        A ``data.yaml``, darknet's ``obj.data``, or a folder of label files.

    Returns
    -------
    Layout

    Raises
    ------
    InvalidInputError
        If the split is unknown or has no label files.
    """
    config = find_config(given)
    folder = given.path
    if folder is None or (not given.is_folder and config is None):
        _ = given.raw  # says if there is no such file
        raise InvalidInputError(given.field, "is neither a data.yaml nor a folder", _REMEDY)
    own = list_text_files(folder) if given.is_folder else []
    if config is not None and not any("/" not in name for name in own):
        return _of_config(given, config)
    layout = of_folder(folder / "labels" if (folder / "labels").is_dir() else folder)
    if config is not None:
        layout.classes = class_names(_config(given.field, config))
    if not layout.label_files:
        raise InvalidInputError(
            given.field, f"is a folder without label files ({shown_path(folder)})", _REMEDY
        )
    return layout


def of_folder(folder: Path) -> Layout:
    """Find what belongs to a folder of label files.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    Layout
        Without label files if there are none.
    """
    layout = Layout({without_ending(name): folder / name for name in list_text_files(folder)})
    names = find_names(folder)
    layout.classes = _classes_above(folder) if names is None else list(enumerate(names))
    found = find_images(folder, list(layout.label_files))
    if found is not None:
        layout.pixels, images = found
        layout.images = choose_images(images, layout.label_files, layout.notes)
    return layout


def _classes_above(folder: Path) -> list[tuple[Any, str]] | None:
    whole = Path(os.path.abspath(folder))  # noqa: PTH100  # links stay as they are
    for where in list(whole.parents)[:2]:
        config = find_config(Given("labels", where))
        names = None if config is None else class_names(_config("labels", config))
        if names is not None:
            return names
    return None


def _config(field_name: str, path: Path) -> dict[str, Any]:
    return parse_config(Given(field_name, path).raw.decode("utf-8", "replace"))


def _of_config(given: Given, path: Path) -> Layout:
    config = _config(given.field, path)
    layout = Layout(classes=class_names(config), keypoints=keypoint_numbers(config))
    if isinstance(config.get("names"), str):
        names_file = next(_moved(path.parent, config["names"], file=True), None)
        names = None if names_file is None else read_names(names_file)
        layout.classes = layout.classes if names is None else list(enumerate(names))
    split, entries = _entries(given, config, layout.notes)
    base = config.get("path")
    folder = path.parent
    for entry in entries:
        whole = entry if not isinstance(base, str) else os.path.join(base, entry)  # noqa: PTH118
        found = next(_moved(folder, whole), None) or next(_moved(folder, entry), None)
        if found is None:
            found = next(_moved(folder, _labels_for(whole)), None)
        if found is None:
            raise InvalidInputError(
                given.field,
                f"says that the split {split!r} is in {shown(entry)}, which is neither there nor "
                f"beside the file, in {shown_path(folder)}",
                _REMEDY,
            )
        if found.is_dir():
            _add_folder(layout, found)
            if _is_elsewhere(folder, whole, found):
                where = os.path.relpath(found, folder).replace(os.sep, "/")
                layout.notes.append(
                    f"The split {split!r} is not in {shown(entry)}, as {path.name} says; "
                    f"{where!r} beside that file was read."
                )
        else:
            _add_list(layout, found)
    if not layout.label_files:
        raise InvalidInputError(given.field, f"has no label files for the split {split!r}", _REMEDY)
    return layout


def _is_elsewhere(folder: Path, entry: str, found: Path) -> bool:
    return os.path.normpath(folder / entry) != os.path.normpath(found)


def _entries(given: Given, config: dict[str, Any], notes: list[str]) -> tuple[str, list[str]]:
    """Give the split that is wanted, and where the configuration says that it is."""
    known = [name for name in ("train", "val", "valid", "validation", "test") if config.get(name)]
    wanted = (given.options or {}).get("split", "val")
    names = [wanted, *_OTHER_NAMES.get(wanted, ())] if isinstance(wanted, str) else [str(wanted)]
    if wanted == "val" and len(known) == 1 and known[0] not in names:
        names = known
        notes.append(f"There is no split 'val'; {known[0]!r}, the only one, was read.")
    for name in names:
        entry = config.get(name)
        if isinstance(entry, str) and entry:
            return name, [entry]
        if isinstance(entry, list) and entry:
            return name, entry
    if not known:
        raise InvalidInputError(given.field, "names no images of any split", _REMEDY)
    raise unknown_option("split", names[0], known)


def _moved(folder: Path, entry: str, *, file: bool = False) -> Iterator[Path]:
    """Yield where a path can be now: as it is, or its last parts beside the file that names it."""
    entry = os.path.expanduser(entry.replace("\\", "/"))  # noqa: PTH111  # Path's raises
    above = [folder, *list(Path(os.path.abspath(folder)).parents)[:_UPWARD]]  # noqa: PTH100
    parts = [part for part in entry.split("/") if part not in {"", ".", ".."}]
    candidates = [folder / entry]
    candidates += [base.joinpath(*parts[start:]) for start in range(len(parts)) for base in above]
    for candidate in candidates:
        try:
            if candidate.is_file() or (not file and candidate.is_dir()):
                yield candidate
        except (OSError, ValueError):
            continue


def _labels_for(images: str) -> str:
    """Give the path of labels for one of images: the last "images" becomes "labels"."""
    parts = images.replace("\\", "/").split("/")
    for at in range(len(parts) - 1, -1, -1):
        if parts[at] == "images":
            return "/".join([*parts[:at], "labels", *parts[at + 1 :]])
    return images


def _add_folder(layout: Layout, folder: Path) -> None:
    """Add the images of a folder and their labels; or the labels, where it holds these."""
    images = list_images(folder)
    beside = [Path(_labels_for(folder.as_posix())), folder.parent / "labels", folder]
    labels = next(one for one in beside if one.is_dir())
    if not images:
        other = of_folder(labels)
        layout.label_files |= other.label_files
        layout.images |= other.images
        layout.pixels = other.pixels
        return
    prefix = ""
    if layout.pixels is not None:  # further images are named from the folder that holds them all
        common = Path(os.path.commonpath([_absolute(layout.pixels), _absolute(folder)]))
        before = _inside(layout.pixels, common)
        layout.images = {before + key: before + name for key, name in layout.images.items()}
        layout.label_files = {before + key: at for key, at in layout.label_files.items()}
        prefix, layout.pixels = _inside(folder, common), common
    else:
        layout.pixels = folder
    texts = {without_ending(name): name for name in list_text_files(labels)}
    for image in images:
        key = without_ending(image)
        layout.images[prefix + key] = prefix + image
        if key in texts:
            layout.label_files[prefix + key] = labels / texts[key]


def _add_list(layout: Layout, path: Path) -> None:
    """Add the images that a text file lists, one path a line."""
    lines = [line.replace("\\", "/") for line in read_names(path) or []]
    listed = [line for line in lines if Path(line).suffix.lower() in IMAGE_SUFFIXES]
    repeated = len({stem(line) for line in listed}) < len(set(listed))
    where: dict[str, tuple[list[Path], Path | None]] = {}
    for line in listed:
        parent, _, base = line.rpartition("/")
        if parent not in where:
            here = list(_moved(path.parent, parent)) if parent else [path.parent]
            where[parent] = (
                [*_moved(path.parent, _labels_for(parent)), *here],
                next((one for one in here if (one / base).is_file()), None),
            )
        folders, _ = where[parent]
        key = without_ending(line) if repeated else stem(base)
        layout.images[key] = line if repeated else base
        name = f"{stem(base)}.txt"
        found = next((one / name for one in folders if (one / name).is_file()), None)
        if found is not None:
            layout.label_files[key] = found
    images = [_absolute(one) for _, one in where.values() if one is not None]
    if images:
        layout.pixels = Path(os.path.commonpath(images))
    elif layout.label_files:
        folder = next(iter(layout.label_files.values())).parent
        beside = find_images(folder, list(layout.images))
        layout.pixels = None if beside is None else beside[0]


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100  # links stay as they are


def _inside(folder: Path, common: Path) -> str:
    """Give the way from one folder to another below it, to be put before names."""
    inside = os.path.relpath(folder, common).replace(os.sep, "/")
    return "" if inside == "." else f"{inside}/"
