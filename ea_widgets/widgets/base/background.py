"""The settled phase: long answers, computed beside the kernel once the choices rest."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any

from ea_widgets.core.statistics.resampling import ComputationStoppedError
from ea_widgets.widgets.base.debounce import REST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 0.5
"""Most seconds that a computation waits for the kernel at once: it must never wait for ever."""

_FREE = Event()
_FREE.set()


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


class Settling:
    """Computes the newest question in a thread; a new question stops the one before.

    Where no event loop runs, as in a script, nothing is computed by itself: :meth:`now` does.

    Parameters
    ----------
    deliver : callable
        Given the answer, in the kernel's own thread.
    on_error : callable
        Given what computing raised, likewise.
    rest : float
        Seconds without another question before it is computed.
    """

    def __init__(
        self,
        deliver: Callable[[Any], None],
        on_error: Callable[[Exception], None],
        rest: float = REST,
    ) -> None:
        self._rest = rest
        self._deliver = deliver
        self._on_error = on_error
        self._timer: asyncio.TimerHandle | None = None
        self._stop = Event()

    def ask(self, compute: Callable[[Callable[[], bool]], Any]) -> bool:
        """Compute when nothing asks again for a while.

        Parameters
        ----------
        compute : callable
            Given a function that says whether to stop; may raise `ComputationStoppedError`.

        Returns
        -------
        bool
            Whether it will be computed: there is a loop to come back to.
        """
        self.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        self._timer = loop.call_later(self._rest, self._start, loop, compute)
        return True

    def now(self, compute: Callable[[Callable[[], bool]], Any]) -> None:
        """Compute at once, and wait for it."""
        self.cancel()
        self._deliver(compute(lambda: False))

    def cancel(self) -> None:
        """Stop what waits or runs; its answer is not delivered."""
        self._stop.set()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start(
        self, loop: asyncio.AbstractEventLoop, compute: Callable[[Callable[[], bool]], Any]
    ) -> None:
        self._timer = None
        stop = self._stop = Event()

        def should_stop() -> bool:
            _FREE.wait(PATIENCE)
            return stop.is_set()

        future = loop.run_in_executor(None, compute, should_stop)
        future.add_done_callback(lambda done: self._finish(done, stop))

    def _finish(self, done: asyncio.Future[Any], stop: Event) -> None:
        if done.cancelled():
            return
        error = done.exception()
        if stop.is_set() or isinstance(error, ComputationStoppedError):
            return
        try:
            self._deliver(done.result())
        except Exception as failure:  # noqa: BLE001  # the edge: whatever it is, it must be seen
            self._on_error(failure)
