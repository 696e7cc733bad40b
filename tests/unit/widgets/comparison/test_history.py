"""The lines over checkpoints, by what a training loop does."""

from __future__ import annotations

import asyncio
import gc
import threading

import numpy as np
import pytest

import ea_widgets as ea
from ea_widgets.errors import InvalidInputError
from ea_widgets.testing import front_end
from tests.unit.widgets.comparison.conftest import models
from tests.unit.widgets.conftest import instances, until


@pytest.fixture(scope="module")
def evaluations():
    return [ea.Evaluation(one) for one in models().values()]


@pytest.fixture
def history(evaluations):
    history = ea.EvaluationHistory(confidence_threshold=0.1)
    for one in evaluations:
        history.add(one)
    return history


def test_it_says_what_to_do_before_the_first():
    history = ea.EvaluationHistory()
    assert "No checkpoint yet" in history._words.value
    assert history._charts.children == ()


def test_scores_and_ranges_are_drawn_over_epochs(history, evaluations):
    expected = [one.scores(0.5).mean_average_precision for one in evaluations]
    line = history._scores.lines[0]
    assert line.visible
    assert line.x.tolist() == [1, 2]
    assert line.y.tolist() == expected == history.table["mean_average_precision"].tolist()
    assert f"mAP {expected[1]:.3f} at epoch 2" in history._words.value
    table, ranges = history.table, {"missed": [], "true_positive": []}
    for one in history.ranges:
        ranges[one.outcome].append(one)
    for outcome, score in (("missed", "recall"), ("true_positive", "precision")):
        drawn = history._errors[outcome].lines
        assert drawn[0].y.tolist() == (1 - table[score]).tolist()
        assert 1 <= len(ranges[outcome]) <= 5
        for one, range_line in zip(ranges[outcome], drawn[1:], strict=False):
            assert range_line.visible
            np.testing.assert_array_equal(range_line.y, one.errors)
            assert range_line.labels[0].startswith(one.words[:20])
    assert history._scores._epochs.tick_values.tolist() == [1, 2]  # no epoch 1.5
    assert history._message.value == ""


def test_a_third_that_is_worse_is_not_called_the_highest(history, evaluations):
    history.add(evaluations[0], 10)
    highest = history.table["mean_average_precision"].max()
    assert f"highest {highest:.3f} at epoch 2" in history._words.value
    assert history._scores._epochs.tick_format == "d"
    assert history._scores._x.max > 10


def test_fifty_checkpoints_are_fifty_points(evaluations):
    history = ea.EvaluationHistory()
    for number in range(50):
        history.add(evaluations[number % 2], number / 2)
    charts = history._scores, *history._errors.values()
    assert all(len(chart.lines[1].y) == 50 for chart in charts)


def test_a_thread_adds_each_checkpoint_and_the_loop_draws(evaluations):
    drawn_in, failed = set(), []

    async def notebook():
        history = ea.EvaluationHistory()
        history._scores.lines[0].observe(lambda _: drawn_in.add(threading.current_thread()), "y")

        def train():
            for number in range(6):
                history.add(evaluations[number % 2])
            try:
                history.add(evaluations[0], "seven")
            except InvalidInputError as error:
                failed.append(str(error))

        training = threading.Thread(target=train)
        training.start()
        await until(lambda: len(history._scores.lines[0].x) == 6)
        training.join()
        assert history._message.value == ""

    asyncio.run(notebook())
    assert drawn_in == {threading.current_thread()}
    assert failed == ["`epoch` is 'seven'. Give a number, such as 3."]


def test_a_thread_adds_models_to_a_page_and_none_is_lost(evaluations):
    async def notebook():
        page = ea.explore(ea.compare({"old": evaluations[0], "new": evaluations[1]}))

        def train():
            for number in range(3):
                page.add(evaluations[1], f"epoch {number}")
            page.add(evaluations[1], "new")  # taken: said on the page

        training = threading.Thread(target=train)
        training.start()
        await until(lambda: len(page.comparison.names) == 5 and page._message.value)
        training.join()
        assert page.comparison.names[2:] == ("epoch 0", "epoch 1", "epoch 2")
        assert "is &#x27;new&#x27;, which is taken" in page._message.value
        front_end(page).move("iou_threshold", 0.6)
        assert list(page.scores.table.index) == list(page.comparison.names)
        page.close()

    asyncio.run(notebook())


def test_an_error_is_shown_in_words(history, evaluations, monkeypatch):
    def fail(*_args):
        raise RuntimeError("<b>broken</b>")

    monkeypatch.setattr(type(history._history), "worst_ranges", fail)
    history.add(evaluations[0])
    assert "This could not be shown." in history._message.value
    assert "&lt;b&gt;broken" in history._message.value


def test_closing_leaves_nothing(evaluations):
    before = set(instances())
    history = ea.EvaluationHistory()
    history.add(evaluations[0])
    history.close()
    gc.collect()
    assert set(instances()) == before
