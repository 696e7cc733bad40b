"""One BLAS thread at a time: blocks run in threads of our own, which can be stopped."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # with scikit-learn

if TYPE_CHECKING:
    from collections.abc import Iterator

_lock = Lock()
_users = 0
_limit: Any = None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep BLAS to one thread while any such block runs, in the whole process.

    Where other programs keep the cores busy, the threads of BLAS wait for each other by spinning:
    thin products then took 26 s instead of 1.5 s, on two cores with eight busy processes.
    """
    global _users, _limit  # noqa: PLW0603  # BLAS has one setting per process
    with _lock:
        _users += 1
        if _users == 1:
            _limit = ThreadpoolController().limit(limits=1, user_api="blas")
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if not _users:
                _limit.restore_original_limits()
