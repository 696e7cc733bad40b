"""The upper half of the page: choices, scores, and which metrics matter."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Checkbox, FloatSlider, HBox, ToggleButtons
from traitlets import Any as AnyTrait
from traitlets import Bool, Enum, Unicode, link, validate

from ea_widgets.analysis.importance.ranking import OUTCOMES
from ea_widgets.errors import unknown_option
from ea_widgets.widgets.base.background import Settling
from ea_widgets.widgets.base.lifecycle import send
from ea_widgets.widgets.base.widget import SHARED, EvaluationWidget, on_screen, refused
from ea_widgets.widgets.controls.class_picker import ClassPicker
from ea_widgets.widgets.controls.export import TakeAway
from ea_widgets.widgets.controls.name_menu import NameMenu
from ea_widgets.widgets.panels.ranking_charts import FOLD_ABOVE, Ranking
from ea_widgets.widgets.panels.scores_view import counts_html, readouts_html

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from ea_widgets.analysis.evaluation import Evaluation

RANKED_LEVELS = {"true_positive": "FP", "missed": "FO"}
"""Levels of the metrics that are ranked."""

NOTHING_GIVEN = "of each metric by itself"
NO_METRIC = "click a bar, or choose one here"


class ImportancePanel(EvaluationWidget):
    """Scores of a detector, and the metrics that drive them, live under the choices.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later: the panel redraws in place.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``metric``, ``outcome``, ``given``, ``all_metrics``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    outcome = Enum(OUTCOMES, "true_positive")
    """What the metrics are ranked by: ``"true_positive"``, whether predictions are right, or
    ``"missed"``, whether label objects are missed. Default ``"true_positive"``."""

    all_metrics = Bool(default_value=False)
    """Whether every metric has its bar; else, of more than fifteen, the first twelve and the chosen
    one have. Default False."""

    scores = AnyTrait(None, read_only=True)
    """The `Scores` on screen. Read only."""

    importance = AnyTrait(None, read_only=True)
    """The table behind the bars, as `Evaluation.importance` gives it. Read only."""

    given = Unicode(None, allow_none=True)
    """Importance beyond this: displayed name of a metric that is ranked, or ``"class"``; what the
    others say that it does not say already. Default None: importance by itself."""

    settled = AnyTrait(None, read_only=True)
    """The table with intervals and noise floors, as `Evaluation.importance(settled=True)` gives it;
    None until the choices have rested and it is computed. Read only."""

    _asked: tuple[object, ...] = ()
    _told: object = None
    _will_settle = False

    @classmethod
    def choice_names(cls) -> tuple[str, ...]:
        """List the traits whose change asks for a new drawing.

        Returns
        -------
        tuple of str
            The shared ones, ``outcome``, ``given`` and ``all_metrics``.
        """
        return (*SHARED, "outcome", "given", "all_metrics")

    def _build(self) -> tuple[Any, ...]:
        self._counts = HTML()
        self._picker = ClassPicker(self.evaluation.class_names, self.classes)
        self._iou = self._slider("IoU", "Smallest overlap that counts as a match")
        self._confidence = self._slider("Confidence", "Predictions below this are left out")
        self._readouts = HTML()
        self._outcome = ToggleButtons(
            options=[("wrong predictions", "true_positive"), ("missed objects", "missed")],
            value=self.outcome,
            tooltips=["What tells right predictions from wrong ones", "What tells missed objects"],
            style={"button_width": "auto"},
        )
        self._menu = NameMenu(
            NO_METRIC, self._pick, layout={"width": "270px"}, tooltip="The metric looked at"
        )
        self._given = NameMenu(
            NOTHING_GIVEN,
            self._pick_given,
            layout={"width": "250px"},
            tooltip="What the metrics say beyond this one",
        )
        self._every = Checkbox(indent=False, layout={"width": "auto", "margin": "2px 12px"})
        self._ranking = Ranking(self._pick)
        self._settling = Settling(self._settle, self.report)
        charts = {
            "importance": self._ranking.importance.figure,
            "correlation": self._ranking.correlation.figure,
        }
        self._save = TakeAway(charts, "importance", self._numbers, self.report)
        self._importance_chart = self._ranking.importance
        self._correlation_chart = self._ranking.correlation
        self._bars, self._correlations = self._importance_chart.bars, self._correlation_chart.bars
        self._picker.observe(self._classes_picked, "classes")
        link((self, "iou_threshold"), (self._iou, "value"))
        link((self, "confidence_threshold"), (self._confidence, "value"))
        link((self, "outcome"), (self._outcome, "value"))
        link((self, "all_metrics"), (self._every, "value"))
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        middle = {"align_items": "center"}
        label = '<span class="eaw-label">{}</span>'
        return (
            self._counts,
            self._picker,
            Box([self._iou, self._confidence], layout=row),
            self._readouts,
            Box(
                [
                    HBox([HTML(label.format("Rank by")), self._outcome], layout=middle),
                    HBox([HTML(label.format("Importance")), self._given], layout=middle),
                    self._every,
                    HBox([HTML(label.format("Metric")), self._menu], layout=middle),
                ],
                layout={**row, "justify_content": "space-between"},
            ),
            self._ranking,
            self._save,
        )

    @staticmethod
    def _slider(description: str, tooltip: str) -> FloatSlider:
        return FloatSlider(
            min=0.0, max=1.0, step=0.01, description=description, readout_format=".2f",
            continuous_update=True, tooltip=tooltip,
            style={"description_width": "auto"}, layout={"flex": "1 1 260px", "max_width": "460px"},
        )  # fmt: skip

    def _draw(self) -> None:
        self._picker.offer(self.evaluation.class_names, self.classes)
        question = (
            self.evaluation,
            self.iou_threshold,
            self.confidence_threshold,
            self.classes,
            self.outcome,
            self.given,
        )
        if not _same_question(question, self._asked):
            self._asked = ()
            self._ask()
            self._asked = question
        self._show_menus()
        self._show_ranking()

    def _ask(self) -> None:
        """Get the answers to the choices, and show the scores."""
        choices: dict[str, Any] = {
            "iou_threshold": self.iou_threshold,
            "confidence_threshold": self.confidence_threshold,
            "classes": self.classes,
        }
        evaluation, ranked = self.evaluation, {**choices, "outcome": self.outcome}
        if self.given is not None:
            ranked["given"] = self.given
        self._settling.cancel()
        self._save.forget()
        scores = evaluation.scores(**choices)
        importance = evaluation.importance(**ranked)
        if self._told is not evaluation:
            send(self._counts, value=counts_html(evaluation.dataset))
            self._told = evaluation
        coco = evaluation.coco_summary(classes=self.classes)
        send(self._readouts, value=readouts_html(scores, evaluation.reasons(**choices), coco))
        self.set_trait("scores", scores)
        self.set_trait("importance", importance)
        self.set_trait("settled", None)
        self._settle_later = partial(_settled, evaluation, ranked)
        self._will_settle = self._settling.ask(self._settle_later)

    def settle(self) -> None:
        """Compute intervals and noise floors now, and draw them.

        In a notebook this happens by itself once the choices rest; a script can ask for it.
        """
        if self.settled is None:
            self._settling.now(self._settle_later)

    def _numbers(self) -> pd.DataFrame:
        """Give all rows behind the bars, with intervals once they are known."""
        return self.importance if self.settled is None else self.settled

    def _settle(self, table: pd.DataFrame) -> None:
        self.set_trait("settled", table)
        self._save.forget()
        self._show_ranking()

    def _show_menus(self) -> None:
        """Offer every metric by name: the way to choose one from the keyboard."""
        self._menu.show(((name, name) for name in self.evaluation.metrics.index), self.metric)
        known = ("class", *self._ranked())
        self._given.show(((f"given {name}", name) for name in known), self.given)

    def _ranked(self) -> list[str]:
        """List the metrics of the levels that are ranked."""
        levels = self.evaluation.metrics["level"]
        return [name for name, level in levels.items() if level in RANKED_LEVELS[self.outcome]]

    def _show_ranking(self) -> None:
        count = len(self.importance)
        send(self._every, description=f"all {count} metrics")
        send(self._every.layout, display="flex" if count > FOLD_ABOVE else "none")
        known = self.evaluation.metrics
        chosen = None if self.metric is None else (self.metric, known.loc[self.metric, "name"])
        table = self._numbers()
        self._ranking.show(table, chosen, self.outcome, whole=self.all_metrics)
        waiting = self.settled is None and self._will_settle
        self._ranking.explain(table, given=self.given, waiting=waiting)

    @on_screen
    def _pick(self, name: str | None) -> None:
        self.metric = name

    @on_screen
    def _pick_given(self, name: str | None) -> None:
        self.given = name

    @validate("given")
    def _validate_given(self, proposal: Any) -> str | None:
        value = proposal["value"]
        known = ["class", *self._ranked()]
        if value is not None and value not in known:
            raise refused(unknown_option("given", value, known))
        return value

    def _drop_unknown(self) -> None:
        """Also let go of what is given, where it is not ranked any more."""
        super()._drop_unknown()
        if self.given is not None and self.given not in {"class", *self._ranked()}:
            self.given = None

    def close(self) -> None:
        """Take the panel off the page, and stop what it still computes."""
        if self._drawn:  # a refused panel is closed before it is built
            self._settling.cancel()
        super().close()

    @on_screen
    def _classes_picked(self, change: Any) -> None:
        self.classes = change["new"]


def _settled(
    evaluation: Evaluation, ranked: dict[str, Any], should_stop: Callable[[], bool]
) -> pd.DataFrame:
    """Ask for the intervals, until told to stop."""
    return evaluation.importance(**ranked, settled=True, should_stop=should_stop)


def _same_question(new: tuple[object, ...], old: tuple[object, ...]) -> bool:
    """Tell whether two questions are about the same evaluation and ask the same."""
    return bool(old) and new[0] is old[0] and new[1:] == old[1:]
