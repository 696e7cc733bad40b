"""The answer to `which classes are taken for which?`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_count, check_option
from ea_widgets.analysis.confusion.cells import Cells, count_cells
from ea_widgets.analysis.confusion.second_pass import Assignment, SecondPass
from ea_widgets.analysis.confusion.similarity import similar_order
from ea_widgets.analysis.scores.precision_recall import names_of
from ea_widgets.analysis.tabulate import tabulate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample.query import Query

NOTHING_THERE, NOT_FOUND, OTHER_CLASSES = "nothing there", "not found", "other classes"
"""Names of the margins of labels and predictions, and of all classes that are not chosen."""

NORMALIZATIONS = ("row", "column")
ORDERS = ("display", "similarity")

PAIR_COLUMNS = ("label_class", "predicted_class", "count", "share", "share_of_predictions")


def assign(data: MatchedData, query: Query) -> Assignment:
    """Match within classes, and what is left across them; kept for the next question."""
    second_pass = data.once("second_pass", lambda: SecondPass(data.engine))
    every = replace(query, classes=tuple(range(data.engine.n_classes)))
    return data.answer("assignment", every, lambda: second_pass.assign(every))


def confusion_matrix(
    data: MatchedData, query: Query, normalize: str | None = None, order: str = "display"
) -> pd.DataFrame:
    """Tabulate the confusion matrix; see :meth:`View.confusion`."""
    if normalize is not None:
        check_option("normalize", normalize, NORMALIZATIONS)
    check_option("order", order, ORDERS)
    cells = count_cells(data.engine, assign(data, query))
    chosen = data.engine.class_mask(query.classes)
    codes = similar_order(cells) if order == "similarity" else np.arange(cells.n_classes)
    counts = matrix(cells, codes[chosen[codes]])
    names = [data.class_names[code] for code in codes[chosen[codes]].tolist()]
    names += [OTHER_CLASSES] * (len(counts) - 1 - len(names))
    lacking = data.slice.lacking
    if normalize is not None or lacking:
        counts = counts.astype(np.float64)
    if lacking:  # what is wrong, or what is missed, cannot be known
        counts[(-1, slice(-1)) if lacking == "P" else (slice(-1), -1)] = np.nan
    if normalize is not None:
        sums = counts.sum(axis=1 if normalize == "row" else 0, keepdims=True)
        counts = np.divide(counts, sums, out=np.full(counts.shape, np.nan), where=sums != 0)
    return pd.DataFrame(
        counts,
        index=pd.Index([*names, NOTHING_THERE], name="label", dtype=object),
        columns=pd.Index([*names, NOT_FOUND], name="prediction", dtype=object),
    )


def matrix(cells: Cells, codes: NDArray[np.intp]) -> NDArray[np.int64]:
    """Fill a matrix of some classes, the margins last.

    Parameters
    ----------
    cells : Cells
    codes : ndarray of intp, shape (n_chosen,)
        The classes, in the order wanted.

    Returns
    -------
    ndarray of int64, shape (n, n)
        Where some classes are not chosen, one more row and column before the margin hold what
        these have to do with the chosen ones; what is about none of the chosen ones is left out.
    """
    n_chosen = len(codes)
    others = n_chosen < cells.n_classes
    place = np.full(cells.n_classes + 1, n_chosen)
    place[codes] = np.arange(n_chosen)
    place[-1] = margin = n_chosen + others
    counts = np.zeros((margin + 1, margin + 1), np.int64)
    row, column = place[cells.label], place[cells.predicted]
    about = (row < n_chosen) | (column < n_chosen)
    np.add.at(counts, (row[about], column[about]), cells.count[about])
    return counts


def confused_pairs(data: MatchedData, query: Query, n: int | None = 20) -> pd.DataFrame:
    """List the most confused pairs of classes; see :meth:`View.confused_pairs`."""
    most = None if n is None else check_count("n", n)
    cells = count_cells(data.engine, assign(data, query))
    confused, chosen = cells.confused, data.engine.class_mask(query.classes)
    about = chosen[confused.label] | chosen[confused.predicted]
    label, predicted = confused.label[about], confused.predicted[about]
    count = confused.count[about]
    share = count / cells.per_label_class[label]
    if data.slice.lacking == "O":  # which labels are meant cannot be known
        share[:] = np.nan
    of_predictions = count / cells.per_predicted_class[predicted]
    order = np.lexsort((predicted, label, -share, -count))[:most]
    columns = [
        *(names_of(code[order], data.class_names) for code in (label, predicted)),
        *(column[order] for column in (count, share, of_predictions)),
    ]
    return tabulate(PAIR_COLUMNS, columns)
