"""Ranges of metrics that hold more errors than average, from counts by group of clusters."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.actions.worst_ranges import COLUMNS, empty_ranges
from ea_widgets.analysis.ranges import RangeFacts, is_apart, say_range
from ea_widgets.analysis.ranges.finder import RUNS_PER_METRIC, STRONG, SUGGESTIVE, ChanceScores
from ea_widgets.analysis.ranges.null_scores import DRAWS
from ea_widgets.analysis.sample import OTHER
from ea_widgets.core.statistics.intervals import wilson_interval
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.core.statistics.scan import best_runs, least_excess
from ea_widgets.data.catalogue import made_from_labels
from ea_widgets.summary.uncertainty.group_scan import GroupScan
from ea_widgets.summary.uncertainty.rate_effects import design_effects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from ea_widgets.summary.choice import ChosenCounts


@dataclass(frozen=True, eq=False)
class Scanned:
    """One metric, in the few bins in which the groups of clusters were counted.

    Attributes
    ----------
    metric : str
        Displayed name.
    unit : str
    edges : ndarray of float64, shape (n_bins + 1,)
    categories : tuple or None
        Names of the bins of a categorical metric; None for a bin of several.
    rows, hits : ndarray of float64, shape (n_groups, n_bins)
        Rows that count, and those that are right, or missed.
    n, n_hits : ndarray of int64, shape (n_bins,)
        The same of all groups, at this IoU threshold exactly.
    scan : GroupScan
    """

    metric: str
    unit: str
    edges: NDArray[np.float64]
    categories: tuple[Any, ...] | None
    rows: NDArray[np.float64]
    hits: NDArray[np.float64]
    n: NDArray[np.int64]
    n_hits: NDArray[np.int64]
    scan: GroupScan

    def scores(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Score the runs of bins; of categories, each one by itself."""
        z, error = self.scan.scores()
        return self._alone(z), self._alone(error)

    def _alone(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Leave only what may be named: of categories, each one by itself."""
        if self.categories is None:
            return scores
        single = np.zeros(scores.shape[-2:], bool)
        for at, name in enumerate(self.categories):
            single[at, at + 1] = name is not None
        return np.where(single, scores, 0.0)

    def by_chance(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the highest score, and the highest absolute one, in null data sets."""
        z = self._alone(self.scan.by_chance(range(DRAWS))).reshape(DRAWS, -1)
        return z.max(axis=1), np.abs(z).max(axis=1)

    def facts(self, start: int, stop: int, critical: float, *, missed: bool) -> RangeFacts:
        """Count the rows of a run of bins, and their errors."""
        run, n_bins = slice(start, stop), len(self.n)
        n, hits, n_all, all_hits = (
            int(part.sum()) for part in (self.n[run], self.n_hits[run], self.n, self.n_hits)
        )
        errors, all_errors = (hits, all_hits) if missed else (n - hits, n_all - all_hits)
        inside = np.zeros((n_bins, 1))
        inside[run] = 1.0
        is_of_images = self.metric.endswith("(F)")
        effect = design_effects(self.rows, self.hits, inside, of_images=is_of_images)
        rate = hits / n
        low, high = wilson_interval(np.array([rate]), n / effect, critical)
        names = self.categories
        return RangeFacts(
            low=float(self.edges[start]) if names is None else np.nan,
            high=float(self.edges[stop]) if names is None else np.nan,
            from_least=start == 0,
            to_most=stop == n_bins,
            isin=None if names is None else names[run],
            n=n,
            errors=errors,
            rate=rate,
            rate_low=float(low[0]),
            rate_high=float(high[0]),
            average=all_hits / n_all,
            share=n / n_all,
            share_of_errors=errors / all_errors,
            excess_errors=errors - all_errors / n_all * n,
        )


def worst_ranges(
    counts: ChosenCounts,
    metrics: pd.DataFrame,
    level: str,
    most: int,
    *,
    settled: bool,
    should_stop: Callable[[], bool] | None,
) -> pd.DataFrame:
    """Name the ranges with the most errors above average; see :meth:`SummaryView.worst_ranges`."""
    scanned = []
    for one in scan_metrics(counts, metrics, level):
        stop_if(should_stop)
        scanned.append(one)
    if not scanned:
        return empty_ranges()
    together = np.array([not is_apart(one.metric) for one in scanned])
    if settled:
        own, furthest = np.zeros((2, DRAWS, len(scanned)))
        for at, one in enumerate(scanned):
            stop_if(should_stop)
            own[:, at], furthest[:, at] = one.by_chance()
        chance = ChanceScores.of(own, furthest, together)
    else:
        chance = ChanceScores.by_rule(1, together)
    found = []
    for at, one in enumerate(scanned):
        if together[at]:
            found += [
                (strength, excess, p_value, z, at, run)
                for strength, excess, p_value, z, run in named(one, at, chance)
            ]
    # What nothing can be done about must not hide what something can be done about.
    found.sort(key=lambda row: (level == "P" and made_from_labels(scanned[row[4]].metric), -row[1]))
    rows = []
    for strength, _, p_value, z, at, (start, stop) in found[:most]:
        one = scanned[at]
        facts = one.facts(start, stop, chance.critical, missed=level == "O")
        said = say_range(
            facts,
            one.metric,
            one.unit,
            missed=level == "O",
            strength=strength,
            n_metrics=int(together.sum()),
        )
        judged = {"z": z, "p_value": p_value, "strength": strength, "sentence": said}
        rows.append({"metric": one.metric, "class_name": "all", **asdict(facts), **judged})
    rows.sort(key=lambda row: row["strength"] == SUGGESTIVE)
    return pd.DataFrame(rows)[list(COLUMNS)] if rows else empty_ranges()


def scan_metrics(counts: ChosenCounts, metrics: pd.DataFrame, level: str) -> Iterator[Scanned]:
    """Scan all metrics of predictions ("P") or labels ("O") whose outcome varies."""
    settings, together, groups = counts.settings, counts.together(level), counts.groups_here(level)
    columns = settings.columns(level)
    for name, few in settings.displayed(level).items():
        starts = settings.display_starts(name)
        where = slice(columns[name].start, columns[name].stop - 1)
        n, n_hits = (
            np.add.reduceat(part[where], starts) for part in (together.totals, together.successes)
        )
        if not 0 < n_hits.sum() < n.sum():
            continue
        rows, hits = groups.rows[:, few], groups.hits[:, few]
        names = settings.binning.categories.get(name)
        single: tuple[Any, ...] | None = None
        if names is not None:
            last = len(starts) - 1
            # The last run is of all others.
            single = tuple(None if at == last else one for at, one in enumerate((*names, OTHER)))
            single = single[: len(starts)]
        edges = settings.binning.of(name)[np.append(starts, settings.binning.n_bins(name))]
        errors = hits if level == "O" else rows - hits
        scan = GroupScan.of(rows, errors)
        yield Scanned(
            name, str(metrics.loc[name, "unit"]), edges, single, rows, hits, n, n_hits, scan
        )


def named(
    one: Scanned, metric: int, chance: ChanceScores
) -> Iterator[tuple[str, float, float, float, tuple[int, int]]]:
    """Choose ranges of one metric: of the strong ones if there are any, or else suggestive ones.

    Yields
    ------
    strength, least_excess, p_value, z, run
    """
    z, error = one.scores()
    strong, suggestive = float(chance.strong[metric]), float(chance.suggestive[metric])
    least = strong if z.max() > strong else suggestive
    surely = least_excess(z, error, len(z) - 1)
    for run in best_runs(z, error, least, RUNS_PER_METRIC):
        p_value = chance.p_value(metric, float(z[run]))
        strength = "" if np.isnan(p_value) else STRONG if least == strong else SUGGESTIVE
        yield strength, float(surely[run]), p_value, float(z[run]), run
