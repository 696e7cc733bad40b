"""A kernel whose clock and threads go on when a test says so."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ea_widgets.core.statistics.resampling import ComputationStoppedError

if TYPE_CHECKING:
    from collections.abc import Callable

REST = 0.3
"""Seconds after which whoever waits for rest goes on."""


class Clock(asyncio.SelectorEventLoop):
    """An event loop whose time stands still unless it is put on."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__()

    def time(self) -> float:
        """Tell the time."""
        return self.now


@dataclass(eq=False)
class Work:
    """What a widget has computed beside the kernel."""

    compute: Callable[..., Any]
    args: tuple[Any, ...]
    future: Future[Any]

    @property
    def stopped(self) -> bool:
        """Whether the widget has told it to stop."""
        return self.future.cancelled() or bool(self.args[-1]())

    @property
    def name(self) -> str:
        """Which computation it is."""
        function = getattr(self.compute, "func", self.compute)
        return f"{function.__module__}.{function.__qualname__}"


class Waiting(ThreadPoolExecutor):
    """Threads that begin when a test says so, and run while it waits."""

    def __init__(self) -> None:
        super().__init__(1)
        self.work: list[Work] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_options: Any) -> Future[Any]:
        """Keep some work for later."""
        future: Future[Any] = Future()
        self.work.append(Work(fn, args, future))
        return future


class Kernel:
    """Runs what widgets do: in its loop, after a rest, in its threads."""

    def __init__(self) -> None:
        self.loop = Clock()
        self.threads = Waiting()
        self.loop.set_default_executor(self.threads)
        self.raised: list[Any] = []
        self.loop.set_exception_handler(lambda _loop, context: self.raised.append(context))

    def act(self, call: Callable[[], Any]) -> Any:
        """Do something in the loop, as the kernel handles a message or a cell."""

        async def inside() -> Any:
            return call()

        result = self.loop.run_until_complete(inside())
        self.spin()
        return result

    def spin(self) -> None:
        """Let the loop do what is due."""

        async def pause() -> None:
            for _ in range(3):
                await asyncio.sleep(0)

        self.loop.run_until_complete(pause())

    def rest(self) -> None:
        """Let some time go by."""
        self.loop.now += REST
        self.spin()

    def finish(self, number: int, between: Callable[[], None] | None = None) -> Work | None:
        """Run one of the computations that have begun.

        Parameters
        ----------
        number : int
            Which, counted round.
        between : callable, optional
            What a person does meanwhile.

        Returns
        -------
        Work or None
            What was run.
        """
        if not self.threads.work:
            return None
        work = self.threads.work.pop(number % len(self.threads.work))
        if not work.future.set_running_or_notify_cancel():
            return work
        args = (*work.args[:-1], _once(between, work.args[-1])) if between else work.args
        try:
            work.future.set_result(work.compute(*args))
        except (ComputationStoppedError, RuntimeError) as error:
            work.future.set_exception(error)
        self.spin()
        return work

    def drain(self) -> None:
        """Let everything come to rest."""
        for _ in range(12):
            self.rest()
            while self.threads.work:
                self.finish(0)
        assert not self.threads.work

    def close(self) -> None:
        """Stop."""
        self.loop.close()


def _once(act: Callable[[], None], should_stop: Callable[[], bool]) -> Callable[[], bool]:
    """Do something at the first time that a computation asks whether to go on."""
    todo = [act]

    def ask() -> bool:
        if todo:
            todo.pop()()
        return should_stop()

    return ask
