"""The rule being tried, what it does to the scores, and taking it away."""

from __future__ import annotations

import ast
import base64
import gc
import re

import pytest

import ea_widgets as ea
from ea_widgets.analysis.actions.rule import Rule
from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.analysis.view import View
from ea_widgets.data.dataset import Dataset
from ea_widgets.errors import InvalidInputError
from ea_widgets.testing import front_end
from ea_widgets.widgets import wording
from ea_widgets.widgets.panels import what_if_panel as what_if
from ea_widgets.widgets.panels.what_if_panel import WhatIf, rows_for
from tests.unit.widgets.conftest import (
    SCRIPT,
    every_html,
    frames,
    instances,
    make_evaluation,
    with_metrics,
)

RANGE = (0.0, 900.0)


@pytest.fixture
def trial(evaluation):
    return WhatIf(evaluation, metric="Size (P)", metric_range=RANGE)


def slide(widget, value):
    widget._slider.set_state({"value": value})


def test_before_a_metric_and_a_range_a_hint_says_what_to_do(evaluation):
    trial = WhatIf(evaluation)
    assert wording.RULE_NEEDS_A_METRIC in trial._hint.value
    assert trial._body.children == ()
    trial.metric = "Size (P)"
    assert "Choose a range of Size" in trial._hint.value
    assert trial.effect is None
    trial.metric_range = RANGE
    assert trial._hint.layout.display == "none"
    assert trial.effect.removed == 0


def test_the_slider_from_the_front_end_changes_the_numbers(evaluation, trial):
    slide(trial, 0.6)
    expected = evaluation.what_if([Rule("Size (P)", *RANGE, 0.6)])
    assert trial.rule == Rule("Size (P)", *RANGE, 0.6)
    assert trial.effect.removed == expected.removed > 0
    told = trial._effect.value
    assert f"<td>{expected.f1_before:.3f}</td><td><b>{expected.f1_after:.3f}</b></td>" in told
    assert f": {expected.removed:,} of" in told
    assert f"Removes <b>{expected.false_positives_removed} false positives</b>" in told
    assert f"loses <b>{expected.true_positives_lost} true positives</b>" in told


def test_thresholds_and_classes_are_those_of_the_rule(evaluation, trial):
    slide(trial, 0.5)
    trial.classes, trial.iou_threshold = ("dog",), 0.75
    expected = evaluation.what_if([trial.rule], iou_threshold=0.75, classes=("dog",))
    assert trial.effect.after.false_positives == expected.after.false_positives
    assert trial.effect.f1_after == expected.f1_after


def test_all_of_the_range_can_be_dropped(evaluation, trial):
    trial._drop_all.set_state({"value": True})
    assert trial.min_confidence is None
    assert trial._slider.disabled
    values = evaluation.dataset.predictions["Size"]
    assert trial.effect.removed == int(values.between(*RANGE).sum())
    trial._drop_all.set_state({"value": False})
    assert trial.min_confidence == trial._slider.value
    assert not trial._slider.disabled


def test_a_range_without_predictions_says_so_and_keeps_no_rule(trial):
    trial.metric_range = (-5.0, -1.0)
    assert trial._hint.layout.display == "block"
    assert (
        "No predictions of the chosen classes have Size from -5 to -1, so a rule there drops "
        "nothing."
    ) in trial._hint.value
    assert trial._best.disabled
    assert trial._add.disabled
    trial.metric_range = RANGE
    assert trial._hint.layout.display == "none"
    assert not trial._best.disabled
    assert not trial._add.disabled
    trial.confidence_threshold = 1.0
    assert trial._add.disabled


def test_another_evaluation_is_counted_anew_wherever_it_lies(evaluation, monkeypatch):
    # As for one that takes the place of another that is gone.
    monkeypatch.setattr(what_if, "id", lambda _: 0, raising=False)
    trial = WhatIf(evaluation, metric="Size (P)", metric_range=RANGE)
    images, labels, predictions = with_metrics(*frames())
    predictions["Size"] += 1e6
    trial.evaluation = Evaluation(Dataset.from_frames(images, labels, predictions))
    assert "No predictions of the chosen classes have Size from 0 to 900" in trial._hint.value


def test_boxes_of_code_grow_with_it(trial):
    assert [rows_for(code) for code in ("", "x" * 54, "x" * 163, "x\n" * 5, "x" * 9999)] == [
        2, 2, 4, 5, 14,
    ]  # fmt: skip
    trial.rules = tuple(Rule("Size (P)", 0.0, end, 0.5) for end in range(1, 6))
    assert trial._pandas.rows == rows_for(trial.to_pandas()) > 5
    assert trial._json.rows == rows_for(trial.to_json()) > 2


def test_best_by_f1_sets_the_slider(evaluation, trial):
    trial._best.click()
    best = evaluation.best_min_confidence("Size (P)", *RANGE)
    assert trial.rule == best.rule
    assert trial.effect.f1_after == pytest.approx(best.f1_after)
    if best.rule.min_confidence is not None:
        assert trial._slider.value == pytest.approx(best.rule.min_confidence, abs=0.005)


