"""The slice that all numbers are about: a chip for each condition, which a click removes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Button

from ea_widgets.analysis.formatting import value_in_words
from ea_widgets.analysis.slices import joined
from ea_widgets.analysis.slices.condition import Where
from ea_widgets.data.catalogue import MetricName
from ea_widgets.widgets.base import close_tree, send, span, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.evaluation import Evaluation
    from ea_widgets.analysis.slices import Condition

CROSS = "\N{MULTIPLICATION SIGN}"
LONGEST = 60


class FilterChips(Box):
    """A row of chips, hidden while there are none.

    Parameters
    ----------
    on_choose : callable
        Called with the condition that is left when a chip is clicked; None for everything.
    guard : callable
        Makes a handler show what it raises.
    """

    def __init__(
        self, on_choose: Callable[[Condition | None], None], guard: Callable[..., Any]
    ) -> None:
        self._remove = guard(lambda part: on_choose(joined(p for p in self._parts if p != part)))
        self._parts: tuple[Condition, ...] = ()
        self._label = HTML('<span class="eaw-label">Only where</span>')
        row = {"flex_flow": "row wrap", "align_items": "center", "display": "none"}
        super().__init__([self._label], layout=row)
        self.add_class("eaw-filter")

    def show(self, where: Condition | None, evaluation: Evaluation) -> None:
        """Show a condition.

        Parameters
        ----------
        where : Condition or None
        evaluation : Evaluation
            Knows the units.
        """
        parts = () if where is None else where.parts
        if parts == self._parts:
            return
        self._parts = parts
        old = self.children[1:]
        chips = [self._chip(part, in_words(part, evaluation)) for part in dict.fromkeys(parts)]
        send(self, children=(self._label, *chips))
        send(self.layout, display="flex" if parts else "none")
        for chip in old:
            close_tree(chip)

    def _chip(self, part: Condition, words: str) -> Button:
        chip = Button(
            description=f"{text.elide(words, LONGEST)} {CROSS}",
            tooltip=f"Remove the filter {words}",
        )
        chip.add_class("eaw-chip")
        chip.on_click(lambda _button: self._remove(part))
        return chip


def in_words(where: Condition, evaluation: Evaluation) -> str:
    """Write a condition as people read it, with units and dates.

    Parameters
    ----------
    where : Condition
    evaluation : Evaluation
        Knows the units.

    Returns
    -------
    str
        Plain text.
    """
    return " and ".join(_part_in_words(part, evaluation) for part in where.parts)


def _part_in_words(part: Condition, evaluation: Evaluation) -> str:
    if not isinstance(part, Where) or (part.low is None and part.high is None):
        return str(part)
    metrics = evaluation.metrics
    name = MetricName.parse(part.metric).name
    known = metrics[(metrics.index == part.metric) | metrics["name"].isin([name, part.metric])]
    unit = str(known["unit"].iloc[0]) if len(known) else ""
    if part.low is None or part.high is None:
        sign, end = ("≤", part.high) if part.low is None else ("≥", part.low)
        return f"{part.metric} {sign} {value_in_words(end, unit)}"
    return f"{part.metric} {span(part.low, part.high, unit)}"
