"""Each class alone: unfolded on demand, and a click picks a class."""

from __future__ import annotations

import gc

import numpy as np

from ea_widgets.analysis.view import View
from ea_widgets.widgets.base import theme
from ea_widgets.widgets.panels.per_class import CHOSEN, MOST_ROWS, PerClass
from tests.unit.widgets.conftest import every_html, instances, make_evaluation


def click(chart, index):
    chart.hits._handle_custom_msgs(chart.hits, {"event": "element_click", "data": {"index": index}})


def lines(widget):
    return [line for line in widget._curves.lines if line.visible]


def test_folded_it_asks_and_draws_nothing(evaluation, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(View, "scores", lambda _: 1 / 0)
        per_class = PerClass(evaluation)
        assert per_class._inside.children == ()
        assert per_class._message.value == ""
    per_class._fold.set_state({"selected_index": 0})
    assert per_class.opened
    assert len(per_class._inside.children) == 1
    per_class._fold.set_state({"selected_index": None})
    assert not per_class.opened
    assert per_class._inside.children == ()


def test_bars_are_the_scores_of_each_class(evaluation):
    per_class = PerClass(evaluation, opened=True, iou_threshold=0.6)
    table = evaluation.scores(0.6).per_class.sort_values("average_precision", kind="stable")
    assert list(per_class._precision.rows.names) == list(table.index)
    assert per_class._precision.bars.y.tolist() == table["average_precision"].tolist()
    assert per_class._recall.bars.y.tolist() == table["average_recall"].tolist()
    per_class._order.set_state({"index": 2})
    assert list(per_class._precision.rows.names) == list(evaluation.class_names)


def test_a_click_picks_a_class_and_another_lets_it_go(evaluation):
    per_class = PerClass(evaluation, opened=True, order="name")
    click(per_class._precision, 1)
    assert per_class.classes == (evaluation.class_names[1],)
    names = per_class._precision.rows.names
    assert names[1] == CHOSEN + evaluation.class_names[1]
    assert len(names) == len(evaluation.class_names)  # the others can still be picked
    assert len(lines(per_class)) == 1
    click(per_class._recall, 2)
    assert per_class.classes == evaluation.class_names[1:3]
    click(per_class._recall, 1)
    assert per_class.classes == evaluation.class_names[2:3]


def test_curves_are_precision_by_recall(evaluation):
    per_class = PerClass(evaluation, opened=True, classes=("dog",))
    table = evaluation.precision_recall(classes=("dog",)).query("kind == 'interpolated'")
    (line,) = lines(per_class)
    assert 0 < (table["precision"] > 0).sum() < 101  # beyond the highest recall nothing is drawn
    np.testing.assert_array_equal(line.x, table["recall"][table["precision"] > 0])
    np.testing.assert_array_equal(line.y, table["precision"][table["precision"] > 0])
    assert evaluation.scores(classes=("dog",)).mean_average_recall >= line.x[-1] - 1e-9
    average = evaluation.scores(classes=("dog",)).mean_average_precision
    assert f"dog (AP {average:.3f})" in per_class._curves._legend.value
    assert abs(line.y.sum() / 101 - average) < 1e-9


def test_many_classes_stay_usable():
    evaluation = make_evaluation(classes=tuple(f"class {i:03d}" for i in range(100)), n_images=60)
    last = evaluation.scores().per_class.sort_values("average_precision").index[-1]
    per_class = PerClass(evaluation, opened=True)
    assert len(per_class._precision.rows.names) == MOST_ROWS
    assert "60 more classes in this order" in per_class._note.value
    assert len(lines(per_class)) == len(theme.SERIES)
    per_class.classes = (str(last),)
    assert f"{CHOSEN}{last}" in per_class._precision.rows.names


def test_hover_tells_the_counts_and_text_from_data_is_never_html(evaluation):
    per_class = PerClass(evaluation, opened=True)
    for index in range(len(evaluation.class_names)):
        hits = per_class._precision.hits
        hits._handle_custom_msgs(hits, {"event": "hover", "data": {"index": index}})
        assert "<td>labels</td>" in per_class._precision._tip.value
        assert all("<script" not in html for html in every_html(per_class))


def test_one_change_asks_once(evaluation, monkeypatch):
    asked = []
    original = View.precision_recall
    monkeypatch.setattr(View, "precision_recall", lambda v: asked.append(1) or original(v))
    per_class = PerClass(evaluation)
    per_class.opened = True
    per_class.iou_threshold = 0.7
    with per_class.hold_trait_notifications():
        per_class.classes, per_class.order = ("cat",), "labels"
    assert len(asked) == 3


def test_no_labels_of_a_class_are_said(evaluation, next_evaluation):
    per_class = PerClass(evaluation, opened=True, confidence_threshold=1.0)
    assert per_class._message.value == ""
    per_class.evaluation = next_evaluation
    assert per_class._message.value == ""
    assert set(per_class._precision.rows.names) == {"cat", "emu"}


def test_close_leaves_nothing_behind(evaluation):
    before = set(instances())
    PerClass(evaluation, opened=True).close()
    PerClass(evaluation).close()
    gc.collect()
    assert set(instances()) - before == set()


def test_recall_over_false_positives_per_image_is_that_of_the_view():
    evaluation = make_evaluation()
    each = PerClass(evaluation, opened=True, classes=("cat", "dog"))
    want = evaluation.at(classes=("cat", "dog")).froc(by_class=True)
    lines = {line.labels[0]: line for line in each._free_response.lines if line.visible}
    assert set(lines) == {"cat", "dog"}
    for name, line in lines.items():
        own = want[want["class_name"] == name]
        raw = own[own["kind"] == "raw"]
        inside = raw["false_positives_per_image"] <= 11
        x = np.maximum(raw["false_positives_per_image"][inside], 0.09)
        np.testing.assert_array_equal(line.x[: len(x)], x)
        np.testing.assert_array_equal(line.y[: len(x)], raw["recall"][inside])
        mean = own.loc[own["kind"] == "reference", "recall"].mean()
        assert f"{name} (mean {mean:.3f})" in each._free_response._legend.value