def test_the_rounding_that_the_page_sends_back_changes_nothing(trial):
    trial.min_confidence = 0.4391
    trial._slider.set_state({"value": 0.44})
    assert trial.min_confidence == 0.4391
    trial.iou_threshold = 0.6
    assert trial._slider.value == 0.44  # not sent again and again
    trial._slider.set_state({"value": 0.45})
    assert trial.min_confidence == 0.45


def test_rules_are_kept_tried_together_and_dropped(evaluation, trial):
    slide(trial, 0.3)
    trial._add.click()
    assert trial.rules == (Rule("Size (P)", *RANGE, 0.3),)
    assert trial._add.disabled
    trial.metric, trial.metric_range = "Random (P)", (0.0, 0.5)
    slide(trial, 0.4)
    both = [trial.rules[0], Rule("Random (P)", 0.0, 0.5, 0.4)]
    assert trial.effect.removed == evaluation.what_if(both).removed
    trial._add.click()
    assert list(trial.rules) == both
    assert len(trial._list.children) == 2
    trial._list.children[0].children[0].click()
    assert trial.rules == (both[1],)
    assert len(trial._list.children) == 1


def test_kept_rules_hold_without_a_range(evaluation):
    rule = Rule("Size (P)", high=500.0, min_confidence=0.9)
    trial = WhatIf(evaluation, rules=(rule,))
    assert trial.effect.removed == evaluation.what_if([rule]).removed > 0
    assert "Keep predictions with Size up to 500 only above confidence 0.9" in (
        trial._list.children[0].children[1].value
    )


def test_the_exports_load(evaluation, trial):
    slide(trial, 0.3)
    assert Rule.list_from_json(trial._json.value) == [trial.rule]
    assert "read it with rules = ea.Rule.list_from_json(text)</span>" in trial._saved.value
    trial._add.click()
    trial.metric, trial.metric_range = "Random (P)", (0.0, 0.5)
    slide(trial, 0.4)
    trial._add.click()
    predictions = evaluation.dataset.predictions
    names = {"predictions": predictions.copy()}
    exec(trial._pandas.value, names)  # noqa: S102  # what a person pastes
    left = predictions
    for rule in trial.rules:
        left = rule.apply(left)
    assert names["predictions"].equals(left)
    assert len(left) == len(predictions) - trial.effect.removed
    data = re.search(r'base64,([^"]+)"', trial._saved.value).group(1)
    assert base64.b64decode(data).decode() == trial.to_json() == trial._json.value
    ast.parse(trial.to_pandas())


def test_a_metric_of_labels_uses_its_twin_of_predictions(evaluation):
    trial = WhatIf(evaluation, metric="Size (O)", metric_range=RANGE)
    assert trial.rule.metric == "Size (P)"
    trial.metric = "Age (O)"
    assert trial.rule is None
    assert "Age is known for labels only" in trial._hint.value


def test_a_metric_of_images(evaluation):
    trial = WhatIf(evaluation, metric="Brightness (F)", metric_range=(0.0, 0.5))
    trial.min_confidence = None
    assert trial.effect.removed == evaluation.what_if([Rule("Brightness (F)", 0.0, 0.5)]).removed
    assert "Drop all predictions in images with Brightness from 0 to 0.5" in trial._sentence.value


def test_a_metric_made_from_labels_is_warned_of_beside_every_rule_on_it(evaluation):
    dataset = evaluation.dataset
    images = dataset.images.assign(**{"Object Count": dataset.images["Brightness"]})
    counted = ea.Evaluation(ea.Dataset.from_frames(images, dataset.labels, dataset.predictions))
    trial = WhatIf(counted, metric="Object Count (F)", metric_range=(0.0, 0.5))
    warning = (
        '. <span class="eaw-muted">Needs labels: it explains errors, and cannot filter new '
        "predictions.</span>"
    )
    assert warning in trial._sentence.value
    trial._add.click()
    trial.metric, trial.metric_range = "Size (P)", RANGE
    assert "Needs labels" not in trial._sentence.value
    trial._add.click()
    kept = [row.children[1].value for row in trial._list.children]
    assert [warning in words for words in kept] == [True, False]


def test_another_metric_empties_the_range_and_its_twin_keeps_it(trial):
    trial.metric = "Size (O)"
    assert trial.metric_range == RANGE
    trial.metric = "Random (P)"
    assert trial.metric_range == ()
    with trial.hold_trait_notifications():
        trial.metric, trial.metric_range = "Size (P)", (1.0, 2.0)
    assert trial.metric_range == (1.0, 2.0)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ((1.0,), "is (1.0,). Give (low, high), two numbers, or () for no range."),
        (("a", 2), "is ('a', 2). Give (low, high), two numbers, or () for no range."),
        ((0.0, float("nan")), "is (0.0, nan). Give (low, high), two numbers, or () for no range."),
        ((2, 1), "is (2, 1), whose low end is above the high one. Swap the two."),
    ],
)
def test_ranges_that_are_none_are_refused(trial, value, message):
    with pytest.raises(InvalidInputError) as caught:
        trial.metric_range = value
    assert str(caught.value) == f"`metric_range` {message}"
    assert trial.metric_range == RANGE


