"""What is computed beside the kernel: held back by moves, stopped by questions."""

from __future__ import annotations

import asyncio
import time
from threading import Event

import pytest

from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.widgets.base import background as settling
from ea_widgets.widgets.base.background import Settling, foreground
from ea_widgets.widgets.base.link import link
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric
from tests.unit.widgets.conftest import make_evaluation


def never(error):
    raise AssertionError from error


def test_a_computation_waits_while_a_person_waits(monkeypatch):
    monkeypatch.setattr(settling, "PATIENCE", 60)
    begun, steps = Event(), []

    def compute(should_stop):
        for _ in range(3):
            begun.set()
            stop_if(should_stop)
            steps.append(time.monotonic())
        return len(steps)

    async def move():
        arrived = asyncio.get_running_loop().create_future()
        with foreground():
            assert Settling(arrived.set_result, never, rest=0.0).ask(compute)
            await asyncio.to_thread(begun.wait)
            with foreground():  # a widget that is linked to the one that moved
                pass
            assert not steps
            done = time.monotonic()
        assert await asyncio.wait_for(arrived, 60) == 3
        assert min(steps) >= done

    asyncio.run(move())


def test_it_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr(settling, "PATIENCE", 0.01)

    async def move():
        arrived = asyncio.get_running_loop().create_future()
        with foreground():
            Settling(arrived.set_result, never, rest=0.0).ask(lambda stop: stop())
            assert await asyncio.wait_for(arrived, 60) is False

    asyncio.run(move())


def test_a_move_that_fails_holds_nobody_back(monkeypatch):
    monkeypatch.setattr(settling, "PATIENCE", 60)
    with pytest.raises(RuntimeError), foreground():
        raise RuntimeError

    async def move():
        arrived = asyncio.get_running_loop().create_future()
        Settling(arrived.set_result, never, rest=0.0).ask(lambda stop: stop())
        assert await asyncio.wait_for(arrived, 60) is False

    asyncio.run(move())


def test_a_move_of_a_widget_holds_back_until_those_linked_to_it_have_drawn():
    evaluation = make_evaluation()
    panel, detail = ImportancePanel(evaluation), PerformanceByMetric(evaluation)
    link(panel, detail)
    seen = []
    detail.observe(lambda change: seen.append((change["new"], settling._FREE.is_set())), names=[
        "iou_threshold"])  # fmt: skip
    panel.iou_threshold = 0.7
    assert seen == [(0.7, False)]
    assert settling._FREE.is_set()


def test_a_new_question_stops_the_one_before():
    begun, stopped, answers = Event(), Event(), []

    def first(should_stop):
        begun.set()
        try:
            while True:
                stop_if(should_stop)
                time.sleep(0.001)
        finally:
            stopped.set()

    async def move():
        arrived = asyncio.get_running_loop().create_future()
        found = Settling(lambda answer: (answers.append(answer), arrived.set_result(None)), never,
                         rest=0.0)  # fmt: skip
        found.ask(first)
        await asyncio.to_thread(begun.wait)
        found.ask(lambda _stop: "second")
        await asyncio.wait_for(arrived, 60)
        await asyncio.to_thread(stopped.wait, 60)

    asyncio.run(move())
    assert stopped.is_set()
    assert answers == ["second"]
