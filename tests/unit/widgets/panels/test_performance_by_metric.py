"""The curves follow the choices, and what is on screen is what the evaluation says."""

from __future__ import annotations

import re
from html import escape

import numpy as np
import pytest

from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.analysis.view import View
from ea_widgets.data.dataset import Dataset
from ea_widgets.errors import InvalidInputError
from ea_widgets.testing import front_end
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import theme
from ea_widgets.widgets.base.lifecycle import parts_of
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric
from tests.unit.widgets.conftest import SCRIPT, every_html, frames, make_evaluation, with_metrics


def drawn(chart):
    """Heights of the points of the lines that are visible."""
    return [line.y.tolist() for line in chart.lines if line.visible]


def test_before_a_metric_is_chosen_a_hint_says_what_to_do(evaluation):
    detail = PerformanceByMetric(evaluation)
    assert detail.curve is None
    assert wording.NO_CURVES_YET in detail._hint.value
    assert detail._hint.layout.display == "block"
    assert detail._charts.children == ()


def test_the_menu_from_the_front_end_draws_the_curves(evaluation):
    detail = PerformanceByMetric(evaluation)
    detail._menu.set_state({"value": "Size (P)"})
    expected = evaluation.curve("Size (P)")
    assert detail.metric == "Size (P)"
    assert detail._hint.layout.display == "none"
    assert drawn(detail._true_positive) == [expected.predictions["rate"].tolist()]
    assert drawn(detail._false_negative) == [expected.labels["rate"].tolist()]
    average = expected.average_true_positive_rate
    assert detail._true_positive.average.y.tolist() == [average, average]
    assert f"average {average:.0%}".replace("%", " %") in detail._true_positive._legend.value
    assert "True positive rate (precision)" in detail._true_positive._title.value
    assert "by Size" in detail._true_positive._title.value


