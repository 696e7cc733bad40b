"""Do something once the choices have rested, without holding up the next move of a slider."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

REST = 0.25
"""Seconds without another change after which the choices rest."""


class Later:
    """A call that waits for rest. Where no event loop runs, as in a script, it is made at once.

    Parameters
    ----------
    call : callable
        What to do.
    on_error : callable
        Given what the call raises after waiting, since the loop would only log it. What it raises
        at once reaches who asked.
    """

    def __init__(self, call: Callable[[], None], on_error: Callable[[Exception], None]) -> None:
        self._call = call
        self._on_error = on_error
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> bool:
        """Whether the call is still to be made."""
        return self._timer is not None

    def ask(self) -> None:
        """Make the call when nothing asks again for a while."""
        self.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._call()
            return
        self._timer = loop.call_later(REST, self._run)

    def cancel(self) -> None:
        """Do not make the call that waits, if any."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _run(self) -> None:
        self._timer = None
        try:
            self._call()
        except Exception as error:  # noqa: BLE001  # the edge: whatever it is, it must be seen
            self._on_error(error)
