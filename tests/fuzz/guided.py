"""Fuzzing of the readers that is guided by coverage, with atheris (``pip install atheris``).

``python -m tests.fuzz.guided -max_total_time=600 FOLDER`` goes on from what is in the folder, and
adds what reaches new lines; options are those of libFuzzer. ``-merge=1 tests/fuzz/corpus FOLDER``
keeps in the repo what reaches lines that nothing there reaches. Each file is an input: its first
byte says which file of which format the rest is.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 16_384
"""Bytes of an input: what is longer repeats itself."""


@cache
def places() -> list[tuple[str, str]]:
    """Name the files that are changed: of each reader each kind of file, without the pictures."""
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415  # after it was instrumented

    found = []
    for name, target in TARGETS.items():
        if target.read is None:
            continue
        kinds = set()
        for file in target.base(np.random.default_rng(0)):
            path = Path(file)
            kind = path.parent if path.parent.name else path
            if path.suffix != ".png" and kind not in kinds:
                kinds.add(kind)
                found.append((name, file))
    return found


@cache
def folder_of(name: str) -> tuple[TemporaryDirectory[str], Path]:
    """Write the valid files of a format, once; gives its owner and its path."""
    from tests.fuzz.targets import TARGETS, written  # noqa: PLC0415

    kept = TemporaryDirectory(prefix="guided-")
    return kept, written(TARGETS[name].base(np.random.default_rng(0)), Path(kept.name))


def seeds() -> dict[str, bytes]:
    """Give the valid files as inputs, by name."""
    found = {}
    for at, (name, file) in enumerate(places()):
        content = (folder_of(name)[1] / file).read_bytes()
        found[f"{name}-{file}".replace("/", "-")] = bytes([at]) + content[: LONGEST - 1]
    return found


def run_input(data: bytes) -> str:
    """Read the format with one file changed; "accepted" or "refused", anything else is raised."""
    import ea_widgets as ea  # noqa: PLC0415
    from tests.fuzz.targets import ACCEPTED, REFUSED, TARGETS, check_words, door  # noqa: PLC0415

    if not data:
        return REFUSED
    name, file = places()[data[0] % len(places())]
    folder = folder_of(name)[1]
    before = (folder / file).read_bytes()
    (folder / file).write_bytes(data[1:])
    read = TARGETS[name].read
    assert read is not None
    try:
        with door():
            dataset = read(folder, np.random.default_rng(len(data)))
            ea.Evaluation(dataset).scores()
    except ea.InvalidInputError as error:
        check_words(error)
        return REFUSED
    finally:
        (folder / file).write_bytes(before)
    return ACCEPTED


def main() -> None:
    """Run libFuzzer; it ends the process itself."""
    import atheris  # noqa: PLC0415  # for this command only

    with atheris.instrument_imports(include=["ea_widgets.data"]):
        import ea_widgets.data.readers  # noqa: F401, PLC0415
        import tests.fuzz.targets  # noqa: F401, PLC0415
    for folder in (one for one in sys.argv[1:] if not one.startswith("-")):
        Path(folder).mkdir(parents=True, exist_ok=True)
    if not any(one.startswith("-merge") for one in sys.argv):
        for name, data in seeds().items():
            (Path(sys.argv[-1]) / name).write_bytes(data)
    options = ["-timeout=10", "-rss_limit_mb=3000", f"-max_len={LONGEST}"]
    atheris.Setup([sys.argv[0], *options, *sys.argv[1:]], run_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
