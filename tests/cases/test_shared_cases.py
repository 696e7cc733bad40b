"""Situations from public reports of people who evaluate detectors: each script says if we fail."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.conftest import IN_CI, ROOT

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ROOT.parent / "shared" / "cases"
SCRIPTS = sorted(FOLDER.glob("[0-9]*.py"))
NOT_YET: dict[str, str] = {}
"""Cases that still fail, and why; a case that passes must leave this list."""

TIMEOUT = 300


@pytest.fixture(scope="module")
def outcomes():
    """Run all scripts, as many at once as there are processors: each starts an interpreter."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(script: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, script],
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            env=environment,
            cwd=script.parent,
            check=False,
        )

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(SCRIPTS, pool.map(run, SCRIPTS), strict=True))


def test_the_cases_are_there():
    if not SCRIPTS:
        missing = "no ../shared/cases beside the checkout"
        if IN_CI:
            pytest.fail(missing)
        pytest.skip(missing)


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_case(script, outcomes):
    done = outcomes[script]
    if script.name in NOT_YET:
        assert done.returncode != 0, "this case passes now: take it off the list"
        pytest.xfail(NOT_YET[script.name])
    assert done.returncode == 0, f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
