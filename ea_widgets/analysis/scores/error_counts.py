"""How many predictions are wrong and labels missed, by reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.analysis.matching import ReasonCounter

if TYPE_CHECKING:
    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.matching import Reasons
    from ea_widgets.analysis.sample import Query


def count_reasons(data: MatchedData, query: Query) -> Reasons:
    """Count TIDE's reasons; see :meth:`View.reasons`."""
    counter = data.once("reasons", lambda: ReasonCounter(data.engine))
    return data.answer("reasons", query, lambda: counter.count(query, data.outcome(query)))
