"""Which errors are explained: one choice for ranking, ranges and pictures."""

from __future__ import annotations

from ea_widgets.analysis.importance import OUTCOMES
from ea_widgets.data.catalogue import MetricName
from ea_widgets.widgets.base.traits import Option
from ea_widgets.widgets.base.widget import EvaluationWidget

EXPLAINED_BY = {"true_positive": "PF", "missed": "OF"}
"""Levels of the metrics that can explain each kind of error."""

KIND_OF = {"true_positive": "false_positive", "missed": "missed"}
"""Objects that are the errors of an outcome."""

OUTCOME_WORDS = (("False positives", "true_positive"), ("Missed objects", "missed"))
"""What the two choices are called on screen."""


class OutcomeWidget(EvaluationWidget):
    """A widget about one kind of error."""

    outcome = Option(OUTCOMES, "true_positive")
    """Which errors are explained: ``"true_positive"``, whether predictions are right, or
    ``"missed"``, whether label objects are missed. Another one turns the metric to its counterpart
    of labels or of predictions, where there is one. Default ``"true_positive"``."""

    _explained: str | None = None

    def _drop_unknown(self) -> None:
        """Turn the metric too when other errors are to be explained."""
        super()._drop_unknown()
        other = self._explained not in {None, self.outcome}
        self._explained = self.outcome
        if not other or self.metric is None:
            return
        name, level = MetricName.parse(self.metric).parts
        counterpart = MetricName(name, EXPLAINED_BY[self.outcome][0])
        if level not in EXPLAINED_BY[self.outcome] and counterpart in self.evaluation.metrics.index:
            self.metric = str(counterpart)

    def ranked(self) -> list[str]:
        """List the metrics that can explain the errors."""
        levels = self.evaluation.metrics["level"]
        return [name for name, level in levels.items() if level in EXPLAINED_BY[self.outcome]]
