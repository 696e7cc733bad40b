"""The table of classes: their numbers and names, in display order."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from ea_widgets.data.checks.refuse import Source, refuse
from ea_widgets.data.checks.values import as_id, clean_text, is_missing, name_codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.checks.problems import Problems


class Category(NamedTuple):
    """A class, with the number that the labels give it, if any."""

    id: Any
    name: str


def read_categories(
    source: Source, categories: Sequence[tuple[Any, Any]], problems: Problems
) -> list[Category]:
    """Check what numbers of classes mean.

    Parameters
    ----------
    source : Source
        Where they are from.
    categories : sequence of (id, name)
        In display order.
    problems : Problems
        Told of categories that are mended or left out.

    Returns
    -------
    list of Category
        With ids as :func:`ea_widgets.data.checks.values.as_id` gives them, each once; without a
        name it is the id.

    Raises
    ------
    InvalidInputError
        If one id has two names.
    """
    ids = [as_id(id_) for id_, _ in categories]
    bad = np.array([id_ is None for id_ in ids], dtype=bool)
    keep = ~bad
    problems.mend(
        source,
        "id",
        np.flatnonzero(bad),
        [id_ for id_, _ in categories],
        what="is neither a whole number nor text",
        remedy="Ids are whole numbers or text.",
    )
    names = [_name(name) for _, name in categories]
    nameless = [row for row, name in enumerate(names) if name is None and keep[row]]
    problems.mend(
        source,
        "name",
        nameless,
        [name for _, name in categories],
        what="is missing",
        remedy="Give every category a name.",
        done="named by the id",
    )
    table: dict[Any, Category] = {}
    repeated: list[int] = []
    changed: list[int] = []
    for row in np.flatnonzero(keep).tolist():
        name = names[row]
        category = Category(ids[row], str(ids[row]) if name is None else name)
        known = table.setdefault(ids[row], category)
        if known is not category:
            (repeated if known.name == category.name else changed).append(row)
    given = [id_ for id_, _ in categories]
    refuse(
        source,
        "id",
        changed,
        given,
        what="repeats an earlier id",
        remedy="Ids must be unique; were two files joined?",
    )
    problems.mend(
        source,
        "id",
        repeated,
        given,
        what="repeats an earlier id",
        remedy="Ids must be unique; were two files joined?",
    )
    return list(table.values())


def _name(value: Any) -> str | None:
    if is_missing(value):
        return None
    if isinstance(value, str):
        return clean_text(value)
    id_ = as_id(value)
    return None if id_ is None else str(id_)  # classes named 0, 1, 2


def table_of_names(*columns: pd.Series) -> list[Category]:
    """Make a table of the names that occur in columns.

    Parameters
    ----------
    *columns : Series
        ``class_name`` of labels, and of predictions where these name classes too.

    Returns
    -------
    list of Category
        Without ids. Where all columns are Categoricals, their categories in their order; else all
        names, sorted, whole numbers by size and first.
    """
    found = dict.fromkeys(name for column in columns for name in name_codes(column).used)
    if all(isinstance(column.dtype, pd.CategoricalDtype) for column in columns):
        return [Category(None, name) for name in found]
    return [Category(None, name) for name in sorted(found, key=_natural)]


def _natural(name: str) -> tuple[int, int, str]:
    whole = isinstance(as_id(name), int)
    return (0, int(name), "") if whole else (1, 0, name)


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
        listed = ", ".join(repr(name) for name in renamed)
        notes.append(f"Several categories share a name; some are shown with their id: {listed}.")
    for name, count in dropped.items():
        one = "1 category" if count == 1 else f"{count:,} categories"
        verb = "has" if count == 1 else "have"
        notes.append(
            f"{one} named {name!r} beside another of that name {verb} neither labels nor "
            "predictions; left out."
        )
    return names, notes
