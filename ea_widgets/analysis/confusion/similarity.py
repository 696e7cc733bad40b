"""An order of the classes in which those that are confused stand together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.confusion.cells import Cells


def similar_order(cells: Cells) -> NDArray[np.intp]:
    """Order the classes so that those that are confused with each other are neighbours.

    Two classes are as similar as the larger share of the labels of one that were taken for the
    other. The most similar groups are joined first (single linkage), turned so that the two
    classes that join them come close together.

    Parameters
    ----------
    cells : Cells

    Returns
    -------
    ndarray of intp, shape (n_classes,)
        Codes. Groups, and classes that are confused with none, keep their display order.

    Examples
    --------
    >>> from ea_widgets.analysis.confusion.cells import Cells
    >>> label, predicted = np.array([0, 1, 2, 3]), np.array([3, 1, 2, 3])
    >>> similar_order(Cells(4, label, predicted, np.array([5, 9, 9, 9])))
    array([0, 3, 1, 2])
    """
    confused = cells.confused
    share = confused.count / cells.per_label_class[confused.label]
    falling = np.argsort(-share, kind="stable")
    groups: list[list[int]] = [[code] for code in range(cells.n_classes)]
    of_class = list(range(cells.n_classes))
    for one, other in zip(
        confused.label[falling].tolist(), confused.predicted[falling].tolist(), strict=True
    ):
        first, second = sorted((of_class[one], of_class[other]))
        if first == second:
            continue
        left, right = groups[first], groups[second]
        inner = one if of_class[one] == first else other
        outer = other if inner == one else one
        if left.index(inner) < len(left) // 2:
            left.reverse()
        if right.index(outer) > (len(right) - 1) // 2:
            right.reverse()
        for code in right:
            of_class[code] = first
        left += right
        groups[second] = []
    return np.array([code for group in groups for code in group], np.intp)
