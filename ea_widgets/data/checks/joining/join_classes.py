"""Classes: their names on screen, and which class of the labels a prediction means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.checks.joining.classes import Category
from ea_widgets.data.checks.values import UNKNOWN, as_id, fold_name, loose_id, positions_of
from ea_widgets.errors import InvalidInputError, shown, unknown_option

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.checks.refuse import Source

    Rows = NDArray[np.intp]

CLEAR_AGREEMENT = 0.5
CLEAR_DISAGREEMENT = 0.1
"""Shares of overlapping pairs with one class that decide whether ids are shifted by one."""

_SHIFTED = (
    "Category ids of the predictions are one higher than those of the labels, as Ultralytics "
    "writes them; 1 was subtracted"
)
_NAMED = "Labels and predictions number categories differently; they were joined by name"

_GAPS_OF_COCO = frozenset({12, 26, 29, 30, 45, 66, 68, 69, 71, 83})
_COCO_IDS = tuple(id_ for id_ in range(1, 91) if id_ not in _GAPS_OF_COCO)
"""The ids of COCO's 80 classes."""


def _from_zero(id_: Any, _: Sequence[Category]) -> Any:
    return id_ + 1 if isinstance(id_, int) else None


def _from_one(id_: Any, _: Sequence[Category]) -> Any:
    return id_ - 1 if isinstance(id_, int) else None


def _coco_80(id_: Any, _: Sequence[Category]) -> Any:
    known = isinstance(id_, int) and 0 <= id_ < len(_COCO_IDS)
    return _COCO_IDS[id_] if known else None


def _position(id_: Any, categories: Sequence[Category]) -> Any:
    known = isinstance(id_, int) and 0 <= id_ < len(categories)
    return categories[id_].id if known else None


CLASS_IDS: dict[str, tuple[Callable[[Any, Sequence[Category]], Any], str]] = {
    "from_zero": (_from_zero, "count from 0, one lower than those of the labels"),
    "from_one": (_from_one, "count from 1, one higher than those of the labels"),
    "coco_80": (_coco_80, "are 0 to 79, where COCO's own ids are 1 to 90 with gaps"),
    "position": (_position, "are positions in the labels' list of categories, from 0"),
}
"""How predictions can number classes: what their id is to the labels, and that in words. Further
"as_given" and "names", which takes names only."""

OPTIONS = ("as_given", "names", *CLASS_IDS)


@dataclass(frozen=True)
class ClassKeys:
    """The classes that predictions have.

    Parameters
    ----------
    ids, names : list
        Number (or None) and name (or None) of each class that occurs.
    counts : ndarray of int, shape (n_classes,)
        How many predictions have each.
    """

    ids: list[Any]
    names: list[str | None]
    counts: NDArray[np.intp]


@dataclass(frozen=True)
class JoinedClasses:
    """Which class of the table each class of the predictions is.

    Parameters
    ----------
    rows : ndarray of intp, shape (n_classes,)
        Row in `table`; -1 where nothing names the class.
    table : list of Category
        The labels' classes, and behind them those that only predictions have.
    notes : list of str
        How ids were understood, if not as they are.
    """

    rows: Rows
    table: list[Category]
    notes: list[str]


def join_classes(
    source: Source,
    keys: ClassKeys,
    table: Sequence[Category],
    agreement: Callable[[Rows], float],
    *,
    own: Sequence[tuple[Any, str]] | None = None,
    class_ids: str | None = None,
    like_ultralytics: bool = False,
) -> JoinedClasses:
    """Find the class of the labels that each class of the predictions means.

    Parameters
    ----------
    source : Source
        The predictions.
    keys : ClassKeys
        Their classes.
    table : sequence of Category
        Those of the labels.
    agreement : callable (rows) -> float
        Share of the well overlapping predictions and labels that have one class under a reading.
        Called only where ids leave doubt.
    own : sequence of (id, name), optional
        What the prediction file itself says that its numbers mean. Names outweigh numbers.
    class_ids : str, optional
        One of :data:`OPTIONS`; default: as given, and names where there are.
    like_ultralytics : bool, default False
        Whether the predictions look like Ultralytics': images by file stem, or file names.

    Returns
    -------
    JoinedClasses

    Raises
    ------
    InvalidInputError
        If ids are unknown that another way to count would explain, or `class_ids` is unknown.
    """
    if class_ids is not None and class_ids not in OPTIONS:
        raise unknown_option("class_ids", class_ids, OPTIONS)
    by_id = {category.id: row for row, category in enumerate(table) if category.id is not None}
    plain = np.maximum(positions_of(keys.ids, [category.id for category in table]), UNKNOWN)
    ids = [id_ if id_ is None or id_ in by_id else loose_id(id_) for id_ in keys.ids]
    keys = replace(keys, ids=ids)

    def renumbered(way: str) -> Rows:
        if way == "position":  # also of classes without numbers
            rows = [id_ if id_ in range(len(table)) else UNKNOWN for id_ in keys.ids]
            return np.array(rows, dtype=np.intp)
        function, _ = CLASS_IDS[way]
        found = [by_id.get(function(id_, table), -1) for id_ in keys.ids]
        return np.array(found, dtype=np.intp)

    if class_ids in CLASS_IDS:
        if not by_id:  # names that are numbers
            table = [Category(as_id(category.name), category.name) for category in table]
            by_id |= {category.id: row for row, category in enumerate(table)}
            given = zip(keys.ids, keys.names, strict=True)
            ids = [as_id(name) if id_ is None and name is not None else id_ for id_, name in given]
            keys = replace(keys, ids=ids)
        return JoinedClasses(renumbered(str(class_ids)), list(table), [])
    named = dict(own or ())
    names = [
        name if name is not None else named.get(id_)
        for id_, name in zip(keys.ids, keys.names, strict=True)
    ]
    known = {fold_name(category.name) for category in table}
    names = [  # names may be given where ids belong
        id_
        if name is None and row < 0 and isinstance(id_, str) and fold_name(id_) in known
        else name
        for id_, name, row in zip(keys.ids, names, plain.tolist(), strict=True)
    ]
    if class_ids != "as_given" and any(name is not None for name in names):
        return _by_name(keys, names, plain, table)
    if class_ids is None and _is_shifted(
        keys.ids, by_id, plain, renumbered, agreement, like_ultralytics=like_ultralytics
    ):
        rows = renumbered("from_one")
        note = f"{_SHIFTED} ({keys.ids[0]} is {table[rows[0]].name!r})."
        return JoinedClasses(rows, list(table), [note])
    if class_ids is None and (plain < 0).any():
        _refuse_other_count(source, keys, plain, renumbered, agreement, table)
    return JoinedClasses(plain, list(table), [])


