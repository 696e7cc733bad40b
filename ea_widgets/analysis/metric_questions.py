"""Questions about metrics: which of them matter, how, and in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ea_widgets.analysis.curves.curve import Curve, curve_frame, empty_frame
from ea_widgets.analysis.curves.sentences import Sentence, describe_metric
from ea_widgets.analysis.formatting import displayed_names
from ea_widgets.analysis.importance.ranking import (
    OUTCOMES,
    RankingOptions,
    check_flag,
    check_given,
    check_ranking,
    rank_metrics,
)
from ea_widgets.analysis.importance.redundancy import twin_table
from ea_widgets.analysis.importance.threshold_sweep import IOU_THRESHOLDS, check_thresholds, sweep
from ea_widgets.analysis.matching.matched import Matched
from ea_widgets.analysis.sample.query import (
    Choice,
    check_count,
    check_option,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd


class MetricQuestions(Matched):
    """What `Evaluation` answers about metrics."""

    def importance(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: float = 0.0,
        classes: Iterable[str] = (),
        outcome: str = "true_positive",
        *,
        settled: bool = False,
        given: str | None = None,
        include_class: bool = False,
        method: str = "uncertainty",
        correlation: str = "pearson",
        should_stop: Callable[[], bool] | None = None,
    ) -> pd.DataFrame:
        """Rank the metrics by how much they tell about the outcome.

        Parameters
        ----------
        iou_threshold, confidence_threshold, classes
            See :meth:`scores`.
        outcome : {"true_positive", "missed"}, default "true_positive"
            "true_positive" asks of each prediction whether it is one, and ranks the metrics of
            predictions (P) and images (F); "missed" asks of each label whether it was missed,
            and ranks the metrics of labels (O) and images (F).
            With `method="mutual_info"` also "iou": the IoU of a true positive, 0 for the rest.
        settled : bool, default False
            Add what tells the numbers from chance; takes about a second at 500,000 predictions.
        given : str, optional
            A metric of the same side, or "class", that is held fixed: importance is then what a
            metric tells beyond it, I(outcome; metric | given) / H(outcome | given), over the rows
            that have both. Correlation stays as it is.
        include_class : bool, default False
            Rank the class too, as "Class (P)" or "Class (O)", without a correlation.
        method : {"uncertainty", "mutual_info"}, default "uncertainty"
            "mutual_info" gives scikit-learn's nearest-neighbour estimate in nats, to compare with
            other tools; :mod:`ea_widgets.analysis.importance.mutual_info` says why it is not
            the default.
        correlation : {"pearson", "spearman"}, default "pearson"
        should_stop : callable, optional
            Asked every few hundredths of a second of the settled phase, from other threads too.

        Returns
        -------
        DataFrame
            One row per metric, by falling importance; index: the displayed name. Columns
            `importance` (uncertainty coefficient, in [0, 1]), `correlation` (Pearson, in
            [-1, 1]; NaN where metric or outcome does not vary), `n` (predictions or labels with
            a value), `name`, `level`, `unit`, `description`. No rows without metrics. With
            `settled` also `importance_low`, `importance_high`, `correlation_low`,
            `correlation_high` (95 % intervals, whole frames drawn again), `noise_floor` (95 %
            point of the importance of noise), `p_value`, `distinguishable` (from noise, at 5 %
            false discoveries over the metrics shown), `same_as` (displayed name of a metric
            ranked higher that orders the objects alike, or ""; see :meth:`twins`).

        Raises
        ------
        InvalidInputError
            If an argument cannot be used.
        ComputationStoppedError
            If `should_stop` said so.
        """
        choice = self._choice(iou_threshold, confidence_threshold, classes)
        options = check_ranking(outcome, settled, given, include_class, method, correlation)
        options = replace(options, given=check_given(given, self._sides[options.side].names))
        return self._tables.get(
            (options, choice), lambda: self._rank(options, choice, should_stop)
        ).copy()

    def _rank(
        self,
        options: RankingOptions,
        choice: Choice,
        should_stop: Callable[[], bool] | None = None,
    ) -> pd.DataFrame:
        return rank_metrics(
            self._subject(options.side, choice),
            options,
            self._details[options.side],
            len(self.class_names),
            should_stop,
        )

    def importance_sweep(
        self,
        iou_thresholds: Iterable[float] = IOU_THRESHOLDS,
        top: int = 6,
        confidence_threshold: float = 0.0,
        classes: Iterable[str] = (),
        outcome: str = "true_positive",
        should_stop: Callable[[], bool] | None = None,
    ) -> pd.DataFrame:
        """Follow the importance of the top metrics over IoU thresholds.

        What matters for finding objects may differ from what matters for placing them well.

        Parameters
        ----------
        iou_thresholds : iterable of float, default 0.05, 0.10, ..., 0.95
            In [0, 1].
        top : int, default 6
            Metrics wanted: those of the highest importance at any of the thresholds.
        confidence_threshold, classes, outcome, should_stop
            See :meth:`importance`.

        Returns
        -------
        DataFrame
            One row per metric, by falling highest importance, and threshold, ascending. Columns
            `metric` (displayed name), `iou_threshold`, `importance`, `correlation`, `n`.

        Raises
        ------
        InvalidInputError
            If an argument cannot be used.
        ComputationStoppedError
            If `should_stop` said so.
        """
        options = check_ranking(outcome)
        thresholds = check_thresholds(iou_thresholds)
        choices = [self._choice(at, confidence_threshold, classes) for at in thresholds]
        return sweep(
            lambda choice: self._subject(options.side, choice),
            choices,
            check_count("top", top),
            should_stop,
        )

    def sentences(
        self,
        metric: str,
        iou_threshold: float = 0.5,
        confidence_threshold: float = 0.0,
        classes: Iterable[str] = (),
        settled: bool = False,
    ) -> tuple[Sentence, ...]:
        """Say in words what the intervals support about one metric.

        Parameters
        ----------
        metric : str
            Name, with or without the level: predictions and labels are both spoken of.
        iou_threshold, confidence_threshold, classes
            See :meth:`scores`.
        settled : bool, default False
            Ask :meth:`importance` whether the metric can be told from noise (kept if that was
            asked before); without it, a range must lie four standard errors from the average.

        Returns
        -------
        tuple of Sentence
            At most four: of predictions and of labels the worst range and, if it is not just the
            rest, the best one; or one that no range stands out. Empty where there is nothing to
            speak of.

        Raises
        ------
        InvalidInputError
            If the metric or a class is unknown, or a number cannot be used.
        """
        choice = self._choice(iou_threshold, confidence_threshold, classes)
        row = self._find_metric(metric)
        chosen = tuple(self.class_names[code] for code in choice.classes)
        asked = (iou_threshold, confidence_threshold, chosen)
        check_flag("settled", settled)
        spoken: list[Sentence] = []
        for side, level in (("true_positive", "P"), ("missed", "O")):
            names = displayed_names(metric, str(row["name"]), level)
            name = next((name for name in names if name in self._sides[side].names), None)
            if name is None:
                continue
            known = None
            if settled:
                table = self.importance(*asked, outcome=side, settled=True)
                known = bool(table.loc[name, "distinguishable"])
            subject = self._subject(side, choice)
            spoken += describe_metric(subject, name, str(row["unit"]), side, known)
        return tuple(spoken)

    def twins(self, classes: Iterable[str] = (), outcome: str = "true_positive") -> pd.DataFrame:
        """Find the metrics that say the same as another.

        Parameters
        ----------
        classes : iterable of str, default ()
            Class names, in any order; empty = all.
        outcome : {"true_positive", "missed"}, default "true_positive"
            Metrics of predictions (P), or of labels (O); both with those of images (F).

        Returns
        -------
        DataFrame
            One row per metric that orders the objects as one before it does: columns `metric`,
            `same_as` (displayed names), `rank_correlation` (0.95 or more, of either sign).

        Raises
        ------
        InvalidInputError
            If an argument cannot be used.
        """
        choice = self._choice(0.5, 0.0, classes)
        selection = self._selection(check_option("outcome", outcome, OUTCOMES), choice)
        return twin_table(selection, selection.side.names)

    def curve(
        self,
        metric: str,
        iou_threshold: float = 0.5,
        confidence_threshold: float = 0.0,
        classes: Iterable[str] = (),
        bins: int = 20,
        by_class: bool = False,
    ) -> Curve:
        """Show how the true positive and false negative rates change with a metric.

        Parameters
        ----------
        metric : str
            Name, with or without the level: a metric of predictions is drawn with its twin of
            labels; one of images, marked (F), on both sides.
        iou_threshold, confidence_threshold, classes
            See :meth:`scores`.
        bins : int, default 20
            Most bins wanted; they hold about equally many objects, ties together.
        by_class : bool, default False
            One curve per class, all with the same edges, instead of one of all classes together.

        Returns
        -------
        Curve

        Raises
        ------
        InvalidInputError
            If the metric or a class is unknown, or a number cannot be used.
        """
        choice = self._choice(iou_threshold, confidence_threshold, classes)
        n_bins, by_class = check_count("bins", bins), check_flag("by_class", by_class)
        row = self._find_metric(metric)
        names = self.metrics.index
        name = str(row["name"])
        sides = [
            self._curve(
                outcome,
                choice,
                next((n for n in displayed_names(metric, name, level) if n in names), None),
                n_bins,
                by_class=by_class,
            )
            for outcome, level in (("true_positive", "P"), ("missed", "O"))
        ]
        return Curve(
            metric=name,
            unit=str(row["unit"]),
            description=str(row["description"]),
            predictions=sides[0][0],
            labels=sides[1][0],
            average_true_positive_rate=sides[0][1],
            average_false_negative_rate=sides[1][1],
        )

    def _curve(
        self, outcome: str, choice: Choice, metric: str | None, n_bins: int, *, by_class: bool
    ) -> tuple[pd.DataFrame, float]:
        selection = self._selection(outcome, choice)
        successes, excluded = self._counted(outcome, selection, choice)
        if metric is None:
            n = len(selection.rows) - len(excluded)
            return empty_frame(), len(successes) / n if n else float("nan")
        binned = selection.curve_bins(metric, n_bins, by_class=by_class)
        counts = binned.fold(selection.positions(successes), selection.positions(excluded))
        n = int(counts.totals.sum())
        average = int(counts.successes.sum()) / n if n else float("nan")
        return curve_frame(binned, counts, self.class_names), average
