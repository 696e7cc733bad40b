"""Importance over IoU thresholds: computed when opened, drawn as it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.widgets.base import theme
from ea_widgets.widgets.panels.sweep_panel import ImportanceSweep
from tests.unit.widgets.conftest import frames


def drawn(widget):
    return [line for line in widget.lines if line.visible]


def test_nothing_is_computed_until_it_is_opened(evaluation):
    widget = ImportanceSweep(evaluation)
    assert widget.sweep is None
    widget._fold.selected_index = 0
    assert widget.opened
    assert widget.sweep is not None


@pytest.mark.parametrize("outcome", ["true_positive", "missed"])
def test_lines_are_the_table_of_the_evaluation(evaluation, outcome):
    widget = ImportanceSweep(evaluation, opened=True, outcome=outcome, classes=("dog", "cat"))
    want = evaluation.importance_sweep(
        classes=("dog", "cat"), outcome=outcome, top=len(theme.SERIES)
    )
    pd.testing.assert_frame_equal(widget.sweep, want)
    names = list(dict.fromkeys(want["metric"]))
    assert len(drawn(widget)) == len(names)
    for line, name in zip(widget.lines, names, strict=False):
        rows = want[want["metric"] == name]
        np.testing.assert_array_equal(line.y, rows["importance"])
        assert name in widget._legend.value


def test_the_slider_moves_its_mark_and_computes_nothing_again(evaluation):
    widget = ImportanceSweep(evaluation, opened=True)
    before = widget.sweep
    widget.iou_threshold = 0.75
    assert widget._here.x.tolist() == [0.75, 0.75]
    assert widget.sweep is before
    widget.confidence_threshold = 0.4
    assert widget.sweep is not before


def test_closing_twice_raises_nothing(evaluation):
    widget = ImportanceSweep(evaluation, opened=True)
    widget.close()
    widget.close()


def test_of_near_duplicates_one_has_a_line():
    images, labels, predictions = frames(n_images=20)
    predictions["Sharpness"] = predictions["width"] / 100
    predictions["Blur"] = 1 - predictions["Sharpness"]
    dataset = ea.Dataset.from_frames(images, labels, predictions)
    widget = ImportanceSweep(ea.Evaluation(dataset), opened=True)
    assert {"Sharpness (P)", "Blur (P)"} <= {*widget.sweep["metric"]}
    assert "Sharpness (P)" in widget._legend.value
    assert "Blur (P)" not in widget._legend.value
