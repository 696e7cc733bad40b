"""What is chosen reaches the scores and the bars, and nothing else happens."""

from __future__ import annotations

import asyncio

import numpy as np
import pandas as pd
import pytest

from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.analysis.matching.reasons import describe_false_positives
from ea_widgets.analysis.view import View
from ea_widgets.data.dataset import Dataset
from ea_widgets.errors import InvalidInputError
from ea_widgets.testing import front_end
from ea_widgets.widgets import wording
from ea_widgets.widgets.charts.bars import LEAST_LIMIT
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.ranking_charts import FEW_ROWS
from tests.unit.widgets.conftest import SCRIPT, every_html, frames, make_evaluation, with_metrics

UNKNOWN_CLASS = (
    f"`classes` has no option 'catt'. Did you mean 'cat'? Options: {SCRIPT!r}, 'cat', 'dog', 'owl'."
)


def readout(panel, name):
    """The number that stands behind a name on screen."""
    return panel._readouts.value.split(f"<span>{name}</span><b>")[1].split("</b>")[0]


def test_slider_from_the_front_end_reaches_the_bars(evaluation):
    panel = ImportancePanel(evaluation)
    before = panel._bars.y.tolist()
    panel._iou.set_state({"value": 0.75})
    assert panel.iou_threshold == 0.75
    expected = evaluation.importance(iou_threshold=0.75)
    assert panel._bars.y.tolist() == expected["importance"].tolist() != before
    assert panel._correlations.y.tolist() == np.nan_to_num(expected["correlation"]).tolist()
    assert panel.importance.equals(expected)


def test_confidence_slider_reaches_the_scores(evaluation):
    panel = ImportancePanel(evaluation)
    panel._confidence.set_state({"value": 0.6})
    expected = evaluation.scores(confidence_threshold=0.6)
    assert panel.scores.true_positives == expected.true_positives
    assert readout(panel, "TP") == f"{expected.true_positives:,}"
    # Of all predictions, as everybody's are.
    whole = evaluation.scores()
    assert readout(panel, "mAP") == f"{whole.mean_average_precision:.3f}"
    assert whole.mean_average_precision != expected.mean_average_precision
    used = f"{expected.predictions_used:,} of {expected.predictions_total:,} predictions"
    assert used in panel._readouts.value


def test_ticking_a_class_changes_every_number(evaluation):
    panel = ImportancePanel(evaluation)
    names = ("mAP", "mAR", "precision", "recall", "TP", "FP", "FN")
    before = [readout(panel, name) for name in names]
    lengths = panel._bars.y.tolist()
    panel._picker._boxes[evaluation.class_names.index("dog")].set_state({"value": True})
    assert panel.classes == ("dog",)
    assert all(readout(panel, n) != b for n, b in zip(names, before, strict=True))
    assert panel._bars.y.tolist() != lengths
    assert readout(panel, "FN") == str(evaluation.scores(classes=("dog",)).false_negatives)


def test_missed_objects_rank_the_metrics_of_labels(evaluation):
    panel = ImportancePanel(evaluation)
    assert {name[-2] for name in panel.importance.index} == {"P", "F"}
    panel._outcome.set_state({"index": 1})
    assert panel.outcome == "missed"
    assert panel.importance.equals(evaluation.importance(outcome="missed"))
    assert {name[-2] for name in panel.importance.index} == {"O", "F"}
    assert "direction" in panel._correlation_chart._title.value


def test_both_charts_share_one_order_the_longest_on_top(evaluation):
    panel = ImportancePanel(evaluation)
    labels = list(panel._importance_chart._names_axis.tick_labels.values())
    assert labels == list(evaluation.importance().index)
    assert labels == list(panel._correlation_chart._names_axis.tick_labels.values())
    assert panel._importance_chart._rank.domain == ["5", "4", "3", "2", "1", "0"][-len(labels) :]
    assert panel._bars.y[0] == panel._bars.y.max() > 0


