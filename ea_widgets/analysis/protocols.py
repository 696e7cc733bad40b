"""What widgets and the report need to be answered, whoever answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from ea_widgets.analysis import actions, curves, matching
    from ea_widgets.analysis.facts import Facts
    from ea_widgets.analysis.scores import Scores
    from ea_widgets.data.dataset import Dataset


class AnswersOfView(Protocol):
    """The answers to one query; see :class:`~ea_widgets.analysis.view.View` for each of them."""

    def scores(self) -> Scores: ...
    def reasons(self) -> matching.Reasons: ...
    def coco_summary(self) -> dict[str, float]: ...
    def precision_recall(self) -> pd.DataFrame: ...
    def importance(self, outcome: str = ..., **options: Any) -> pd.DataFrame: ...
    def importance_sweep(self, *args: Any, **options: Any) -> pd.DataFrame: ...
    def curve(self, metric: str, bins: int = ..., *, by_class: bool = ...) -> curves.Curve: ...
    def sentences(self, metric: str, **options: Any) -> tuple[curves.Sentence, ...]: ...
    def worst_ranges(self, n: int = ..., outcome: str = ..., **options: Any) -> pd.DataFrame: ...
    def objects_in_range(self, metric: str | None = ..., **options: Any) -> actions.ExamplePage: ...
    def what_if(self, rules: Iterable[actions.Rule]) -> actions.RuleEffect: ...
    def best_min_confidence(
        self, metric: str, low: float | None = ..., high: float | None = ...
    ) -> actions.BestConfidence: ...


@runtime_checkable
class Answers(Protocol):
    """What can be asked under any query: an Evaluation, a summary of many, a comparison."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes in display order."""
        ...

    @property
    def metrics(self) -> pd.DataFrame:
        """One row per metric and level; index: the displayed name."""
        ...

    @property
    def confidence_span(self) -> tuple[float, float]:
        """Smallest and largest confidence threshold."""
        ...

    @property
    def ticks(self) -> Mapping[str, tuple[float, ...]]:
        """The only thresholds that can be asked for, by argument; any, where it has no entry."""
        ...

    @property
    def facts(self) -> Facts:
        """How much data there is."""
        ...

    @property
    def pictured(self) -> Dataset:
        """A data set that has the images of all objects that can be looked at."""
        ...

    def at(self, *args: Any, **query: Any) -> AnswersOfView:
        """Choose thresholds, classes and a slice; all questions are asked of what this gives."""
        ...

    def cannot(self, question: str) -> str | None:
        """Say why a question cannot be answered, in a sentence; None where it can.

        Parameters
        ----------
        question : str
            Name of the method: "what_if", "objects_in_range", ...
        """
        ...
