"""The answer to `what would mending this kind of error be worth?`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.checks import check_flag
from ea_widgets.analysis.gains.kinds import CLS, Mender
from ea_widgets.analysis.gains.mending import Mending
from ea_widgets.analysis.lru_cache import LruCache
from ea_widgets.analysis.matching.reasons import Gains
from ea_widgets.analysis.scores.error_counts import count_reasons
from ea_widgets.core.matching.error_types import REASONS

if TYPE_CHECKING:
    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.matching.reasons import Reasons
    from ea_widgets.analysis.sample.query import Query

MENDERS_KEPT = 4


def mender_of(data: MatchedData, query: Query) -> Mender:
    """Find the errors of a query; kept for the next question."""
    kept: LruCache[Query, Mender] = data.once("menders", lambda: LruCache(MENDERS_KEPT))
    return kept.get(query, lambda: Mender(data.engine, query, known=not data.slice.lacking))


def reasons_of(data: MatchedData, query: Query, *, gain: bool = False) -> Reasons:
    """Count TIDE's reasons, and tell what mending each is worth; see :meth:`View.reasons`."""
    reasons = count_reasons(data, query)
    if not check_flag("gain", gain):
        return reasons
    return replace(reasons, gains=data.answer("gains", query, lambda: find_gains(data, query)))


def find_gains(data: MatchedData, query: Query) -> Gains:
    """Mend one kind after the other; see :class:`Gains`."""
    mender = mender_of(data, query)
    errors = mender.errors
    unseen = np.flatnonzero(mender.labels & errors.unseen)
    renamed = errors.label[errors.wins & (errors.reason[errors.prediction] == CLS)]
    wrong_class = errors.labels_mended(mender.labels)
    n_renamed = int(np.count_nonzero(mender.labels[renamed]))
    return Gains(
        predictions=tuple(mender.of_reason(reason) for reason in REASONS),
        labels=(mender.gain(Mending(left_out=unseen)), mender.gain(wrong_class)),
        mended=(len(unseen), n_renamed),
        false_positives=mender.gain(Mending(removed=np.flatnonzero(mender.predictions))),
        missed=mender.gain(Mending(left_out=np.flatnonzero(mender.labels))),
    )
