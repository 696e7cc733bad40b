"""The answers of a summary to one query."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_count, check_flag
from ea_widgets.analysis.scores import Scores, scores_from_counts, with_intervals
from ea_widgets.analysis.slices import check_values
from ea_widgets.errors import NotAnswerableError, shown
from ea_widgets.summary.choice import SummaryChoice
from ea_widgets.summary.curves import TracedSide, find_metric, trace, trace_precision
from ea_widgets.summary.examples import KINDS, Chosen, ExamplePage, example_page
from ea_widgets.summary.over_iou import best_threshold, coco_numbers, sweep
from ea_widgets.summary.ranks.ranking import level_of, ranking
from ea_widgets.summary.uncertainty import replicates, uncertainty
from ea_widgets.summary.worst_ranges import worst_ranges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from ea_widgets.analysis.scores import Replicates
    from ea_widgets.analysis.vocabulary import Binning, Curve


class SummaryView(SummaryChoice):
    """A summary under one choice of thresholds and classes: ask it as often as you like.

    ``summary.at(...)`` makes one. It never changes.
    """

    def __repr__(self) -> str:
        return f"SummaryView(IoU {self._query.iou_threshold:g}, {len(self._levels):,} classes)"

    def at_iou(self, iou_threshold: float) -> SummaryView:
        """Choose another IoU threshold, and the same else."""
        tick = self._summary.settings.tick(iou_threshold)
        return SummaryView(self._summary, self._query, tick, self._levels)

    def scores(
        self, *, settled: bool = False, should_stop: Callable[[], bool] | None = None
    ) -> Scores:
        """Score the detector; see :meth:`View.scores`.

        Parameters
        ----------
        settled : bool, default False
            Add 95 % intervals, from 100 random groups of clusters that are drawn again.
        should_stop : callable, optional
            Asked between classes.

        Returns
        -------
        Scores
            Counts, precision, recall and AR are exact; AP is, where
            :meth:`average_precision_bounds` are equal.
        """
        of_classes = self.counts.scored()
        found, counted, labels = (
            np.array([getattr(one, name) for one in of_classes], np.int64)
            for name in ("found", "counted", "labels")
        )
        precision = np.array([one.precision for one in of_classes])
        if self._summary.n_unsure:
            precision[:] = np.nan
        scores = scores_from_counts(
            pd.Index(self.classes, dtype=object, name="class_name"),
            found=found,
            counted=counted,
            labels=labels,
            average_precision=precision,
            predictions_total=self._summary.n_predictions,
        )
        if not check_flag("settled", settled):
            return scores
        return with_intervals(scores, self.resampled(should_stop))

    def resampled(self, should_stop: Callable[[], bool] | None = None) -> Replicates:
        """Score the data, and 512 draws of the 100 random groups of clusters.

        Parameters
        ----------
        should_stop : callable, optional
            Asked between classes.

        Returns
        -------
        Replicates
        """
        summary = self._summary
        return replicates(
            summary.counts,
            self.classes,
            self.counts.scored(),
            summary.settings,
            self._tick,
            self._levels,
            should_stop,
        )

    def coco_summary(self) -> dict[str, float]:
        """Score the chosen classes as COCO does, over IoU .50:.95 and all predictions.

        Returns
        -------
        dict of str to float
            `AP`, `AP50`, `AP75` and `AR100`; see :meth:`View.coco_summary`. Areas and fewer
            predictions per image cannot be told from counts.

        Raises
        ------
        NotAnswerableError
            If was not counted at these thresholds.
        """
        return coco_numbers(self._summary, self.classes)

    def precision_recall(self) -> pd.DataFrame:
        """Trace precision over recall, class by class; see :meth:`View.precision_recall`.

        Returns
        -------
        DataFrame
            Exact for classes of fewer than 5,000 predictions. Of others, a row of kind "raw" is a
            bin of confidence that holds true positives, and `confidence` is its lower end; the
            mean of the "interpolated" precision is the AP of :meth:`scores`.
        """
        summary = self._summary
        return trace_precision(
            self.counts.present,
            summary.settings,
            self.counts.tick,
            self.class_names,
            sure=not summary.n_unsure,
        )

    def best_threshold(self) -> float:
        """Find the confidence of the highest F1 among those at which was counted.

        Returns
        -------
        float
            The lowest confidence threshold where that is of all predictions; NaN where no F1 is
            known.
        """
        return best_threshold(self._summary, self._query.iou_threshold, self.classes)

    def average_precision_bounds(self) -> pd.DataFrame:
        """Tell between which two numbers the AP of each class is.

        Returns
        -------
        DataFrame
            Index `class_name`, the chosen classes in display order; columns `low`, `high`. Equal
            for a class of fewer than 5,000 predictions, each of which is kept. Of others,
            confidences are known by bin only. NaN without labels.
        """
        bounds = zip(*self.counts.precision_bounds(), strict=True)
        index = pd.Index(self.classes, dtype=object, name="class_name")
        return pd.DataFrame([*bounds], index=index, columns=["low", "high"], dtype=np.float64)

    def importance(
        self,
        outcome: str = "true_positive",
        *,
        settled: bool = False,
        should_stop: Callable[[], bool] | None = None,
        **options: Any,
    ) -> pd.DataFrame:
        """Rank the metrics by how much they tell about the outcome; see :meth:`View.importance`.

        Parameters
        ----------
        outcome : {"true_positive", "missed"}, default "true_positive"
        settled : bool, default False
            Add intervals and what noise would give, from 100 random groups of clusters; see
            :meth:`View.importance`. Which metrics are near-duplicates is not known: `same_as` is
            empty.
        should_stop : callable, optional
            Asked every few milliseconds whether to stop.
        **options
            Further ones of :meth:`View.importance`; none can be answered.

        Returns
        -------
        DataFrame
            From at most 64 bins per metric, of Model Confidence from 2,048; of up to 5,000 rows of
            classes with less than 5,000 from the bins of an evaluation. It differs from that by
            less than 0.005 as a rule; by more where hardly any object has the rarer outcome.

        Raises
        ------
        InvalidInputError
            If there is no such outcome.
        NotAnswerableError
            If an option is given.
        """
        level = level_of(outcome)
        for name, value in options.items():
            if value:
                raise NotAnswerableError(
                    name,
                    f"is {shown(value)}",
                    "A summary ranks the metrics without it: leave it out.",
                )
        settings = self._summary.settings
        columns, together = settings.columns(level), self.counts.together(level)
        details, categories = self.metrics.loc[list(columns)], settings.binning.categories
        if not check_flag("settled", settled):
            return ranking(together, columns, categories, details, self.counts.finer(level))
        groups, table = self.counts.groups(level), self.counts.groups_here(level)

        def settle(value: NDArray[np.float64], correlations: NDArray[np.float64]) -> dict[str, Any]:
            displayed = settings.displayed(level)
            kinds = np.array([name in categories for name in displayed], bool)
            return uncertainty(table, groups, displayed, kinds, value, correlations, should_stop)

        found = ranking(together, columns, categories, details, self.counts.finer(level), settle)
        found.insert(len(found.columns) - len(details.columns), "same_as", "")
        return found

    def importance_sweep(
        self,
        iou_thresholds: Iterable[float] | None = None,
        top: int = 6,
        outcome: str = "true_positive",
        should_stop: Callable[[], bool] | None = None,
    ) -> pd.DataFrame:
        """Follow the importance of the top metrics; see :meth:`View.importance_sweep`.

        Parameters
        ----------
        iou_thresholds : iterable of float, optional
            All that were counted by default.
        top, outcome, should_stop
            See :meth:`View.importance_sweep`.

        Returns
        -------
        DataFrame

        Raises
        ------
        InvalidInputError
            If an argument cannot be used.
        NotAnswerableError
            If was not counted at a threshold.
        ComputationStoppedError
            If `should_stop` said so.
        """
        return sweep(self, iou_thresholds, top, outcome, should_stop)

    def worst_ranges(
        self,
        n: int = 5,
        outcome: str = "true_positive",
        *,
        settled: bool = False,
        should_stop: Callable[[], bool] | None = None,
    ) -> pd.DataFrame:
        """Find the metric ranges with the most errors above average; see :meth:`View.worst_ranges`.

        Parameters
        ----------
        n, outcome, should_stop
            See :meth:`View.worst_ranges`.
        settled : bool, default False
            Judge how sure each range is, by 199 data sets in which what each of 100 random groups
            of clusters has more or less than average is turned round at random.

        Returns
        -------
        DataFrame
            Of all chosen classes together, in runs of the 20 bins in which groups were counted;
            of categories, each frequent one. Ends are edges of these bins. Metrics that say the
            same name the same objects: a summary cannot tell.

        Raises
        ------
        InvalidInputError
            If an argument cannot be used.
        ComputationStoppedError
            If `should_stop` said so.
        """
        level, most = level_of(outcome), check_count("n", n)
        settled = check_flag("settled", settled)
        return worst_ranges(
            self.counts, self.metrics, level, most, settled=settled, should_stop=should_stop
        )

    def objects_in_range(
        self,
        metric: str | None = None,
        low: float | None = None,
        high: float | None = None,
        kind: str | Iterable[str] = KINDS,
        reason: str | Iterable[str] = (),
        sort: str = "metric",
        descending: bool = False,
        page: int = 0,
        page_size: int = 24,
        isin: Iterable[Any] | None = None,
    ) -> ExamplePage:
        """Look at objects of a metric's range; see :meth:`View.objects_in_range`.

        Parameters
        ----------
        metric, low, high, kind, sort, descending, page, page_size, isin
            See :meth:`View.objects_in_range`.
        reason
            Cannot be answered: reasons are not kept.

        Returns
        -------
        ExamplePage
            Of the objects that were kept: of each bin up to 64 that are right, or found, and as
            many that are not, at the IoU threshold nearest to 0.5; of each class up to 24. They
            are those with the smallest hashes: no choice of anybody. `total` and `counts` are of
            these. `object_id` is the number in the image, from 0; `row` is -1, `reason` empty.

        Raises
        ------
        InvalidInputError
            If an argument cannot be used.
        NotAnswerableError
            If a reason is asked for.
        """
        if reason:
            raise NotAnswerableError(
                "reason", f"is {shown(reason)}", "A summary keeps no such thing of its examples."
            )
        name = None if metric is None else (metric, find_metric(self.metrics, metric)["name"])
        within = None if isin is None else check_values(isin)
        chosen = Chosen(self._tick, dict(zip(self.classes, self._levels, strict=True)))
        return example_page(
            self._summary.reservoir, self._summary.settings, chosen, name, low, high, within, kind,
            sort, descending, page, page_size,
        )  # fmt: skip

    def curve(self, metric: str, bins: int | Binning = 20, *, by_class: bool = False) -> Curve:
        """Show how the rates change with a metric; see :meth:`View.curve`.

        Parameters
        ----------
        metric : str
            Name, with or without the level.
        bins : int or Binning, default 20
            Most bins wanted; they are made of those that were counted. Or edges, of which all
            inner ones are edges of the summary's binning.
        by_class : bool, default False
            One curve per class, all with the same edges.

        Returns
        -------
        Curve
            `center` is the mean of the bin. Intervals go by design effects of 100 random groups
            of clusters in at most 20 bins.

        Raises
        ------
        InvalidInputError
            If the metric is unknown, or a number cannot be used.
        NotAnswerableError
            If edges are wanted at which was not counted.
        """
        sides = {}
        for level in ("P", "O"):
            n = sum(one.counted if level == "P" else one.labels for one in self.counts.scored())
            found = sum(one.found for one in self.counts.scored())
            by_name = {n: self.counts.of_class(n, level) for n in self.classes if by_class}
            hits = found if level == "P" else n - found
            rates = partial(self.counts.rates, level)
            sides[level] = TracedSide(self.counts.together(level), by_name, n, hits, rates)
        return trace(self._summary.settings, self.metrics, sides, metric, bins, by_class=by_class)

    def prepare(self) -> None:
        """Count what the next questions need, such as while a person looks at the page."""
        self.counts.prepare()
