"""Measures the calibration of what a query leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.calibration.calibration import Calibration
from ea_widgets.analysis.operating import FEWEST_JUDGED, rank
from ea_widgets.analysis.scores.replicates import FEWEST_CLUSTERS
from ea_widgets.core.statistics.calibration_error import CalibrationError, Judged, calibration_error
from ea_widgets.core.statistics.calibration_interval import error_interval
from ea_widgets.core.statistics.intervals import (
    design_effect,
    shrink_design_effects,
    t_quantile,
    wilson_interval,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample import Query

NUMBERS = (
    *("error", "plain_error", "noise_floor"),
    *("overconfidence", "overconfidence_low", "overconfidence_high"),
)


def measure_calibration(data: MatchedData, query: Query) -> Calibration:
    """Compare confidence with precision; see :meth:`View.calibration`."""
    found = data.answer("calibration", query, lambda: _measure(data, query))
    # The tables are the caller's to change; what is kept stays.
    return replace(found, bins=found.bins.copy(), per_class=found.per_class.copy())


def _measure(data: MatchedData, query: Query) -> Calibration:
    ranked = rank(data, query)
    # By falling class and rising confidence.
    judged = Judged(ranked.confidence, ranked.hit, ranked.cluster).take(slice(None, None, -1))
    group, problem = ranked.group[::-1], _problem(data, ranked.confidence)
    if problem:
        judged, group = judged.take(slice(0)), group[:0]
    ends = np.searchsorted(-group, -np.arange(ranked.n_groups), side="right")
    size = np.bincount(group, minlength=ranked.n_groups)
    classes = [judged.take(slice(end - n, end)) for end, n in zip(ends, size, strict=True)]
    names = [data.class_names[code] for code in query.classes]
    index = pd.Index(names, name="class_name", dtype=object)
    rows = [_numbers(calibration_error(own), own) for own in classes]
    per_class = pd.DataFrame(rows, columns=NUMBERS, index=index, dtype=np.float64)
    is_more = per_class["error"] > per_class["noise_floor"]
    per_class.insert(NUMBERS.index("noise_floor") + 1, "distinguishable", is_more)
    per_class["n"] = size
    judged = judged.take(np.argsort(judged.confidence, kind="stable"))
    of_all = calibration_error(judged)
    error, plain, floor, mean, mean_low, mean_high = _numbers(of_all, judged)
    few = len(np.unique(judged.cluster)) < FEWEST_CLUSTERS
    low, high = (np.nan, np.nan) if few else error_interval(judged, of_all)
    return Calibration(
        *(error, low, high, plain, floor, mean, mean_low, mean_high),
        n=len(group),
        bins=_bins(judged, of_all.start),
        per_class=per_class,
        problem=problem,
    )


def _problem(data: MatchedData, confidence: NDArray[np.float64]) -> str:
    """Say why confidences cannot be compared with precision, or ""."""
    if data.slice.lacking == "P":
        return "predictions lack the metric of the slice"
    if np.isnan(confidence).any():  # all are missing, or none
        return "predictions have no confidences"
    outside = int(((confidence < 0) | (confidence > 1)).sum())
    return f"{outside:,} confidences are outside of 0 to 1" if outside else ""


def _numbers(
    found: CalibrationError, judged: Judged
) -> tuple[float, float, float, float, float, float]:
    """Give the numbers of a row, in the order of ``NUMBERS``."""
    error = found.error, found.plain_error, found.noise_floor
    if not len(judged.hit):
        return *error, np.nan, np.nan, np.nan
    excess = judged.confidence - judged.hit
    mean = float(excess.mean())
    _, place = np.unique(judged.cluster, return_inverse=True)
    n_clusters = int(place.max()) + 1
    if n_clusters < FEWEST_JUDGED:
        return *error, mean, np.nan, np.nan
    of_clusters = np.bincount(place, excess - mean)
    variance = (of_clusters**2).sum() * n_clusters / (n_clusters - 1)
    reach = t_quantile(n_clusters - 1) * float(np.sqrt(variance)) / len(excess)
    return *error, mean, mean - reach, mean + reach


def _bins(judged: Judged, start: NDArray[np.intp]) -> pd.DataFrame:
    """Tabulate the bins; see :class:`Calibration`."""
    confidence, first, size = judged.confidence, start[:-1], np.diff(start)
    code = np.repeat(np.arange(len(size)), size)
    n_codes = int(judged.cluster.max(initial=0)) + 1
    cells, place = np.unique(code * n_codes + judged.cluster, return_inverse=True)
    bin_of_cell = cells // n_codes
    successes = np.bincount(place, judged.hit, len(cells))
    totals = np.bincount(place, minlength=len(cells)).astype(np.float64)
    cell_start = np.searchsorted(bin_of_cell, np.arange(len(size)))
    effect = design_effect(successes.astype(np.float64), totals, cell_start)
    sums = [np.bincount(code, values, len(size)) for values in (judged.hit, confidence)]
    precision, mean = (total / np.maximum(size, 1) for total in sums)
    n_clusters = np.bincount(bin_of_cell, minlength=len(size))
    effect = shrink_design_effects(effect, n_clusters, (precision > 0) & (precision < 1))
    low, high = wilson_interval(precision, size / effect)
    return pd.DataFrame(
        {
            "confidence_low": confidence[first],
            "confidence_high": confidence[start[1:] - 1],
            "confidence": mean,
            "precision": precision,
            "precision_low": low,
            "precision_high": high,
            "n": size,
        }
    )
