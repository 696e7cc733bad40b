"""COCO's numbers on the page, and the same on a grid of one's own."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.testing import front_end
from tests.unit.widgets.conftest import every_html

AREAS, IOU, DETECTIONS = "areas in px²", "IoU", "detections"


@pytest.fixture
def panel(evaluation):
    widget = ea.CocoTable(evaluation, opened=True)
    yield widget
    widget.close()


def equals(got, want):
    assert list(got) == list(want)
    np.testing.assert_equal(list(got.values()), list(want.values()))


def test_the_numbers_are_those_of_the_view_and_follow_classes_and_filter(panel, evaluation):
    equals(panel.numbers, evaluation.coco_summary())
    panel.classes, panel.where = ("cat",), ea.where("Brightness (F)", high=0.6)
    equals(panel.numbers, evaluation.at(classes=panel.classes, where=panel.where).coco_summary())
    person = front_end(panel)
    person.press("CSV")
    table = pd.read_csv(io.StringIO(person.shown().files["coco.csv"]), index_col=0)
    assert table["value"].tolist() == pytest.approx(list(panel.numbers.values()), nan_ok=True)


def test_grids_are_typed(panel, evaluation):
    person = front_end(panel)
    person.type(AREAS, "tiny 0-256, huge 4096-")
    person.type(IOU, "0.3:0.5:0.1")
    person.type(DETECTIONS, "1, 5")
    grid = {
        "area_ranges": {"tiny": (0, 256), "huge": (4096, None)},
        "iou_thresholds": (0.3, 0.4, 0.5),
        "max_detections": (1, 5),
    }
    equals(panel.numbers, evaluation.coco_summary(**grid))
    assert "AP_tiny" in panel.numbers
    words = " ".join(person.shown().text)
    assert "tiny: 0 to 256 px²" in words
    assert "IoU 0.30 to 0.50" in words
    assert panel._fields["iou_thresholds"].widget.value == "0.3:0.5:0.1"  # as it was typed
    panel.iou_thresholds = (0.5,)
    assert panel._fields["iou_thresholds"].widget.value == "0.5"
    for field in (AREAS, IOU, DETECTIONS):
        person.type(field, "")
    equals(panel.numbers, evaluation.coco_summary())


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        (AREAS, "tiny"), (AREAS, "tiny 5-1"), (AREAS, "tiny a-b"), (IOU, "half"), (IOU, "1.5"),
        (IOU, "0.5:0.9:0"), (DETECTIONS, "1.5"), (DETECTIONS, "0"), (DETECTIONS, "ten"),
    ],
)  # fmt: skip
def test_what_is_no_grid_is_refused_in_words_and_changes_nothing(panel, evaluation, field, typed):
    front_end(panel).type(field, typed)
    assert 'role="alert"' in panel._message.value
    assert "details" not in panel._message.value  # a sentence, no trace
    equals(panel.numbers, evaluation.coco_summary())
    panel.classes = ("cat",)
    assert panel._message.value == ""


def test_names_of_areas_are_never_markup(panel):
    front_end(panel).type(AREAS, "<script>alert(1)</script> 0-256")
    assert len(panel.area_ranges) == 1
    assert all("<script" not in html for html in every_html(panel))
