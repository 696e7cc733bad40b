"""The driver acts as the browser does, and says in words what a person could not do."""

from __future__ import annotations

import numpy as np
import pytest
from ipywidgets import FloatSlider, IntSlider

import ea_widgets as ea
from ea_widgets.errors import InvalidInputError
from ea_widgets.testing import front_end
from ea_widgets.testing.controls import on_step
from ea_widgets.widgets.panels.per_class import PerClass
from ea_widgets.widgets.panels.sweep_panel import ImportanceSweep
from ea_widgets.widgets.panels.worst_ranges_panel import WorstRanges
from tests.unit.widgets.conftest import frames, make_evaluation, with_metrics


@pytest.fixture(scope="module")
def evaluation():
    return make_evaluation()


def refusal(act, *args, **kwargs):
    with pytest.raises(InvalidInputError) as caught:
        act(*args, **kwargs)
    return str(caught.value)


def test_a_slider_moves_by_its_trait_and_by_its_words(evaluation):
    panel = ea.ImportancePanel(evaluation)
    person = front_end(panel)
    person.move("iou_threshold", 0.75)
    person.move("Confidence", 0.333)  # on its step, as a drag ends
    assert (panel.iou_threshold, panel.confidence_threshold) == (0.75, 0.33)
    shown = person.shown()
    scores = evaluation.scores(0.75, 0.33)
    over_all = evaluation.scores(0.75)
    assert shown.scores["mAP"] == f"{over_all.mean_average_precision:.3f}"
    assert shown.scores["FN"] == f"{scores.false_negatives:,}"
    table = evaluation.importance(0.75, 0.33)
    assert shown.bars["Metric importance"] == table["importance"].to_dict()
    assert (shown.message, shown.waiting) == ("", False)


@pytest.mark.parametrize(
    ("slider", "value", "sent"),
    [
        (FloatSlider(min=0, max=1, step=0.01), 1 / 3, 0.33),
        (FloatSlider(min=0, max=1, step=0.01), 0.755, 0.76),
        (FloatSlider(min=0.5, max=2, step=0.25), 0.9, 1.0),
        (FloatSlider(min=0, max=1, step=0.01), 3, 1.0),
        (IntSlider(min=2, max=100), 20.4, 20),
    ],
)
def test_a_slider_rounds_to_its_step(slider, value, sent):
    assert on_step(slider, value) == sent
    assert type(on_step(slider, value)) is type(slider.value)


def test_the_browser_answers_with_the_rounded_value_once():
    slider = FloatSlider(value=1 / 3, min=0, max=1, step=0.01)
    person = front_end(slider)
    assert person.echo() == 1
    assert slider.value == 0.33
    assert person.echo() == 0


def test_menus_boxes_and_classes(evaluation):
    panel = ea.ImportancePanel(evaluation)
    person = front_end(panel)
    person.move("outcome", "missed")
    person.move("metric", "Size (P)")
    person.move("given", "controlling for class")  # what the entry says
    person.move("classes", ("cat", "owl"))
    assert (panel.outcome, panel.metric, panel.given) == ("missed", "Size (P)", "class")
    assert panel.classes == ("cat", "owl")
    assert person.shown().marked == ("Size (O)",)
    person.move("metric", None)
    person.press("none")
    assert (panel.metric, panel.classes) == (None, ())
    person.type("search classes", "do")
    person.press("tick 1 found")
    assert panel.classes == ("dog",)


def test_a_click_on_a_bar_and_on_a_point(evaluation):
    panel, detail = ea.ImportancePanel(evaluation), ea.PerformanceByMetric(evaluation)
    ea.link(panel, detail)
    front_end(panel).click_bar(1)
    assert detail.metric == panel.importance.index[1]
    front_end(panel).click_bar("Size (P)")
    person = front_end(detail)
    person.hover_point(3)
    person.click_point(3)
    row = detail.curve.predictions.iloc[3]
    assert detail.metric_range == (row["bin_low"], row["bin_high"])
    points = person.shown().points["True positive rate (precision)"]
    assert [y for _, y in points] == detail.curve.predictions["rate"].tolist()


def test_a_range_by_the_mouse_and_by_the_keyboard(evaluation):
    detail = ea.PerformanceByMetric(evaluation, metric="Size (P)", scale="linear")
    person = front_end(detail)
    person.select_range(1000.0, 2000.0)
    assert detail.metric_range == pytest.approx((1000.0, 2000.0), rel=1e-3)
    person.type("from", 500)
    assert detail.metric_range[0] == 500
    person.press("zoom to selection")
    assert detail.zoom == detail.metric_range
    person.press("reset zoom")
    person.move_axis(600.0, 900.0)
    assert detail.zoom == pytest.approx((600.0, 900.0))
    person.press("clear")
    assert detail.metric_range == ()


