"""Rows that sentences speak of, and how sure their rates are when ranges are chosen for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.frame_exchange import likeness
from ea_widgets.core.statistics.intervals import design_effect, t_quantile, wilson_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.sample import Subject
    from ea_widgets.core.statistics.binning import RankedColumn

FEWEST_FRAMES = 10
"""Images that a range must lie in to be spoken of: the rate of fewer says little of others."""

Z_CHOSEN = 2.394
"""Standard normal quantile of the intervals: each range is chosen for its rate, as if from three.

By Bonferroni 98.3 % each; with 95 % each, 76 to 91 % of the intervals held the truth."""

OWN_FRAMES = 4
"""Images whose own spread counts as much as that of all together."""


@dataclass(frozen=True, eq=False)
class Described:
    """Rows of a subject that have a value of one metric.

    Attributes
    ----------
    subject : Subject
    metric : str
        Displayed name.
    missed : bool
        Whether the rows are labels, and the outcome is an error.
    """

    subject: Subject
    metric: str
    missed: bool

    @cached_property
    def column(self) -> RankedColumn:
        """The metric's values among the rows that count."""
        selection = self.subject.selection
        return selection.side.metrics[self.metric].take(selection.rows[self.subject.counted])

    @cached_property
    def value(self) -> NDArray[np.float64]:
        """Value of each row that counts; NaN where missing."""
        return self.column.spread(np.append(self.column.values, np.nan))

    @cached_property
    def frame(self) -> NDArray[np.intp]:
        """Image of each row that counts."""
        side = self.subject.selection.side
        return side.image_code[self.subject.selection.rows[self.subject.counted]]

    @cached_property
    def hit(self) -> NDArray[np.bool_]:
        """Whether each row that counts has the outcome."""
        return self.subject.outcome() > 0

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Whether each row that counts has a value."""
        return ~np.isnan(self.value)

    @cached_property
    def average(self) -> float:
        """Rate of the outcome among the rows with a value; NaN if there are none."""
        return float(self.hit[self.present].mean()) if self.present.any() else float("nan")

    @cached_property
    def n_errors(self) -> int:
        """False positives, or missed labels, among the rows with a value."""
        hits = int(self.hit[self.present].sum())
        return hits if self.missed else int(self.present.sum()) - hits

    def rate(self, inside: NDArray[np.bool_]) -> tuple[float, float, float, float]:
        """Rate of the outcome in some rows, its 95 % interval and its standard error.

        Without an interval, from 0 to 1, where too few images are left to tell.
        """
        n, hits = float(inside.sum()), self.hit[inside].astype(np.float64)
        per_frame = np.bincount(self.frame[inside])
        n_frames = int((per_frame > 0).sum())
        rate = float(hits.mean())
        if n_frames < FEWEST_FRAMES:
            return rate, 0.0, 1.0, np.inf
        squares = float((per_frame.astype(np.float64) ** 2).sum())
        effect = 1 + self._likeness(inside) * max(squares / n - 1, 0.0)
        if 0 < rate < 1:
            own = design_effect(
                np.bincount(self.frame[inside], hits).astype(np.float64),
                per_frame.astype(np.float64),
                np.zeros(1, np.intp),
            )
            weight = n_frames - 1
            effect = (weight * float(own[0]) + OWN_FRAMES * effect) / (weight + OWN_FRAMES)
        # Images of very different sizes are worth as many as weigh in.
        z = t_quantile(max(n**2 / squares - 1, 3.0), Z_CHOSEN)
        low, high = wilson_interval(np.array([rate]), np.array([n / effect]), z)
        # At the average's variance: that of a rate of 0 would be 0.
        error = np.sqrt(self.average * (1 - self.average) * effect / n)
        return rate, float(low[0]), float(high[0]), float(error)

    def _likeness(self, inside: NDArray[np.bool_]) -> float:
        """How alike the outcomes of one image are, within some rows and within the others."""
        stratum = (~inside[self.present]).astype(np.intp)
        n_images = self.subject.selection.side.n_images
        cell = stratum * n_images + self.frame[self.present]
        sizes = np.bincount(cell)
        hits = np.bincount(cell, self.hit[self.present]).astype(np.int64)
        there = np.flatnonzero(sizes)
        return likeness(hits[there], sizes[there], there // n_images)
