"""``explore``: the page of whatever is given."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from ea_widgets.analysis.comparison import Comparison
from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.data.catalogue import BUILT_IN
from ea_widgets.data.dataset import Dataset
from ea_widgets.data.metrics.compute import compute_metrics
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.base import (
    at_once,
)
from ea_widgets.widgets.comparison import ComparisonPage, with_metrics
from ea_widgets.widgets.explorer import Explorer
from ea_widgets.widgets.fallback import nobody_answers
from ea_widgets.widgets.summary import (
    Summary,
    SummaryComparison,
    SummaryComparisonPage,
    SummaryPage,
)

Page = Explorer | ComparisonPage | SummaryPage | SummaryComparisonPage


def explore(
    dataset: Dataset | Evaluation | Comparison | Summary | SummaryComparison,
    *,
    keep: bool = False,
    pixels: Any = None,
    settle: bool | None = None,
    **choices: Any,
) -> Page:
    """Show which properties of the data drive the model's performance.

    Parameters
    ----------
    dataset : Dataset, Evaluation, Comparison, Summary or SummaryComparison
        The data; or several models on them, which get a `ComparisonPage`; or counts of them, which
        get a `SummaryPage`, and of several models a `SummaryComparisonPage`. A data set without a
        built-in metric gets those of its boxes and images first, beside columns of your own.
    keep : bool
        Whether the page lives on when its notebook cell is run again. Default False: the next run
        closes it.
    pixels : str, path, mapping or callable, optional
        Of a summary: where the images of its examples are; see ``ea.Dataset.from_frames``.
    settle : bool, optional
        Whether intervals, ranges and pictures are computed before the page is shown, and not once
        the choices rest: for a notebook that is run to be read as a file. Default: where nobody
        could answer the kernel, as in nbconvert.
    **choices : object
        See `Explorer`.

    Returns
    -------
    Explorer, ComparisonPage, SummaryPage or SummaryComparisonPage
        A widget for a notebook cell, with ``.panel``, ``.detail``, ``.worst``, ``.examples``,
        ``.what_if``, ``.sweep`` and ``.per_class``. ``page.evaluation = another`` shows another
        evaluation in all of them.

    Raises
    ------
    InvalidInputError
        If it is neither.
    """
    with at_once() if settle or (settle is None and nobody_answers()) else nullcontext():
        return _page(dataset, keep=keep, pixels=pixels, **choices)


def _page(dataset: object, *, keep: bool, pixels: Any, **choices: Any) -> Page:
    """Make the page of what is given."""
    if isinstance(dataset, Summary):
        shown = dataset if pixels is None else dataset.with_pixels(pixels)
        return SummaryPage(shown, keep=keep, **choices)
    if isinstance(dataset, SummaryComparison):
        return SummaryComparisonPage(dataset, keep=keep, **choices)
    if pixels is not None:
        raise InvalidInputError(
            "pixels", "is given, and this is no summary", "Give them where the data are read."
        )
    if isinstance(dataset, Comparison):
        return ComparisonPage(with_metrics(dataset), keep=keep, **choices)
    if isinstance(dataset, Evaluation):
        return Explorer(dataset, keep=keep, **choices)
    if not isinstance(dataset, Dataset):
        raise InvalidInputError(
            "dataset",
            f"is of type {type(dataset).__name__}",
            "Give a Dataset, such as ea.load_demo() or ea.read_coco(...), or an Evaluation of one.",
        )
    if not {spec.name for spec in BUILT_IN} & {*dataset.metrics["name"]}:
        dataset = compute_metrics(dataset)
    return Explorer(Evaluation(dataset), keep=keep, **choices)
