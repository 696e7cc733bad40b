"""Without a worst range, the reason is said."""

from __future__ import annotations

import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.analysis.actions.no_ranges import why_no_range

BOX = {"image_id": [1, 1], "class_name": "ant", "x": [0.0, 30.0], "y": 0.0, "width": 9.0}


def scores(*, labels=2, predictions=2, moved=0):
    """Two objects in one image, of which `moved` are found in the wrong place."""
    images = pd.DataFrame({"image_id": [1], "width": 90, "height": 90})
    boxes = pd.DataFrame({**BOX, "height": 9.0})
    found = boxes.assign(confidence=0.5)
    found.loc[found.index[:moved], "y"] = 60.0
    dataset = ea.Dataset.from_frames(images, boxes[:labels], found[:predictions])
    return ea.Evaluation(dataset).scores()


@pytest.mark.parametrize(
    ("data", "wrong", "missed"),
    [
        (
            {"moved": 1},
            "No significant concentration of false positives.",
            "No significant concentration of missed objects.",
        ),
        ({}, "There are no false positives.", "There are no missed objects."),
        (
            {"moved": 2},
            "Every prediction is a false positive, so they concentrate nowhere.",
            "Every object is missed, so they concentrate nowhere.",
        ),
        (
            {"labels": 0},
            "Every prediction is a false positive, since there are no labels.",
            "There are no objects, so there are no missed objects.",
        ),
        (
            {"predictions": 0},
            "There are no predictions, so there are no false positives.",
            "Every object is missed, since there are no predictions.",
        ),
        (
            {"labels": 0, "predictions": 0},
            "There are no predictions, so there are no false positives.",
            "There are no objects, so there are no missed objects.",
        ),
    ],
)
def test_what_is_the_case_is_said(data, wrong, missed):
    found = scores(**data)
    assert why_no_range(found, "true_positive") == wrong
    assert why_no_range(found, "missed") == missed
