"""Situations from public reports of people who evaluate detectors: each script says if we fail."""

from __future__ import annotations

import pytest

from tests.conftest import IN_CI, ROOT
from tests.scripts import run

FOLDER = ROOT.parent / "shared" / "cases"
SCRIPTS = sorted(FOLDER.glob("[0-9]*.py"))
NOT_YET: dict[str, str] = {}
"""Cases that still fail, and why; a case that passes must leave this list."""

SECONDS = 300


def test_the_cases_are_there():
    if not SCRIPTS:
        missing = "no ../shared/cases beside the checkout"
        if IN_CI:
            pytest.fail(missing)
        pytest.skip(missing)


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_case(script, tmp_path):
    ended = run(script, tmp_path, SECONDS)
    if script.name in NOT_YET:
        assert ended.exit_code != 0, "this case passes now: take it off the list"
        pytest.xfail(NOT_YET[script.name])
    assert ended.exit_code == 0, ended.output[-4000:]
