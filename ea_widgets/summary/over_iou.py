"""Answers over many thresholds at which was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_count
from ea_widgets.analysis.importance.threshold_sweep import check_thresholds
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.errors import NotAnswerableError
from ea_widgets.summary.precision import ranked
from ea_widgets.summary.settings import COCO_TICKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ea_widgets.summary.summary import Summary
    from ea_widgets.summary.summary_view import SummaryView

COCO_NAMES = ("AP", "AP50", "AP75", "AR100")

COLUMNS = ("metric", "iou_threshold", "importance", "correlation", "n")


def sweep(
    view: SummaryView,
    iou_thresholds: Iterable[float] | None,
    top: int,
    outcome: str,
    should_stop: Callable[[], bool] | None,
) -> pd.DataFrame:
    """Keep the metrics that rank high at any threshold; see :meth:`View.importance_sweep`."""
    wanted = view.iou_thresholds if iou_thresholds is None else iou_thresholds
    thresholds, top = check_thresholds(wanted), check_count("top", top)
    tables = []
    for threshold in thresholds:
        stop_if(should_stop)
        table = view.at_iou(threshold).importance(outcome).reset_index()
        tables.append(table.assign(iou_threshold=threshold)[list(COLUMNS)])
    rows = pd.concat(tables, ignore_index=True)
    highest = rows.groupby("metric", sort=False)["importance"].max()
    names = highest.sort_values(ascending=False, kind="stable").index[:top]
    place = pd.Series(np.arange(len(names)), names)
    kept = rows[rows["metric"].isin(names)]
    order = np.lexsort((kept["iou_threshold"], place[kept["metric"]]))
    return kept.iloc[order].reset_index(drop=True)


def coco_numbers(summary: Summary, classes: tuple[str, ...]) -> dict[str, float]:
    """Average over the IoU thresholds of COCO; see :meth:`SummaryView.coco_summary`."""
    why = summary.cannot("coco_summary")
    if why is not None:
        raise NotAnswerableError("coco_summary", "cannot be answered", why)
    ticks = [summary.settings.tick(threshold) for threshold in COCO_TICKS]
    chosen = [(summary.counts.get(name), 0) for name in classes]
    scored = [ranked(chosen, summary.settings, tick) for tick in ticks]
    labelled = [at for at, one in enumerate(scored[0]) if one.labels]
    if not labelled:
        return dict.fromkeys(COCO_NAMES, np.nan)
    precision = np.array([[of[at].precision for at in labelled] for of in scored])
    recall = np.array([[of[at].found / of[at].labels for at in labelled] for of in scored])
    if summary.n_unsure:
        precision[:] = np.nan
    of_ticks = precision.mean(axis=1)
    at = [COCO_TICKS.index(threshold) for threshold in (0.5, 0.75)]
    values = (of_ticks.mean(), *of_ticks[at], recall.mean())
    return dict(zip(COCO_NAMES, map(float, values), strict=True))


def best_threshold(summary: Summary, iou_threshold: float, classes: tuple[str, ...]) -> float:
    """Find the confidence of the highest F1; see :meth:`SummaryView.best_threshold`."""
    ticks = summary.ticks["confidence_threshold"]
    f1 = [summary.at(iou_threshold, tick, classes).scores().f1 for tick in ticks]
    if np.isnan(f1).all():
        return float("nan")
    return ticks[int(np.nanargmax(f1))]
