"""Confusion, images and operating point: nothing until opened, then what the view answers."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.testing import front_end
from ea_widgets.testing.messages import send_event
from ea_widgets.widgets.controls import CROSS
from ea_widgets.widgets.diagnosis.confusion_panel import (
    BY_SIMILARITY,
    MOST_CLASSES,
    PAIRS,
    PAIRS_ALONE,
)
from ea_widgets.widgets.diagnosis.images_panel import ROWS
from ea_widgets.widgets.examples import OBJECTS
from ea_widgets.widgets.wording import ONE_FOR_ALL
from tests.unit.widgets.conftest import SCRIPT, every_html, frames, make_evaluation

SMALL = ea.where("Size", 0.0, 2000.0)
SHOWN = {
    ea.CocoTable: "numbers",
    ea.Confusion: "pairs",
    ea.ErrorKinds: "kinds",
    ea.ImageTable: "table",
    ea.LabelErrors: "suspects",
    ea.OperatingPoint: "points",
    ea.Pairs: "cells",
    ea.Reliability: "calibration",
    ea.Slices: "table",
}


def confused(n_classes=4):
    """Predictions of which some have the class of the one before."""
    images, labels, predictions = frames((*(f"c{k}" for k in range(n_classes - 1)), SCRIPT))
    names = predictions["class_name"].to_numpy().copy()
    names[::4] = np.roll(names, 1)[::4]
    size = {"Size": predictions["width"] * predictions["height"]}
    labels["Size"] = labels["width"] * labels["height"]
    return ea.Evaluation(ea.Dataset(images, labels, predictions.assign(class_name=names, **size)))


@pytest.mark.parametrize("kind", SHOWN)
def test_nothing_is_computed_until_it_is_opened(evaluation, kind):
    widget = kind(evaluation)
    assert getattr(widget, SHOWN[kind]) is None
    front_end(widget).move("opened", value=True)
    assert getattr(widget, SHOWN[kind]) is not None
    assert widget._message.value == ""
    widget.close()


def test_cells_are_those_of_the_view_and_follow_the_slice():
    evaluation = confused()
    widget = ea.Confusion(evaluation, opened=True, iou_threshold=0.6)
    for where in (None, SMALL):
        widget.where = where
        for choice, share in (("count", None), ("row", "row"), ("column", "column")):
            widget.normalize = choice
            want = evaluation.at(0.6, where=where).confusion(share)
            pd.testing.assert_frame_equal(widget.matrix, want)
            np.testing.assert_array_equal(widget._map.cells.color, want.to_numpy(float))
        pairs = evaluation.at(0.6, where=where).confused_pairs(PAIRS)
        pd.testing.assert_frame_equal(widget.pairs, pairs)
        assert len(widget._list.children) == len(pairs) > 0


def test_a_pair_and_the_menus_show_the_objects_of_a_cell():
    evaluation = confused()
    widget = ea.Confusion(evaluation, opened=True, iou_threshold=0.6)
    person = front_end(widget)
    pair = widget.pairs.iloc[0]
    person.press("Look at these objects")
    want = evaluation.at(0.6).confused_objects(pair["label_class"], pair["predicted_class"])
    assert widget.cell == (pair["label_class"], pair["predicted_class"])
    assert widget.found.total == want.total == pair["count"]
    words = front_end(widget).shown().text
    assert any(f"{want.total} objects" in line for line in words)
    assert all("<script" not in html for html in every_html(widget))
    person.move("Class of the predictions", "not found")
    want = evaluation.at(0.6).confused_objects(pair["label_class"], "not found", 0, OBJECTS)
    assert widget.cell == (pair["label_class"], "not found")
    pd.testing.assert_frame_equal(widget.found.rows, want.rows)
    widget.iou_threshold = 0.5
    assert widget.cell is None


def test_a_click_on_a_cell_shows_its_objects_and_a_hover_its_shares():
    evaluation = confused()
    widget = ea.Confusion(evaluation, opened=True, normalize="count")
    table = evaluation.at().confusion()
    for row, column in ((0, 0), (1, 2), (len(table) - 1, 1), (2, table.shape[1] - 1)):
        data = {"rowNum": row, "columnNum": column}
        send_event(widget._map.cells, event="hover", data=data)
        assert f"{table.iloc[row, column]:,.0f}" in widget._map._tip.value
        send_event(widget._map.cells, event="element_click", data=data)
        assert widget.cell == (table.index[row], table.columns[column])
        assert widget.found.total == table.iloc[row, column]


@pytest.mark.parametrize("n_classes", [BY_SIMILARITY - 1, BY_SIMILARITY])
def test_from_thirty_classes_on_those_that_are_confused_stand_together(n_classes):
    evaluation = confused(n_classes)
    widget = ea.Confusion(evaluation, opened=True, iou_threshold=0.6)
    order = "similarity" if n_classes >= BY_SIMILARITY else "display"
    want = evaluation.at(0.6).confusion("row", order)
    assert [*want.index] != [*evaluation.at(0.6).confusion().index] or order == "display"
    pd.testing.assert_frame_equal(widget.matrix, want)
    assert ("side by side" in widget._note.value) == (order == "similarity")
    row, column = np.argwhere(evaluation.at(0.6).confusion(None, order).to_numpy()[:-1, :-1])[0]
    data = {"rowNum": int(row), "columnNum": int(column)}
    shown = np.nan_to_num(widget._map.cells.color)
    np.testing.assert_array_equal(shown, np.nan_to_num(want.to_numpy(float)))
    send_event(widget._map.cells, event="hover", data=data)
    assert escape(want.index[row]) in widget._map._tip.value
    assert f"{want.iloc[row, column]:.1%}" in widget._map._tip.value
    send_event(widget._map.cells, event="element_click", data=data)
    assert widget.cell == (want.index[row], want.columns[column])
    assert widget.found.total == evaluation.at(0.6).confusion().loc[widget.cell]


def test_many_classes_have_the_pairs_only():
    evaluation = confused(MOST_CLASSES + 1)
    widget = ea.Confusion(evaluation, opened=True)
    assert widget.matrix is None
    assert widget._chart.children == ()
    want = evaluation.at().confused_pairs(PAIRS_ALONE)
    pd.testing.assert_frame_equal(widget.pairs, want)
    assert len(widget._list.children) == len(want) > PAIRS
    front_end(widget).press("Look at these objects", nth=len(want) - 1)
    assert widget.found.total == want["count"].iloc[-1]


def test_images_are_listed_as_the_view_sorts_them_and_shown_whole():
    evaluation = make_evaluation()
    widget = ea.ImageTable(evaluation, opened=True, confidence_threshold=0.2)
    view, person = evaluation.at(0.5, 0.2), front_end(widget)
    pd.testing.assert_frame_equal(widget.table, view.per_image("f1"))
    person.move("Order of the images", "most false positives first")
    assert widget.table["fp"].is_monotonic_decreasing
    assert widget.table["fn"].sum() == view.scores().false_negatives
    person.press("next ▸")
    assert widget.page == 1
    person.press("Show the whole image", nth=3)
    row = widget.table.iloc[ROWS + 3]
    assert widget.shown_image == row["image_id"]
    outlines = widget._outlines(row["image_id"])
    matches = view.matches()
    counted = [
        (matches.labels["image_id"] == row["image_id"]).sum(),
        (matches.predictions["image_id"] == row["image_id"]).sum(),
    ]
    assert len(outlines) == sum(counted)
    widget.page = 99
    assert len(widget._list.children) == ROWS
    person.press("◂ before")
    assert widget.page == 2


def test_the_best_threshold_is_used_on_request(evaluation):
    widget = ea.OperatingPoint(evaluation, opened=True, confidence_threshold=0.1, where=SMALL)
    want = evaluation.at(0.5, None, (), SMALL).operating_points()
    pd.testing.assert_frame_equal(widget.points.table, want.table)
    rows = want.curve[want.curve["class_name"] == "all"]
    for line, rate in zip(widget.lines, ("precision", "recall", "f_beta"), strict=True):
        np.testing.assert_array_equal(line.y, rows[rate])
    before = widget.points
    front_end(widget).press("Leave out predictions below the best threshold")
    assert widget.confidence_threshold == want.threshold
    assert widget.points is before  # over all confidences: the slider changes nothing
    assert widget._use.disabled
    assert "&lt;script&gt;" in widget._table.value


@pytest.mark.parametrize("order", ["gain", "gain_per_100", "count"])
def test_kinds_of_error_are_those_of_the_view_with_gains(order):
    evaluation = confused()
    widget = ea.ErrorKinds(evaluation, opened=True, confidence_threshold=0.1, sort_by="count")
    front_end(widget).move("sort_by", order)
    widget.where, widget.iou_threshold = SMALL, 0.6
    view = evaluation.at(0.6, 0.1, where=SMALL)
    reasons = view.reasons(gain=True)
    for of, table in (("predictions", reasons.predictions), ("labels", reasons.labels)):
        got = widget.kinds[widget.kinds["of"] == of].drop(columns="of").set_index("reason")
        pd.testing.assert_frame_equal(got.loc[table["reason"]], table.set_index("reason"))
    values = widget.kinds[order].fillna(-1)
    assert values.is_monotonic_decreasing
    assert values.iloc[0] > 0
    shown = "".join(html.value for html in widget._cells)
    assert f"+{widget.kinds['gain'].max():.3f}" in shown
    assert "…" not in shown or widget.kinds[["gain", "gain_per_100"]].isna().any(axis=None)


def test_a_kind_of_error_shows_its_objects():
    evaluation = confused()
    widget = ea.ErrorKinds(evaluation, opened=True, iou_threshold=0.6)
    person = front_end(widget)
    for number, row in enumerate(widget.kinds.to_dict("records")):
        person.press("Look at these errors", nth=number)
        assert widget.found.total == row["count"]
        kind = "missed" if row["of"] == "labels" else "false_positive"
        assert (widget.found.rows["kind"] == kind).all()
    assert all("<script" not in html for html in every_html(widget))
    widget.iou_threshold = 0.5
    assert widget.found is None


def test_calibration_is_that_of_the_view_with_the_diagonal_and_each_class(evaluation):
    widget = ea.Reliability(evaluation, opened=True)
    for where in (None, SMALL):
        widget.where = where
        want = evaluation.at(where=where).calibration()
        pd.testing.assert_frame_equal(widget.calibration.bins, want.bins)
        np.testing.assert_array_equal(widget.line.x, want.bins["confidence"])
        np.testing.assert_array_equal(widget.points.y, want.bins["precision"])
        ends = want.bins[["precision_low", "precision_high"]]
        np.testing.assert_array_equal(widget.whiskers.y, ends)
        assert f"{want.error:.3f}" in widget._words.value
        assert f"({want.noise_floor:.3f})" in widget._words.value
        ends = f"({want.overconfidence_low:+.3f} to {want.overconfidence_high:+.3f})"
        assert ends in widget._words.value
        for row in want.per_class.itertuples():
            assert f"<td>{row.n:,}</td><td>{row.error:.3f}</td>" in widget._table.value
    diagonal = widget.figure.marks[0]
    np.testing.assert_array_equal(diagonal.x, diagonal.y)
    assert "&lt;script&gt;" in widget._table.value


def test_confidences_beyond_one_have_no_calibration():
    images, labels, predictions = frames()
    odd = predictions.assign(confidence=predictions["confidence"] * 40)
    widget = ea.Reliability(ea.Evaluation(ea.Dataset.from_frames(images, labels, odd)), opened=True)
    assert "outside of 0 to 1" in widget._words.value
    assert not widget.whiskers.visible
    assert widget._message.value == ""


def test_thresholds_by_class_are_taken_away_as_json_and_code(evaluation, tmp_path):
    widget = ea.OperatingPoint(evaluation, opened=True)
    person = front_end(widget)
    points = evaluation.at().operating_points()
    points.to_json(tmp_path / "thresholds.json")
    person.press("JSON")
    want = (tmp_path / "thresholds.json").read_text()
    assert person.shown().files["thresholds.json"] == want
    for library in ("numpy", "supervision", "ultralytics"):
        person.press(library)
        assert person.shown().files[f"thresholds_{library}.py"] == points.code(library)


def test_each_class_gets_its_own_threshold_at_once_and_the_slider_moves_all(evaluation):
    page = ea.explore(evaluation)
    operating = next(part for part in page.further if isinstance(part, ea.OperatingPoint))
    operating.opened = True
    own = evaluation.at().operating_points().thresholds()
    front_end(operating).press("use one by class")
    assert dict(page.confidence_threshold) == own
    cut = evaluation.at(0.5, own).scores()
    assert page.panel.scores.f1 == cut.f1
    whole = evaluation.scores().mean_average_precision
    assert page.panel.scores.mean_average_precision == whole
    assert operating._use_own.disabled
    assert not operating._use.disabled
    person, middle = front_end(page), float(np.median([*own.values()]))
    assert "by class" in page.panel._by_class.description
    at = round(round(middle, 2) + 0.05, 2)
    person.move("confidence_threshold", at)
    want = {name: min(one + 0.05, 1.0) for name, one in own.items()}
    assert dict(page.confidence_threshold) == pytest.approx(want, abs=1e-12)
    assert page.panel._by_class.description.endswith(f"by class, moved by +0.05 {CROSS}")
    assert page.examples.confidence_threshold == page.confidence_threshold
    moved = evaluation.at(0.5, page.confidence_threshold)
    assert page.panel.scores.true_positives == moved.scores().true_positives
    person.move("confidence_threshold", round(middle, 2))
    assert dict(page.confidence_threshold) == own  # to the last digit
    person.press(ONE_FOR_ALL)
    assert page.confidence_threshold == pytest.approx(middle, abs=0.005)
    assert page.panel._by_class.layout.display == "none"
    page.close()


def test_thresholds_by_class_are_choices_like_others(evaluation, next_evaluation):
    panel = ea.ImportancePanel(evaluation, confidence_threshold={"cat": 0.5, "dog": 0.25})
    view = evaluation.at(0.5, {"cat": 0.5, "dog": 0.25})
    assert panel.scores.false_positives == view.scores().false_positives
    with pytest.raises(ea.InvalidInputError) as caught:
        panel.confidence_threshold = {"cta": 0.5}
    assert "Did you mean 'cat'?" in str(caught.value)
    with pytest.raises(ea.InvalidInputError) as caught:
        panel.confidence_threshold = {}
    assert str(caught.value) == (
        "`confidence_threshold` is {}. Give a number for each class, or one for all."
    )
    panel.evaluation = next_evaluation  # it has no dogs
    assert dict(panel.confidence_threshold) == {"cat": 0.5}
    front_end(panel).press("all predictions")
    assert panel.confidence_threshold == 0.0
