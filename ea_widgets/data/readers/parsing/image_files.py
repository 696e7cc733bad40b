"""Images of formats that name them by their files only: ids, and the file of each."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.data.readers.parsing.folders import (
    last_part,
    list_images,
    plain_stem,
    stem,
    without_ending,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.readers.opening import Given
    from ea_widgets.data.readers.parsing.text_rows import TextRows
    from ea_widgets.errors import InvalidInputError


def image_frame(
    given: Given, keys: Collection[str], images: Mapping[str, str], notes: list[str]
) -> pd.DataFrame:
    """List images: those with a file of labels, and those that are there without one.

    Parameters
    ----------
    given : Given
        Its `images` outweigh what was found beside the labels.
    keys : collection of str
        Names of label files without their ending.
    images : mapping of str to str
        File name of each image, by name without ending.
    notes : list of str
        Sentences are added.

    Returns
    -------
    DataFrame
        ``key``, and ``image_id``: its last part, where that tells all apart; ``file_name`` where
        a file was found.
    """
    if isinstance(given.images, str | os.PathLike):
        folder = Path(os.path.expanduser(given.images))  # noqa: PTH111  # Path's raises
        wanted = dict.fromkeys([*images, *keys])
        found = choose_images(list_images(folder), wanted, notes)
        images = {key: images.get(key, "") for key in wanted} | found
    every = list(dict.fromkeys([*images, *keys]))
    stems = list(map(last_part, every))
    frame = pd.DataFrame(
        {
            "key": pd.Series(every, dtype=object),
            "image_id": pd.Series(stems if len(set(stems)) == len(stems) else every, dtype=object),
        }
    )
    names = [images.get(key) or None for key in every]
    if any(names):
        frame["file_name"] = pd.Series(names, dtype=object)
    return frame


def image_ids(
    files: NDArray[np.intp], names: Sequence[str], images: pd.DataFrame
) -> pd.Categorical:
    """Give the image id of each row of label files.

    Parameters
    ----------
    files : ndarray of intp, shape (n,)
        File of each row.
    names : sequence of str
        Name of each file without its ending.
    images : DataFrame
        As :func:`image_frame` gives it; its column ``key`` is removed.

    Returns
    -------
    Categorical of length n
    """
    ids = images["image_id"].tolist()
    position = {key: row for row, key in enumerate(images.pop("key").tolist())}
    at = np.array([*(position[name] for name in names), 0], dtype=np.intp)
    return pd.Categorical.from_codes(at[files], pd.Index(ids, dtype=object))


def _join_exports(files: dict[str, str], keys: Collection[str]) -> None:
    """Join what is left: Roboflow's export of `a.jpg` is `a_jpg.rf.<digits>.jpg`."""
    lacking = [key for key in keys if key not in files]
    spare = [key for key in files if key not in keys]
    if not lacking or not spare:
        return
    bare = {key: plain_stem(key) for key in [*lacking, *spare]}
    named, found = (Counter(bare[key] for key in some) for some in (lacking, spare))
    spare_of = {bare[key]: key for key in spare}
    for key in lacking:
        if named[bare[key]] == found[bare[key]] == 1:
            files[key] = files.pop(spare_of[bare[key]])


def rows_of_images(rows: TextRows, images: pd.DataFrame) -> dict[int, InvalidInputError]:
    """Give why files of labels could not be read, by row of their image; see :func:`image_ids`."""
    position = {key: row for row, key in enumerate(images["key"].tolist())}
    return {position[rows.stems[file]]: error for file, error in rows.broken.items()}


def choose_images(images: Sequence[str], keys: Collection[str], notes: list[str]) -> dict[str, str]:
    """Choose the images that belong to label files.

    Parameters
    ----------
    images : sequence of str
        Files of a folder.
    keys : collection of str
        Names of label files without their ending.
    notes : list of str
        A sentence is added if images without labels were left out.

    Returns
    -------
    dict of str to str
        File by name without ending, as the label file has it. Images without a label file are
        images without labels; but where they are most, they are of another split, and left out.
    """
    by_stem = {last_part(key): key for key in keys}
    same = len(by_stem) == len(keys)
    every: dict[str, str] = {}
    for image in images:
        key = without_ending(image)
        if key not in keys and same:
            key = by_stem.get(stem(image), key)
        every.setdefault(key, image)
    _join_exports(every, keys)
    chosen = {key: image for key, image in every.items() if key in keys}
    others = len(every) - len(chosen)
    if 2 * others <= len(every) or not chosen:
        return every if chosen else chosen
    notes.append(
        f"{others:,} images beside the {len(chosen):,} with a label file have none; they "
        "were taken for images of another split, and left out."
    )
    return chosen
