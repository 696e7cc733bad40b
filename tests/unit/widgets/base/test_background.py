"""What is computed beside the kernel: held back by moves, stopped by questions."""

from __future__ import annotations

import asyncio
import time
from threading import Event

import pytest

from ea_widgets.analysis.view import View
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.widgets.base import background as settling
from ea_widgets.widgets.base.background import BackgroundTask, foreground
from ea_widgets.widgets.base.link import link
from ea_widgets.widgets.explore import explore
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric
from ea_widgets.widgets.panels.worst_ranges_panel import WorstRanges
from tests.unit.widgets.conftest import make_evaluation, until


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
            assert BackgroundTask(arrived.set_result, never, rest=0.0).ask(compute)
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
            BackgroundTask(arrived.set_result, never, rest=0.0).ask(lambda stop: stop())
            assert await asyncio.wait_for(arrived, 60) is False

    asyncio.run(move())


def test_a_move_that_fails_holds_nobody_back(monkeypatch):
    monkeypatch.setattr(settling, "PATIENCE", 60)
    with pytest.raises(RuntimeError), foreground():
        raise RuntimeError

    async def move():
        arrived = asyncio.get_running_loop().create_future()
        BackgroundTask(arrived.set_result, never, rest=0.0).ask(lambda stop: stop())
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
        found = BackgroundTask(
            lambda answer: (answers.append(answer), arrived.set_result(None)), never, rest=0.0
        )
        found.ask(first)
        await asyncio.to_thread(begun.wait)
        found.ask(lambda _stop: "second")
        await asyncio.wait_for(arrived, 60)
        await asyncio.to_thread(stopped.wait, 60)

    asyncio.run(move())
    assert stopped.is_set()
    assert answers == ["second"]


def test_one_of_a_kind_runs_at_a_time_and_the_newest_follows():
    running, most, answers = [], [], []

    def compute(name):
        def run(_should_stop):  # cannot be stopped under way
            running.append(name)
            most.append(len(running))
            time.sleep(0.02)
            running.remove(name)
            return name

        return run

    async def move():
        arrived = asyncio.get_running_loop().create_future()

        def deliver(answer):
            answers.append(answer)
            if answer == "last":
                arrived.set_result(None)

        task = BackgroundTask(deliver, never, rest=0.0)
        for name in ("first", "second", "third", "last"):
            task.ask(compute(name))
            await asyncio.sleep(0.005)
        await asyncio.wait_for(arrived, 60)

    asyncio.run(move())
    assert max(most) == 1
    assert answers == ["last"]


def test_without_threads_it_computes_at_once_and_errors_are_shown():
    answers, errors = [], []

    async def in_a_browsers_python():
        loop = asyncio.get_running_loop()

        def no_threads(*_):
            raise RuntimeError("can't start new thread")

        loop.run_in_executor = no_threads
        task = BackgroundTask(answers.append, errors.append, rest=0.0)
        task.ask(lambda should_stop: ("done", should_stop()))
        await asyncio.sleep(0.05)
        task.ask(lambda _: 1 / 0)
        await asyncio.sleep(0.05)

    asyncio.run(in_a_browsers_python())
    assert answers == [("done", False)]
    assert [str(error) for error in errors] == ["division by zero"]


def test_in_an_event_loop_only_the_last_of_many_questions_is_computed():
    asked, answers, errors = [], [], []

    async def drag():
        task = BackgroundTask(answers.append, errors.append, rest=0.05)
        for number in range(5):
            assert task.ask(lambda _, number=number: asked.append(number) or number)
            await asyncio.sleep(0)
        assert asked == []
        await asyncio.sleep(0.5)
        task.ask(lambda _: "stopped")
        task.cancel()
        BackgroundTask(answers.append, errors.append, rest=0.0).ask(lambda _: 1 / 0)
        await asyncio.sleep(0.2)

    asyncio.run(drag())
    assert (asked, answers) == ([4], [4])
    assert [str(error) for error in errors] == ["division by zero"]


def test_a_task_lives_on_when_its_loop_has_ended():
    answers, begun = [], Event()

    async def first(task):
        task.ask(lambda _: begun.set() or time.sleep(0.05))
        await asyncio.to_thread(begun.wait)

    async def second(task):
        task.ask(lambda _: "again")
        await asyncio.sleep(0.3)

    task = BackgroundTask(answers.append, never, rest=0.0)
    asyncio.run(first(task))
    asyncio.run(second(task))
    assert "again" in answers


def test_closing_a_page_stops_all_that_it_computes(monkeypatch):
    evaluation = make_evaluation()
    begun, stopped = set(), set()

    def endless(name):
        def run(*_arguments, should_stop=None, **_options):
            begun.add(name)
            try:
                while True:
                    stop_if(should_stop)
                    time.sleep(0.001)
            finally:
                stopped.add(name)

        return run

    for name in ("worst_ranges", "importance_sweep"):
        monkeypatch.setattr(View, name, endless(name))
    importance, settled = View.importance, endless("importance")
    monkeypatch.setattr(
        View,
        "importance",
        lambda self, **o: settled(**o) if o.get("settled") else importance(self, **o),
    )

    async def notebook():
        page = explore(evaluation, metric=None)
        page.sweep.opened = True
        await until(lambda: begun == {"worst_ranges", "importance_sweep", "importance"})
        page.close()
        await until(lambda: stopped == begun)

    asyncio.run(asyncio.wait_for(notebook(), 60))


def test_a_move_stops_the_search_for_ranges(monkeypatch):
    evaluation = make_evaluation()
    begun, threads = [], []

    def endless(_view, *_arguments, should_stop=None, **_options):
        begun.append(1)
        threads.append(1)
        try:
            while True:
                stop_if(should_stop)
                time.sleep(0.001)
        finally:
            threads.pop()

    monkeypatch.setattr(View, "worst_ranges", endless)

    async def notebook():
        worst = WorstRanges(evaluation)
        for number in range(1, 4):
            await until(lambda number=number: len(begun) >= number)
            assert len(threads) == 1
            worst.iou_threshold = 0.5 + number / 10
        worst.close()
        await until(lambda: not threads)

    asyncio.run(asyncio.wait_for(notebook(), 60))