def test_other_wrong_choices_are_refused(trial):
    with pytest.raises(InvalidInputError) as caught:
        trial.min_confidence = 1.5
    assert str(caught.value) == "`min_confidence` is 1.5. Give a number from 0 to 1, or None."
    with pytest.raises(InvalidInputError) as caught:
        trial.rules = ("drop",)
    assert str(caught.value) == "`rules` is ('drop',). Give a tuple of ea.Rule."


def test_another_evaluation_keeps_the_rules_that_it_knows(trial, next_evaluation):
    trial.rules = (Rule("Size (P)", *RANGE), Rule("Sureness (P)", 0.0, 0.5))
    trial.evaluation = next_evaluation
    assert trial.rules == (Rule("Size (P)", *RANGE),)
    assert trial.effect.removed == next_evaluation.what_if(trial.rules).removed
    assert trial._message.value == ""


def test_one_change_asks_once(evaluation, trial, monkeypatch):
    asked = []
    original = View.what_if
    monkeypatch.setattr(View, "what_if", lambda *a, **k: asked.append(a) or original(*a, **k))
    slide(trial, 0.4)
    trial._drop_all.set_state({"value": True})
    with trial.hold_trait_notifications():
        trial.metric, trial.metric_range = "Random (P)", (0.0, 0.1)
    assert len(asked) == 3
    trial._best.click()
    assert len(asked) == 4


def test_no_predictions_left_is_said_and_no_error(trial):
    trial.confidence_threshold = 1.0
    slide(trial, 0.5)
    assert trial._message.value == ""
    assert ": 0 of 0 predictions dropped." in trial._effect.value


def test_text_from_data_is_never_html():
    evaluation = make_evaluation(n_images=4)
    tables = (evaluation.dataset.images, evaluation.dataset.labels, evaluation.dataset.predictions)
    tables[2][SCRIPT] = tables[2]["Size"]
    evaluation = type(evaluation)(type(evaluation.dataset).from_frames(*tables))
    trial = WhatIf(evaluation, metric=f"{SCRIPT} (P)", metric_range=RANGE)
    trial._add.click()
    assert all("<script" not in html for html in every_html(trial))


def test_an_error_is_seen(evaluation, trial, monkeypatch):
    monkeypatch.setattr(View, "what_if", lambda *_, **__: 1 / 0)
    slide(trial, 0.7)
    assert "ZeroDivisionError: division by zero" in trial._message.value


def test_close_leaves_nothing_behind(evaluation):
    before = set(instances())
    trial = WhatIf(evaluation, metric="Size (P)", metric_range=RANGE, rules=(Rule("Size (P)"),))
    trial.rules = ()
    trial.close()
    gc.collect()
    assert set(instances()) - before == set()


def test_a_kept_rule_leaves_nothing_dropped_of_the_next_range(evaluation):
    widget = WhatIf(evaluation, metric="Size (P)", metric_range=(0, 2000), min_confidence=0.6)
    widget._add.click()
    assert widget.min_confidence == 0.6  # the rule just kept is still the one on screen
    widget.metric_range = (2000, 9000)
    assert widget.min_confidence == 0.0
    assert [rule.min_confidence for rule in widget.rules] == [0.6]
    widget.min_confidence = 0.3
    widget.metric_range = (2000, 5000)  # the same rule, on a range that is drawn anew
    assert widget.min_confidence == 0.3


def test_the_baseline_comes_first_then_the_rule_for_the_range(evaluation, trial):
    points, whole = evaluation.operating_points(by_class=False), evaluation.scores()
    best = evaluation.best_min_confidence("Size (P)", *RANGE)
    after = evaluation.what_if([best.rule]).after
    rows = [[*re.findall(r"<th scope=.row.>(.*?)</th>", row), *re.findall(r"<td>(.*?)</td>", row)]
            for row in trial._advice.value.split("<tr>")[2:]]  # fmt: skip
    first = points.table.iloc[0]
    assert [row[3] for row in rows] == [f"{f1:.3f}" for f1 in (whole.f1, first["f_beta"], after.f1)]
    assert rows[1][0] == f"One threshold for all: confidence {points.threshold:.3g}"
    assert rows[1][4] == f"{first['held_out_f_beta']:.3f}"
    assert rows[2][0] == "Size from 0 to 900: none kept"
    front_end(trial).press(f"use {points.threshold:.3g} for all")
    assert trial.confidence_threshold == points.threshold
    assert trial._use.disabled


def test_no_rule_is_held_out_for_missed_objects(trial):
    assert "No threshold finds" not in trial._advice.value
    trial.outcome = "missed"
    assert trial._advice.value.startswith('<div class="eaw-words">No threshold finds')


def test_a_rule_that_does_nothing_is_no_code_to_take_away(trial):
    assert trial._take_away not in trial._body.children
    slide(trial, 0.5)
    assert trial._take_away in trial._body.children