def test_a_click_on_a_bar_chooses_its_metric_and_marks_it(evaluation):
    panel = ImportancePanel(evaluation)
    second = evaluation.importance().index[1]
    message = {"event": "element_click", "data": {"index": 1, "x": "1", "y": 1.0}}
    panel._importance_chart.hits._handle_custom_msgs(panel._importance_chart.hits, message)
    assert panel.metric == second
    assert panel._menu.placeholder == second
    for chart in (panel._importance_chart, panel._correlation_chart):
        assert chart._names_axis.tick_labels["1"] == f"▸ {second}"
        assert [i for i, o in enumerate(chart.hits.opacities) if o > 0.1] == [1]


def test_a_metric_marks_its_twin_where_the_other_level_is_ranked(evaluation):
    panel = ImportancePanel(evaluation, metric="Size (P)", outcome="missed")
    labels = panel._importance_chart._names_axis.tick_labels.values()
    assert [label for label in labels if label.startswith("▸")] == ["▸ Size (O)"]
    assert panel.metric == "Size (P)"


def test_other_errors_turn_the_metric_to_its_twin_where_it_has_one(evaluation):
    panel = ImportancePanel(evaluation, metric="Size (P)")
    for outcome, metric in (("missed", "Size (O)"), ("true_positive", "Size (P)")):
        front_end(panel).move("outcome", outcome)
        assert panel.metric == metric
    panel.metric = "Sureness (P)"
    panel.outcome = "missed"
    assert panel.metric == "Sureness (P)"
    panel.metric = "Brightness (F)"
    panel.outcome = "true_positive"
    assert panel.metric == "Brightness (F)"


def test_many_metrics_are_folded_and_the_chosen_one_is_there():
    images, labels, predictions = with_metrics(*frames(n_images=20))
    rng = np.random.default_rng(0)
    for number in range(20):
        predictions[f"Noise {number:02d}"] = rng.random(len(predictions))
    panel = ImportancePanel(Evaluation(Dataset.from_frames(images, labels, predictions)))
    everything = list(panel.importance.index)
    assert len(everything) == 24

    def shown():
        return list(panel._importance_chart._names_axis.tick_labels.values())

    assert shown() == everything[:FEW_ROWS]
    assert panel._every.description == "all 24 metrics"
    panel.metric = everything[20]
    assert shown() == [*everything[:FEW_ROWS], f"▸ {everything[20]}"]
    hits = panel._importance_chart.hits
    hits._handle_custom_msgs(hits, {"event": "element_click", "data": {"index": 12}})
    assert panel.metric == everything[20]
    panel._every.set_state({"value": True})
    assert len(shown()) == len(panel._bars.y) == 24
    assert panel._bars.y.tolist() == panel.importance["importance"].tolist()


def test_bars_of_length_nought_take_clicks_too(evaluation):
    panel = ImportancePanel(evaluation)
    assert panel._bars.y.min() == 0
    assert panel._importance_chart.hits.y.tolist() == [1.0] * len(panel.importance)


def test_the_menu_is_the_way_by_keyboard(evaluation):
    panel = ImportancePanel(evaluation)
    person, field = front_end(panel), panel._menu
    assert [*field.options] == [wording.CLICK_A_BAR, *evaluation.metrics.index]
    person.type("Metric", "Random (O)")
    assert panel.metric == "Random (O)"
    person.type("Metric", "  ness (f)")  # any part that only one has
    assert panel.metric == "Brightness (F)"
    assert (field.value, field.placeholder) == ("", "Brightness (F)")
    person.type("Metric", "Size")
    assert "`metric` has no option 'Size'" in person.shown().message
    assert "Options: 'Size (O)', 'Size (P)'" in person.shown().message
    assert panel.metric == "Brightness (F)"
    person.move("metric", None)
    assert (panel.metric, field.value, field.placeholder) == (None, "", wording.CLICK_A_BAR)


