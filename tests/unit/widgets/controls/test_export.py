"""Charts and numbers leave the page as files."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pandas as pd
import pytest
from bqplot import Figure

from ea_widgets.testing import front_end
from ea_widgets.widgets.explore import explore
from ea_widgets.widgets.panels.effect_view import effect_rows
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.per_class import PerClass
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric
from ea_widgets.widgets.panels.sweep_panel import ImportanceSweep
from ea_widgets.widgets.panels.what_if_panel import WhatIf
from ea_widgets.widgets.panels.worst_ranges_panel import WorstRanges


@pytest.fixture
def detail(evaluation):
    return PerformanceByMetric(evaluation, metric="Size (P)", bins=5)


def press(detail, words):
    press_in(detail._save, words)


def press_in(row, words):
    next(b for b in row.children if getattr(b, "description", "") == words).click()


def buttons(row):
    return [b.description for b in row.children if hasattr(b, "on_click")]


def offered(row):
    """What the link that CSV makes would save: the name of the file, and its table."""
    press_in(row, "CSV")
    name, data = re.search(r'download="([^"]+)".*base64,([^"]+)"', row._link.value).groups()
    return name, pd.read_csv(io.BytesIO(base64.b64decode(data)))


@pytest.fixture
def sent(monkeypatch):
    """Names of the pictures and drawings that a browser is asked for."""
    files = []
    monkeypatch.setattr(Figure, "send", lambda _, content: files.append(content["filename"]))
    return files


def test_both_charts_are_saved_as_pictures_and_drawings(detail, monkeypatch):
    sent = []
    monkeypatch.setattr(Figure, "send", lambda self, content: sent.append((self, content)))
    press(detail, "PNG")
    press(detail, "SVG")
    assert [figure for figure, _ in sent] == [
        detail._true_positive.figure,
        detail._false_negative.figure,
    ] * 2
    assert [content["filename"] for _, content in sent] == [
        "true-positive-rate.png",
        "false-negative-rate.png",
        "true-positive-rate.svg",
        "false-negative-rate.svg",
    ]


def test_the_numbers_are_a_file_and_go_with_the_choices(detail):
    press(detail, "CSV")
    data = re.search(r'base64,([^"]+)"', detail._save._link.value).group(1)
    saved = pd.read_csv(io.BytesIO(base64.b64decode(data)))
    assert saved["rate"].tolist() == pytest.approx(
        [*detail.curve.predictions["rate"], *detail.curve.labels["rate"]]
    )
    assert saved["of"].unique().tolist() == ["predictions", "labels"]
    detail.bins = 7
    assert detail._save._link.value == ""


def test_a_metric_of_one_side_has_numbers_of_one_side(detail):
    detail.metric = "Age (O)"
    assert set(detail._numbers().index.get_level_values("of")) == {"labels"}


def test_an_error_is_seen(detail, monkeypatch):
    monkeypatch.setattr(detail._save, "_table", lambda: 1 / 0)
    press(detail, "CSV")
    assert "ZeroDivisionError: division by zero" in detail._message.value


def test_each_class_goes_with_its_bars_and_curves(evaluation, sent):
    widget = PerClass(evaluation, opened=True)
    for row in (widget._save_bars, widget._save_curves):
        press_in(row, "PNG")
        press_in(row, "SVG")
    bars = ["class-average-precision", "class-average-recall"]
    curves = ["precision-recall", "free-response"]
    names = [(group, kind) for group in (bars, curves) for kind in ("png", "svg")]
    assert sent == [f"{name}.{kind}" for group, kind in names for name in group]
    name, table = offered(widget._save_bars)
    assert name == "classes.csv"
    scores = evaluation.scores().per_class
    assert set(table["class_name"]) == set(scores.index)
    wanted = scores.loc[table["class_name"], "average_precision"].tolist()
    assert table["average_precision"].tolist() == pytest.approx(wanted)
    name, table = offered(widget._save_curves)
    assert name == "precision-recall.csv"
    assert table.columns.tolist()[:3] == ["class_name", "kind", "recall"]
    drawn = table[(table["kind"] == "interpolated") & (table["class_name"] == "cat")]
    drawn = drawn[drawn["precision"] > 0]  # as far as recall reaches
    line = widget._curves.lines[list(dict.fromkeys(table["class_name"])).index("cat")]
    assert drawn["precision"].tolist() == pytest.approx(line.y.tolist())
    widget.iou_threshold = 0.7
    assert widget._save_bars._link.value == widget._save_curves._link.value == ""


def test_the_sweep_goes_with_its_lines(evaluation, sent):
    widget = ImportanceSweep(evaluation, opened=True)
    press(widget, "PNG")
    press(widget, "SVG")
    assert sent == ["importance-over-iou.png", "importance-over-iou.svg"]
    name, table = offered(widget._save)
    assert name == "importance-over-iou.csv"
    pd.testing.assert_frame_equal(table, widget.sweep)
    widget.classes = ("cat",)
    assert widget._save._link.value == ""


def test_the_worst_ranges_are_a_file(evaluation):
    widget = WorstRanges(evaluation, outcome="missed")
    assert len(widget.ranges) > 0
    assert widget._save.layout.display == "flex"
    assert buttons(widget._save) == ["CSV"]
    name, table = offered(widget._save)
    assert name == "worst-ranges.csv"
    shown = widget.ranges.fillna({"isin": np.nan})  # a file has nothing where there is None
    pd.testing.assert_frame_equal(table, shown, check_dtype=False)
    widget.confidence_threshold = 1.0
    widget.outcome = "true_positive"
    assert len(widget.ranges) == 0
    assert widget._save.layout.display == "none"
    assert widget._save._link.value == ""


def test_the_scores_before_and_after_are_a_file(evaluation):
    widget = WhatIf(evaluation, metric="Size (P)", metric_range=(0.0, 900.0), min_confidence=0.6)
    assert buttons(widget._save) == ["CSV"]
    name, table = offered(widget._save)
    assert name == "what-if.csv"
    effect = widget.effect
    rows = table.set_index("score")
    for score, before, after in effect_rows(effect):
        assert rows.loc[score].tolist() == pytest.approx([before, after, after - before])
    assert rows.loc["false_positives", "change"] == -effect.false_positives_removed
    assert rows.loc["true_positives", "change"] == -effect.true_positives_lost
    assert rows.loc["predictions", "change"] == -effect.removed
    widget.min_confidence = 0.3
    assert widget._save._link.value == ""


def test_lines_have_names_in_what_is_saved(evaluation):
    widget = PerClass(evaluation, opened=True, classes=("cat", "dog"))

    def named(lines):
        return [line.labels for line in lines if line.display_legend]

    assert sorted(named(widget._curves.lines)) == [["cat"], ["dog"]]
    sweep = ImportanceSweep(evaluation, opened=True)
    assert named(sweep.lines) == [[name] for name in dict.fromkeys(sweep.sweep["metric"])]


def test_without_a_metric_there_is_nothing_to_save(evaluation):
    assert PerformanceByMetric(evaluation)._save.layout.display == "none"


def test_beside_the_curves_the_correlation_is_saved_with_the_numbers_only(evaluation, sent):
    alone, page = ImportancePanel(evaluation), explore(evaluation)
    press_in(alone._save, "PNG")
    assert sent == ["importance.png", "correlation.png"]
    sent.clear()
    person = front_end(page)
    person.move("Export", "ranking (PNG)")
    person.press("Save")
    assert sent == ["importance.png"]  # where the names stand
    person.move("Export", "ranking (CSV)")
    person.press("Save")
    assert "correlation" in person.shown().files["importance.csv"]