def test_thresholds_and_classes_change_the_curves(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Size (P)")
    before = drawn(detail._true_positive)
    detail.iou_threshold = 0.8
    assert drawn(detail._true_positive) != before
    detail.classes = ("dog",)
    expected = evaluation.curve("Size (P)", iou_threshold=0.8, classes=("dog",))
    assert drawn(detail._true_positive) == [expected.predictions["rate"].tolist()]
    assert "IoU 0.80, confidence from 0.00, 1 of 4 classes" in detail._foot.value


def test_by_class_gives_each_class_a_small_chart_on_one_axis(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Size (P)", by_class=True, bins=5)
    tables = (detail.curve.predictions, detail.curve.labels)
    for chart, table in zip((detail._true_positive, detail._false_negative), tables, strict=True):
        assert chart.figure not in chart.children
        html = chart._multiples.value
        assert html.count("<svg") == 4
        assert SCRIPT not in html
        for name in ("cat", "dog", "owl", SCRIPT):
            of_class = html.split(f'<span title="{escape(name)}">')[1].split("</svg>")[0]
            rates = table["rate"][table["class_name"] == name]
            heights = [float(y) for y in re.findall(r'cy="([\d.]+)"', of_class)]
            assert heights == pytest.approx([5 + 65 * (1 - rate) for rate in rates], abs=0.011)
        assert "average" in chart._legend.value
        assert "opacity" not in html
    detail.metric_range = (100.0, 900.0)
    assert detail._true_positive._multiples.value.count("opacity") == 4  # the range in each
    detail.by_class = False
    assert len(drawn(detail._true_positive)) == 1
    assert detail._true_positive.figure in detail._true_positive.children
    assert detail._true_positive.band.visible


def test_by_class_nothing_is_sent_to_the_large_chart_that_nobody_sees(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Size (P)", by_class=True)
    sent = []
    charts = (detail._true_positive, detail._false_negative)
    hidden = {part for chart in charts for part in parts_of(chart.figure)}
    for part in hidden:
        part.observe(lambda change: sent.append(change["owner"]), [*part.keys])
    before = [chart._multiples.value for chart in charts]
    detail.iou_threshold = 0.9
    assert [chart._multiples.value for chart in charts] != before
    assert {type(part).__name__ for part in sent} <= {"Lines"}
    assert {*sent} <= {chart.average for chart in charts}
    detail.by_class = False
    expected = evaluation.curve("Size (P)", iou_threshold=0.9)
    assert drawn(detail._true_positive) == [expected.predictions["rate"].tolist()]


def test_by_class_no_picture_is_saved_and_it_is_said(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Size (P)", by_class=True)
    front_end(detail).press("PNG")
    assert any("no picture" in words for words in front_end(detail).shown().text)
    detail.by_class = False
    assert not any("no picture" in words for words in front_end(detail).shown().text)


def test_of_many_classes_the_worst_are_drawn_and_the_rest_is_counted():
    classes = tuple(f"class {i:02d}" for i in range(12))
    evaluation = make_evaluation(classes=classes)
    detail = PerformanceByMetric(evaluation, metric="Size (P)", by_class=True, bins=3)
    counts = evaluation.scores().per_class
    wrong = detail.curve.predictions.assign(errors=lambda t: t["n"] * (1 - t["rate"]))
    missed = detail.curve.labels.assign(errors=lambda t: t["n"] * t["rate"])
    excess = sum(
        (t["errors"] - t["n"] * t["errors"].sum() / t["n"].sum()).groupby(t["class_name"]).sum()
        for t in (wrong, missed)
    )
    names = re.findall(r"<span title=\"([^\"]+)\"", detail._true_positive._multiples.value)
    assert names == [*excess.sort_values(ascending=False).index[: len(names)]]
    assert (len(names), len(counts)) == (len(theme.SERIES), 12)
    assert "The 6 classes with the most errors above average; 6 classes left out" in (
        detail._foot.value
    )


def test_a_class_called_all_is_still_a_class():
    detail = PerformanceByMetric(
        make_evaluation(classes=("all", "cat")), metric="Size (P)", by_class=True, classes=("all",)
    )
    assert ">all</span>" in detail._true_positive._multiples.value
    assert not detail._true_positive.band.visible


@pytest.mark.parametrize(
    ("iou", "metric", "top"),
    [(0.5, "Size (P)", 1.0), (0.95, "Sureness (P)", 0.5), (0.95, "Size (P)", 1.0)],
)
def test_the_height_fits_the_rates_and_both_charts_have_one_axis(evaluation, iou, metric, top):
    detail = PerformanceByMetric(evaluation, metric=metric, bins=4, iou_threshold=iou)
    sides = [side for side in (detail.curve.predictions, detail.curve.labels) if len(side)]
    assert (max(side["rate_high"].max() for side in sides) > 0.5) == (top == 1.0)
    for chart in (detail._true_positive, detail._false_negative)[: len(sides)]:
        assert (chart._y.min, chart._y.max) == (-0.02 * top, 1.02 * top)
        assert chart._y_axis.tick_labels["0"] == "0 %"
        assert f"{top:.0%}".replace("%", " %") in chart._y_axis.tick_labels.values()


def test_the_band_is_the_interval_and_can_be_turned_off(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Size (P)")
    table = evaluation.curve("Size (P)").predictions
    expected = [table["rate_low"].tolist(), table["rate_high"].tolist()]
    assert detail._true_positive.band.y.tolist() == expected
    detail._intervals.set_state({"value": False})
    assert not detail._true_positive.band.visible


def test_support_is_the_objects_of_each_bin(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Size (P)", bins=5)
    heights = detail._true_positive.support.y.reshape(-1, 4)
    n = evaluation.curve("Size (P)", bins=5).predictions["n"]
    assert heights[:, 1].tolist() == heights[:, 2].tolist() == n.tolist()
    assert set(heights[:, [0, 3]].ravel()) == {0.0}


def test_points_of_few_objects_are_drawn_apart(evaluation):
    few = PerformanceByMetric(evaluation, metric="Size (P)", bins=100)
    assert len(few._true_positive.points.x) == 0
    assert len(few._true_positive.few.x) == len(few.curve.predictions)
    assert few._true_positive.few.colors == [theme.GREY]
    assert not few._true_positive.few.fill
    few.bins = 4
    assert len(few._true_positive.few.x) == 0
    assert len(few._true_positive.points.x) == len(few.curve.predictions) == 4


def test_hover_tells_n_interval_and_bin(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Size (P)", bins=100)
    hits = detail._true_positive.hits
    hits._handle_custom_msgs(hits, {"event": "hover", "data": {"index": 2}})
    row = detail.curve.predictions.iloc[2]
    told = detail._true_positive._tip.value
    assert f"<td>predictions</td><td>{row['n']}</td>" in told
    assert f"{row['rate_low']:.3f} to {row['rate_high']:.3f}" in told
    assert "Fewer than 20" in told


@pytest.mark.parametrize("scale", ["rank", "linear", "log"])
def test_each_axis_puts_the_points_in_rising_order(evaluation, scale):
    detail = PerformanceByMetric(evaluation, metric="Size (P)")
    detail._scale.set_state({"index": ["rank", "linear", "log"].index(scale)})
    assert detail.scale == scale
    chart = detail._true_positive
    x = chart.lines[0].x
    center = detail.curve.predictions["center"].to_numpy()
    assert (np.diff(x) > 0).all()
    assert chart._x.min < x[0]
    assert x[-1] < chart._x.max
    if scale != "rank":
        np.testing.assert_allclose(x, center if scale == "linear" else np.log10(center))


def test_prediction_metrics_show_their_twin_of_labels(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Size (O)")
    assert detail.curve.predictions["n"].sum() == len(evaluation.dataset.predictions)
    assert detail.curve.labels["n"].sum() == len(evaluation.dataset.labels)


@pytest.mark.parametrize(
    ("metric", "side", "words"),
    [
        ("Sureness (P)", "_false_negative", "Sureness is known for predictions only"),
        ("Age (O)", "_true_positive", "Age is known for labels only"),
    ],
)
def test_a_metric_of_one_side_says_why_the_other_chart_is_empty(evaluation, metric, side, words):
    detail = PerformanceByMetric(evaluation, metric="Size (P)")
    detail.metric = metric
    chart = getattr(detail, side)
    assert words in chart._legend.value
    assert drawn(chart) == []
    assert len(chart.hits.x) == 0
    detail.metric = "Size (P)"
    assert len(drawn(chart)) == 1


def test_frame_metrics_have_both_charts(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Brightness (F)")
    assert len(drawn(detail._true_positive)) == len(drawn(detail._false_negative)) == 1


def test_no_objects_is_said_and_not_an_error(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Sureness (P)", confidence_threshold=1.0)
    assert detail._message.value == ""
    assert "Nothing of the chosen classes has a value of Sureness" in (
        detail._true_positive._legend.value
    )


def test_one_change_draws_once(evaluation, draws):
    detail = PerformanceByMetric(evaluation)
    detail.metric = "Size (P)"
    detail._bins.set_state({"value": 10})
    assert draws["PerformanceByMetric"] == 3
    assert len(detail.curve.predictions) == 10
    with detail.hold_trait_notifications():
        detail.bins, detail.by_class, detail.scale = 5, True, "linear"
    assert draws["PerformanceByMetric"] == 4


@pytest.mark.parametrize("bins", [1, 101])
def test_too_many_or_too_few_bins_are_refused(evaluation, bins):
    detail = PerformanceByMetric(evaluation)
    with pytest.raises(InvalidInputError) as caught:
        detail.bins = bins
    assert str(caught.value) == f"`bins` is {bins}. Give a whole number from 2 to 100."
    assert detail.bins == detail._bins.value == 20


def test_another_evaluation_without_the_metric_goes_back_to_the_hint(evaluation, next_evaluation):
    detail = PerformanceByMetric(evaluation, metric="Sureness (P)")
    detail.evaluation = next_evaluation
    assert detail.metric is None
    assert detail.curve is None
    assert detail._hint.layout.display == "block"
    assert detail._message.value == ""


def test_text_from_data_is_never_html(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Size (P)", by_class=True)
    for row in range(len(detail.curve.predictions)):
        assert "<script" not in detail._describe(0, [row])
    assert SCRIPT in set(detail.curve.predictions["class_name"])
    assert all("<script" not in html for html in every_html(detail))


def test_an_error_while_drawing_is_seen(evaluation, monkeypatch):
    detail = PerformanceByMetric(evaluation, metric="Size (P)")
    monkeypatch.setattr(View, "curve", lambda *_, **__: 1 / 0)
    detail._bins.set_state({"value": 7})
    assert "ZeroDivisionError: division by zero" in detail._message.value


def test_the_sentences_of_the_evaluation_stand_under_the_charts(evaluation):
    detail = PerformanceByMetric(evaluation)
    assert detail.sentences == ()
    for choices in ({"metric": "Size (P)"}, {"iou_threshold": 0.8}, {"classes": ("dog",)}):
        for name, value in choices.items():
            setattr(detail, name, value)
        want = evaluation.sentences(
            detail.metric,
            detail.iou_threshold,
            detail.confidence_threshold,
            detail.classes,
            settled=True,
        )
        assert want
        assert detail.sentences == want
        for sentence in want:
            assert escape(sentence.text) in detail._words.value
    detail.metric = None
    assert detail.sentences == ()


@pytest.mark.parametrize("scale", ["linear", "rank"])
def test_the_diagonal_stands_in_the_curve_over_model_confidence(scale):
    images, labels, predictions = with_metrics(*frames())
    predictions["Model Confidence"] = predictions["confidence"]
    evaluation = Evaluation(Dataset.from_frames(images, labels, predictions))
    detail = PerformanceByMetric(evaluation, metric="Model Confidence (P)", scale=scale)
    chart, other = detail._true_positive, detail._false_negative
    assert len(chart.diagonal.x) > 3
    np.testing.assert_array_equal(chart.diagonal.y, detail.curve.predictions["center"])
    np.testing.assert_array_equal(chart.diagonal.x, np.sort([*chart.points.x, *chart.few.x]))
    if scale == "linear":
        np.testing.assert_array_equal(chart.diagonal.x, chart.diagonal.y)
    assert chart._y.max > 1  # all of it is in sight
    assert len(other.diagonal.x) == 0
    assert "calibrated" in chart._legend.value
    detail.metric = "Size (P)"
    assert len(chart.diagonal.x) == 0
    assert "calibrated" not in chart._legend.value
