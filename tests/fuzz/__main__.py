"""``make fuzz``: odd inputs for everything that takes data, ``SEED=`` and ``COUNT=`` as wanted.

``python -m tests.fuzz --seed 1 --only 4711`` runs one input in this process, and shows it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.fuzz.run import fuzz
from tests.fuzz.worker import Input, try_input


def main() -> int:
    """Run, print the figures; 1 if there are findings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int)
    parser.add_argument("--steps", type=int, nargs="*")
    parser.add_argument("--notes", type=Path, default=Path("test-results"))
    options = parser.parse_args()
    if options.only is not None:
        steps = None if options.steps is None else tuple(options.steps)
        one = Input(options.seed, options.only, steps)
        print(one, one.target)
        print(repr(one.data())[:6000])
        print(*try_input(one))
        return 0
    notes = options.notes / f"fuzz-{options.seed}.json"
    inputs = [Input(options.seed, number) for number in range(options.count)]
    figures = fuzz(inputs, notes)
    print(f"{figures.inputs:,} inputs, seed {options.seed}: {dict(figures.counts)}")
    print(f"{len(figures.findings):,} kinds of findings, {figures.seconds:,.0f} s; see {notes}")
    return bool(figures.findings)


if __name__ == "__main__":
    sys.exit(main())
