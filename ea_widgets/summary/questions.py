"""Which questions a summary answers, and why it cannot answer the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.errors import unknown_option
from ea_widgets.summary.settings import COCO_TICKS

if TYPE_CHECKING:
    from collections.abc import Sequence

ANSWERS = (
    "scores",
    "importance",
    "importance_sweep",
    "curve",
    "binning",
    "objects_in_range",
    "coco_summary",
    "best_threshold",
    "precision_recall",
    "worst_ranges",
    "settled",
)
"""Questions that a summary answers."""

OBJECTS = "A summary holds counts, not single objects"

REASONS = {
    "where": "A summary holds no counts of slices, and single objects neither",
    "slices": "A summary holds no counts of slices, and single objects neither",
    "given": "A summary counts each metric by itself, not two together",
    "include_class": "A summary ranks the metrics only",
    "what_if": "A summary cannot match again: it holds counts, not single objects",
}
"""Why some questions cannot be answered; :data:`OBJECTS` is why the others cannot."""

QUESTIONS = (
    "best_min_confidence", "calibration", "coco_per_class", "confused_objects",
    "confused_pairs", "confusion", "froc", "grid", "label_errors", "matches",
    "operating_points", "per_image", "reasons",
    "given", "include_class", "sentences", "slices", "twins",
    "what_if", "where", "worst_slices",
)  # fmt: skip

INSTEAD = "Ask an ea.Evaluation of those parts that matter."


def why_not(question: str, iou_thresholds: Sequence[float]) -> str | None:
    """Say why a question cannot be answered, in a sentence; None where it can.

    Parameters
    ----------
    question : str
        Name of the method of :class:`View`, or of an argument.
    iou_thresholds : sequence of float
        At which was counted.

    Raises
    ------
    InvalidInputError
        If there is no such question.
    """
    if question == "coco_summary" and {*COCO_TICKS} - {*iou_thresholds}:
        return f"Was not counted at the IoU thresholds .50:.95 of COCO. {INSTEAD}"
    if question in ANSWERS:
        return None
    if question not in QUESTIONS:
        raise unknown_option("question", question, [*ANSWERS, *QUESTIONS])
    return f"{REASONS.get(question, OBJECTS)}. {INSTEAD}"
