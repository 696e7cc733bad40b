"""Evaluation: match once, then answer any question about any threshold, class or metric."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ea_widgets.analysis import actions, calibration, curves, matching, operating
from ea_widgets.analysis.facts import Facts
from ea_widgets.analysis.importance import IOU_THRESHOLDS
from ea_widgets.analysis.matched_data import MatchedData
from ea_widgets.analysis.sample import check_query
from ea_widgets.analysis.view import View

if TYPE_CHECKING:
    import pandas as pd

    from ea_widgets.analysis.vocabulary import Binning, Condition, Dataset, Scores

Confidence = float | Mapping[str, float] | None


class Evaluation:
    """A detector's predictions, matched to labels as COCO does, ready for questions.

    Building it pairs up predictions and labels once. Every question after that counts what was
    matched, exactly, on all the data. All questions are those of a :class:`View`, which
    :meth:`at` gives; the methods of the same names here are ``at(...)`` of their thresholds and
    classes in one call.

    Parameters
    ----------
    dataset : Dataset
    iou_type : {"bbox", "segm"}, default "bbox"
        Overlap of boxes, or of masks. With masks, objects that have none that can be used are
        left out of ``evaluation.dataset``, and its notes count them.
    max_detections : int, optional
        Predictions evaluated per image and class, the most confident ones. Default: 100, as COCO;
        300 for labels of LVIS.
    class_agnostic : bool, default False
        Match all classes as one, named "object", as pycocotools does with ``useCats = 0``: the
        limit is then one per image. ``evaluation.dataset`` has that class only.

    Raises
    ------
    InvalidInputError
        If an argument cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> from ea_widgets.data.dataset import Dataset
    >>> images = pd.DataFrame({"image_id": [7], "width": [640], "height": [480]})
    >>> box = {"image_id": [7], "class_name": ["cat"], "x": 8, "y": 8, "width": 9, "height": 9}
    >>> labels, predictions = pd.DataFrame(box), pd.DataFrame({**box, "confidence": 0.5})
    >>> evaluation = Evaluation(Dataset.from_frames(images, labels, predictions))
    >>> round(evaluation.at(iou_threshold=0.75).scores().mean_average_precision, 12)
    1.0
    """

    def __init__(
        self,
        dataset: Dataset,
        iou_type: str = "bbox",
        max_detections: int | None = None,
        *,
        class_agnostic: bool = False,
    ) -> None:
        self._data = MatchedData(dataset, iou_type, max_detections, class_agnostic=class_agnostic)
        self.class_agnostic = class_agnostic
        self.iou_type, self.max_detections = iou_type, self._data.max_detections
        self.dataset = self._data.dataset

    def __repr__(self) -> str:
        counts = (
            f"{len(frame):,} {name}"
            for name, frame in (
                ("images", self.dataset.images),
                ("labels", self.dataset.labels),
                ("predictions", self.dataset.predictions),
            )
        )
        return (
            f"Evaluation({', '.join(counts)}, {len(self.class_names):,} classes, "
            f"{len(self.metrics):,} metrics, iou_type={self.iou_type!r})"
        )

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes in display order."""
        return self.dataset.class_names

    @property
    def metrics(self) -> pd.DataFrame:
        """One row per metric and level.

        Index: the displayed name. Columns `name`, `level` ("F", "O", "P"), `unit`,
        `description`, `missing`.
        """
        return self._data.metrics

    @property
    def confidence_span(self) -> tuple[float, float]:
        """Smallest and largest confidence threshold: 0 and 1, or wider where confidences are."""
        return self._data.confidence_span

    @property
    def ticks(self) -> Mapping[str, tuple[float, ...]]:
        """Thresholds that alone can be asked for: none, any can be."""
        return {}

    @property
    def facts(self) -> Facts:
        """How much data there is, and what was odd about it."""
        return Facts.of(self.dataset)

    @property
    def pictured(self) -> Dataset:
        """The data set, with the images of all objects."""
        return self.dataset

    def cannot(self, question: str) -> str | None:  # noqa: ARG002  # a summary looks at it
        """Say why a question cannot be answered: an evaluation answers all of them."""
        return None

    def at(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
    ) -> View:
        """Choose thresholds and classes; all questions are asked of what this gives.

        Parameters
        ----------
        iou_threshold : float, default 0.5
            Smallest IoU that counts as a match, in [0, 1].
        confidence_threshold : float or mapping of str to float, optional
            Predictions below it are left out; none by default. A mapping gives each class its
            own; classes that it does not name keep all their predictions.
        classes : iterable of str, default ()
            Class names, in any order; empty = all.
        where : Condition, optional
            The slice that is looked at, from ``ea.where``; everything by default. A condition on
            an image metric leaves out whole images. One on objects goes by the labels' value for
            labels and by the predictions' for predictions, as COCO's area ranges do: labels
            outside are ignored, and so are predictions that take an ignored label, or that are
            outside and take none.

        Returns
        -------
        View

        Raises
        ------
        InvalidInputError
            If a threshold cannot be used or a class is unknown.
        """
        data = self._data
        span = data.confidence_span
        query = check_query(
            iou_threshold, confidence_threshold, classes, data.class_names, span, where
        )
        return View(data.within(query.where), query)

    def scores(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
        *,
        settled: bool = False,
    ) -> Scores:
        """Score the detector; see :meth:`View.scores`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).scores(settled=settled)

    def slices(
        self,
        slices: Mapping[str, Condition],
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
        *,
        settled: bool = False,
    ) -> pd.DataFrame:
        """Score slices, and compare each with the rest; see :meth:`View.slices`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).slices(
            slices, settled=settled
        )

    def matches(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
    ) -> matching.Matches:
        """Tell what became of each prediction and each label; see :meth:`View.matches`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).matches()

    def reasons(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
        gain: bool = False,
    ) -> matching.Reasons:
        """Count why predictions are wrong and labels missed; see :meth:`View.reasons`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).reasons(gain=gain)

    def confusion(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
        normalize: str | None = None,
        order: str = "display",
    ) -> pd.DataFrame:
        """Tell which classes are taken for which; see :meth:`View.confusion`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).confusion(
            normalize, order
        )

    def confused_pairs(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
        n: int | None = 20,
    ) -> pd.DataFrame:
        """List the classes that are confused most; see :meth:`View.confused_pairs`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).confused_pairs(n)

    def per_image(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
        order: str = "dataset",
    ) -> pd.DataFrame:
        """Score each image; see :meth:`View.per_image`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).per_image(order)

    def froc(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
        by_class: bool = False,
    ) -> pd.DataFrame:
        """Trace recall over false positives per image; see :meth:`View.froc`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).froc(by_class=by_class)

    def precision_recall(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
    ) -> pd.DataFrame:
        """Trace precision over recall, class by class; see :meth:`View.precision_recall`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).precision_recall()

    def operating_points(
        self,
        beta: float = 1.0,
        min_precision: float | None = None,
        min_recall: float | None = None,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
        *,
        by_class: bool = True,
    ) -> operating.OperatingPoints:
        """Find the best confidence thresholds; see :meth:`View.operating_points`."""
        view = self.at(iou_threshold, confidence_threshold, classes, where)
        return view.operating_points(beta, min_precision, min_recall, by_class=by_class)

    def calibration(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
    ) -> calibration.Calibration:
        """Compare confidence with precision; see :meth:`View.calibration`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).calibration()

    def label_errors(
        self,
        kind: str | None = None,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
    ) -> pd.DataFrame:
        """Rank the labels that are most likely wrong; see :meth:`View.label_errors`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).label_errors(kind)

    def importance(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        outcome: str = "true_positive",
        where: Condition | None = None,
        **options: Any,
    ) -> pd.DataFrame:
        """Rank the metrics by how much they tell about the outcome; see :meth:`View.importance`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).importance(
            outcome, **options
        )

    def importance_sweep(
        self,
        iou_thresholds: Iterable[float] = IOU_THRESHOLDS,
        top: int = 6,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        outcome: str = "true_positive",
        should_stop: Callable[[], bool] | None = None,
        where: Condition | None = None,
    ) -> pd.DataFrame:
        """Follow the importance of the top metrics; see :meth:`View.importance_sweep`."""
        view = self.at(0.5, confidence_threshold, classes, where)
        return view.importance_sweep(iou_thresholds, top, outcome, should_stop)

    def sentences(
        self,
        metric: str,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        settled: bool = False,
        where: Condition | None = None,
    ) -> tuple[curves.Sentence, ...]:
        """Say in words where the errors are by one metric; see :meth:`View.sentences`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).sentences(
            metric, settled=settled
        )

    def curve(
        self,
        metric: str,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        bins: int | Binning = 20,
        by_class: bool = False,
        where: Condition | None = None,
    ) -> curves.Curve:
        """Show how the rates change with a metric; see :meth:`View.curve`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).curve(
            metric, bins, by_class=by_class
        )

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
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
        isin: Iterable[Any] | None = None,
    ) -> actions.ExamplePage:
        """Look at the objects of a metric's range; see :meth:`View.objects_in_range`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).objects_in_range(
            metric, low, high, kind, reason, sort, descending, page, page_size, isin
        )

    def what_if(
        self,
        rules: Iterable[actions.Rule],
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
    ) -> actions.RuleEffect:
        """Score the detector without the predictions that rules drop; see :meth:`View.what_if`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).what_if(rules)

    def best_min_confidence(
        self,
        metric: str,
        low: float | None = None,
        high: float | None = None,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
        isin: Iterable[Any] | None = None,
    ) -> actions.BestConfidence:
        """Find the `min_confidence` of the highest F1; see :meth:`View.best_min_confidence`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).best_min_confidence(
            metric, low, high, isin
        )

    def grid(
        self,
        metric_x: str,
        metric_y: str,
        bins: int = 8,
        outcome: str = "true_positive",
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
    ) -> pd.DataFrame:
        """Show how a rate changes with two metrics at once; see :meth:`View.grid`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).grid(
            metric_x, metric_y, bins, outcome
        )

    def worst_slices(
        self,
        n: int = 5,
        depth: int = 2,
        outcome: str = "true_positive",
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
    ) -> pd.DataFrame:
        """Find conjunctions of properties with many errors; see :meth:`View.worst_slices`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).worst_slices(
            n, depth, outcome
        )

    def worst_ranges(
        self,
        n: int = 5,
        outcome: str = "true_positive",
        by_class: bool = False,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
        settled: bool = False,
        gain: bool = False,
    ) -> pd.DataFrame:
        """Find the ranges that hold the most errors; see :meth:`View.worst_ranges`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).worst_ranges(
            n, outcome, by_class=by_class, settled=settled, gain=gain
        )

    def binning(
        self,
        bins: int = 20,
        iou_threshold: float = 0.5,
        confidence_threshold: Confidence = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
    ) -> Binning:
        """Give the edges of every metric's bins; see :meth:`View.binning`."""
        return self.at(iou_threshold, confidence_threshold, classes, where).binning(bins)

    def twins(self, classes: Iterable[str] = (), outcome: str = "true_positive") -> pd.DataFrame:
        """Find the metrics that say the same as another; see :meth:`View.twins`."""
        return self.at(classes=classes).twins(outcome)

    def coco_summary(self, classes: Iterable[str] = (), **grid: Any) -> dict[str, float]:
        """Compute the COCO numbers, of a grid of one's own too; see :meth:`View.coco_summary`."""
        return self.at(classes=classes).coco_summary(**grid)

    def coco_per_class(self, classes: Iterable[str] = ()) -> pd.DataFrame:
        """Compute the twelve fixed COCO numbers of each class; see :meth:`View.coco_per_class`."""
        return self.at(classes=classes).coco_per_class()