def test_hover_tells_exact_values_level_and_description(evaluation):
    panel = ImportancePanel(evaluation)
    chart = panel._importance_chart
    chart.hits._handle_custom_msgs(chart.hits, {"event": "hover", "data": {"index": 0}})
    row = evaluation.importance().iloc[0]
    for part in (f"{row['importance']:.3f}", f"{row['correlation']:+.3f}", row["description"]):
        assert part in chart._tip.value
    assert "prediction" in chart._tip.value


def test_the_axis_ends_a_little_past_the_longest_bar(evaluation):
    panel = ImportancePanel(evaluation)
    longest = panel._bars.y.max()
    assert longest < panel._importance_chart._length.max <= max(LEAST_LIMIT * 1.06, longest * 1.06)
    centred = panel._correlation_chart._length
    assert centred.min == -centred.max


def test_one_change_draws_once(evaluation, draws):
    panel = ImportancePanel(evaluation)
    assert draws["ImportancePanel"] == 1
    panel._iou.set_state({"value": 0.6})
    assert draws["ImportancePanel"] == 2
    panel.classes = ("cat",)
    assert draws["ImportancePanel"] == 3
    with panel.hold_trait_notifications():
        panel.classes = ("dog",)
        panel.iou_threshold = 0.3
        panel.metric = "Size (P)"
    assert draws["ImportancePanel"] == 4
    panel.iou_threshold = 0.3
    assert draws["ImportancePanel"] == 4


def test_a_slider_move_sends_only_what_changed(evaluation, monkeypatch):
    panel = ImportancePanel(evaluation)
    sent = []

    def note(self, key=None):
        sent.append((type(self).__name__, frozenset(key or ())))

    for part in (panel._bars, panel._readouts, panel._menu, panel._importance_chart.figure):
        monkeypatch.setattr(type(part), "send_state", note)
    panel.iou_threshold = 0.7
    assert ("HTML", {"value"}) in sent
    assert [keys - {"colors"} for name, keys in sent if name == "Bars"] == [{"y"}, {"y"}]
    assert {name for name, _ in sent} == {"HTML", "Bars"}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "classes",
            ("cat", "catt"),
            UNKNOWN_CLASS,
        ),
        ("iou_threshold", 1.5, "`iou_threshold` is 1.5. Give a number from 0 to 1."),
        ("iou_threshold", float("nan"), "`iou_threshold` is nan. Give a number from 0 to 1."),
        (
            "confidence_threshold",
            -0.1,
            "`confidence_threshold` is -0.1. Give a number from 0 to 1.",
        ),
        (
            "evaluation",
            "data",
            "`evaluation` is of type str. Give an ea.Evaluation, such as ea.Evaluation(dataset).",
        ),
    ],
)
def test_a_refused_choice_leaves_everything_as_it_was(evaluation, draws, name, value, message):
    panel = ImportancePanel(evaluation, classes=("dog",), iou_threshold=0.4, metric="Size (P)")
    shown, drawn = panel._readouts.value, dict(draws)
    with pytest.raises(InvalidInputError) as caught:
        setattr(panel, name, value)
    assert str(caught.value) == message
    assert (panel.evaluation, panel.classes) == (evaluation, ("dog",))
    assert (panel.iou_threshold, panel.confidence_threshold) == (0.4, 0.0)
    assert panel.metric == "Size (P)"
    assert (panel._readouts.value, draws) == (shown, drawn)
    assert panel._iou.value == 0.4


def test_an_unknown_metric_is_refused_with_the_nearest(evaluation):
    panel = ImportancePanel(evaluation)
    with pytest.raises(InvalidInputError, match=r"Did you mean 'Brightness \(F\)'\?"):
        panel.metric = "Brigthness (F)"
    assert panel.metric is None


def test_one_refused_choice_of_several_takes_all_back(evaluation):
    panel = ImportancePanel(evaluation, classes=("dog",))

    def choose_both():
        with panel.hold_trait_notifications():
            panel.classes = ("cat",)
            panel.metric = "Sise"

    with pytest.raises(InvalidInputError, match="no option 'Sise'"):
        choose_both()
    assert panel.classes == ("dog",)
    assert panel.metric is None


