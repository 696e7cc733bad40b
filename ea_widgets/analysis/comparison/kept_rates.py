"""Error rates of a checkpoint's predictions by every metric, in little memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.analysis.ranges.finder import is_apart

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.ranges.facts import RangeEnds
    from ea_widgets.analysis.sample.sample import Sample

MOST_STEPS = 4096
"""Values at which counts are kept: of a metric with more, its equal-count steps."""


@dataclass(frozen=True, eq=False)
class KeptRates:
    """How many rows there are, and how many of them are wrong, up to some values of a metric.

    Attributes
    ----------
    steps : ndarray of float64, shape (k,)
        Ascending; the highest value of each step. Codes of categories.
    n, errors : ndarray of uint32, shape (k + 1,)
        Rows up to the end of each step, and errors among them; 0 first.
    categories : tuple
        Their names by code; none of numbers.
    """

    steps: NDArray[np.float64]
    n: NDArray[np.uint32]
    errors: NDArray[np.uint32]
    categories: tuple[Any, ...]

    def rate(self, ends: RangeEnds) -> float:
        """Share of errors in a closed range, or in some categories; NaN without rows.

        Exact up to 4,096 distinct values; of more, up to one step is missing or too much at each
        end: one in 4,096 rows.
        """
        if ends.isin is None:
            last = np.searchsorted(self.steps, ends.high, side="right")
            first = np.searchsorted(self.steps, ends.low)
            n, errors = (int(one[last]) - int(one[first]) for one in (self.n, self.errors))
        else:
            inside = np.isin(np.array(self.categories, object), np.array(ends.isin, object))
            n, errors = (int(np.diff(one)[inside].sum()) for one in (self.n, self.errors))
        return errors / n if n > 0 else np.nan


def keep_rates(sample: Sample) -> dict[str, KeptRates]:
    """Count the rows of a sample by each metric that ranges are looked for in."""
    kept, side = {}, sample.selection.side
    for name, column in side.metrics.items():
        if is_apart(name):
            continue
        rank = column.rank[sample.rows if column.unit is None else column.unit[sample.rows]]
        size = len(column.values) + 1  # missing values last
        n = np.bincount(rank, minlength=size)[:-1]
        errors = np.bincount(rank[sample.error], minlength=size)[:-1]
        up_to = [np.append(0, np.cumsum(one)).astype(np.uint32) for one in (n, errors)]
        categories, values = side.categories.get(name), column.values
        if categories is None and len(values) > MOST_STEPS:
            wanted = np.arange(1, MOST_STEPS + 1) * int(up_to[0][-1]) // MOST_STEPS
            ends = np.unique(np.searchsorted(up_to[0], wanted))
            ends = ends[ends > 0]
            values = values[ends - 1]
            up_to = [one[np.append(0, ends)] for one in up_to]
        kept[name] = KeptRates(values, up_to[0], up_to[1], categories or ())
    return kept
