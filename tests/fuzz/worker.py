"""Runs inputs one after the other in a process that may die."""

from __future__ import annotations

import shutil
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.fuzz.guard import SECONDS, FileWatch, errors_seen, limit_memory, time_limit
from tests.fuzz.targets import TARGETS, draw

MOST_STEPS = 4


@dataclass(frozen=True)
class Input:
    """An input, from which everything about it follows.

    Attributes
    ----------
    seed, number : int
        Which input of which run.
    steps : tuple of int, optional
        Which of its steps are taken; all by default.
    """

    seed: int
    number: int
    steps: tuple[int, ...] | None = None

    @property
    def target(self) -> str:
        """Name of the target."""
        return draw(np.random.default_rng([self.seed, self.number]))

    @property
    def all_steps(self) -> tuple[int, ...]:
        """Numbers of its steps."""
        if self.steps is not None:
            return self.steps
        rng = np.random.default_rng([self.seed, self.number, 1])
        return tuple(range(int(rng.integers(0, MOST_STEPS + 1))))

    def data(self) -> Any:
        """Make the input's data."""
        target = TARGETS[self.target]
        data = target.base(np.random.default_rng([self.seed, self.number, 2]))
        for step in self.all_steps:
            data = target.step(np.random.default_rng([self.seed, self.number, 3, step]), data)
        return data


WATCH: list[FileWatch] = []


def try_input(one: Input) -> tuple[str, str]:
    """Run an input under all limits.

    Returns
    -------
    tuple of (str, str)
        "accepted", "refused" or "finding"; and what is wrong.
    """
    if not WATCH:
        WATCH.append(FileWatch())
    watch = WATCH[0]
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        data = one.data()
        watch.folder, watch.found = str(folder.resolve()), []
        watch.on = True
        try:
            with time_limit(SECONDS), errors_seen():
                rng = np.random.default_rng([one.seed, one.number, 4])
                ended = TARGETS[one.target].run(rng, data, folder)
        finally:
            watch.on = False
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # whatever it is, it is a finding
        return "finding", words(error)
    else:
        touched = "; ".join(watch.found[:3])
        return ("finding", f"Touched: {touched} | at ") if touched else (ended, "")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def words(error: BaseException) -> str:
    """Say what is wrong: the error, and where in the package it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f"{f.filename.partition('/ea_widgets/')[2]}:{f.lineno} {f.name}" for f in frames
            if "/ea_widgets/" in f.filename and "/tests/" not in f.filename]  # fmt: skip
    text = str(error).encode("utf-8", "backslashreplace").decode()
    place = " < ".join(ours[::-1][:6])
    return f"{type(error).__name__}: {text[:600]} | at {place}"


def work(connection: Any, inputs: list[Input], *, limited: bool) -> None:
    """Run inputs, and tell of each before and after."""
    import os  # noqa: PLC0415

    import tests.fuzz.warm  # noqa: F401, PLC0415  # in the fork server already, as a rule

    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    if limited:
        limit_memory()
    for one in inputs:
        connection.send(("begun", one, "", ""))
        connection.send(("ended", one, *try_input(one)))
    connection.send(("finished", None, "", ""))
    connection.close()
