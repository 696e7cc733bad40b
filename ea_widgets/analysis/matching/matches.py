"""The answer to `what became of each prediction and label?`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Matches:
    """Outcome of every prediction and label of the chosen classes.

    Attributes
    ----------
    predictions : DataFrame
        Index: row of ``dataset.predictions``, ascending; only predictions at or above the
        confidence threshold. Columns `prediction_id`, `image_id`, `class_name`, `confidence`,
        `outcome` ("true_positive", "false_positive", "ignored": took an ignored or crowd label,
        "left_out": beyond `max_detections`), `label_id` (the label it took; missing if none),
        `iou` (with it; 0 if none), `reason` (of a false positive, after TIDE: "wrong_class",
        "badly_located", "wrong_class_and_badly_located", "duplicate", "background"; else
        missing).
    labels : DataFrame
        Index: row of ``dataset.labels``, ascending. Columns `label_id`, `image_id`,
        `class_name`, `outcome` ("found", "missed", "ignored"), `prediction_id` (that took it;
        missing if none; of a crowd, the most confident), `iou`, `reason` (of a missed label:
        "missed", or "wrong_class" where a false positive with that reason overlaps no label of
        another class more than this one; else missing).
    """

    predictions: pd.DataFrame
    labels: pd.DataFrame
