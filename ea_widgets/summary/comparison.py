"""Two or more models on the same images, from their summaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ea_widgets.analysis import comparison
from ea_widgets.analysis.checks import check_flag
from ea_widgets.analysis.comparison.paired_scores import compare_scores
from ea_widgets.errors import InvalidInputError, SummaryMismatchError, unknown_option
from ea_widgets.summary.paired_curves import compared_curve
from ea_widgets.summary.summary import Summary, check_same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from ea_widgets.analysis.comparison import ComparedCurve, ComparedScores, Comparison
    from ea_widgets.analysis.scores.replicates import Replicates
    from ea_widgets.summary.summary_view import SummaryView


def compare(models: Mapping[str, Any], on: str = "all") -> Comparison | SummaryComparison:
    """Compare two or more models on the same images and labels.

    Parameters
    ----------
    models : mapping of str to Dataset, Evaluation or Summary
        By name; the first is the baseline. Summaries: all of them, made with the same binning.
    on : {"all", "shared"}, default "all"
        "all" refuses models whose images or labels differ; "shared" leaves those out that not all
        have. Summaries cannot leave any out.

    Returns
    -------
    Comparison or SummaryComparison

    Raises
    ------
    InvalidInputError
        If there are fewer than two models, or they are on other images or labels.
    SummaryMismatchError
        If summaries were not made in the same way, or are of other images or labels.
    """
    given = list(models.values()) if isinstance(models, Mapping) else []
    if not any(isinstance(one, Summary) for one in given):
        return comparison.compare(models, on)
    if not all(isinstance(one, Summary) for one in given):
        raise InvalidInputError(
            "models", "holds summaries and others", "Give summaries only, or none."
        )
    if on != "all":
        raise InvalidInputError(
            "on", f"is {on!r}, and summaries hold no single images", "Leave it out."
        )
    return SummaryComparison.of(models)


@dataclass(frozen=True, eq=False)
class SummaryComparison:
    """Summaries of two or more models of the same images; ``ea.compare`` makes one.

    Attributes
    ----------
    names : tuple of str
        The first is the baseline.
    summaries : tuple of Summary
    """

    names: tuple[str, ...]
    summaries: tuple[Summary, ...]

    @classmethod
    def of(cls, models: Mapping[str, Summary]) -> SummaryComparison:
        """Check that they can be compared.

        Raises
        ------
        InvalidInputError
            If there are fewer than two.
        SummaryMismatchError
            If they were not made in the same way, or are of other images or labels.
        """
        if len(models) < 2:
            raise InvalidInputError("models", f"holds {len(models)}", "Give at least two.")
        names, (first, *others) = tuple(models), list(models.values())
        for name, other in zip(names[1:], others, strict=True):
            check_same(first.settings, other.settings)
            if not first.images.is_same(other.images):
                raise SummaryMismatchError(
                    "images", f"of {name!r} are not those of {names[0]!r}", "Count the same images."
                )
            if _labels(first) != _labels(other):
                raise SummaryMismatchError(
                    "labels", f"of {name!r} are not those of {names[0]!r}", "Count the same labels."
                )
        return cls(names, (first, *others))

    def __repr__(self) -> str:
        return f"SummaryComparison({', '.join(self.names)}: {self.summaries[0]!r})"

    def __getitem__(self, name: str) -> Summary:
        """Give the summary of a model."""
        if name not in self.names:
            raise unknown_option("name", name, self.names)
        return self.summaries[self.names.index(name)]

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes of all models: as they were given, else by name."""
        given = self.summaries[0].settings.classes
        return given or tuple(sorted({n for one in self.summaries for n in one.class_names}))

    @property
    def metrics(self) -> pd.DataFrame:
        """Metrics of all models."""
        known = [one.metrics.index for one in self.summaries[1:]]
        table = self.summaries[0].metrics
        return table[[all(name in names for names in known) for name in table.index]]

    @property
    def confidence_span(self) -> tuple[float, float]:
        """Smallest and largest confidence threshold of all models."""
        low, high = zip(*(one.confidence_span for one in self.summaries), strict=True)
        return min(low), max(high)

    @property
    def ticks(self) -> Mapping[str, tuple[float, ...]]:
        """The only thresholds that can be asked for, by argument; the lowest keeps all."""
        return self.summaries[0].settings.ticks(self.confidence_span[0])

    def cannot(self, question: str) -> str | None:
        """Say why a question cannot be answered, in a sentence; None where it can."""
        return self.summaries[0].cannot(question)

    def at(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: float | Mapping[str, float] | None = None,
        classes: Iterable[str] = (),
    ) -> SummaryComparisonView:
        """Choose thresholds and classes; all questions are asked of what this gives.

        Parameters
        ----------
        iou_threshold, classes
            See :meth:`Summary.at`.
        confidence_threshold : float or mapping of str to float, optional
            One for all models, or one for each by name; all predictions by default.

        Returns
        -------
        SummaryComparisonView

        Raises
        ------
        NotAnswerableError
            If was not counted at a threshold; the error names the nearest.
        InvalidInputError
            If a threshold cannot be used, or a class or model is unknown.
        """
        wanted = tuple(classes)
        for name in wanted:
            if name not in self.class_names:
                raise unknown_option("classes", name, self.class_names)
        by_model = isinstance(confidence_threshold, Mapping)
        for name in confidence_threshold if isinstance(confidence_threshold, Mapping) else ():
            if name not in self.names:
                raise unknown_option("confidence_threshold", name, self.names)
        views = []
        for name, one in zip(self.names, self.summaries, strict=True):
            cut: Any = confidence_threshold
            if by_model:
                cut = confidence_threshold.get(name)  # type: ignore[union-attr]  # a mapping
            lowest = None if cut is not None and cut <= one.lowest else cut
            known = [name for name in wanted if name in one.class_names]
            views.append(one.at(iou_threshold, lowest, known))
        return SummaryComparisonView(self.names, tuple(views))


