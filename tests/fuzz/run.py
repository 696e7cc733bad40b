"""Spreads inputs over processes, notes what was done, and makes findings small."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fuzz.worker import Input, work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.fuzz.warm", "tests.fuzz.worker"])
CHUNK = 100
"""Inputs of one process: memory that is kept over many inputs is another matter."""

WALL = 240.0
"""Seconds after which an input hangs; on a busy machine 5 s of CPU time may take a minute."""


@dataclass
class Figures:
    """What a run has done."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def inputs(self) -> int:
        """How many inputs were tried."""
        return sum(self.counts.values())

    def note(self, one: Input, ended: str, said: str) -> None:
        """Note how an input ended; of findings of one kind, the first."""
        self.counts[ended] += 1
        if ended == "finding":
            kind = kind_of(one, said)
            known = self.findings.setdefault(kind, {"input": asdict(one), "said": said, "times": 0})
            known["times"] += 1


def kind_of(one: Input, said: str) -> str:
    """Tell findings apart: the target, the type of the error, where it was raised."""
    head, _, place = said.rpartition(" | at ")
    kind = head.partition(":")[0]
    return f"{one.target} | {kind} | {place.partition(' < ')[0] or head[:80]}"


def run_in_process(inputs: list[Input], tell: Callable[[Input, str, str], None]) -> list[Input]:
    """Run inputs in a process; gives those that are left where it died or hung."""
    ours, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=work, args=(theirs, inputs), kwargs={"limited": True})
    process.start()
    theirs.close()
    at: Input | None = None
    left = list(inputs)
    said = ""
    try:
        while True:
            if not ours.poll(WALL if at is not None else 2 * WALL):
                said = f"Hang: no end within {WALL:.0f} s"
                break
            event, one, ended, words = ours.recv()
            if event == "finished":
                return []
            if event == "begun":
                at = one
            else:
                tell(one, ended, words)
                left.remove(one)
                at = None
    except EOFError:
        process.join()
        said = f"Death: the process ended with {process.exitcode}"
    finally:
        if process.is_alive():
            process.kill()
        process.join()
        ours.close()
    if at is not None:
        tell(at, "finding", said)
        left.remove(at)
    elif left == inputs:
        raise RuntimeError(f"the process does not begin: {said}")
    return left


def minimise(one: Input, said: str) -> tuple[Input, str]:
    """Leave out the steps that a finding does not need."""
    wanted = kind_of(one, said)
    steps = list(one.all_steps)
    for step in tuple(steps):
        fewer = tuple(kept for kept in steps if kept != step)
        found: list[tuple[str, str]] = []
        trial = Input(one.seed, one.number, fewer)
        run_in_process([trial], lambda _, ended, words, found=found: found.append((ended, words)))
        if found and found[0][0] == "finding" and kind_of(one, found[0][1]) == wanted:
            steps, said = list(fewer), found[0][1]
    return Input(one.seed, one.number, tuple(steps)), said


def fuzz(
    inputs: Iterable[Input], notes: Path | None = None, say: Callable[[str], None] = print
) -> Figures:
    """Run inputs, a chunk to a process; resumes where notes of an earlier run are."""
    figures, begun = Figures(), time.monotonic()
    done = 0
    if notes is not None and notes.is_file():
        kept = json.loads(notes.read_text())
        figures = Figures(Counter(kept["counts"]), kept["findings"], kept["seconds"])
        done = figures.inputs
    before = figures.seconds
    waiting = list(inputs)[done:]
    while waiting:
        chunk, waiting = waiting[:CHUNK], waiting[CHUNK:]
        known = set(figures.findings)
        while chunk:
            chunk = run_in_process(chunk, figures.note)
        for kind in set(figures.findings) - known:
            found = figures.findings[kind]
            fields = found["input"]
            smaller, said = minimise(Input(fields["seed"], fields["number"]), found["said"])
            found |= {"input": asdict(smaller), "said": said}
            say(f"FINDING {kind}\n  {smaller}\n  {said}")
        figures.seconds = before + time.monotonic() - begun
        if notes is not None:
            notes.parent.mkdir(exist_ok=True)
            notes.write_text(json.dumps({**vars(figures), "counts": dict(figures.counts)}))
        if figures.inputs % 1_000 < CHUNK:
            say(f"{figures.inputs:,} inputs in {figures.seconds:,.0f} s: {dict(figures.counts)}")
    return figures
