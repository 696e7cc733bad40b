"""The answers to the last few questions, kept."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Key = TypeVar("Key")
Value = TypeVar("Value")

KEPT = 16
"""Recent answers kept, so that linked widgets cost one computation."""


class LruCache(Generic[Key, Value]):
    """The answers to the last few questions; may be asked from several threads.

    A copy, or what is pickled, is empty: answers are made again where they are asked for.

    Parameters
    ----------
    size : int
        How many answers to keep.
    """

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._answers: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, compute: Callable[[], Value]) -> Value:
        """Return the kept answer, or compute it and drop the one that was used longest ago."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        # Outside the lock: nobody waits for another question, or for a long one.
        answer = compute()
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
        return answer

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._size,)
