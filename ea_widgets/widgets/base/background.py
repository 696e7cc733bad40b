"""Long answers, computed beside the kernel once the choices rest."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any

from ea_widgets.core.statistics.resampling import ComputationStoppedError
from ea_widgets.widgets.base.threads import current_loop

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator

    Compute = Callable[[Callable[[], bool]], Any]

REST = 0.25
"""Seconds without another change after which the choices rest."""

PATIENCE = 0.5
"""Most seconds that a computation waits for the kernel at once: it must never wait for ever."""

_AT_ONCE = [0]
"""How many ask for everything at once, such as a page that is saved before anybody looks at it."""

_FREE = Event()
_FREE.set()


@contextmanager
def at_once() -> Iterator[None]:
    """Compute what is asked for on the thread that asks, and wait for it."""
    _AT_ONCE[0] += 1
    try:
        yield
    finally:
        _AT_ONCE[0] -= 1


@contextmanager
def foreground() -> Iterator[None]:
    """Hold back what is computed in threads while a person waits for an answer.

    Threads that compute take turns with the kernel's own at Python's lock, and a move that takes
    10 ms alone takes up to five times as long beside them.
    """
    outermost = _FREE.is_set()
    _FREE.clear()
    try:
        yield
    finally:
        if outermost:
            _FREE.set()


class BackgroundTask:
    """Computes the newest question in a thread, one at a time; a new one stops the one before.

    Where no event loop runs, as in a script, or where there are no threads, as in a browser's own
    Python, the answer is computed at once, on the thread that asks.

    Parameters
    ----------
    deliver : callable
        Given the answer, in the kernel's own thread.
    on_error : callable
        Given what computing or delivering raised, likewise. What is raised at once reaches who
        asked.
    rest : float
        Seconds without another question before it is computed.
    in_scripts : bool
        Whether to compute where no event loop runs. Default True; else :meth:`now` does.
    """

    def __init__(
        self,
        deliver: Callable[[Any], None],
        on_error: Callable[[BaseException], None],
        *,
        rest: float = REST,
        in_scripts: bool = True,
    ) -> None:
        self._rest = rest
        self._deliver = deliver
        self._on_error = on_error
        self._in_scripts = in_scripts
        self._timer: asyncio.TimerHandle | None = None
        self._running: asyncio.Future[Any] | None = None
        self._next: Compute | None = None
        self._stop = Event()

    def ask(self, compute: Compute, *, rest: float | None = None) -> bool:
        """Compute when nothing asks again for a while.

        Parameters
        ----------
        compute : callable
            Given a function that says whether to stop; may raise `ComputationStoppedError`.
        rest : float, optional
            Instead of the task's own.

        Returns
        -------
        bool
            Whether the answer is still to come.
        """
        self.cancel()
        loop = None if _AT_ONCE[0] else current_loop()
        if loop is None:
            if self._in_scripts or _AT_ONCE[0]:
                self.now(compute)
            return False
        self._timer = loop.call_later(
            self._rest if rest is None else rest, self._begin, loop, compute
        )
        return True

    def now(self, compute: Compute) -> None:
        """Compute at once, and wait for it."""
        self.cancel()
        self._deliver(compute(lambda: False))

    def cancel(self) -> None:
        """Stop what waits or runs; its answer is not delivered."""
        self._stop.set()
        self._next = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin(self, loop: asyncio.AbstractEventLoop, compute: Compute) -> None:
        self._timer = None
        if self._running is not None and self._running.get_loop() is loop:
            self._next = compute  # as soon as the one before has stopped
            return
        stop = self._stop = Event()

        def should_stop() -> bool:
            _FREE.wait(PATIENCE)
            return stop.is_set()

        try:
            running = loop.run_in_executor(None, compute, should_stop)
        except RuntimeError:  # no threads
            self._caught(lambda: self._deliver(compute(stop.is_set)))
            return
        self._running = running
        running.add_done_callback(lambda done: self._finish(loop, done, stop))

    def _finish(
        self, loop: asyncio.AbstractEventLoop, done: asyncio.Future[Any], stop: Event
    ) -> None:
        self._running = None
        if not done.cancelled():
            error = done.exception()
            if not stop.is_set() and not isinstance(error, ComputationStoppedError):
                self._caught(lambda: self._deliver(done.result()))
        following, self._next = self._next, None
        if following is not None:
            self._begin(loop, following)

    def _caught(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001  # the edge: whatever it is, it must be seen
            self._on_error(error)