def test_a_page(evaluation):
    page = ea.explore(evaluation)
    person = front_end(page)
    person.click_range(0)
    row = page.worst.ranges.iloc[0]
    assert page.panel.metric == row["metric"]
    assert page.what_if.metric_range == (row["low"], row["high"])
    said = zip(person.shown().ranges, page.worst.ranges["sentence"], strict=True)
    assert all(words.startswith(sentence) for words, sentence in said)
    person.move("min_confidence", 0.5)
    assert page.what_if.min_confidence == 0.5
    person.press("add rule")
    assert [rule.min_confidence for rule in page.what_if.rules] == [0.5]
    person.press("remove")
    assert page.what_if.rules == ()
    person.move("Export", "selected objects (CSV)")
    person.press("Save")
    assert person.shown().files["objects.csv"] == page.examples.table().to_csv(index=False)
    page.close()


def test_further_panels(evaluation):
    worst, sweep, each = WorstRanges(evaluation), ImportanceSweep(evaluation), PerClass(evaluation)
    front_end(sweep).move("opened", value=True)
    assert set(front_end(sweep).shown().lines) == set(sweep.sweep["metric"])
    front_end(each).move("opened", value=True)
    front_end(each).move("order", "name")
    bars = front_end(each).shown().bars["Average precision"]
    assert list(bars) == list(evaluation.class_names)
    front_end(each).click_bar(0)
    assert each.classes == (evaluation.class_names[0],)
    front_end(worst).move("by_class", value=True)
    assert worst.by_class


def test_the_whole_image_of_a_picture():
    images, labels, predictions = with_metrics(*frames(n_images=4))
    grey = np.full((480, 640, 3), 128, np.uint8)
    data = ea.Dataset.from_frames(images, labels, predictions, pixels=lambda _image_id: grey)
    gallery = ea.Examples(ea.Evaluation(data), metric="Size (P)", metric_range=(0, 5000))
    person = front_end(gallery)
    first = person.shown().captions[0]
    assert first.endswith(f" · {gallery.found.rows['value'].iloc[0]:.1f}")
    person.open(2)
    assert gallery.opened == 2
    assert person.shown().captions == ()
    assert refusal(person.open, 0) == (
        "`pictures` on screen are 0, and number 0 is wanted. They count from 0."
    )
    person.press("The object before")
    assert gallery.opened == 1
    person.press("back to all")
    assert person.shown().captions[0] == first


def test_what_nobody_could_do_is_refused_in_words(evaluation):
    detail = ea.PerformanceByMetric(evaluation)
    person = front_end(detail)
    assert refusal(person.move, "iou_threshold", 0.5) == (
        "`control` has no option 'iou_threshold'. Options: 'Metric', 'by class'."
    )
    assert refusal(person.press, "clear") == (
        "`control` 'clear' is not on screen. A person cannot use it now; late=True sends it anyway."
    )
    assert refusal(person.click_bar, 0) == (
        "`bar charts` on screen are 0, and number 0 is wanted. They count from 0."
    )
    assert refusal(front_end, "panel") == (
        "`widget` is of type str. Give a widget, such as a panel."
    )
    detail.metric = "Size (P)"
    assert refusal(person.move, "scale", "lin") == (
        "`value` has no option 'lin'. Did you mean 'linear'? "
        "Options: 'equal counts', 'linear', 'log'."
    )
    assert refusal(person.move, "bins", "many") == "`bins` is 'many'. Give a number."
    assert refusal(person.press, "clear").startswith("`control` 'clear' is disabled.")
    assert refusal(person.click_point, 99) == (
        "`points` on screen are 20, and number 99 is wanted. They count from 0."
    )
    panel = ea.ImportancePanel(evaluation)
    assert refusal(front_end(panel).click_bar, "Sise (P)").startswith(
        "`bar` has no option 'Sise (P)'. Did you mean 'Size (P)'?"
    )
    assert refusal(front_end(panel).move, "classes", ("catt",)).startswith(
        "`classes` has no option 'catt'. Did you mean 'cat'?"
    )


def test_a_message_that_was_on_its_way(evaluation):
    detail = ea.PerformanceByMetric(evaluation, metric="Size (P)", metric_range=(1, 2))
    person = front_end(detail)
    detail.metric = None
    person.press("clear", late=True)
    assert detail.metric_range == ()
    panel = ea.ImportancePanel(evaluation)
    panel.close()
    front_end(panel).move("iou_threshold", 0.9, late=True)
    assert panel.iou_threshold == 0.5
