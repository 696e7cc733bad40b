"""Names of classes: one set for labels and predictions, in display order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api import types

from ea_widgets.data.checks.refuse import Source, refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray


def unify_classes(labels: pd.Series, predictions: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Put the classes of labels and predictions on one set of categories.

    Parameters
    ----------
    labels, predictions : Series
        Columns ``class_name``: text or whole numbers, or Categoricals of these.

    Returns
    -------
    labels, predictions : Series of Categorical
        Both with the same categories: where both were Categoricals, theirs in their order, those
        of the labels first; else all names, sorted.

    Raises
    ------
    InvalidInputError
        If a name is missing, or is neither text nor a whole number.
    """
    both = {"labels": labels, "predictions": predictions}
    for name, column in both.items():
        _check_classes(Source(name), column)
    found = list(dict.fromkeys(value for column in both.values() for value in _categories(column)))
    if not all(isinstance(column.dtype, pd.CategoricalDtype) for column in both.values()):
        found.sort(key=_natural)
    dtype = pd.CategoricalDtype(list(dict.fromkeys(str(value) for value in found)))
    return _recode(labels, dtype), _recode(predictions, dtype)


def _recode(column: pd.Series, dtype: pd.CategoricalDtype) -> pd.Series:
    codes, values = _factorize(column)
    positions = dtype.categories.get_indexer(pd.Index([str(value) for value in values]))
    return pd.Series(pd.Categorical.from_codes(positions[codes], dtype=dtype))


def _factorize(column: pd.Series) -> tuple[NDArray[np.intp], list[object]]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(column.cat.codes, dtype=np.intp), column.cat.categories.tolist()
    codes, values = pd.factorize(column)
    return np.asarray(codes, dtype=np.intp), list(values)


def _categories(column: pd.Series) -> list[object]:
    return _factorize(column)[1]


def _natural(value: object) -> tuple[int, int, str]:
    """Sort whole numbers by size, before text."""
    return (0, int(str(value)), "") if types.is_integer(value) else (1, 0, str(value))


def _check_classes(source: Source, column: pd.Series) -> None:
    if column.hasnans:
        refuse(
            source,
            "class_name",
            np.flatnonzero(column.isna().to_numpy()),
            column.to_list(),
            what="is missing",
            remedy="Give every row a class.",
        )
    odd = [value for value in _categories(column) if not _is_name(value)]
    if odd:
        refuse(
            source,
            "class_name",
            np.flatnonzero(column.isin(odd).to_numpy()),
            column.to_list(),
            what="is neither text nor a whole number",
            remedy="Give the names of classes as text.",
        )


def _is_name(value: object) -> bool:
    return isinstance(value, str) or (types.is_integer(value) and not isinstance(value, bool))
