"""The cluster to work on."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

TRIMMED = "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_"
"""Dask has workers return each array of over 128 kB to the system at once. Counting makes many:
asking for their memory anew takes as long as counting does."""


@contextmanager
def connected(client: Any = None, workers: int | None = None) -> Iterator[Any]:
    """Give the client to work with, and close it afterwards if it was made here.

    Parameters
    ----------
    client : distributed.Client or str, optional
        Or the address of a scheduler. By default the current client; where there is none, a
        cluster of processes on this machine.
    workers : int, optional
        Processes of that cluster; as many as there are cores by default.

    Raises
    ------
    InvalidInputError
        If Dask is not installed, or no scheduler answers.
    """
    try:
        distributed: Any = import_module("distributed")  # of the extra "dask"
    except ImportError as error:
        raise InvalidInputError(
            "client", "needs dask and distributed", "Install: pip install 'ea_widgets[dask]'."
        ) from error
    if isinstance(client, str):
        try:
            own = distributed.Client(client)
        except (OSError, ValueError) as error:
            raise InvalidInputError(
                "scheduler", f"is {client!r}, and does not answer: {error}", "Give tcp://host:port."
            ) from error
        with own:
            yield own
        return
    if client is None and workers is None:
        try:
            client = distributed.default_client()
        except ValueError:
            client = None
    if client is not None:
        yield client
        return
    dask: Any = import_module("dask")
    with (
        dask.config.set({TRIMMED: None}),
        distributed.Client(n_workers=workers, threads_per_worker=1, dashboard_address=None) as own,
    ):
        yield own
