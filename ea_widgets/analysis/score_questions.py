"""Questions about the detector: scores, matches, reasons, precision by recall."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from ea_widgets.analysis.matching.engine import Engine
from ea_widgets.analysis.matching.match_tables import match_tables
from ea_widgets.analysis.matching.matched import Matched
from ea_widgets.analysis.matching.reasons import ReasonCounter, Reasons
from ea_widgets.analysis.sample.query import (
    check_classes,
)
from ea_widgets.analysis.scores.coco_summary import MAX_DETECTIONS, coco_table, summarize
from ea_widgets.analysis.scores.precision_recall import precision_recall

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from ea_widgets.analysis.matching.matches import Matches
    from ea_widgets.analysis.scores.scores import Scores


class ScoreQuestions(Matched):
    """What `Evaluation` answers about the detector as a whole."""

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
        found = self._scores.get(choice, lambda: self._score(choice))
        # The table is the caller's to change; what is kept stays.
        return replace(found, per_class=found.per_class.copy())

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
        # Thresholds do not change it: a slider move asks for the same again.
        return dict(self._summaries.get(chosen, lambda: summarize(self._coco_table, list(chosen))))

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
