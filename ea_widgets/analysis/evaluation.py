"""Evaluation: match once, then answer any question about any threshold, class or metric."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.best_confidence import BestConfidence, best_confidence
from ea_widgets.analysis.choice import (
    Choice,
    check_choice,
    check_classes,
    check_count,
    check_option,
)
from ea_widgets.analysis.coco_summary import MAX_DETECTIONS, coco_table, summarize
from ea_widgets.analysis.curve import Curve, curve_frame, empty_frame
from ea_widgets.analysis.engine import Engine, Outcome, Recent
from ea_widgets.analysis.examples import (
    ALL_REASONS,
    KINDS,
    SORTS,
    ExamplePage,
    Gallery,
    Wanted,
    check_options,
)
from ea_widgets.analysis.precision_recall import precision_recall
from ea_widgets.analysis.range_scan import CONFIDENCE, Question
from ea_widgets.analysis.ranking import (
    OUTCOMES,
    RankingOptions,
    check_flag,
    check_given,
    check_ranking,
    rank_metrics,
)
from ea_widgets.analysis.reasons import ReasonCounter, Reasons
from ea_widgets.analysis.rule import Rule, check_end, check_order
from ea_widgets.analysis.scoring import scores_from_counts
from ea_widgets.analysis.sentences import Sentence, describe_metric
from ea_widgets.analysis.side import Selection, Side, build_side
from ea_widgets.analysis.subject import Subject
from ea_widgets.analysis.sweep import IOU_THRESHOLDS, check_thresholds, sweep
from ea_widgets.analysis.tables import match_tables
from ea_widgets.analysis.twins import twin_table
from ea_widgets.analysis.what_if import Trials, WhatIf, check_rules
from ea_widgets.analysis.words import displayed_names
from ea_widgets.analysis.worst_ranges import worst_ranges
from ea_widgets.data.dataset import Dataset
from ea_widgets.errors import InvalidInputError, unknown_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from ea_widgets.analysis.arrays import Labels, Predictions
    from ea_widgets.analysis.matches import Matches
    from ea_widgets.analysis.scores import Scores

IOU_TYPES = ("bbox", "segm")


class Evaluation:
    """A detector's predictions, matched to labels as COCO does, ready for questions.

    Building it pairs up predictions and labels once. Every question after that counts what was
    matched, exactly, on all the data.

    Parameters
    ----------
    dataset : Dataset
    iou_type : {"bbox", "segm"}, default "bbox"
        Overlap of boxes, or of masks.
    max_detections : int, default 100
        Predictions evaluated per image and class, the most confident ones.

    Raises
    ------
    InvalidInputError
        If an argument cannot be used.

    Examples
    --------
    >>> images = pd.DataFrame({"image_id": [7], "width": [640], "height": [480]})
    >>> box = {"image_id": [7], "class_name": ["cat"], "x": 8, "y": 8, "width": 9, "height": 9}
    >>> labels, predictions = pd.DataFrame(box), pd.DataFrame({**box, "confidence": 0.5})
    >>> evaluation = Evaluation(Dataset.from_frames(images, labels, predictions))
    >>> evaluation.scores(iou_threshold=0.75).mean_average_precision
    1.0
    """

    def __init__(self, dataset: Dataset, iou_type: str = "bbox", max_detections: int = 100) -> None:
        if not isinstance(dataset, Dataset):
            raise InvalidInputError(
                "dataset",
                f"is of type {type(dataset).__name__}",
                "Give an ea.Dataset, from ea.read_coco, ea.Dataset.from_frames or ea.load_demo.",
            )
        self.dataset = dataset
        self.iou_type = check_option("iou_type", iou_type, IOU_TYPES)
        self.max_detections = check_count("max_detections", max_detections)
        overlap = None
        if self.iou_type == "segm":
            from ea_widgets.data.masks import MaskOverlap  # noqa: PLC0415  # an extra

            overlap = MaskOverlap(dataset)
        self._overlap = overlap
        self._engine = Engine(dataset, self.max_detections, overlap)
        self._sides = {
            "true_positive": self._side("P", dataset.predictions, self._engine.predictions),
            "missed": self._side("O", dataset.labels, self._engine.labels),
        }
        self._outcomes: Recent[Choice, Outcome] = Recent()
        self._selections: Recent[tuple[str, float, tuple[int, ...]], Selection] = Recent(4)
        self._scores: Recent[Choice, Scores] = Recent()
        self._reasons: Recent[Choice, Reasons] = Recent()
        self._tables: Recent[tuple[RankingOptions, Choice], pd.DataFrame] = Recent()

    def _side(self, level: str, frame: pd.DataFrame, objects: Predictions | Labels) -> Side:
        metrics = self.dataset.metrics
        of_images = list(metrics["name"][metrics["level"] == "F"])
        of_objects = list(metrics["name"][metrics["level"] == level])
        return build_side(
            objects.class_code,
            objects.image_code,
            self.dataset.images[of_images].iloc[self._engine.image_order],
            frame[of_objects].iloc[objects.row],
            level,
        )

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes in display order."""
        return self.dataset.class_names

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """One row per metric and level.

        Index: the displayed name. Columns `name`, `level` ("F", "O", "P"), `unit`,
        `description`, `n_missing`.
        """
        frame = self.dataset.metrics.rename(columns={"missing": "n_missing"})
        return frame.set_index(frame["name"] + " (" + frame["level"] + ")").rename_axis("metric")

    @cached_property
    def _class_index(self) -> pd.Index:
        return pd.Index(self.class_names, dtype=object, name="class_name")

    @cached_property
    def _details(self) -> dict[str, pd.DataFrame]:
        """Description of the metrics of each side, in its order."""
        columns = ["name", "level", "unit", "description"]
        return {
            outcome: self.metrics.loc[list(side.names), columns]
            for outcome, side in self._sides.items()
        }

    def scores(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: float = 0.0,
        classes: Iterable[str] = (),
    ) -> Scores:
        """Score the detector at one IoU threshold.

        Parameters
        ----------
        iou_threshold : float, default 0.5
            Smallest IoU that counts as a match, in [0, 1].
        confidence_threshold : float, default 0
            Predictions below it are left out, in [0, 1].
        classes : iterable of str, default ()
            Class names, in any order; empty = all.

        Returns
        -------
        Scores

        Raises
        ------
        InvalidInputError
            If a threshold is outside [0, 1] or a class is unknown.
        """
        choice = self._choice(iou_threshold, confidence_threshold, classes)
        return self._scores.get(choice, lambda: self._score(choice))

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
            other tools; :func:`~ea_widgets.analysis.mutual_info.mutual_information` says why it
            is not the default.
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
        n_bins = check_count("bins", bins)
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

    def matches(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: float = 0.0,
        classes: Iterable[str] = (),
    ) -> Matches:
        """Tell what became of each prediction and each label.

        Parameters
        ----------
        iou_threshold, confidence_threshold, classes
            See :meth:`scores`.

        Returns
        -------
        Matches

        Raises
        ------
        InvalidInputError
            If a threshold is outside [0, 1] or a class is unknown.
        """
        choice = self._choice(iou_threshold, confidence_threshold, classes)
        return match_tables(self.dataset, self._engine, self._outcome(choice), choice)

    def reasons(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: float = 0.0,
        classes: Iterable[str] = (),
    ) -> Reasons:
        """Count why predictions are wrong and labels missed, after TIDE.

        Parameters
        ----------
        iou_threshold, confidence_threshold, classes
            See :meth:`scores`. Labels of all classes are looked at to tell whether a prediction
            of a chosen class has the wrong one.

        Returns
        -------
        Reasons
            :meth:`matches` gives them one by one.

        Raises
        ------
        InvalidInputError
            If a threshold is outside [0, 1] or a class is unknown.
        """
        choice = self._choice(iou_threshold, confidence_threshold, classes)
        outcome = self._outcome(choice)
        return self._reasons.get(choice, lambda: self._reason_counter.count(choice, outcome))

    @cached_property
    def _reason_counter(self) -> ReasonCounter:
        return ReasonCounter(self._engine)

    def coco_summary(self, classes: Iterable[str] = ()) -> dict[str, float]:
        """Compute the twelve fixed COCO numbers, the reference beside those of the sliders.

        Parameters
        ----------
        classes : iterable of str, default ()
            Class names, in any order; empty = all.

        Returns
        -------
        dict of str to float
            In [0, 1]: `AP` (at IoU .50:.95), `AP50`, `AP75`, `APs`, `APm`, `APl` (small up to
            32², medium, large from 96² square pixels), `AR1`, `AR10`, `AR100` (at .50:.95 and so
            many predictions per image and class), `ARs`, `ARm`, `ARl`. NaN, where pycocotools
            says -1: no label counts.

        Raises
        ------
        InvalidInputError
            If a class is unknown.

        Notes
        -----
        Equal to pycocotools whatever the `max_detections` of this evaluation: the numbers are
        about 1, 10 and 100 predictions. The size of a label is the `coco_area` that its file
        states, else, and for predictions, the area of the box or mask.
        """
        chosen = check_classes(classes, self.class_names)
        return summarize(self._coco_table, list(chosen))

    def coco_per_class(self, classes: Iterable[str] = ()) -> pd.DataFrame:
        """Compute the twelve fixed COCO numbers of each class.

        Parameters
        ----------
        classes : iterable of str, default ()
            Class names, in any order; empty = all.

        Returns
        -------
        DataFrame
            Index `class_name`, in display order; the columns are the keys of
            :meth:`coco_summary`, `AP` among them. NaN where a class has no labels of that size.

        Raises
        ------
        InvalidInputError
            If a class is unknown.
        """
        return self._coco_table.iloc[list(check_classes(classes, self.class_names))].copy()

    @cached_property
    def _coco_table(self) -> pd.DataFrame:
        engine, most = self._engine, MAX_DETECTIONS[-1]
        too_few = self.max_detections < most and len(engine.predictions.row) < len(
            self.dataset.predictions
        )
        if too_few or engine.predictions.place.max(initial=0) >= most:
            engine = Engine(self.dataset, most, self._overlap)
        return coco_table(self.dataset, engine, self._overlap)

    def precision_recall(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: float = 0.0,
        classes: Iterable[str] = (),
    ) -> pd.DataFrame:
        """Trace precision over recall, class by class.

        Parameters
        ----------
        iou_threshold, confidence_threshold, classes
            See :meth:`scores`.

        Returns
        -------
        DataFrame
            Columns `class_name` (categorical, in display order; only classes with labels),
            `kind`, `recall`, `precision` (both in [0, 1]), `confidence`. Rows of kind "raw": one
            per true positive, by falling confidence; precision and recall of all predictions
            down to it. Rows of kind "interpolated": COCO's 101 recall levels, with the highest
            precision at this or any higher recall, and the confidence at which the level is
            reached; precision 0 and confidence NaN where it never is. The mean of their
            precision is the AP of the class.

        Raises
        ------
        InvalidInputError
            If a threshold is outside [0, 1] or a class is unknown.
        """
        choice = self._choice(iou_threshold, confidence_threshold, classes)
        return precision_recall(self._engine, self._outcome(choice), choice, self.class_names)

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
        iou_threshold: float = 0.5,
        confidence_threshold: float = 0.0,
        classes: Iterable[str] = (),
    ) -> ExamplePage:
        """Look at the objects of a metric's range.

        Parameters
        ----------
        metric : str, optional
            Name, with or without the level: predictions are found by the metric of predictions,
            labels by its twin of labels, both else by the one of images. None takes all objects.
        low, high : float, optional
            The closed range, in the metric's unit; None leaves that end open. Objects without a
            value are in no range.
        kind : str or iterable of {"true_positive", "false_positive", "missed"}
            All three by default.
        reason : str or iterable of str, default ()
            Only objects with one of these reasons, see :class:`Matches`; empty = all objects.
        sort : {"metric", "confidence", "iou"}, default "metric"
            Objects without that number come last; equal ones are in no order of their own, but
            always in the same.
        descending : bool, default False
        page : int, default 0
            From 0; a page beyond the last one is empty.
        page_size : int, default 24
        iou_threshold, confidence_threshold, classes
            See :meth:`scores`.

        Returns
        -------
        ExamplePage

        Raises
        ------
        InvalidInputError
            If an argument cannot be used.
        """
        choice = self._choice(iou_threshold, confidence_threshold, classes)
        wanted = Wanted(
            check_end("low", low),
            check_end("high", high),
            check_options("kind", kind, KINDS) or KINDS,
            check_options("reason", reason, ALL_REASONS),
            check_option("sort", sort, SORTS),
            bool(descending),
            check_count("page", page, least=0),
            check_count("page_size", page_size),
        )
        check_order(wanted.low, wanted.high)
        name = None if metric is None else str(self._find_metric(metric)["name"])
        if metric == f"{name} (F)":
            name = str(metric)  # also where objects have a metric of the same name
        return self._gallery.page(name, wanted, choice)

    @cached_property
    def _gallery(self) -> Gallery:
        sides = self._sides["true_positive"], self._sides["missed"]
        return Gallery(self.dataset, self._engine, sides)

    def what_if(
        self,
        rules: Iterable[Rule],
        iou_threshold: float = 0.5,
        confidence_threshold: float = 0.0,
        classes: Iterable[str] = (),
    ) -> WhatIf:
        """Score the detector without the predictions that rules drop.

        What is left is matched again: a label can be found by another prediction, and others
        move up where there were more than `max_detections`.

        Parameters
        ----------
        rules : list of Rule
            A prediction is dropped if any of them drops it; [] drops nothing.
        iou_threshold, confidence_threshold, classes
            See :meth:`scores`.

        Returns
        -------
        WhatIf

        Raises
        ------
        InvalidInputError
            If an argument cannot be used, or a metric is none of predictions or images.
        """
        choice = self._choice(iou_threshold, confidence_threshold, classes)
        before = self._scores.get(choice, lambda: self._score(choice))
        return self._trials.what_if(check_rules(rules), choice, before)

    def best_min_confidence(
        self,
        metric: str,
        low: float | None = None,
        high: float | None = None,
        iou_threshold: float = 0.5,
        confidence_threshold: float = 0.0,
        classes: Iterable[str] = (),
    ) -> BestConfidence:
        """Find the `min_confidence` for a metric's range that gives the highest F1.

        Parameters
        ----------
        metric, low, high
            The range, as in :class:`ea_widgets.Rule`.
        iou_threshold, confidence_threshold, classes
            See :meth:`scores`.

        Returns
        -------
        BestConfidence
            With the rule, its F1, and the counts for every candidate.

        Raises
        ------
        InvalidInputError
            If an argument cannot be used, or the metric is none of predictions or images.
        """
        choice = self._choice(iou_threshold, confidence_threshold, classes)
        return best_confidence(self._trials, Rule(metric, low, high), choice)

    def worst_ranges(
        self,
        n: int = 5,
        outcome: str = "true_positive",
        by_class: bool = False,
        iou_threshold: float = 0.5,
        confidence_threshold: float = 0.0,
        classes: Iterable[str] = (),
    ) -> pd.DataFrame:
        """Find the metric ranges that hold the most errors above average.

        Parameters
        ----------
        n : int, default 5
            Most ranges wanted.
        outcome : {"true_positive", "missed"}, default "true_positive"
            "true_positive" looks for false positives by metrics of predictions (P) and images
            (F); "missed" for missed labels by metrics of labels (O) and images (F).
        by_class : bool, default False
            Look at each class alone too, against the average of that class.
        iou_threshold, confidence_threshold, classes
            See :meth:`scores`.

        Returns
        -------
        DataFrame
            One row per range, by the falling lower end of its errors above average. Columns
            `metric` (displayed name), `class_name` ("all", or the class), `low`, `high` (closed
            range in the metric's unit, half-way to the next value outside), `n`, `rate` (true
            positive rate of predictions, false negative rate of labels), `rate_low`, `rate_high`
            (95 % Wilson interval on n / design effect), `average` (that rate of all that have a
            value), `errors`, `share_of_errors` (of all errors), `excess_errors` (more than at the
            average rate), `sentence`. No rows where nothing stands out.

        Raises
        ------
        InvalidInputError
            If an argument cannot be used.

        Notes
        -----
        All runs of up to 64 equal-count bins (32 for a class) of all metrics are tried. A range
        is named if its errors exceed the average by more than chance gives the largest of that
        many tries in 5 % of data sets (variance over frames, Bonferroni), if it holds at least
        2 % of all errors (0.5 % for a class), and if at least half of its excess lies outside of
        the ranges named before, so that metrics which go together are named once. "Model
        Confidence" is left out: that unsure predictions are often wrong is what it is for.
        """
        choice = self._choice(iou_threshold, confidence_threshold, classes)
        check_option("outcome", outcome, OUTCOMES)
        most = check_count("n", n)
        selection = self._selection(outcome, choice)
        successes, excluded = self._counted(outcome, selection, choice)
        missed = outcome == "missed"
        is_error = np.full(len(selection.rows), not missed)
        is_error[selection.positions(successes)] = missed
        counts = np.ones(len(selection.rows), bool)
        counts[selection.positions(excluded)] = False
        question = Question(selection, is_error, counts, missed, skipped=CONFIDENCE)
        return worst_ranges(
            question, self._details[outcome], self.class_names, most, by_class=bool(by_class)
        )

    @cached_property
    def _trials(self) -> Trials:
        engine, n = self._engine, len(self.dataset.predictions)
        if len(engine.predictions.row) < n:  # dropping some lets others move up
            engine = Engine(self.dataset, n, self._overlap)
        index = self._class_index
        return Trials(self.dataset, engine, self.max_detections, self.metrics, index)

    def _choice(self, iou_threshold: float, confidence_threshold: float, classes: object) -> Choice:
        return check_choice(iou_threshold, confidence_threshold, classes, self.class_names)

    def _outcome(self, choice: Choice) -> Outcome:
        return self._outcomes.get(choice, lambda: self._engine.outcome(choice))

    def _find_metric(self, metric: object) -> dict[str, object]:
        table = self.metrics
        named = np.flatnonzero((table.index == metric) | (table["name"] == metric))
        if not len(named):
            raise unknown_option("metric", metric, list(table.index))
        return dict(table.iloc[named[0]])

    def _score(self, choice: Choice) -> Scores:
        engine, outcome, classes = self._engine, self._outcome(choice), list(choice.classes)
        n_classes = engine.n_classes
        found = np.bincount(
            engine.predictions.class_code[outcome.true_positives], minlength=n_classes
        )[classes]
        ignored = np.bincount(engine.predictions.class_code[outcome.ignored], minlength=n_classes)
        kept = engine.predictions_per_class(choice.confidence_threshold)
        counted = (kept - ignored)[classes]
        labels = engine.labels_per_class[classes]
        return scores_from_counts(
            self._class_index[classes],
            found=found,
            counted=counted,
            labels=labels,
            average_precision=engine.average_precision(outcome)[classes],
            predictions_total=len(self.dataset.predictions),
        )

    def _selection(self, outcome: str, choice: Choice) -> Selection:
        side = self._sides[outcome]
        of_predictions = outcome == "true_positive"
        # Confidence leaves labels as they are.
        confidence = choice.confidence_threshold if of_predictions else 0.0

        def select() -> Selection:
            if of_predictions:
                return Selection(side, self._engine.chosen_predictions(choice))
            chosen = self._engine.class_mask(choice.classes)[side.class_code]
            return Selection(side, np.flatnonzero(chosen & ~self._engine.labels.ignored))

        return self._selections.get((outcome, confidence, choice.classes), select)

    def _counted(
        self, outcome: str, selection: Selection, choice: Choice
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows with the outcome, and rows that count nowhere."""
        matched = self._outcome(choice)
        if outcome == "true_positive":
            return matched.true_positives, matched.ignored
        missed = np.zeros(len(selection.side.class_code), bool)
        missed[selection.rows] = True
        missed[matched.labels] = False
        return np.flatnonzero(missed), np.zeros(0, np.intp)

    def _subject(self, side: str, choice: Choice) -> Subject:
        selection = self._selection(side, choice)
        successes, excluded = self._counted(side, selection, choice)
        missed = side == "missed"
        objects = self._engine.labels if missed else self._engine.predictions
        iou = np.ones(len(successes)) if missed else self._outcome(choice).iou
        return Subject(selection, successes, excluded, iou, objects.row)

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