def test_an_unknown_keyword_is_refused_with_the_nearest(evaluation):
    with pytest.raises(InvalidInputError) as caught:
        ImportancePanel(evaluation, iou_treshold=0.3)
    assert str(caught.value) == (
        "`ImportancePanel` has no option 'iou_treshold'. Did you mean 'iou_threshold'? Options: "
        "'classes', 'iou_threshold', 'confidence_threshold', 'where', 'metric', 'all_metrics', "
        "'given', 'include_class', 'outcome', 'keep', 'layout'."
    )


def test_the_class_is_ranked_on_request_and_settled_too(evaluation, caplog):
    panel = ImportancePanel(evaluation)
    person = front_end(panel)
    assert "Class (P)" not in person.shown().bars["Metric importance"]
    person.move("include_class", value=True)
    want = evaluation.importance(include_class=True)["importance"]["Class (P)"]
    assert person.shown().bars["Metric importance"]["Class (P)"] == want
    panel.settle()
    assert "distinguishable" in panel.settled
    assert "Class (P)" in panel.settled.index
    person.click_bar("Class (P)")  # it has no curve
    assert panel.metric is None
    panel.outcome = "missed"
    assert "Class (O)" in person.shown().bars["Metric importance"]
    assert not caplog.records


def test_initial_choices_are_shown(evaluation):
    panel = ImportancePanel(evaluation, classes=["dog", "cat"], iou_threshold=0.3)
    assert panel.classes == ("dog", "cat")
    assert panel._iou.value == 0.3
    expected = evaluation.scores(iou_threshold=0.3, classes=("cat", "dog"))
    assert panel.scores.mean_average_precision == expected.mean_average_precision


def test_another_evaluation_redraws_once_and_keeps_what_makes_sense(
    evaluation, next_evaluation, draws
):
    panel = ImportancePanel(
        evaluation, classes=("dog", "cat"), metric="Sureness (P)", iou_threshold=0.6
    )
    panel.evaluation = next_evaluation
    assert (panel.classes, panel.metric, panel.iou_threshold) == (("cat",), None, 0.6)
    assert draws["ImportancePanel"] == 2
    assert panel.importance.equals(next_evaluation.importance(0.6, classes=("cat",)))
    assert [*panel._menu.options] == [wording.CLICK_A_BAR, *next_evaluation.metrics.index]
    assert "2 classes" in panel._counts.value
    panel.evaluation = evaluation
    assert panel.classes == ("cat",)
    assert panel.importance.equals(evaluation.importance(0.6, classes=("cat",)))


def test_a_choice_that_only_the_new_evaluation_knows_goes_with_it(
    evaluation, next_evaluation, draws
):
    panel = ImportancePanel(evaluation, metric="Sureness (P)")
    with panel.hold_trait_notifications():
        panel.classes = ("emu",)
        panel.metric = "Fresh (P)"
        panel.evaluation = next_evaluation
    assert (panel.classes, panel.metric) == (("emu",), "Fresh (P)")
    assert draws["ImportancePanel"] == 2
    assert panel._message.value == ""


def test_an_error_while_drawing_is_seen_and_goes_away(evaluation, monkeypatch):
    panel = ImportancePanel(evaluation)

    def broken(*_, **__):
        raise RuntimeError("<b>boom</b>")

    with monkeypatch.context() as patch:
        patch.setattr(View, "importance", broken)
        panel._iou.set_state({"value": 0.61})
        assert panel._message.layout.display == "block"
        assert "RuntimeError: &lt;b&gt;boom&lt;/b&gt;" in panel._message.value
        assert "<b>boom</b>" not in panel._message.value
    panel._iou.set_state({"value": 0.62})
    assert panel._message.layout.display == "none"
    assert panel.importance.equals(evaluation.importance(0.62))


def test_an_error_in_a_click_is_seen(evaluation, monkeypatch):
    panel = ImportancePanel(evaluation)
    hits = panel._importance_chart.hits
    monkeypatch.setattr(type(evaluation), "metrics", property(lambda _: 1 / 0))
    hits._handle_custom_msgs(hits, {"event": "element_click", "data": {"index": 1}})
    assert "ZeroDivisionError" in panel._message.value


