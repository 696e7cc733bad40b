"""A training loop in a thread assigns `evaluation` while a person moves a slider."""

from __future__ import annotations

import asyncio
import random
import threading

import pytest

from ea_widgets.widgets.explore import explore
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric


def in_thread(call):
    thread = threading.Thread(target=call)
    thread.start()
    return thread


def assert_one_choice(page):
    """All parts show one choice, and their numbers are the answers to it."""
    panel, detail = page.panel, page.detail
    assert page.evaluation is panel.evaluation is detail.evaluation is page.examples.evaluation
    assert page.iou_threshold == panel.iou_threshold == detail.iou_threshold == panel._iou.value
    view = panel.evaluation.at(panel.iou_threshold, panel.confidence_threshold, panel.classes)
    assert panel.scores.true_positives == view.scores().true_positives
    assert panel.importance.equals(view.importance())
    if detail.metric is not None:
        assert detail.curve.predictions.equals(view.curve(detail.metric, detail.bins).predictions)
    assert panel._message.value == detail._message.value == ""


def test_without_a_loop_threads_take_turns(evaluation, next_evaluation):
    panel, detail = ImportancePanel(evaluation), PerformanceByMetric(evaluation)
    page = explore(evaluation, metric="Size (P)", confidence_threshold=0)
    panel.close()
    detail.close()
    stop = threading.Event()

    def train():
        number = 0
        while not stop.is_set():
            page.panel.evaluation = (next_evaluation, evaluation)[number % 2]
            number += 1

    training, person = in_thread(train), random.Random(0)  # noqa: S311  # no secret
    for _ in range(12):
        page.panel._iou.value = round(person.random(), 2)
    stop.set()
    training.join()
    assert_one_choice(page)


def test_in_a_notebook_the_loop_carries_it_out_and_intervals_follow(evaluation, next_evaluation):
    drawn_in = []

    async def notebook():
        page = explore(evaluation, metric="Size (P)", confidence_threshold=0)
        page.panel.observe(lambda _: drawn_in.append(threading.current_thread()), "evaluation")
        arrived = asyncio.get_running_loop().create_future()

        def settled(change):
            if change["new"] is not None and page.panel.evaluation is next_evaluation:
                arrived.set_result(change["new"])

        page.panel.observe(settled, "settled")

        def train():
            page.panel.evaluation = next_evaluation
            assert page.panel.evaluation is evaluation  # not carried out here

        in_thread(train).join()
        page.panel._iou.set_state({"value": 0.6})  # a person's move, before the loop is free
        table = await asyncio.wait_for(arrived, 120)
        assert_one_choice(page)
        page.close()
        return table

    table = asyncio.run(notebook())
    assert drawn_in == [threading.main_thread()]
    assert table.equals(next_evaluation.importance(0.6, settled=True))


def test_several_choices_of_a_thread_are_made_at_once(evaluation, next_evaluation, draws):
    async def notebook():
        panel = ImportancePanel(evaluation, metric="Sureness (P)")
        draws.update(dict.fromkeys(draws, 0))

        def train():
            with panel.hold_trait_notifications():
                panel.metric = "Fresh (P)"
                panel.classes = ("emu",)
                with panel.hold_trait_notifications():
                    panel.evaluation = next_evaluation

        in_thread(train).join()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (panel.metric, panel.classes) == ("Fresh (P)", ("emu",))
        assert panel.evaluation is next_evaluation
        panel.close()

    asyncio.run(notebook())
    assert draws["ImportancePanel"] == 1


def test_only_the_last_of_many_checkpoints_is_drawn(evaluation, next_evaluation, draws):
    async def notebook():
        panel = ImportancePanel(evaluation)
        draws.update(dict.fromkeys(draws, 0))

        def train():
            for checkpoint in [evaluation, next_evaluation] * 5:
                panel.evaluation = checkpoint

        in_thread(train).join()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert panel.evaluation is next_evaluation
        panel.close()

    asyncio.run(notebook())
    assert draws["ImportancePanel"] == 1


def test_what_a_thread_may_not_choose_is_said_on_screen(evaluation):
    async def notebook():
        panel = ImportancePanel(evaluation)

        def train():
            panel.classes = ("unicorn",)

        in_thread(train).join()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert panel.classes == ()
        assert "`classes` has no option &#x27;unicorn&#x27;" in panel._message.value
        panel.close()

    asyncio.run(notebook())


def test_a_thread_that_is_refused_within_a_hold_changes_nothing(evaluation):
    async def notebook():
        panel = ImportancePanel(evaluation)
        caught = []

        def train():
            try:
                with panel.hold_trait_notifications():
                    panel.iou_threshold = 0.9
                    {}["of the training loop"]
            except KeyError as error:
                caught.append(error)

        in_thread(train).join()
        await asyncio.sleep(0)
        assert len(caught) == 1
        assert panel.iou_threshold == 0.5
        panel.close()

    asyncio.run(notebook())


@pytest.mark.parametrize("closed", [False, True])
def test_a_widget_that_is_closed_meanwhile_is_left_alone(evaluation, next_evaluation, closed):
    async def notebook():
        panel = ImportancePanel(evaluation)

        def train():
            panel.evaluation = next_evaluation

        in_thread(train).join()
        if closed:
            panel.close()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert panel.evaluation is (evaluation if closed else next_evaluation)
        panel.close()

    asyncio.run(notebook())
