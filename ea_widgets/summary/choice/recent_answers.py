"""What views of a summary asked for lately, so that linked widgets cost one computation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.analysis.lru_cache import LruCache

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ea_widgets.summary.counts import Counted
    from ea_widgets.summary.precision import Ranked
    from ea_widgets.summary.ranks.confidence_counts import Counts
    from ea_widgets.summary.uncertainty import GroupTable

    Choice = tuple[int, tuple[int, ...], tuple[int, ...]]
    """Number of the IoU threshold, codes of the classes, confidence level of each."""

CHOICES = 95
"""All thresholds by default; more of each kind of answer are not kept."""

TABLES = 4
"""Tables of the groups of clusters, of some megabytes each."""


class RecentAnswers:
    """Answers by choice; may be asked for from several threads."""

    def __init__(self) -> None:
        self.scores: LruCache[Choice, tuple[Ranked, ...]] = LruCache(2 * CHOICES)
        self.totals: LruCache[tuple[str, Choice], Counted] = LruCache(2 * CHOICES)
        self.finer: LruCache[tuple[str, Choice], Mapping[str, Counts]] = LruCache(2 * CHOICES)
        self.groups: LruCache[tuple[str, Choice], GroupTable] = LruCache(TABLES)