def test_text_from_data_is_never_html(evaluation):
    panel = ImportancePanel(evaluation, classes=(SCRIPT,))
    panel._picker._search.value = "script"
    assert [box.description for box in panel._picker.children[1].children] == [SCRIPT]
    assert all("<script" not in html for html in every_html(panel))


def test_no_predictions_at_all():
    nothing = make_evaluation(n_images=5)
    images, labels, predictions = (
        nothing.dataset.images,
        nothing.dataset.labels,
        nothing.dataset.predictions,
    )
    empty = Evaluation(Dataset.from_frames(images, labels, predictions.iloc[:0]))
    panel = ImportancePanel(empty)
    assert panel._message.value == ""
    assert readout(panel, "precision") == "\N{EN DASH}"
    assert readout(panel, "FN") == str(len(labels))
    assert set(panel._bars.y) == {0.0}


def test_a_dataset_without_metrics_shows_scores_and_no_bars():
    panel = ImportancePanel(make_evaluation(metrics=False, n_images=5))
    assert panel._message.value == ""
    assert len(panel._bars.y) == 0
    assert readout(panel, "mAP") != "\N{EN DASH}"


def test_whoever_observes_a_choice_finds_its_results(evaluation):
    panel = ImportancePanel(evaluation)
    seen = []
    panel.observe(lambda _: seen.append(panel.scores.true_positives), "iou_threshold")
    panel._iou.set_state({"value": 0.8})
    assert seen == [evaluation.scores(0.8).true_positives]


def test_results_are_read_only(evaluation):
    panel = ImportancePanel(evaluation)
    with pytest.raises(Exception, match="read-only"):
        panel.scores = None


def test_settling_draws_intervals_and_noise_on_the_bars(evaluation):
    panel = ImportancePanel(evaluation)
    chart = panel._importance_chart
    assert panel.settled is None  # no loop runs here: nothing comes by itself
    assert not chart.whiskers.visible
    panel.settle()
    want = evaluation.importance(settled=True)
    pd.testing.assert_frame_equal(panel.settled, want)
    ends = want[["importance_low", "importance_high"]].to_numpy()
    assert np.allclose(chart.whiskers.x, ends)
    assert np.allclose(chart.floor.x, want["noise_floor"])
    assert [opacity < 0.5 for opacity in chart.bars.opacities] == (
        ~want["distinguishable"]
    ).tolist()
    noise = int((~want["distinguishable"]).sum())
    assert f"{noise} of {len(want)} not significant" in panel._ranking.caption.value
    panel.iou_threshold = 0.6
    assert panel.settled is None
    assert not chart.whiskers.visible


def test_settling_comes_by_itself_where_a_loop_runs_and_only_for_the_last_choice(
    evaluation, monkeypatch
):
    asked, importance = [], View.importance

    def watched(view, *ranked, **question):
        if question.get("settled"):
            asked.append(view.iou_threshold)
        return importance(view, *ranked, **question)

    monkeypatch.setattr(View, "importance", watched)

    async def move():
        panel = ImportancePanel(evaluation)
        for threshold in (0.6, 0.65, 0.7):
            panel.iou_threshold = threshold
        assert "Computing confidence intervals" in panel._ranking.caption.value
        arrived = asyncio.get_running_loop().create_future()
        panel.observe(lambda change: arrived.set_result(change["new"]), "settled")
        table = await asyncio.wait_for(arrived, 60)
        panel.close()
        return table

    table = asyncio.run(move())
    assert asked == [0.7]
    pd.testing.assert_frame_equal(table, evaluation.importance(0.7, settled=True))