def _is_shifted(
    used: Sequence[Any],
    by_id: dict[Any, int],
    plain: Rows,
    renumbered: Callable[[str], Rows],
    agreement: Callable[[Rows], float],
    *,
    like_ultralytics: bool,
) -> bool:
    """Tell whether ids are the labels' plus one.

    The labels must count from 0 without a gap. An id beyond the last one then shows it, unless
    the classes of overlapping boxes speak against it. Without such an id it takes other marks
    of Ultralytics, and overlapping boxes that agree after the shift and hardly ever before.
    """
    if not used or set(by_id) != set(range(len(by_id))):
        return False
    shifted = renumbered("from_one")
    if (shifted < 0).any():
        return False
    if (plain < 0).any():
        return agreement(shifted) >= agreement(plain)
    return (
        like_ultralytics
        and agreement(shifted) > CLEAR_AGREEMENT
        and agreement(plain) < CLEAR_DISAGREEMENT
    )


def _refuse_other_count(
    source: Source,
    keys: ClassKeys,
    plain: Rows,
    renumbered: Callable[[str], Rows],
    agreement: Callable[[Rows], float],
    table: Sequence[Category],
) -> None:
    """Refuse unknown ids where another way to count knows all and fits the labels no worse."""
    ways = {way: rows for way in CLASS_IDS if not ((rows := renumbered(way)) < 0).any()}
    shares = {way: agreement(rows) for way, rows in ways.items()}
    before = agreement(plain) if ways else 0.0
    best = max(shares, key=lambda way: shares[way], default=None)
    if best is None or shares[best] < before or (shares[best] == before > 0):
        return
    unknown = [id_ for id_, row in zip(keys.ids, plain.tolist(), strict=True) if row < 0]
    raise InvalidInputError(
        source.field("class_id", None),
        f"has numbers that no category of the labels has, such as {shown(unknown[0])}; "
        f"perhaps they {CLASS_IDS[best][1]}: of the predictions that overlap a label, "
        f"{shares[best]:.0%} then have its class, now {before:.0%}",
        f"Give `class_ids={best!r}` if so, or `class_ids='as_given'` to leave out what nothing "
        f"names. {_known(table)}",
    )


def _by_name(
    keys: ClassKeys, names: Sequence[str | None], plain: Rows, table: Sequence[Category]
) -> JoinedClasses:
    """Join classes by their names; what the labels do not name is a class of its own."""
    by_name: dict[str, int] = {}
    by_both = {}
    folded: dict[str, int | None] = {}
    for row, category in enumerate(table):
        by_name.setdefault(category.name, row)
        by_both[category.id, category.name] = row
        key = fold_name(category.name)
        folded[key] = None if key in folded else row
    found: list[int] = []
    for id_, name in zip(keys.ids, names, strict=True):
        if name is None:
            found.append(-1)
            continue
        match = by_both.get((id_, name), by_name.get(name, folded.get(fold_name(name))))
        found.append(-1 if match is None else match)
    rows = np.array(found, dtype=np.intp)
    has_name = np.array([name is not None for name in names], dtype=bool)
    if not (rows[has_name] >= 0).any() and (plain >= 0).all() and len(plain):
        first = next(name for name in names if name is not None)
        note = (
            f"No name of a class in the predictions, such as {first!r}, is one of the labels; "
            "classes were joined by number."
        )
        return JoinedClasses(plain, list(table), [note])
    rows = np.where(has_name, rows, plain)
    longer = list(table)
    added: dict[str, int] = {}
    for at in np.flatnonzero(has_name & (rows < 0)).tolist():
        name = names[at]
        assert name is not None  # noqa: S101  # for mypy
        if name not in added:
            added[name] = len(longer)
            longer.append(Category(None, name))
        rows[at] = added[name]
    differs = (rows < len(table)) & (rows != plain) & has_name
    numbered = any(id_ is not None for id_ in keys.ids) and any(c.id is not None for c in table)
    notes = [f"{_NAMED}."] if numbered and differs.any() else []
    return JoinedClasses(rows, longer, notes)


def _known(table: Sequence[Category]) -> str:
    some = ", ".join(f"{category.id} ({category.name!r})" for category in table[:3])
    such = f", such as {some}" if some else ""
    return f"Known are {len(table):,} categories{such}."
