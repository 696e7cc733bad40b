"""Categories: their names on screen, and which of them a prediction means."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.data.checks.refuse import Source, refuse
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.readers.coco.entry_columns import Codes
    from ea_widgets.data.readers.coco.schema import Category

CLEAR_AGREEMENT = 0.5
CLEAR_DISAGREEMENT = 0.1
"""Shares of overlapping pairs with one class that decide whether ids are shifted by one."""

_SHIFTED = (
    "Category ids of the predictions are one higher than those of the labels, as Ultralytics "
    "writes them; 1 was subtracted"
)
_NAMED = "Labels and predictions number categories differently; they were joined by name"


def name_classes(
    categories: Sequence[Category], used: NDArray[np.bool_]
) -> tuple[list[str | None], list[str]]:
    """Give every category a name of its own.

    Parameters
    ----------
    categories : sequence of Category
        In the order of the file.
    used : ndarray of bool, shape (n_categories,)
        Whether a label or a prediction bears it.

    Returns
    -------
    names : list of str or None
        The name of each category: its own, or with the id behind it where a used category before
        it bears the same; None where a category has neither labels nor predictions and another
        one of its name stays.
    notes : list of str
        What was renamed or left out.
    """
    taken = {category.name for category in categories}
    keeper: dict[str, int] = {}
    for row, category in enumerate(categories):
        kept = keeper.setdefault(category.name, row)
        if used[row] and not used[kept]:
            keeper[category.name] = row
    names: list[str | None] = []
    renamed: list[str] = []
    dropped: Counter[str] = Counter()
    for row, category in enumerate(categories):
        if keeper[category.name] == row:
            names.append(category.name)
        elif used[row]:
            name = f"{category.name} (id {category.id})"
            while name in taken:
                name = f"{name} (id {category.id})"
            taken.add(name)
            names.append(name)
            renamed.append(name)
        else:
            names.append(None)
            dropped[category.name] += 1
    notes = []
    if renamed:
        shown = ", ".join(repr(name) for name in renamed)
        notes.append(f"Several categories share a name; some are shown with their id: {shown}.")
    for name, count in dropped.items():
        one = "1 category" if count == 1 else f"{count:,} categories"
        verb = "has" if count == 1 else "have"
        notes.append(
            f"{one} named {name!r} beside another of that name {verb} neither labels nor "
            "predictions; left out."
        )
    return names, notes


def match_categories(
    source: Source,
    codes: Codes,
    categories: Sequence[Category],
    agreement: Callable[[int], float],
    *,
    own: Sequence[Category] | None = None,
    like_ultralytics: bool = False,
) -> tuple[NDArray[np.intp], str | None]:
    """Find the category of the label file that each category id of the predictions means.

    Parameters
    ----------
    source : Source
        The predictions.
    codes : Codes
        Their category ids.
    categories : sequence of Category
        Those of the label file.
    agreement : callable (shift) -> float
        Share of the well overlapping predictions and labels that have one class when `shift` is
        subtracted from the predictions' ids. Called only where ids leave doubt.
    own : sequence of Category, optional
        Categories that the prediction file itself numbers. Their names outweigh the ids.
    like_ultralytics : bool, default False
        Whether the predictions look like Ultralytics': images by file stem, or file names.

    Returns
    -------
    positions : ndarray of intp, shape (n_used,)
        Position in `categories` of each id of `codes`.
    note : str or None
        How ids were understood, if not as they are.

    Raises
    ------
    InvalidInputError
        If an id stays unknown.
    """
    used = codes.used
    known = {category.id: row for row, category in enumerate(categories)}
    if own:
        return _match_names(source, codes, categories, own)
    if _is_shifted(used, known, agreement, like_ultralytics=like_ultralytics):
        note = f"{_SHIFTED} ({used[0]} is {categories[known[used[0] - 1]].name!r})."
        return np.array([known[id_ - 1] for id_ in used], dtype=np.intp), note
    found = np.array([known.get(id_, -1) for id_ in used], dtype=np.intp)
    if (found < 0).any():
        raise _unknown(source, codes, categories, found)
    return found, None


def _is_shifted(
    used: Sequence[int],
    known: dict[int, int],
    agreement: Callable[[int], float],
    *,
    like_ultralytics: bool,
) -> bool:
    """Tell whether ids are the label file's plus one.

    The labels must count from 0 without a gap. An id beyond the last one then shows it, unless
    the classes of overlapping boxes speak against it. Without such an id it takes other marks
    of Ultralytics, and overlapping boxes that agree after the shift and hardly ever before.
    """
    if not used or sorted(known) != list(range(len(known))):
        return False
    if not all(id_ - 1 in known for id_ in used):
        return False
    if not all(id_ in known for id_ in used):
        return agreement(1) >= agreement(0)
    return like_ultralytics and agreement(1) > CLEAR_AGREEMENT and agreement(0) < CLEAR_DISAGREEMENT


def _match_names(
    source: Source,
    codes: Codes,
    categories: Sequence[Category],
    own: Sequence[Category],
) -> tuple[NDArray[np.intp], str | None]:
    used = codes.used
    own_name = {category.id: category.name for category in own}
    by_name: dict[str, int] = {}
    by_both = {}
    for row, category in enumerate(categories):
        by_name.setdefault(category.name, row)
        by_both[category.id, category.name] = row
    found = np.full(len(used), -1, dtype=np.intp)
    same = True
    for position, id_ in enumerate(used):
        name = own_name.get(id_, "")
        if (id_, name) in by_both:
            found[position] = by_both[id_, name]
        else:
            found[position] = by_name.get(name, -1)
            same = False
    if (found < 0).any():
        names = [own_name.get(id_) for id_ in used]
        refuse(
            source,
            "category_id",
            np.flatnonzero(found[codes.rows] < 0),
            [names[row] for row in codes.rows.tolist()],
            what="has a name that no category of the labels has",
            remedy=_known(categories),
        )
    return found, None if same else f"{_NAMED}."


def _unknown(
    source: Source,
    codes: Codes,
    categories: Sequence[Category],
    found: NDArray[np.intp],
) -> InvalidInputError:
    used = codes.used
    ids = {category.id for category in categories}
    hint = ""
    for shift, start in ((1, 0), (-1, 1)):
        if all(id_ + shift in ids for id_ in used):
            hint = f"With {shift:+d} to each, all would be known: do they count from {start}? "
    try:
        refuse(
            source,
            "category_id",
            np.flatnonzero(found[codes.rows] < 0),
            [used[row] for row in codes.rows.tolist()],
            what="is not among the ids of `labels.categories`",
            remedy=f"{hint}{_known(categories)}",
        )
    except InvalidInputError as error:
        return error
    raise AssertionError  # pragma: no cover  # every id is borne by some prediction


def _known(categories: Sequence[Category]) -> str:
    shown = ", ".join(f"{category.id} ({category.name!r})" for category in categories[:3])
    return f"Known are {len(categories):,} categories, such as {shown}."