def test_importance_beyond_a_metric(evaluation):
    panel = ImportancePanel(evaluation)
    panel._given.value = "Size (P)"
    assert panel.given == "Size (P)"
    pd.testing.assert_frame_equal(panel.importance, evaluation.importance(given="Size (P)"))
    assert panel.importance.loc["Size (P)", "importance"] == 0
    assert "beyond Size (P)" in panel._ranking.caption.value
    panel.outcome = "missed"  # Size (P) is not ranked there
    assert panel.given is None
    with pytest.raises(InvalidInputError, match="`given` has no option 'Sise'"):
        panel.given = "Sise"
    assert panel.given is None


def test_the_reasons_of_errors_follow_the_choices(evaluation):
    panel = ImportancePanel(evaluation)
    for threshold in (0.5, 0.8):
        panel.iou_threshold = threshold
        words = describe_false_positives(evaluation.reasons(threshold))
        assert words in panel._errors.value


def test_twins_are_named_once_the_choices_rest():
    images, labels, predictions = with_metrics(*frames())
    predictions["Size twice"] = predictions["Size"] * 2
    panel = ImportancePanel(Evaluation(Dataset.from_frames(images, labels, predictions)))
    assert "say the same" not in panel._ranking.caption.value
    panel.settle()
    twins = panel.settled["same_as"]
    named = [f"{name} as {other}" for name, other in twins.items() if other]
    assert any("Size twice (P)" in pair for pair in named)
    words = (
        f"Near-duplicates of another metric (rank correlation of 0.95 or more): {'; '.join(named)}."
    )
    assert words in panel._ranking.caption.value
    row = panel.settled.index.get_loc(next(name for name, other in twins.items() if other))
    assert "near-duplicate of" in panel._ranking._describe(row)


def test_another_evaluation_offers_its_own_classes(evaluation, next_evaluation):
    panel = ImportancePanel(evaluation)
    panel.evaluation = next_evaluation
    front_end(panel).move("classes", ("emu",))
    assert panel.classes == ("emu",)


def test_a_click_that_arrives_after_closing_begins_nothing(evaluation):
    async def late():
        panel = ImportancePanel(evaluation)
        panel.close()
        front_end(panel).press("CSV", late=True)
        return any(task._timer is not None for task in panel._tasks)

    assert not asyncio.run(late())


def with_confidences(scale, shift):
    dataset = make_evaluation().dataset
    predictions = dataset.predictions
    predictions["confidence"] = predictions["confidence"] * scale + shift
    return Evaluation(Dataset.from_frames(dataset.images, dataset.labels, predictions))


@pytest.mark.parametrize(("scale", "shift"), [(100, 0), (10, -5)])
def test_the_confidence_slider_spans_what_there_is(evaluation, scale, shift):
    odd = with_confidences(scale, shift)
    panel = ImportancePanel(odd)
    low, high = odd.confidence_span
    slider = panel._confidence
    assert (slider.min, slider.max) == (low, high)
    assert panel.confidence_threshold == low
    assert panel.scores.predictions_used == odd.scores().predictions_used
    middle = (low + high) / 2
    front_end(panel).move("confidence_threshold", middle)
    assert panel.confidence_threshold == pytest.approx(middle)
    with pytest.raises(InvalidInputError, match="Give a number from "):
        panel.confidence_threshold = high + 1
    # Back to confidences from 0 to 1: what was left out stays left out as far as it can.
    panel.evaluation = evaluation
    assert (slider.min, slider.max) == (0, 1)
    assert 0 <= panel.confidence_threshold <= 1
    assert panel.scores.predictions_used == (
        evaluation.scores(confidence_threshold=panel.confidence_threshold).predictions_used
    )


def test_rows_left_out_are_listed_and_never_html():
    images, labels, predictions = frames()
    predictions["class_name"] = predictions["class_name"].astype(object)
    predictions["image_id"] = predictions["image_id"].astype(object)
    predictions.loc[3, "image_id"] = SCRIPT
    odd = Evaluation(Dataset.from_frames(images, labels, predictions))
    shown = ImportancePanel(odd)._counts.value
    assert "1 row left out or changed" in shown
    assert "image id" in shown or "image_id" in shown
    assert SCRIPT not in shown
