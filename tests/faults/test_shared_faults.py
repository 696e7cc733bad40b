"""Scripts that once broke the package, each in a process of its own: they exit 0 where it is right.

They stand beside the checkout, in `../shared/faults`.
"""

from __future__ import annotations

import pytest

from tests.conftest import IN_CI, ROOT
from tests.scripts import run

FOLDER = ROOT.parent / "shared" / "faults"
SECONDS = 240
LONG = {"08.py"}
"""Scripts that take minutes: `tests/unit/widgets/base/test_threads.py` holds what 08 is about."""

SCRIPTS = sorted(path.name for path in FOLDER.glob("[0-9]*.py") if path.name not in LONG)

MOVED = {
    "15.py": {"ea_widgets.widgets.class_picker": "ea_widgets.widgets.controls.class_picker"},
}
"""Private modules that scripts look for where they were, and where they are."""


def test_the_scripts_are_there():
    if not SCRIPTS:
        missing = "no ../shared/faults beside the checkout"
        if IN_CI:
            pytest.fail(missing)
        pytest.skip(missing)
    assert set(MOVED) <= set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_once_broke_it_no_longer_does(name, tmp_path):
    ended = run(FOLDER / name, tmp_path, SECONDS, MOVED.get(name))
    assert ended.exit_code == 0, ended.output[-3000:]
