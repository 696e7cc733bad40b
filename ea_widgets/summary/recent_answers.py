"""What views of a summary asked for lately, so that linked widgets cost one computation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.analysis.lru_cache import LruCache
from ea_widgets.summary.precision import Ranked, ranked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ea_widgets.summary.counts import Counted
    from ea_widgets.summary.summary import Summary

    Key = tuple[str, int, tuple[int, ...], tuple[int, ...]]

TOTALS_KEPT = 256
"""Counts of several classes together: both sides of all thresholds by default are 190."""

SCORES_KEPT = 1 << 16
"""Scores of a class at one choice of thresholds; 80 classes have 7,600 by default."""


class RecentAnswers:
    """Scores of classes, and counts of several together; may be asked from several threads.

    Parameters
    ----------
    summary : Summary
    """

    def __init__(self, summary: Summary) -> None:
        self._counts, self._settings = summary.counts, summary.settings
        self._scores: LruCache[tuple[str, int, int], Ranked] = LruCache(SCORES_KEPT)
        self._totals: LruCache[Key, Counted] = LruCache(TOTALS_KEPT)

    def ranked(self, name: str, tick: int, level: int) -> Ranked:
        """Score a class at an IoU threshold and a confidence level, by their numbers."""
        return self._scores.get(
            (name, tick, level),
            lambda: ranked(self._counts.get(name), self._settings, tick, level),
        )

    def of_classes(self, names: Sequence[str], tick: int, levels: Sequence[int]) -> RankedClasses:
        """Score classes when they are first looked at."""
        return RankedClasses(self, names, tick, levels)

    def total(self, key: Key, add: Callable[[], Counted]) -> Counted:
        """Give the counts of several classes; `add` adds them up where they are not kept."""
        return self._totals.get(key, add)


class RankedClasses:
    """Scores of some classes, found when they are first looked at.

    Parameters
    ----------
    recent : RecentAnswers
    names : sequence of str
    tick : int
        Number of the IoU threshold.
    levels : sequence of int
        Number of the confidence level of each class.
    """

    def __init__(
        self, recent: RecentAnswers, names: Sequence[str], tick: int, levels: Sequence[int]
    ) -> None:
        self._recent, self._tick = recent, tick
        self._pairs = tuple(zip(names, levels, strict=True))

    def __iter__(self) -> Iterator[Ranked]:
        return (self._recent.ranked(name, self._tick, level) for name, level in self._pairs)
