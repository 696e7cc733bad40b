"""Two properties at once on the page: the cells of the view, and clicks that narrow all numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.testing import front_end
from ea_widgets.testing.messages import send_event
from tests.unit.widgets.conftest import SCRIPT, every_html, frames, make_evaluation, with_metrics


@pytest.fixture(scope="module")
def evaluation():
    return make_evaluation(n_images=60)


def click(panel, row, column, event="element_click"):
    data = {"rowNum": row, "columnNum": column, "row": 0, "column": 0, "color": 0.5, "cellNum": 0}
    send_event(panel._map.cells, event=event, data=data)


@pytest.mark.parametrize("outcome", ["true_positive", "missed"])
def test_cells_are_those_of_the_view(evaluation, outcome):
    end = "P" if outcome == "true_positive" else "O"
    names = {"metric_x": f"Size ({end})", "metric_y": "Brightness (F)"}
    panel = ea.Pairs(evaluation, outcome=outcome, opened=True, confidence_threshold=0.1, **names)
    for where in (None, ea.where("Random", high=0.7)):
        panel.where = where
        want = evaluation.at(0.5, 0.1, where=where).grid(*names.values(), outcome=outcome)
        pd.testing.assert_frame_equal(panel.cells, want)
        drawn, cells = panel._map.cells.color, panel._drawn
        assert np.count_nonzero(~np.isnan(drawn)) == len(want)
        for row in range(drawn.shape[0]):
            for column in range(drawn.shape[1]):
                inside = want[
                    (want[["x_low", "x_high"]] == list(cells.x.bins[column])).all(axis=1)
                    & (want[["y_low", "y_high"]] == list(cells.y.bins[row])).all(axis=1)
                ]
                rates = inside["rate"].tolist() or [np.nan]
                np.testing.assert_equal(drawn[row, column], rates[0])
    assert panel._message.value == ""
    panel.close()


def test_the_metrics_nobody_chose_are_the_most_important_ones(evaluation):
    panel = ea.Pairs(evaluation, opened=True)
    ranked = evaluation.importance()
    first = ranked.index[0]
    second = next(n for n in evaluation.importance(given=first).index if n != first)
    pd.testing.assert_frame_equal(panel.cells, evaluation.at().grid(first, second))
    front_end(panel).move("Metric from top to bottom", "Random (P)")
    assert panel.metric_y == "Random (P)"
    pd.testing.assert_frame_equal(panel.cells, evaluation.at().grid(first, "Random (P)"))
    panel.close()


def test_a_click_on_a_cell_narrows_everything_to_both_ranges(evaluation):
    panel = ea.Pairs(evaluation, opened=True, metric_x="Size (P)", metric_y="Brightness (F)",
                     where=ea.where("Random", high=0.9))  # fmt: skip
    cell = panel.cells.iloc[3]
    (row,), (column,) = np.nonzero(panel._drawn.row == 3)
    click(panel, row, column, "hover")
    tip = panel._map._tip.value
    ends = f"{cell['rate_low']:.0%} to {cell['rate_high']:.0%}"
    assert all(words in tip for words in (f"{cell['rate']:.0%}", ends, f"{cell['n']:,}"))
    click(panel, row, column)
    size = ea.where("Size", cell["x_low"], cell["x_high"])
    light = ea.where("Brightness (F)", cell["y_low"], cell["y_high"])
    assert panel.where == ea.where("Random", high=0.9) & size & light
    click(panel, 999, 0)  # off the screen by now
    assert panel._message.value == ""
    panel.close()


def test_worst_pairs_are_those_of_the_view_and_become_filters():
    """Missed only where both numbers are small: neither says so alone."""
    images, labels, predictions = with_metrics(*frames(n_images=120))
    rng = np.random.default_rng(5)
    labels["Left"], labels["Right"] = rng.random((2, len(labels)))
    gone = (labels["Left"] < 0.5) == (labels["Right"] < 0.5)
    found = labels[~gone].drop(columns="Age")
    predictions = found.assign(confidence=rng.random(len(found)))
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    panel = ea.Pairs(evaluation, outcome="missed", opened=True)
    want = evaluation.at().worst_slices(5, outcome="missed")
    pd.testing.assert_frame_equal(panel.slices, want)
    assert len(want) > 0
    person = front_end(panel)
    assert len(person.shown().ranges) == len(want)
    person.press("Make this pair a filter")
    assert panel.where == want["condition"].iloc[0]
    assert person.shown().ranges == () or panel.slices is not want
    panel.close()


def test_categories_no_metrics_and_no_objects(evaluation):
    images, labels, predictions = with_metrics(*frames())
    images["weather"] = np.array(["night", SCRIPT])[np.arange(len(images)) % 2]
    named = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    panel = ea.Pairs(named, opened=True, metric_x="weather (F)", metric_y="Size (P)")
    assert all("<script" not in html for html in every_html(panel))
    column = panel._drawn.x.bins.index(SCRIPT)
    click(panel, 0, column, "hover")
    assert "&lt;script&gt;" in panel._map._tip.value
    click(panel, 0, column)
    assert ea.where("weather (F)", equals=SCRIPT) in panel.where.parts
    panel.evaluation = make_evaluation(metrics=False)
    assert (panel.metric_x, panel.cells, panel._message.value) == (None, None, "")
    panel.evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions.iloc[:0]))
    assert panel._message.value == ""
    panel.close()


def test_another_outcome_drops_the_metrics_of_other_objects(evaluation):
    panel = ea.Pairs(evaluation, opened=True, metric_x="Size (P)", metric_y="Brightness (F)")
    panel.outcome = "missed"
    assert (panel.metric_x, panel.metric_y) == (None, "Brightness (F)")
    assert panel._message.value == ""
    with pytest.raises(ea.InvalidInputError):
        panel.metric_x = "Size (P)"
    panel.close()
