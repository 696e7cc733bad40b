"""Categories that are looked at: which there are, where they stand, and what a click does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ea_widgets.analysis.sample import OTHER
from ea_widgets.data.catalogue import MetricName
from ea_widgets.widgets.charts import as_bins

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ea_widgets.analysis.evaluation import Evaluation
    from ea_widgets.widgets.base import Extent


def categories_of(evaluation: Evaluation, metric: str) -> tuple[Any, ...]:
    """List the categories of a metric, by falling count in the whole data set.

    Parameters
    ----------
    evaluation : Evaluation
    metric : str
        Displayed name of a categorical metric.

    Returns
    -------
    tuple
        Of all objects that have the metric.
    """
    frames = evaluation.dataset.frames
    name, level = MetricName.parse(metric).parts
    sides = (frames.images,) if level == "F" else (frames.predictions, frames.labels, frames.images)
    found = [frame[name].cat.categories for frame in sides if name in frame]
    return tuple(dict.fromkeys(category for one in found for category in one))


def behind(category: Any, table: pd.DataFrame, names: tuple[Any, ...]) -> frozenset[Any]:
    """Give the categories behind a bar: itself, or all that "other" stands for.

    Parameters
    ----------
    category : object
        As the table has it.
    table : DataFrame
        One side of a curve.
    names : tuple
        All categories of the metric.

    Returns
    -------
    frozenset
    """
    if category != OTHER:
        return frozenset([category])
    return frozenset(names) - frozenset(table["category"])


def toggled(chosen: Extent, of_bar: frozenset[Any]) -> Extent:
    """Add the categories of a bar to those chosen, or take them out where all are chosen.

    Examples
    --------
    >>> sorted(toggled(frozenset("a"), frozenset("b"))), toggled(frozenset("b"), frozenset("b"))
    (['a', 'b'], ())
    """
    before = chosen if isinstance(chosen, frozenset) else frozenset()
    return (before - of_bar if of_bar <= before else before | of_bar) or ()


def places_of(
    table: pd.DataFrame, order: Sequence[str], chosen: Extent, names: tuple[Any, ...]
) -> list[int]:
    """Find the bars, as numbers from the left, whose categories are all chosen.

    Parameters
    ----------
    table : DataFrame
        One side of a curve.
    order : sequence of str
        Of its bars, see :func:`by_count`.
    chosen : frozenset or tuple
    names : tuple
        All categories of the metric.

    Returns
    -------
    list of int
    """
    if not isinstance(chosen, frozenset) or table.empty:
        return []
    place = {name: at for at, name in enumerate(as_bins(table, order)[1])}
    shown = dict.fromkeys(table["category"])
    return [place[str(one)] for one in shown if behind(one, table, names) <= chosen]
