"""The page of a comparison: what got better, what got worse, and whether it is real."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, ToggleButton, VBox
from traitlets import Any as AnyTrait

from ea_widgets.analysis.comparison import Comparison, ComparisonView
from ea_widgets.errors import InvalidInputError, shown
from ea_widgets.widgets.base import (
    STEP,
    Control,
    EvaluationWidget,
    kept_thresholds,
    send,
    share_slider,
    span_of,
    to_step,
)
from ea_widgets.widgets.comparison.changes_list import ChangesList
from ea_widgets.widgets.comparison.compared_ranking import ComparedRanking
from ea_widgets.widgets.comparison.curves import Curves
from ea_widgets.widgets.comparison.found_labels import FoundLabels
from ea_widgets.widgets.comparison.looks import looks
from ea_widgets.widgets.comparison.score_table import (
    facts_html,
    scores_html,
    thresholds_html,
)
from ea_widgets.widgets.comparison.traits import Compared, ModelThresholds
from ea_widgets.widgets.comparison.whole_scores import whole_scores
from ea_widgets.widgets.controls import ClassPicker, NameField

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from ea_widgets.analysis.comparison import ComparedScores, Model

NO_METRIC = "choose a metric"
HINT = "Choose a metric: its curves show where the models differ."
OWN = "each model at its highest F1"


class ComparisonPage(EvaluationWidget):
    """Two or more models on the same labels, live under one choice of classes and thresholds.

    Parameters
    ----------
    comparison : Comparison
        What is shown, as ``ea.compare`` gives it. Can be assigned later: the page redraws in place.
    keep : bool
        Whether the page lives on when its notebook cell is run again. Default False.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``metric``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.

    Notes
    -----
    Intervals and what changed are computed in a thread once the choices rest.
    """

    _subject = "comparison"

    comparison = Compared()
    """The `Comparison` shown."""

    confidence_threshold = ModelThresholds()
    """Predictions below this confidence are left out: a number for all models; a mapping by model
    (one that it does not name keeps all its predictions); or None, each model at the confidence of
    its own highest F1. Default None: confidences of two models are not one scale."""

    thresholds = AnyTrait(None, read_only=True)
    """Confidence threshold of each model in force, a dict by model. Read only."""

    scores = AnyTrait(None, read_only=True)
    """The `ComparedScores` on screen: mAP and mAR over all predictions, as everybody's are. Read
    only."""

    settled = AnyTrait(None, read_only=True)
    """The same with intervals; None until the choices have rested and they are computed. Read
    only."""

    changes = AnyTrait(None, read_only=True)
    """What changed, as `ComparisonView.changes` gives it; None until it is computed. Read only."""

    curve = AnyTrait(None, read_only=True)
    """The `ComparedCurve` on screen; None while no metric is chosen. Read only."""

    _will_settle = False
    _opening = True

    def __init__(self, comparison: object, *, keep: bool = False, **choices: Any) -> None:
        super().__init__(comparison, keep=keep, **choices)

    @property
    def evaluation(self) -> Any:
        """The comparison: it answers what an evaluation does, for all models at once."""
        return self.comparison

    @property
    def view(self) -> ComparisonView:
        """The comparison under the thresholds and classes chosen."""
        view: ComparisonView = self._view
        return view

    def add(self, model: Model, name: str) -> None:
        """Add a model, such as the next checkpoint of a training.

        Parameters
        ----------
        model : Dataset or Evaluation
            On the same images and labels.
        name : str
            One that no model has.

        Raises
        ------
        InvalidInputError
            If the name is taken, or the images or labels differ.
        """
        self.call_in_loop(partial(self._add, model, name), self.guard)

    def _add(self, model: Model, name: str) -> None:
        """Add a model to those that are there by now."""
        known = dict(zip(self.comparison.names, self.comparison.evaluations, strict=True))
        if name in known:
            raise InvalidInputError(
                "name", f"is {shown(name)}, which is taken", "Give another name."
            )
        self.comparison = Comparison({**known, name: model})

    def _build(self) -> tuple[Any, ...]:
        self._facts, self._own_words, self._readouts = HTML(), HTML(), HTML()
        self._readouts.add_class("eaw-scores")
        self._picker = ClassPicker(self.comparison.class_names, self.classes)
        self._picker.fold()
        self._iou = share_slider("IoU", "Smallest overlap that counts as a match", "260px", "460px")
        self._confidence = share_slider(
            "Confidence", "Predictions of all models below this are left out", "260px", "460px"
        )
        self._own = ToggleButton(
            description=OWN, layout={"width": "auto"},
            tooltip="Each model at the confidence of its own highest F1",
        )  # fmt: skip
        self._own.add_class("eaw-plain")
        self._control(self._picker, "classes", of="classes")
        self._control(self._iou, "iou_threshold", shorten=to_step(STEP))
        set_threshold = partial(setattr, self, "confidence_threshold")
        self._sureness = Control(self._confidence, self.guard(set_threshold), shorten=to_step(STEP))
        self._own_shown = Control(self._own, self.guard(self._own_toggled))
        self._menu = NameField(
            NO_METRIC,
            self.guard(partial(setattr, self, "metric")),
            self.guard,
            description="Metric",
            layout={"width": "340px"},
            tooltip="The metric looked at",
        )
        pick = self.guard(partial(setattr, self, "metric"))
        self._changes = ChangesList(pick)
        self._changes.add_class("eaw-part")
        self._ranking = ComparedRanking(pick, partial(self._task, in_scripts=False), self.guard)
        self._hint = HTML(f'<div class="eaw-hint">{HINT}</div>')
        self._curves = Curves(self.guard)
        self._charts = Box(layout={"display": "block"})
        self._found_labels = FoundLabels(self._task, self.guard)
        self._settling = self._task(self._settle, in_scripts=False)
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        by_metric = VBox([self._menu, self._hint, self._charts])
        by_metric.add_class("eaw-part")
        return (
            looks(),
            self._facts,
            Box([self._picker, self._iou, self._confidence, self._own], layout=row),
            self._own_words,
            self._readouts,
            self._changes,
            self._ranking,
            by_metric,
            self._found_labels,
        )

    def _draw(self) -> None:
        comparison = self.comparison
        if self._memo.changed("comparison", comparison):
            self._opening = True
            send(self._facts, value=facts_html(comparison))
            self._picker.offer(comparison.class_names)
            self._sureness.span(*span_of(comparison))
        asked = (comparison, self.iou_threshold, self.confidence_threshold, self.classes)
        if self._memo.changed("answers", *asked):
            self._ask()
        if self._memo.changed("menu", comparison, self.metric):
            self._menu.show(((n, n) for n in comparison.metrics.index), self.metric)
        self._changes.mark(self.metric)
        if self._memo.changed("marked", self.metric):
            self._ranking.mark(self.metric)
        if self._memo.changed("curve", self._view, self.metric):
            self._show_curve()

    def _ask(self) -> None:
        """Get the answers to the choices at once, and ask for those that take longer."""
        self._settling.cancel()
        self._view = self._under_choices()
        scores = whole_scores(self._view, self._all_predictions)
        self.set_trait("scores", scores)
        self.set_trait("settled", None)
        self.set_trait("changes", None)
        self._changes.wait()
        self._will_settle = self._settling.ask(partial(_settled, self._view, self._all_predictions))
        self._show_scores(scores)
        self._ranking.ask(self._view)
        self._found_labels.ask(self._view)

    def _under_choices(self) -> ComparisonView:
        """Ask under the choices, and show the threshold of each model."""
        own, chosen = self.confidence_threshold is None, self.confidence_threshold
        if own:
            chosen = self.comparison.best_thresholds(self.iou_threshold, self.classes)
        lowest, _ = span_of(self.comparison)
        by_model: Mapping[str, float] = (
            dict.fromkeys(self.comparison.names, chosen) if isinstance(chosen, float) else chosen
        )
        thresholds = {name: by_model.get(name, lowest) for name in self.comparison.names}
        self.set_trait("thresholds", thresholds)
        send(self._own_words, value=thresholds_html(thresholds, own=own))
        self._sureness.show(next(iter(thresholds.values())))
        self._own_shown.show(own)
        self._all_predictions = self.comparison.at(self.iou_threshold, None, self.classes)
        return self.comparison.at(self.iou_threshold, by_model, self.classes)

    def settle(self) -> None:
        """Compute intervals and what changed now, and show them.

        In a notebook this happens by itself once the choices rest; a script can ask for it.
        """
        if self.settled is None:
            self._settling.now(partial(_settled, self._view, self._all_predictions))
            self._ranking.settle()

    def _settle(self, found: tuple[ComparedScores, pd.DataFrame]) -> None:
        scores, changes = found
        self.set_trait("settled", scores)
        self.set_trait("changes", changes)
        self._show_scores(scores)
        metrics = self.comparison.metrics.index
        self._changes.show(changes, metrics)
        self._changes.mark(self.metric)
        if self._opening and self.metric is None:
            # Never an empty chart: where it changed most, or else the first metric there is.
            named = [name for name in changes["metric"] if name in metrics]
            self.metric = next(iter([*named, *metrics]), None)
        self._opening = False

    def _show_scores(self, scores: ComparedScores) -> None:
        waiting = self.settled is None and self._will_settle
        send(self._readouts, value=scores_html(scores, waiting=waiting))

    def _show_curve(self) -> None:
        """Draw the curves; none without a metric."""
        curve = None if self.metric is None else self._view.curve(self.metric)
        self.set_trait("curve", curve)
        send(self._hint.layout, display="none" if curve is not None else "block")
        if curve is not None:
            self._curves.show(curve)
        # Hidden figures would ask the browser for rectangles of negative size.
        send(self._charts, children=() if curve is None else (self._curves,))

    def _own_toggled(self, own: bool) -> None:
        """Take each model's own threshold, or that of the first for all."""
        shared = to_step(STEP)(next(iter(self.thresholds.values())))
        low, high = span_of(self.comparison)
        self.confidence_threshold = None if own else min(max(shared, low), high)

    def _drop_unknown(self) -> None:
        """Drop the choices that a new comparison does not know, all at once."""
        if not self._memo.changed("known", self.comparison):
            return
        known = self.comparison.class_names
        with self.hold_trait_notifications():
            self.classes = tuple(name for name in self.classes if name in known)
            self.confidence_threshold = kept_thresholds(
                self.confidence_threshold, self.comparison.names, span_of(self.comparison)
            )
            if self.metric not in self.comparison.metrics.index:
                self.metric = None


def _settled(
    view: ComparisonView, all_predictions: ComparisonView, should_stop: Callable[[], bool]
) -> tuple[ComparedScores, pd.DataFrame]:
    """Ask for the intervals and the changes, until told to stop."""
    scores = whole_scores(view, all_predictions, settled=True, should_stop=should_stop)
    return scores, view.changes(should_stop)
