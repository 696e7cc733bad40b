"""Examples of a range of a metric, from the objects that a summary keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.actions import KINDS, ExamplePage
from ea_widgets.analysis.actions.examples import SORTS, check_options, first_indices, named
from ea_widgets.analysis.actions.rule_parts import in_range
from ea_widgets.analysis.checks import check_count, check_end, check_flag, check_option, check_order
from ea_widgets.analysis.formatting import displayed_names
from ea_widgets.analysis.matching import BOX
from ea_widgets.analysis.sample import OTHER
from ea_widgets.summary.examples.reservoir import OF_IMAGES, OTHER_BOX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from ea_widgets.summary.examples.reservoir import Columns, Reservoir
    from ea_widgets.summary.settings import Settings

TP, FP, MISSED = range(3)


@dataclass(frozen=True, eq=False)
class Chosen:
    """Which objects of a reservoir count, and when.

    Attributes
    ----------
    tick : int
        Number of the IoU threshold.
    levels : mapping of str to int
        Number of the confidence threshold of each chosen class.
    """

    tick: int
    levels: Mapping[str, int]


def example_page(
    reservoir: Reservoir,
    settings: Settings,
    chosen: Chosen,
    metric: tuple[str, str] | None,
    low: float | None,
    high: float | None,
    isin: tuple[Any, ...] | None,
    kind: str | Iterable[str],
    sort: str,
    descending: bool,
    page: int,
    page_size: int,
) -> ExamplePage:
    """List kept objects of a metric's range; see :meth:`SummaryView.objects_in_range`.

    Parameters
    ----------
    metric : tuple of (str, str) or None
        As it was asked for, and its name without the level; None for all objects.
    """
    low, high = check_end("low", low), check_end("high", high)
    check_order(low, high)
    kinds = [KINDS.index(one) for one in check_options("kind", kind, KINDS) or KINDS]
    sort, descending = check_option("sort", sort, SORTS), check_flag("descending", descending)
    page, page_size = check_count("page", page, least=0), check_count("page_size", page_size)
    images = pd.DataFrame(reservoir.images, columns=list(OF_IMAGES))
    parts = []
    for level, columns in reservoir.sides.items():
        became = _kinds(reservoir, settings, chosen, level)
        values = _values(columns, settings, level, metric)
        wanted = np.isin(became, kinds)
        names = _categories(settings, level, metric)
        if metric is not None and isin is not None:
            wanted &= pd.Series(named(values, names)).isin(isin).to_numpy(bool)
        elif metric is not None:
            wanted &= in_range(values, low, high)
        rows = np.flatnonzero(wanted)
        shown = named(values[rows], names)
        parts.append(_table(reservoir, images, columns, rows, became[rows], shown))
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    sorted_by = pd.to_numeric(table["value" if sort == "metric" else sort], errors="coerce")
    key = sorted_by.to_numpy(np.float64)
    first = page * page_size
    order = first_indices(-key if descending else key, first + page_size)[first:]
    counts = table["kind"].value_counts()
    return ExamplePage(
        rows=table.iloc[order].reset_index(drop=True),
        total=len(table),
        counts={one: int(counts.get(one, 0)) for one in KINDS},
        page=page,
        page_size=page_size,
    )


def _kinds(
    reservoir: Reservoir, settings: Settings, chosen: Chosen, level: str
) -> NDArray[np.intp]:
    """Tell what became of each object of a side, as index in ``KINDS``; -1 if it is not shown."""
    columns = reservoir.sides[level]
    # The last one is for classes that are not chosen: no level is so high.
    none = settings.n_levels
    by_class = np.array([chosen.levels.get(name, none) for name in reservoir.classes], np.int64)
    least = by_class[columns["class_code"]]
    found = columns["found"][:, chosen.tick] >= least
    if level == "O":
        return np.where((least < none) & ~found, MISSED, -1)
    cuts = np.array([-np.inf, *settings.confidence_thresholds, np.inf])
    there = (least < none) & ~(columns["confidence"] < cuts[least])
    there &= columns["excluded"][:, chosen.tick] < least
    return np.where(there, np.where(found, TP, FP), -1)


def _values(
    columns: Columns, settings: Settings, level: str, metric: tuple[str, str] | None
) -> NDArray[np.float64]:
    """Values of a metric for each object of a side; NaN where it has none."""
    name = _name_of(settings, level, metric)
    if name is None:
        return np.full(len(columns["hash"]), np.nan)
    values: NDArray[np.float64] = columns["values"][:, list(settings.columns(level)).index(name)]
    return values


def _name_of(settings: Settings, level: str, metric: tuple[str, str] | None) -> str | None:
    """Find the displayed name of a metric on a side; None where it has none."""
    names = () if metric is None else displayed_names(*metric, level)
    return next((name for name in names if name in settings.columns(level)), None)


def _categories(settings: Settings, level: str, metric: tuple[str, str] | None) -> tuple[Any, ...]:
    """Names of the categories of a metric by code, all others last; none of numbers."""
    found = settings.binning.categories.get(_name_of(settings, level, metric) or "")
    return () if found is None else (*found, OTHER)


def _table(
    reservoir: Reservoir,
    images: pd.DataFrame,
    columns: Columns,
    rows: NDArray[np.intp],
    became: NDArray[np.intp],
    values: NDArray[Any],
) -> pd.DataFrame:
    """Tabulate objects as :class:`ExamplePage` has them."""
    names = np.array([*reservoir.classes, ""], object)
    other = columns["other_class_code"][rows]
    number = columns["number"][rows]
    made: dict[str, Any] = {
        "kind": np.array(KINDS, object)[became],
        "reason": "",
        "image_id": images["id"].to_numpy(object)[columns["image"][rows]],
        "class_name": names[columns["class_code"][rows]],
        **{name: columns[name][rows] for name in (*BOX, "confidence", "iou")},
        "value": values,
        "row": -1,
        "object_id": number,
        "other_row": np.where(other >= 0, 0, -1),
        "other_class_name": names[other],
        **{name: columns[name][rows] for name in (*OTHER_BOX, "other_confidence")},
    }
    return pd.DataFrame(made)
