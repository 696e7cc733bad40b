"""Questions on the way to an action: where the errors are, which objects, what if."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.actions.best_confidence import BestConfidence, best_confidence
from ea_widgets.analysis.actions.examples import (
    ALL_REASONS,
    KINDS,
    SORTS,
    ExamplePage,
    Gallery,
    Wanted,
    check_options,
)
from ea_widgets.analysis.actions.range_scan import CONFIDENCE, Question
from ea_widgets.analysis.actions.rule import Rule
from ea_widgets.analysis.actions.rule_parts import check_end, check_order
from ea_widgets.analysis.actions.what_if import Trials, WhatIf, check_rules
from ea_widgets.analysis.actions.worst_ranges import worst_ranges
from ea_widgets.analysis.importance.ranking import (
    OUTCOMES,
)
from ea_widgets.analysis.matching.engine import Engine
from ea_widgets.analysis.matching.matched import Matched
from ea_widgets.analysis.sample.query import (
    check_count,
    check_option,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd


class ActingQuestions(Matched):
    """What `Evaluation` answers on the way to an action."""

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
        move up where there were more than `max_detections`. A rule on a metric that is made from
        labels (`Rule.needs_labels`) promises here what it cannot keep on images without labels.

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
            average rate), `sentence` (it warns of a metric that is made from labels, and so is
            none for a rule). No rows where nothing stands out.

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
