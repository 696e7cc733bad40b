"""What follows from verdicts on labels: files of them, and what the scores would be."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Button, VBox

from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.data.writers.spreadsheet import SpreadsheetTable
from ea_widgets.widgets.base import send, text
from ea_widgets.widgets.controls import TextFile, TextFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ea_widgets.analysis.label_errors import LabelVerdicts
    from ea_widgets.analysis.scores import Scores
    from ea_widgets.analysis.view import View


class MendedLabels(VBox):
    """Buttons that save verdicts and mended labels, and one that scores the detector on them.

    Parameters
    ----------
    verdicts : callable
        Gives the `LabelVerdicts` so far.
    asked : callable
        Gives the `Evaluation` on screen and the `View` of its choices.
    task : callable
        Makes a computation in the background, given what to do with its answer.
    guard : callable
        Makes a handler show what it raises.
    """

    def __init__(
        self,
        verdicts: Callable[[], LabelVerdicts],
        asked: Callable[[], tuple[Evaluation, View]],
        task: Callable[..., Any],
        guard: Callable[..., Any],
    ) -> None:
        self._verdicts, self._asked = verdicts, asked
        self._scoring = task(self._show_scores, rest=0.0)
        self._scored = HTML()
        self._button = Button(
            description="scores with these mended",
            tooltip="Score the detector on the labels with the confirmed errors mended",
        )
        self._button.add_class("eaw-plain")
        self._button.on_click(guard(self._score))
        self._files = TextFiles(
            [
                TextFile("CSV", "All verdicts as a table", "label-verdicts.csv", self._csv,
                         "text/csv"),
                TextFile("COCO", "The mended labels as COCO", "labels-coco.json",
                       partial(self._mended, "to_coco", "instances.json")),
                TextFile("CVAT", "The mended labels for CVAT", "labels-cvat.xml",
                       partial(self._mended, "to_cvat"), "application/xml"),
                TextFile("Label Studio", "The mended labels for Label Studio",
                       "labels-label-studio.json", partial(self._mended, "to_label_studio")),
            ],
            task, guard,
        )  # fmt: skip
        row = {"flex_flow": "row wrap", "align_items": "center"}
        super().__init__([Box([self._button, self._files], layout=row), self._scored])

    def forget(self, counts: Mapping[str, int]) -> None:
        """Take away what was made of other verdicts, and offer what these allow.

        Parameters
        ----------
        counts : mapping of str to int
            How many errors have each verdict.
        """
        self._scoring.cancel()
        self._files.forget()
        send(self._scored, value="")
        send(self.layout, display="" if any(counts.values()) else "none")
        send(self._button, disabled=not counts["wrong"])

    def _score(self, _button: object) -> None:
        send(self._scored, value='<span class="eaw-muted">scoring …</span>')
        self._scoring.ask(partial(_score_mended, self._verdicts(), *self._asked()))

    def _show_scores(self, found: tuple[Scores, Scores, int]) -> None:
        before, after, mended = found
        rows = "".join(
            f"<tr><th scope='row'>{name}</th><td>{text.rate(old)}</td><td>{text.rate(new)}</td>"
            f"<td>{new - old:+.3f}</td></tr>"
            for name, old, new in (
                ("mAP", before.mean_average_precision, after.mean_average_precision),
                ("mAR", before.mean_average_recall, after.mean_average_recall),
                ("precision", before.precision, after.precision),
                ("recall", before.recall, after.recall),
            )
        )
        errors = text.counted(mended, "error")
        send(self._scored, value=(
            "<table class='eaw-effect'><thead><tr><th scope='col'>score</th>"
            "<th scope='col'>labels as they are</th>"
            f"<th scope='col'>{errors} mended</th><th scope='col'>change</th></tr></thead>"
            f"<tbody>{rows}</tbody></table><div class='eaw-muted'>This model's own predictions "
            "say what is mended, so it gains more than another model would.</div>"
        ))  # fmt: skip

    def _csv(self) -> tuple[str, str]:
        table = self._verdicts().table
        return SpreadsheetTable(table).to_csv(index=False), text.counted(len(table), "row")

    def _mended(self, method: str, name: str = "") -> tuple[str, str]:
        """Write the mended labels as one of the formats of `LabelVerdicts`."""
        verdicts = self._verdicts()
        with TemporaryDirectory() as folder:
            path = Path(folder) / "labels"
            getattr(verdicts, method)(path)
            content = (path / name).read_text("utf-8")
        return content, f"{text.counted(verdicts.counts['wrong'], 'error')} mended"


def _score_mended(
    verdicts: LabelVerdicts,
    evaluation: Evaluation,
    answers: View,
    should_stop: Callable[[], bool],
) -> tuple[Scores, Scores, int]:
    """Score under the same choices before and after mending."""
    stop_if(should_stop)
    mended = Evaluation(
        verdicts.mended,
        evaluation.iou_type,
        evaluation.max_detections,
        class_agnostic=evaluation.class_agnostic,
    )
    asked = (answers.iou_threshold, answers.confidence_threshold, answers.classes, answers.where)
    return answers.scores(), mended.at(*asked).scores(), verdicts.counts["wrong"]
