"""The counts of a summary under one choice of thresholds and classes."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.binned_precision import FIRST, LAST
from ea_widgets.errors import NotAnswerableError
from ea_widgets.summary.counts import Counted, count_clusters, side_counts
from ea_widgets.summary.precision import ranked
from ea_widgets.summary.ranks.category_counts import category_counts
from ea_widgets.summary.ranks.confidence_counts import CONFIDENCE, confidence_counts
from ea_widgets.summary.ranks.exact_bins import exact_bins
from ea_widgets.summary.uncertainty import (
    GroupTable,
    RateTable,
    class_table,
    nothing_by_group,
    rates_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ea_widgets.analysis.vocabulary import Query
    from ea_widgets.summary.counts.class_counts import ClassCounts
    from ea_widgets.summary.precision import Ranked
    from ea_widgets.summary.ranks.confidence_counts import Counts
    from ea_widgets.summary.settings import Settings
    from ea_widgets.summary.summary import Summary


class ChosenCounts:
    """Counts of the chosen classes, made when they are first asked for.

    Parameters
    ----------
    summary : Summary
    query : Query
    tick : int
        Number of the IoU threshold.
    levels : tuple of int
        Number of the confidence level of each chosen class.
    """

    def __init__(self, summary: Summary, query: Query, tick: int, levels: tuple[int, ...]) -> None:
        self._summary, self._key = summary, (tick, query.classes, levels)
        self.tick = tick
        names = (summary.class_names[code] for code in query.classes)
        self.levels = dict(zip(names, levels, strict=True))

    @property
    def settings(self) -> Settings:
        """Thresholds and bins."""
        return self._summary.settings

    def __getitem__(self, name: str) -> tuple[ClassCounts | None, int]:
        """Give the counts of a class, None without objects, and its confidence level."""
        return self._summary.counts.get(name), self.levels[name]

    @cached_property
    def present(self) -> dict[str, tuple[ClassCounts, int]]:
        """The same of the classes that have objects."""
        counts = self._summary.counts
        return {name: (counts[name], at) for name, at in self.levels.items() if name in counts}

    @cached_property
    def in_bins(self) -> list[tuple[ClassCounts, int]]:
        """The same of those that have bins of their own, and of the rare classes together.

        Raises
        ------
        NotAnswerableError
            If some rare classes are chosen, and not all; or under different thresholds.
        """
        shared, all_rare = self._summary.shared, self._summary.rare_classes
        rare = {name: self.levels[name] for name in all_rare if name in self.levels}
        own = [one for name, one in self.present.items() if name not in rare]
        if not rare or shared is None:
            return own
        if len(rare) < len(all_rare) or len({*rare.values()}) > 1:
            raise NotAnswerableError(
                "classes",
                f"has {next(iter(rare))!r}, one of {len(all_rare):,} rare classes that are counted "
                "by metric together only",
                "Choose all of `summary.rare_classes` under one threshold, or none of them.",
            )
        return [*own, (shared, next(iter(rare.values())))]

    def scored(self) -> tuple[Ranked, ...]:
        """Score each class."""
        return self._summary.recent.scores.get(
            self._key,
            lambda: tuple(ranked([self[name] for name in self.levels], self.settings, self.tick)),
        )

    def precision_bounds(self) -> tuple[list[float], list[float]]:
        """Give the AP of each class if true positives are last in their bins, and if first."""
        chosen = [self[name] for name in self.levels]
        low, high = (
            [one.precision for one in ranked(chosen, self.settings, self.tick, where)]
            for where in (LAST, FIRST)
        )
        return low, high

    def together(self, level: str) -> Counted:
        """Give the counts of all classes together, of predictions ("P") or labels ("O")."""
        return self._summary.recent.totals.get(
            (level, self._key),
            lambda: side_counts(self.in_bins, self.settings, level, self.tick),
        )

    def of_class(self, name: str, level: str) -> Counted | None:
        """Give the counts of one class; None without objects."""
        if name not in self.present:
            return None
        return side_counts([self._by_itself(name)], self.settings, level, self.tick)

    def _by_itself(self, name: str) -> tuple[ClassCounts, int]:
        if not self.settings.has_own_bins(name):
            raise NotAnswerableError(
                "by_class",
                f"is asked of {name!r}, a rare class that is counted by metric with others only",
                "Choose classes that are none of `summary.rare_classes`.",
            )
        return self.present[name]

    def finer(self, level: str) -> Mapping[str, Counts]:
        """Count by finer bins of some metrics.

        Of few rows that were kept, all metrics; else confidence, where that is a metric that all
        predictions have. Of categories, rare ones together.
        """
        return self._summary.recent.finer.get((level, self._key), lambda: self._finer(level))

    def _finer(self, level: str) -> Mapping[str, Counts]:
        settings, chosen = self.settings, [*self.present.values()]
        categories = settings.binning.categories
        found: dict[str, Counts] = {}
        kept = [(counts.kept[level], at) for counts, at in chosen if level in counts.kept]
        if len(kept) == len(chosen):
            found = exact_bins(kept, settings.names(level), self.tick, missed=level == "O")
        known = CONFIDENCE in settings.binning.edges and not self._summary.n_unsure
        if level == "P" and known and not found:
            found[CONFIDENCE] = confidence_counts(chosen, settings, self.tick)
        for name, where in settings.columns(level).items():
            if name in categories:
                in_groups = (self.rates(level, "all", name).rows > 0).sum(axis=0)
                found[name] = category_counts(self.together(level), where, in_groups)
        return found

    @property
    def is_between(self) -> bool:
        """Whether the groups of clusters were not counted at this IoU threshold."""
        return self.tick not in self.settings.group_ticks

    @property
    def group_tick(self) -> int:
        """Number of the nearest threshold at which they were, among those."""
        ticks = np.array(self.settings.group_iou_thresholds)
        return int(np.abs(ticks - self.settings.iou_thresholds[self.tick]).argmin())

    def groups(self, level: str) -> GroupTable:
        """Add the groups of clusters of all classes, at the nearest threshold."""

        def add() -> GroupTable:
            total, sketches = nothing_by_group(self.settings, level), []
            for counts, at in self.in_bins:
                total += class_table(counts, level, self.group_tick, at)
            for counts, at in self.present.values():
                sketches.append(counts.clusters[f"P{at}" if level == "P" else "O0"])
            return replace(total, n_clusters=count_clusters(sketches))

        return self._summary.recent.groups.get((level, self._key), add)

    def groups_here(self, level: str) -> GroupTable:
        """Give the groups of clusters at this threshold."""
        groups = self.groups(level)
        if not self.is_between:
            return groups
        return groups.at_tick(self.together(level), self.settings, level)

    def rates(self, level: str, name: str, metric: str) -> RateTable:
        """Give the groups of clusters of one metric, of a class, or of "all", at this threshold."""
        few = self.settings.displayed(level)[metric]
        chosen = self.in_bins if name == "all" else [self._by_itself(name)]
        total = rates_of(chosen, level, self.group_tick, few)
        if not self.is_between:
            return total
        counted = self.together(level) if name == "all" else self.of_class(name, level)
        assert counted is not None  # noqa: S101  # only classes with counts are traced
        where = self.settings.columns(level)[metric]
        starts = where.start + self.settings.display_starts(metric)
        return total.at_tick(
            *(
                np.add.reduceat(part[: where.stop - 1], starts)
                for part in (counted.successes, counted.totals)
            )
        )

    def prepare(self) -> None:
        """Count what the next questions need, such as while a person looks at the page."""
        self.scored()
        for level in ("P", "O"):
            self.together(level)
            self.finer(level)