@dataclass(frozen=True, eq=False)
class SummaryComparisonView:
    """A comparison of summaries under one choice of thresholds and classes.

    Attributes
    ----------
    names : tuple of str
    views : tuple of SummaryView
    """

    names: tuple[str, ...]
    views: tuple[SummaryView, ...]

    def scores(
        self, *, settled: bool = False, should_stop: Callable[[], bool] | None = None
    ) -> ComparedScores:
        """Score all models, with their differences from the baseline.

        Parameters
        ----------
        settled : bool, default False
            Add paired 95 % intervals: the same random groups of clusters are drawn again for all.
        should_stop : callable, optional
            Asked between classes.

        Returns
        -------
        ComparedScores
        """
        scores = [view.scores() for view in self.views]
        drawn = self.resampled(should_stop) if check_flag("settled", settled) else None
        return compare_scores(self.names, scores, drawn)

    def resampled(self, should_stop: Callable[[], bool] | None = None) -> list[Replicates]:
        """Score all models when the same groups of clusters are drawn again."""
        return [view.resampled(should_stop) for view in self.views]

    def curve(self, metric: str, bins: int = 20) -> ComparedCurve:
        """Show how the rates of all models change with a metric, in the baseline's bins.

        Parameters
        ----------
        metric : str
            Name, with or without the level.
        bins : int, default 20
            Most bins wanted.

        Returns
        -------
        ComparedCurve
            Intervals of differences are paired: over what each of 100 random groups of clusters
            adds to the difference.
        """
        return compared_curve(self.names, self.views, metric, bins)


def _labels(summary: Summary) -> dict[str, int]:
    """Count the labels of each class that has some."""
    counts = {name: int(one.sums["labels"][0]) for name, one in summary.counts.items()}
    return {name: count for name, count in counts.items() if count}
