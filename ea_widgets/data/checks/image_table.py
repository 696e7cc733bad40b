"""The images of a data set: ids, sizes and file names, checked."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.columns import ids_of, text_of, whole_if_possible
from ea_widgets.data.checks.federated import check_class_lists
from ea_widgets.data.checks.refuse import Source, refuse
from ea_widgets.data.checks.values import clean_text, id_codes, is_missing, numbers_of
from ea_widgets.errors import shown, unknown_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.data.checks.problems import Problems
    from ea_widgets.data.checks.raw_frames import RawFrames

    SizeOf = Callable[[Any, str | None], tuple[int, int] | None]

LARGEST_SIDE = 1e7
"""Pixels: no image is longer; such a size is an overflow of some tool."""

_SIZES_REMEDY = "Give the size of each image in pixels."


@dataclass(frozen=True)
class ImageTable:
    """Checked images.

    Parameters
    ----------
    source : Source
        How errors name them.
    frame : DataFrame
        ``image_id``, ``width``, ``height``, and ``file_name`` where there are any.
    ids : list of int or str
        Ids as :func:`ea_widgets.data.checks.values.as_id` gives them.
    file_names : list of str or None
    width, height : ndarray of float64, shape (n,)
        In pixels; NaN where nobody says.
    further : DataFrame
        All other columns.
    """

    source: Source
    frame: pd.DataFrame
    ids: list[Any]
    file_names: list[str | None]
    width: NDArray[np.float64]
    height: NDArray[np.float64]
    further: pd.DataFrame

    @property
    def called(self) -> str:
        """What the list of images is called in errors."""
        return f"`{self.source.path or self.source.name}`"

    def examples(self) -> str:
        """Say how many ids are known, and the first of them."""
        some = ", ".join(map(shown, self.ids[:3]))
        such = f", such as {some}" if some else ""
        name = next((name for name in self.file_names if name), None)
        files = f" (nor do they match file names, such as {name!r})" if name else ""
        return f"Known are {len(self.ids):,} ids{such}{files}. "


def read_images(
    raw: RawFrames,
    problems: Problems,
    notes: list[str],
    size_of: SizeOf | None,
    cluster: str | None = None,
) -> ImageTable:
    """Check the images that a reader found.

    Parameters
    ----------
    raw : RawFrames
        Of the labels.
    problems : Problems
        Told of what is left out or mended.
    notes : list of str
        Sentences are added.
    size_of : callable (image id, file name) -> (width, height) or None, optional
        Asked for sizes that are not stated.
    cluster : str, optional
        The column that says which images belong together.

    Returns
    -------
    ImageTable

    Raises
    ------
    InvalidInputError
        If two images that differ have one id, or there is no such column of clusters, or an image
        without one.
    """
    source = raw.source("images")
    frame = raw.images
    if frame is None:
        assert raw.labels is not None  # noqa: S101  # a reader of labels gives them
        frame = pd.DataFrame({"image_id": raw.labels["image_id"].drop_duplicates()})
    frame = frame.reset_index(drop=True)
    codes = id_codes(frame["image_id"])
    keep = np.ones(len(frame), dtype=bool)
    for bad, what in (
        (codes.missing, "is missing"),
        (codes.odd, "is neither a whole number nor text"),
    ):
        problems.leave_out(
            source,
            "image_id",
            bad,
            frame["image_id"].tolist() if bad.any() else [],
            keep,
            what=what,
            remedy="Give every image an id: a whole number or text.",
        )
    for fault in raw.faults:
        if fault.frame == source.name:
            bad, values = fault.on_rows(len(frame))
            what, remedy = fault.what, fault.remedy
            problems.leave_out(source, fault.column, bad, values, keep, what=what, remedy=remedy)
    _drop_repeated(source, frame, codes.rows, keep, problems)
    problems.check_share(source, keep)
    if not keep.all():
        frame = frame[keep].reset_index(drop=True)
    names = _file_names(source, frame, problems)
    columns: dict[str, Any] = {"image_id": ids_of(frame["image_id"], notes, "image")}
    width, height = _sizes(source, frame, names, problems, notes, size_of)
    columns["width"], columns["height"] = map(whole_if_possible, (width, height))
    if any(name is not None for name in names):
        columns["file_name"] = text_of(names)
    if cluster is not None and cluster not in columns:
        columns[cluster] = _clusters(source, frame, cluster, notes)
    taken = [*columns, "file_name"]
    return ImageTable(
        source,
        pd.DataFrame(columns),
        [codes.used[row] for row in codes.rows[keep].tolist()],
        names,
        width,
        height,
        check_class_lists(
            source, frame.drop(columns=[name for name in taken if name in frame]), problems
        ),
    )


def _clusters(source: Source, frame: pd.DataFrame, name: str, notes: list[str]) -> pd.Series:
    if name not in frame:
        raise unknown_option("cluster", name, [str(column) for column in frame])
    codes = id_codes(frame[name])
    for bad, what in ((codes.missing, "is missing"), (codes.odd, "is neither number nor text")):
        refuse(
            source,
            name,
            np.flatnonzero(bad),
            frame[name].tolist(),
            what=what,
            remedy="Say for every image which it belongs to.",
        )
    return ids_of(frame[name], notes, name)


def _drop_repeated(
    source: Source,
    frame: pd.DataFrame,
    rows: NDArray[np.intp],
    keep: NDArray[np.bool_],
    problems: Problems,
) -> None:
    """Leave out images that are listed twice alike; refuse two images with one id."""
    repeated = pd.Series(rows).duplicated().to_numpy() & keep
    if not repeated.any():
        return
    first = np.unique(rows, return_index=True)
    first_of = dict(zip(first[0].tolist(), first[1].tolist(), strict=True))
    compared = [name for name in ("file_name", "width", "height") if name in frame]
    cells = {name: frame[name].tolist() for name in compared}
    differ = [
        row
        for row in np.flatnonzero(repeated).tolist()
        if any(
            not _same(values[row], values[first_of[int(rows[row])]]) for values in cells.values()
        )
    ]
    what, remedy = "repeats an earlier id", "Ids must be unique; were two files joined?"
    ids = frame["image_id"].tolist()
    refuse(source, "image_id", differ, ids, what=what, remedy=remedy)
    problems.leave_out(source, "image_id", repeated, ids, keep, what=what, remedy=remedy)


def _same(one: Any, other: Any) -> bool:
    return (is_missing(one) and is_missing(other)) or bool(one == other)


def _file_names(source: Source, frame: pd.DataFrame, problems: Problems) -> list[str | None]:
    if "file_name" not in frame:
        return [None] * len(frame)
    names: list[str | None] = []
    odd = []
    given = frame["file_name"].tolist()
    for row, name in enumerate(given):
        if isinstance(name, str | os.PathLike):
            names.append(clean_text(os.fspath(name)) or None)
            continue
        names.append(None)
        if not is_missing(name):
            odd.append(row)
    problems.mend(
        source,
        "file_name",
        odd,
        given,
        what="is not text",
        remedy="Give file names as text, or leave them out.",
        done="left without a file name",
    )
    return names


def _stated_sizes(source: Source, frame: pd.DataFrame) -> list[NDArray[np.float64]]:
    """Read width and height as they are stated; NaN where they are not."""
    sides = []
    for name in ("width", "height"):
        side, odd = np.full(len(frame), np.nan), np.zeros(0, dtype=bool)
        if name in frame:
            side, odd = numbers_of(frame[name])
        refuse(
            source,
            name,
            np.flatnonzero(odd),
            frame[name].tolist() if odd.any() else [],
            what="is not a number",
            remedy=_SIZES_REMEDY,
        )
        sides.append(side.copy())
    return sides


def _sizes(
    source: Source,
    frame: pd.DataFrame,
    names: list[str | None],
    problems: Problems,
    notes: list[str],
    size_of: SizeOf | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read sizes; those that are not stated come from the image files."""
    width, height = _stated_sizes(source, frame)
    good = (width > 0) & (width <= LARGEST_SIDE) & (height > 0) & (height <= LARGEST_SIDE)
    bad = np.flatnonzero(~good).tolist()
    if not bad:
        return width, height
    ids = frame["image_id"].tolist()
    sizes = {row: None if size_of is None else size_of(ids[row], names[row]) for row in bad}
    unknown = [row for row, size in sizes.items() if size is None]
    absent = np.isnan(width) & np.isnan(height)
    silent = [] if problems.strict else [row for row in unknown if absent[row]]
    _note_sizes(len(bad) - len(unknown), len(silent), notes)
    for name, side in (("width", width), ("height", height)):
        odd = [
            row for row in sorted(set(unknown) - set(silent)) if not 0 < side[row] <= LARGEST_SIDE
        ]
        given = frame[name].tolist() if name in frame else [None] * len(frame)
        missing = all(is_missing(given[row]) for row in odd)
        problems.mend(
            source,
            name,
            odd,
            given,
            what="is missing" if missing else "is not a finite number above 0",
            remedy=_SIZES_REMEDY,
            done="left without a size",
        )
    for row, size in sizes.items():
        width[row], height[row] = (np.nan, np.nan) if size is None else size
    return width, height


def _note_sizes(taken: int, missing: int, notes: list[str]) -> None:
    if taken:
        notes.append(
            f"The size of {taken:,} image{'' if taken == 1 else 's'} is not stated; it was taken "
            "from the image file."
        )
    if missing:
        notes.append(
            f"The size of {missing:,} image{'' if missing == 1 else 's'} is not known; metrics "
            "that need it are missing. Give `images=` a folder: sizes are then taken from the "
            "files."
        )
