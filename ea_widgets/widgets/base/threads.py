"""Traits that any thread may set: a change is carried out whole, in the kernel's own loop."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import contextmanager
from threading import Lock, RLock, local
from typing import TYPE_CHECKING, Any

from traitlets import HasTraits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOVES = RLock()
"""Held while a choice is carried out by a widget and those linked to it, so that two threads
without an event loop take turns."""

_QUEUE = Lock()
_HELD = local()


def current_loop() -> asyncio.AbstractEventLoop | None:
    """Give the event loop that runs in this thread; None without one."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class AnyThread(HasTraits):
    """Carries out what another thread sets in the loop of the widget.

    Where that loop runs, the other thread goes on at once. Where none runs, as in a script, the
    change is carried out in the thread that sets it, one thread at a time.
    """

    _loop: asyncio.AbstractEventLoop | None = None
    _posted: deque[dict[str, Any]] | None = None
    _depth = 0

    def carry_out(self, name: str, value: Any, put: Callable[[Any, Any], None]) -> None:
        """Set a trait here, or have the widget's loop set it.

        Parameters
        ----------
        name : str
            Of the trait.
        value : object
            Its new value.
        put : callable
            Sets it, given the widget and the value.
        """
        if not self._lives_elsewhere():
            with self._move():
                put(self, value)
        elif self in _held():
            _held()[self][name] = value
        else:
            self._post({name: value})

    def call_in_loop(
        self, call: Callable[[], None], guard: Callable[[Callable[[], None]], Callable[[], None]]
    ) -> None:
        """Call something here, or have the widget's loop call it: every call, in their order.

        Parameters
        ----------
        call : callable
            What it raises here reaches who asked.
        guard : callable
            Makes it show what it raises in the loop, where nobody would see it.
        """
        if not self._lives_elsewhere():
            with self._move():
                call()
        elif self._loop is not None:
            self._loop.call_soon_threadsafe(guard(call))

    @contextmanager
    def hold_trait_notifications(self) -> Iterator[None]:
        """Carry out several changes at once; those of another thread too."""
        if not self._lives_elsewhere():
            with self._move(), super().hold_trait_notifications():
                yield
        elif self in _held():
            yield
        else:
            changes = _held()[self] = {}
            try:
                yield
            finally:
                del _held()[self]
            if changes:
                self._post(changes)

    @contextmanager
    def _move(self) -> Iterator[None]:
        """Hold off other threads, and finish what the outermost change began."""
        with MOVES:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if not self._depth:
                    self._carried_out()

    def _lives_elsewhere(self) -> bool:
        """Tell whether the widget's loop runs in another thread."""
        here = current_loop()
        if self._loop is None or not self._loop.is_running():
            self._loop = here
        return self._loop is not here

    def _carried_out(self) -> None:
        """Do what is left to do after the outermost change. To be overridden."""

    def _post(self, changes: dict[str, Any]) -> None:
        with _QUEUE:
            if self._posted is None:
                self._posted = deque()
            if self._posted and self._posted[-1].keys() == changes.keys():
                self._posted.pop()  # the later one wins, as if both had been carried out
            self._posted.append(changes)
            loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self._take_posted)

    def _take_posted(self) -> None:
        while self._posted:
            with _QUEUE:
                changes = self._posted.popleft()
            self._take(changes)

    def _take(self, changes: dict[str, Any]) -> None:
        """Make several choices at once."""
        with self.hold_trait_notifications():
            for name, value in changes.items():
                setattr(self, name, value)


def _held() -> dict[AnyThread, dict[str, Any]]:
    """Give the changes that this thread holds back, by widget."""
    held: dict[AnyThread, dict[str, Any]] = _HELD.__dict__.setdefault("changes", {})
    return held
