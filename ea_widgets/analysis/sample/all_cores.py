"""Work on all cores at once."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Item = TypeVar("Item")
Result = TypeVar("Result")


def on_all_cores(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Apply a numpy-heavy function to each item, in order; threads, since numpy lets go of the GIL.

    Every item is computed whole by one thread: results do not depend on the number of threads.
    """
    items = list(items)
    n_threads = min(len(items), os.cpu_count() or 1)
    if n_threads < 2:
        return [function(item) for item in items]
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(function, items))
