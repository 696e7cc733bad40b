"""A view: every question, asked of one query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.analysis import (
    actions,
    calibration,
    confusion,
    curves,
    gains,
    importance,
    label_errors,
    matching,
    operating,
    pairs,
    scores,
)
from ea_widgets.analysis.importance import IOU_THRESHOLDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pandas as pd

    from ea_widgets.analysis.vocabulary import (
        Binning,
        Condition,
        Dataset,
        MatchedData,
        Query,
        Scores,
    )


class View:
    """An evaluation under one choice of thresholds and classes: ask it as often as you like.

    ``evaluation.at(...)`` makes one. It never changes.
    """

    def __init__(self, data: MatchedData, query: Query) -> None:
        self._data = data
        self._query = query

    def __repr__(self) -> str:
        query, names = self._query, self._data.class_names
        classes = "all" if len(query.classes) == len(names) else len(query.classes)
        words = [f"IoU {query.iou_threshold:g}", f"classes {classes}"]
        if not query.keeps_every_confidence:
            words.insert(1, f"confidence {query.confidence_threshold}")
        if query.where is not None:
            words.append(f"where {query.where}")
        return f"View({', '.join(words)})"

    def __eq__(self, other: object) -> bool:
        """Tell whether another view asks the same of the same evaluation."""
        if not isinstance(other, View):
            return NotImplemented
        return self._data is other._data and self._query == other._query

    def __hash__(self) -> int:
        return hash((id(self._data), self._query))

    @property
    def query(self) -> Query:
        """Thresholds and classes, checked."""
        return self._query

    @property
    def matched_data(self) -> MatchedData:
        """What is asked: the data of the slice, paired up."""
        return self._data

    @property
    def iou_threshold(self) -> float:
        """Smallest IoU that counts as a match."""
        return self._query.iou_threshold

    @property
    def confidence_threshold(self) -> float | dict[str, float] | None:
        """Predictions below it are left out: one number, one by class name, or None."""
        threshold = self._query.confidence_threshold
        if isinstance(threshold, tuple):
            by_class = zip(self.class_names, threshold, strict=True)
            return {name: value for name, value in by_class if np.isfinite(value)}
        return threshold if np.isfinite(threshold) else None

    @property
    def classes(self) -> tuple[str, ...]:
        """The chosen classes, in display order."""
        return tuple(self.class_names[code] for code in self._query.classes)

    @property
    def where(self) -> Condition | None:
        """The slice that is looked at; None for everything."""
        return self._query.where

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes, in display order."""
        return self._data.class_names

    @property
    def metrics(self) -> pd.DataFrame:
        """One row per metric and level; see :attr:`Evaluation.metrics`."""
        return self._data.metrics

    @property
    def dataset(self) -> Dataset:
        """The data that is evaluated."""
        return self._data.dataset

    def coco_summary(
        self,
        max_detections: Iterable[int] = (1, 10, 100),
        area_ranges: Mapping[str, tuple[float | None, float | None]] | None = None,
        iou_thresholds: Iterable[float] | None = None,
    ) -> dict[str, float]:
        """Compute the COCO numbers of the chosen classes; thresholds of the view do not matter.

        Parameters
        ----------
        max_detections : iterable of int, default (1, 10, 100)
            Predictions evaluated per image and class, the most confident ones: AR has a number
            for each, all else takes the most.
        area_ranges : mapping of str to (float, float), optional
            Closed ranges of area in square pixels by name; None leaves an end open. COCO's small,
            medium and large by default. "all" replaces the range of all other numbers.
        iou_thresholds : iterable of float, optional
            What AP and AR are averaged over; .50, .55, ... .95 by default.

        Returns
        -------
        dict of str to float
            In [0, 1]: `AP` (at IoU .50:.95), `AP50`, `AP75`, `APs`, `APm`, `APl` (small up to
            32², medium, large from 96² square pixels), `AR1`, `AR10`, `AR100` (at .50:.95 and so
            many predictions per image and class), `ARs`, `ARm`, `ARl`. Of other grids: `AP50` and
            `AP75` where the grid has these thresholds, `AP_<name>` and `AR_<name>` of areas with
            other names, `AR<n>` of each limit. NaN, where pycocotools says -1: no label counts.

        Raises
        ------
        InvalidInputError
            If a number cannot be used.

        Notes
        -----
        Equal to pycocotools whatever the `max_detections` of this evaluation. The size of a label
        is the `coco_area` that its file states, else, and for predictions, the area of the box or
        mask.
        """
        grid = scores.check_grid(max_detections, area_ranges, iou_thresholds)
        return scores.coco_summary_of(self._data, self._query, grid)

    def coco_per_class(self) -> pd.DataFrame:
        """Compute the twelve fixed COCO numbers of each class; thresholds do not matter.

        Returns
        -------
        DataFrame
            Index `class_name`, in display order; the columns are the keys of
            :meth:`coco_summary`, `AP` among them. NaN where a class has no labels of that size.
        """
        return scores.coco_per_class(self._data, self._query)

    def scores(
        self, *, settled: bool = False, should_stop: Callable[[], bool] | None = None
    ) -> Scores:
        """Score the detector.

        Parameters
        ----------
        settled : bool, default False
            Add 95 % intervals, from resampled clusters; takes about a second at 500,000
            predictions.
        should_stop : callable, optional
            See :meth:`importance`.

        Returns
        -------
        Scores
        """
        return scores.score(self._data, self._query, settled=settled, should_stop=should_stop)

    def slices(
        self,
        slices: Mapping[str, Condition],
        *,
        settled: bool = False,
        should_stop: Callable[[], bool] | None = None,
    ) -> pd.DataFrame:
        """Score slices of the data, and compare each with the rest.

        Parameters
        ----------
        slices : mapping of str to Condition
            Names, and conditions from ``ea.where``. Within the slice of this view, if there is
            one. The rest is what fulfils the opposite condition: missing values are in neither.
        settled : bool, default False
            Add 95 % intervals, of the differences too: the same clusters are drawn for both.
        should_stop : callable, optional
            See :meth:`importance`.

        Returns
        -------
        DataFrame
            One row per slice, in the order given; index `slice`. Columns `condition`, in words;
            `labels`, `predictions` (that count: TP + FN, TP + FP); `mean_average_precision`,
            `mean_average_recall`, `precision`, `recall`, `f1`, see :class:`Scores`; each of these
            again with `_difference` behind its name: the slice less the rest. With `settled` also
            `_low` and `_high` behind all of these; NaN where labels are in fewer than 30 clusters.

        Raises
        ------
        InvalidInputError
            If a slice is not a condition, or a metric is unknown.

        Notes
        -----
        Slices by images that split the data add up in all counts; slices by objects add up in
        labels only: a prediction that overlaps labels of two slices counts in both.
        """
        return scores.slice_table(
            self._data, self._query, slices, settled=settled, should_stop=should_stop
        )

    def matches(self) -> matching.Matches:
        """Tell what became of each prediction and each label.

        Returns
        -------
        Matches
        """
        return matching.match_tables(
            self._data.dataset, self._data.engine, self._data.outcome(self._query), self._query
        )

    def reasons(self, *, gain: bool = False) -> matching.Reasons:
        """Count why predictions are wrong and labels missed, after TIDE.

        Labels of all classes are looked at to tell whether a prediction of a chosen class has the
        wrong one.

        Parameters
        ----------
        gain : bool, default False
            Also tell what mending each kind of error would be worth: the mAP of the chosen classes
            after an oracle has, minus mAP; 0 at least.

        Returns
        -------
        Reasons
            :meth:`matches` gives them one by one.

        Raises
        ------
        InvalidInputError
            If `gain` is no truth value.

        Notes
        -----
        The oracles are TIDE's (Bolya et al. 2020), and gains equal the ``dAP`` of `tidecv`, over
        100: a prediction that is badly located or of the wrong class becomes a true positive of
        the label that it overlaps most, if that is missed and no surer such prediction overlaps
        it most, and is removed otherwise; duplicates, background and what is both are removed.
        "Missed" leaves out the missed labels at which no badly located prediction, and none of
        the wrong class, points; "wrong_class" of labels gives those that point at them the right
        class. A class that has no labels left has an AP of 0, or none if no prediction of it is
        left either. Gains are "at most", and do not add up: mending one kind uncovers others.
        """
        return gains.reasons_of(self._data, self._query, gain=gain)

    def confusion(self, normalize: str | None = None, order: str = "display") -> pd.DataFrame:
        """Tell which classes are taken for which.

        After matching within classes, what is left of the predictions, by falling confidence,
        takes the free label of highest IoU that reaches the threshold, of any class.

        Parameters
        ----------
        normalize : {"row", "column"}, optional
            Shares of the labels of a class ("row": the diagonal is recall), or of the predictions
            of a class ("column": precision); NaN where there are none. Counts by default.
        order : {"display", "similarity"}, default "display"
            "similarity" makes classes that are confused with each other neighbours.

        Returns
        -------
        DataFrame
            Index `label`: the chosen classes and "nothing there", false positives that took
            nothing. Columns `prediction`: the chosen classes and "not found", labels that nobody
            took. Where classes are chosen, a row and a column "other classes" before these hold
            what chosen classes were taken for and what was taken for them. The sums of rows and
            columns are the labels and predictions that :meth:`scores` counts.

        Raises
        ------
        InvalidInputError
            If there is no such option.

        Notes
        -----
        Labels of all classes are looked at, whatever classes are chosen; each prediction goes by
        the confidence threshold of its class. What counts nowhere (ignored and crowd labels,
        those who took one, predictions outside of a slice) is in no cell, and an ignored label
        excuses predictions of its own class only. In a slice by a metric that only labels have,
        no prediction is known to be wrong: "nothing there" is NaN, and so is "not found" where
        only predictions have it.
        """
        return confusion.confusion_matrix(self._data, self._query, normalize, order)

    def confused_pairs(self, n: int | None = 20) -> pd.DataFrame:
        """List the classes that are confused most.

        Parameters
        ----------
        n : int, optional
            Most pairs wanted; None gives all.

        Returns
        -------
        DataFrame
            One row per cell of :meth:`confusion` off its diagonal and margins, by falling count
            and share, in which a chosen class is the label's or the prediction's. Columns
            `label_class`, `predicted_class`, `count`, `share` (of the labels of that class; NaN
            where only predictions have the slice's metric), `share_of_predictions` (of the
            predictions of that class).

        Raises
        ------
        InvalidInputError
            If `n` is no whole number from 1 up.
        """
        return confusion.confused_pairs(self._data, self._query, n)

    def confused_objects(
        self, label_class: str, predicted_class: str, page: int = 0, page_size: int = 24
    ) -> actions.ExamplePage:
        """Look at the objects of a cell of :meth:`confusion`.

        Parameters
        ----------
        label_class : str
            A class, "nothing there", or "other classes" where classes are chosen.
        predicted_class : str
            A class, "not found", or "other classes" where classes are chosen.
        page : int, default 0
            From 0; a page beyond the last one is empty.
        page_size : int, default 24

        Returns
        -------
        ExamplePage
            Predictions by falling confidence; `other` is the label that each took, of whatever
            class, or where it took none the one that it overlaps most. Of "not found" the labels,
            in the order of classes and images. Empty where a count cannot be known.

        Raises
        ------
        InvalidInputError
            If there is no such class, or a number cannot be used.
        """
        return confusion.confused_objects(
            self._data, self._query, label_class, predicted_class, page, page_size
        )

    def per_image(self, order: str = "dataset") -> pd.DataFrame:
        """Score each image.

        Parameters
        ----------
        order : {"dataset", "f1", "errors"}, default "dataset"
            As in ``dataset.images``, or worst first: by rising F1, those of equal F1 by falling
            number of errors, images with neither labels nor predictions last; or by falling
            number of errors (false positives and missed labels), then rising F1.

        Returns
        -------
        DataFrame
            One row per image, empty ones too. Index: row of ``dataset.images``. Columns
            `image_id`, `file_name` where there is one, `tp`, `fp`, `fn` (their sums are those of
            :meth:`scores`), `precision` (NaN without predictions), `recall` (NaN without labels),
            `f1` (NaN without either), and the metrics of images under their names (with " (F)"
            where a name is taken). Images outside of a slice are left out; a slice by a metric
            of objects leaves out none.

        Raises
        ------
        InvalidInputError
            If there is no such order.
        """
        return scores.per_image(self._data, self._query, order)

    def froc(self, *, by_class: bool = False) -> pd.DataFrame:
        """Trace recall over false positives per image: the free-response curve (FROC).

        Parameters
        ----------
        by_class : bool, default False
            One curve per class that has labels, instead of one of all classes together.

        Returns
        -------
        DataFrame
            Columns `class_name` ("all", or the class), `kind`, `false_positives_per_image`,
            `recall`, `confidence`. Rows of kind "raw": one per confidence at which recall rises,
            falling, and one for all predictions; what is at or above that confidence counts, and
            all images do, those without labels too. Rows of kind "reference": 1/8, 1/4, 1/2, 1,
            2, 4 and 8 false positives per image, the highest recall of a confidence threshold
            with at most so many, and that threshold; 0 and NaN where there is none. Recall is
            NaN without labels.

        Raises
        ------
        InvalidInputError
            If `by_class` is no truth value.

        Notes
        -----
        Bunch et al. (1977), "A free response approach to the measurement and characterization of
        radiographic observer performance". The mean of the seven reference recalls is the score
        of the LUNA16 challenge (Setio et al. 2017), which draws straight lines between points;
        here each value can be reached.
        """
        return scores.froc(self._data, self._query, by_class=by_class)

    def precision_recall(self) -> pd.DataFrame:
        """Trace precision over recall, class by class.

        Returns
        -------
        DataFrame
            Columns `class_name` (categorical, in display order; only classes with labels),
            `kind`, `recall`, `precision` (both in [0, 1]), `confidence`. Rows of kind "raw": one
            per true positive, by falling confidence; precision and recall of all predictions
            down to it. Rows of kind "interpolated": COCO's 101 recall levels, with the highest
            precision at this or any higher recall, and the confidence at which the level is
            reached; precision 0 and confidence NaN where it never is. The mean of their
            precision is the AP of the class. Without confidences there is no order, and every
            precision is NaN.
        """
        return scores.trace_precision(self._data, self._query)

    def operating_points(
        self,
        beta: float = 1.0,
        min_precision: float | None = None,
        min_recall: float | None = None,
        *,
        by_class: bool = True,
    ) -> operating.OperatingPoints:
        """Find the best confidence threshold of all classes together, and of each.

        Parameters
        ----------
        beta : float, default 1
            The highest F-beta is wanted, in which recall weighs beta² times as much as precision.
        min_precision : float, optional
            The highest recall at this precision or a higher one is wanted instead, in [0, 1].
        min_recall : float, optional
            The highest precision at this recall or a higher one is wanted instead, in [0, 1].
        by_class : bool, default True
            Find one for each class too.

        Returns
        -------
        OperatingPoints
            The candidates are the confidences of the predictions that this view leaves.

        Raises
        ------
        InvalidInputError
            If an argument cannot be used, or both a precision and a recall are wanted.
        """
        return operating.find_operating_points(
            self._data, self._query, beta, min_precision, min_recall, by_class=by_class
        )

    def best_threshold(self) -> float:
        """Find the confidence of the highest F1, one for all classes, and nothing else.

        Returns
        -------
        float
            That of :meth:`operating_points`, many times faster; NaN where there is none.
        """
        return operating.best_threshold(self._data, self._query)

    def calibration(self) -> calibration.Calibration:
        """Measure how far the confidences of the predictions are from their precision.

        Returns
        -------
        Calibration
            Its error is NaN, and its `problem` says why, where confidences are missing or outside
            of 0 to 1.
        """
        return calibration.measure_calibration(self._data, self._query)

    def label_errors(self, kind: str | None = None) -> pd.DataFrame:
        """Rank the labels that are most likely wrong.

        Parameters
        ----------
        kind : {"missing", "wrong class", "badly placed", "duplicate", "not an object"}, optional
            All of them by default.

        Returns
        -------
        DataFrame
            Most likely first; columns `kind`; `score` (in [0, 1], to be compared within a kind);
            `image_id`; `label_id` (missing where a label is), `prediction_id` (what speaks against
            the label, if anything does); `other_label_id` (what a duplicate repeats);
            `class_name` (of the label), `predicted_class`; `confidence` (of the prediction); `iou`
            (of label and prediction, or of two labels).

        Raises
        ------
        InvalidInputError
            If there is no such kind.

        Notes
        -----
        *missing*: a false positive, by its confidence, less the nearer it is to a label; of those
        that overlap each other, the surest. *wrong class*: a label under a false positive of
        another class, by confidence and overlap, less what a prediction of its own class says.
        *badly placed*: a label that the surest prediction of its class overlaps badly, and no
        other well. *duplicate*: a label that overlaps one of its class, by that overlap, less the
        confidence of a prediction of its own. *not an object*: a label that no prediction is near,
        as often as labels of its class and size are found. Labels are of the chosen classes, and
        so are the predictions of missing ones.
        """
        return label_errors.find_label_errors(self._data, self._query, kind)

    def importance(
        self,
        outcome: str = "true_positive",
        *,
        settled: bool = False,
        given: str | None = None,
        include_class: bool = False,
        method: str = "uncertainty",
        correlation: str = "pearson",
        bins: Binning | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> pd.DataFrame:
        """Rank the metrics by how much they tell about the outcome.

        Parameters
        ----------
        outcome : {"true_positive", "missed"}, default "true_positive"
            "true_positive" asks of each prediction whether it is one, and ranks the metrics of
            predictions (P) and images (F); "missed" asks of each label whether it was missed,
            and ranks the metrics of labels (O) and images (F).
            With `method="mutual_info"` also "iou": the IoU of a true positive, 0 for the rest.
        settled : bool, default False
            Add what tells the numbers from chance; takes about a second at 500,000 predictions.
        given : str, optional
            A metric of the same objects, or "class", that is held fixed: importance is then what a
            metric tells beyond it, I(outcome; metric | given) / H(outcome | given), over the rows
            that have both. Correlation stays as it is.
        include_class : bool, default False
            Rank the class too, as "Class (P)" or "Class (O)", without a correlation.
        method : {"uncertainty", "mutual_info"}, default "uncertainty"
            "mutual_info" gives scikit-learn's nearest-neighbour estimate in nats, to compare with
            other tools; :mod:`ea_widgets.analysis.importance.mutual_info` says why it is not
            the default.
        correlation : {"pearson", "spearman"}, default "pearson"
        bins : Binning, optional
            Bins to start from, see :meth:`binning`; metrics without edges are left out. Importance
            is lower the coarser they are.
        should_stop : callable, optional
            Asked every few hundredths of a second of the settled phase, from other threads too.

        Returns
        -------
        DataFrame
            One row per metric, by falling importance; index: the displayed name. Columns
            `importance` (uncertainty coefficient, in [0, 1]), `correlation` (Pearson, in
            [-1, 1]; NaN where metric or outcome does not vary), `n` (predictions or labels with
            a value), `name`, `level`, `kind`, `unit`, `description`. No rows without metrics. With
            `settled` also `importance_low`, `importance_high`, `correlation_low`,
            `correlation_high` (95 % intervals, whole clusters drawn again), `noise_floor` (95 %
            point of the importance of noise), `p_value`, `distinguishable` (from noise, at 5 %
            false discoveries over the metrics shown), `same_as` (displayed name of a metric
            ranked higher that orders the objects alike, or ""; see :meth:`Evaluation.twins`).

        Raises
        ------
        InvalidInputError
            If an argument cannot be used.
        ComputationStoppedError
            If `should_stop` said so.
        """
        return importance.rank(
            self._data,
            self._query,
            outcome,
            given,
            should_stop,
            settled=settled,
            include_class=include_class,
            method=method,
            correlation=correlation,
            bins=bins,
        )

    def importance_sweep(
        self,
        iou_thresholds: Iterable[float] = IOU_THRESHOLDS,
        top: int = 6,
        outcome: str = "true_positive",
        should_stop: Callable[[], bool] | None = None,
    ) -> pd.DataFrame:
        """Follow the importance of the top metrics over IoU thresholds.

        What matters for finding objects may differ from what matters for placing them well. The
        IoU threshold of the view does not matter.

        Parameters
        ----------
        iou_thresholds : iterable of float, default 0.05, 0.10, ..., 0.95
            In [0, 1].
        top : int, default 6
            Metrics wanted: those of the highest importance at any of the thresholds.
        outcome, should_stop
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
        return importance.sweep(self._data, self._query, iou_thresholds, top, outcome, should_stop)

    def twins(self, outcome: str = "true_positive") -> pd.DataFrame:
        """Find the metrics that say the same as another; the IoU threshold does not matter.

        Parameters
        ----------
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
        return importance.redundant_metrics(self._data, self._query, outcome)

    def sentences(
        self,
        metric: str,
        *,
        settled: bool = False,
        should_stop: Callable[[], bool] | None = None,
    ) -> tuple[curves.Sentence, ...]:
        """Say in words where the errors are by one metric.

        Parameters
        ----------
        metric : str
            Name, with or without the level: predictions and labels are both spoken of.
        settled : bool, default False
            Judge how sure each range is, and leave out those that chance gives often.
        should_stop : callable, optional
            See :meth:`worst_ranges`.

        Returns
        -------
        tuple of Sentence
            Of predictions and of labels, each range that :meth:`worst_ranges` finds for that
            metric, with the same numbers, two at most; or one that no range stands out. Empty
            where there is nothing to speak of.

        Raises
        ------
        InvalidInputError
            If the metric is unknown.
        ComputationStoppedError
            If `should_stop` said so.
        """
        return curves.sentences_on(
            self._data, self._query, metric, settled=settled, should_stop=should_stop
        )

    def binning(self, bins: int = 20) -> Binning:
        """Give the edges of every metric's bins, to be given to another curve or evaluation.

        Parameters
        ----------
        bins : int, default 20
            Most bins wanted; they hold about equally many objects, ties together.

        Returns
        -------
        Binning
            By displayed name; metrics of images are binned by predictions, or by labels where
            there are no predictions. Metrics without values are left out, and categorical ones,
            whose bins are their categories.
        """
        return curves.bin_edges(self._data, self._query, bins)

    def curve(
        self, metric: str, bins: int | Binning = 20, *, by_class: bool = False
    ) -> curves.Curve:
        """Show how the true positive and false negative rates change with a metric.

        Parameters
        ----------
        metric : str
            Name, with or without the level: a metric of predictions is drawn with that of
            labels; one of images, marked (F), for both.
        bins : int or Binning, default 20
            Most bins wanted; they hold about equally many objects, ties together. Or edges, from
            :meth:`binning` of this or another evaluation; the outer bins take in what is outside.
        by_class : bool, default False
            One curve per class, all with the same edges, instead of one of all classes together.

        Returns
        -------
        Curve

        Raises
        ------
        InvalidInputError
            If the metric is unknown, or a number cannot be used.
        """
        return curves.trace(self._data, self._query, metric, bins, by_class=by_class)

    def objects_in_range(
        self,
        metric: str | None = None,
        low: float | None = None,
        high: float | None = None,
        kind: str | Iterable[str] = actions.KINDS,
        reason: str | Iterable[str] = (),
        sort: str = "metric",
        descending: bool = False,
        page: int = 0,
        page_size: int = 24,
        isin: Iterable[Any] | None = None,
    ) -> actions.ExamplePage:
        """Look at the objects of a metric's range.

        Parameters
        ----------
        metric : str, optional
            Name, with or without the level: predictions are found by the metric of predictions,
            labels by that of labels, both else by the one of images. None takes all objects.
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
        isin : iterable, optional
            Categories, in place of a range, of a categorical metric.

        Returns
        -------
        ExamplePage

        Raises
        ------
        InvalidInputError
            If an argument cannot be used.
        """
        return actions.objects_in_range(
            self._data,
            self._query,
            metric,
            low,
            high,
            kind,
            reason,
            sort,
            descending,
            page,
            page_size,
            isin,
        )

    def what_if(self, rules: Iterable[actions.Rule]) -> actions.RuleEffect:
        """Score the detector without the predictions that rules drop.

        What is left is matched again: a label can be found by another prediction, and others
        move up where there were more than `max_detections`. A rule on a metric that is made from
        labels (`Rule.needs_labels`) promises here what it cannot keep on images without labels.

        Parameters
        ----------
        rules : list of Rule
            A prediction is dropped if any of them drops it; [] drops nothing.

        Returns
        -------
        RuleEffect

        Raises
        ------
        InvalidInputError
            If an argument cannot be used, or a metric is none of predictions or images.
        """
        return actions.try_rules(self._data, self._query, rules)

    def best_min_confidence(
        self,
        metric: str,
        low: float | None = None,
        high: float | None = None,
        isin: Iterable[Any] | None = None,
    ) -> actions.BestConfidence:
        """Find the `min_confidence` for a metric's range that gives the highest F1.

        Parameters
        ----------
        metric, low, high, isin
            The range or the categories, as in :class:`ea_widgets.Rule`.

        Returns
        -------
        BestConfidence
            With the rule, its F1, and the counts for every candidate.

        Raises
        ------
        InvalidInputError
            If an argument cannot be used, or the metric is none of predictions or images.
        """
        return actions.best_min_confidence(self._data, self._query, metric, low, high, isin)

    def grid(
        self, metric_x: str, metric_y: str, bins: int = 8, outcome: str = "true_positive"
    ) -> pd.DataFrame:
        """Show how a rate changes with two metrics at once.

        Parameters
        ----------
        metric_x, metric_y : str
            With or without the level.
        bins : int, default 8
            Most bins of each, of about equal count; of categorical metrics, the 12 most frequent
            categories.
        outcome : {"true_positive", "missed"}, default "true_positive"
            Of predictions, or of labels.

        Returns
        -------
        DataFrame
            One row per cell with objects: `x_low`, `x_high` (edges in the metric's unit; or
            `x_category`), `y_low`, `y_high` (or `y_category`), `n`, `rate` (true positive rate of
            predictions, false negative rate of labels), `rate_low`, `rate_high` (95 % Wilson
            interval on n / design effect). A range of both metrics is
            ``ea.where(x, low=..., high=...) & ea.where(y, low=..., high=...)``.

        Raises
        ------
        InvalidInputError
            If an argument cannot be used, or the objects have no such metric.
        """
        return pairs.cross_tabulate(self._data, self._query, metric_x, metric_y, bins, outcome)

    def worst_slices(
        self,
        n: int = 5,
        depth: int = 2,
        outcome: str = "true_positive",
        should_stop: Callable[[], bool] | None = None,
    ) -> pd.DataFrame:
        """Find conjunctions of up to two properties with more errors than each alone explains.

        Parameters
        ----------
        n : int, default 5
            Most slices wanted.
        depth : {1, 2}, default 2
            Most properties of a slice.
        outcome : {"true_positive", "missed"}, default "true_positive"
            "true_positive" looks for false positives, "missed" for missed labels.
        should_stop : callable, optional
            See :meth:`importance`.

        Returns
        -------
        DataFrame
            One row per slice, by falling `z`; none where nothing stands out. Columns `condition`
            (for ``at(where=...)``), `metrics` (displayed names), `n`, `rate` (true positive rate
            of predictions, false negative rate of labels) with `rate_low` and `rate_high` (wide
            enough for a slice that was found among so many), `average`, `rates_alone` (that rate
            under each property alone), `errors`, `share_of_errors`, `excess_errors`, `z`,
            `p_value` (family-wise: over all that was tried), `sentence`.

        Notes
        -----
        Metrics are cut at 10, 25, 50, 75 and 90 % of the objects; all runs of these bins are
        tried, and all rectangles of every two metrics. z of a rectangle is the lesser of two: its
        errors above the rate under the first property alone, and under the second. The null
        distribution is that of :meth:`worst_ranges`: the metrics of whole clusters are moved to
        other clusters, and the largest z of all is taken again. A slice must hold half of its
        excess errors outside of those before it.
        """
        return pairs.find_worst_slices(self._data, self._query, n, depth, outcome, should_stop)

    def worst_ranges(
        self,
        n: int = 5,
        outcome: str = "true_positive",
        *,
        by_class: bool = False,
        settled: bool = False,
        gain: bool = False,
        should_stop: Callable[[], bool] | None = None,
    ) -> pd.DataFrame:
        """Find the metric ranges with the most errors above average.

        Parameters
        ----------
        n : int, default 5
            Most ranges wanted.
        outcome : {"true_positive", "missed"}, default "true_positive"
            "true_positive" looks for false positives by metrics of predictions (P) and images
            (F); "missed" for missed labels by metrics of labels (O) and images (F).
        by_class : bool, default False
            Look at each class alone too, against the average of that class.
        settled : bool, default False
            Judge how sure each range is, and leave out those that chance gives often.
        gain : bool, default False
            Also tell what mending the errors of each range would be worth.
        should_stop : callable, optional
            Asked every few hundredths of a second, in whichever thread this runs.

        Returns
        -------
        DataFrame
            One row per range, strong ones first, by the falling lower end of its errors above
            average; of predictions by a metric that is made from labels only what no other metric
            says. Columns `metric` (displayed name), `class_name` ("all", or the class), `low`,
            `high` (closed range in the metric's unit, rounded to be read; NaN for categories),
            `isin` (the categories, or None: of a categorical metric each one and all but each one
            are tried), `n`, `rate` (true positive rate of predictions, false negative rate of
            labels), `rate_low`, `rate_high` (Wilson interval on n / design effect, at the 95 %
            point of the largest absolute z that chance gives), `average` (that rate of all that
            have a value), `errors`, `share_of_errors` (of all errors), `excess_errors` (more than
            at the average rate), `z`, `p_value` (NaN without `settled`), `strength` ("strong",
            "suggestive", or "" without `settled`), `sentence` (it warns of a metric that is made
            from labels, and so is none for a rule). No rows where nothing stands out. With `gain`
            also `gain`: mAP without the false positives of the range, and without the missed
            labels whose metric of that name is in it, minus mAP: at most so much, and never
            summed over ranges, which overlap; and `gain_per_100` of these errors.

        Raises
        ------
        InvalidInputError
            If an argument cannot be used.
        ComputationStoppedError
            If `should_stop` said so.

        Notes
        -----
        All runs of 20 equal-count bins of all metrics are looked at that have at least 20 objects
        in at least 10 clusters. z is the number of errors above average over its standard error,
        whole clusters kept together. *Strong*: in at most 5 % of data sets in which the metrics
        of whole clusters are moved to other clusters, the largest z of all metrics is as large.
        *Suggestive*: the largest z of that metric is, so that of 20 metrics chance names one. Of
        the strong ranges of a metric (or else the suggestive ones) those two are named that
        surely hold the most errors above average. Without `settled`, ranges are named whose z
        would be large for one metric by a rule of thumb. Of metrics that name the same objects
        the first is named: at least half of the excess of a range is outside of those before it.
        "Model Confidence" is left out, since unsure predictions are often wrong, and so are the
        random controls.
        """
        return gains.worst_ranges_of(
            self._data,
            self._query,
            n,
            outcome,
            by_class=by_class,
            settled=settled,
            gain=gain,
            should_stop=should_stop,
        )
