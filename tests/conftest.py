"""What tests of every layer share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[1]
IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}

EVERYTHING = os.environ.get("EA_TESTS") == "all"
"""Whether this is `make test-all`: more examples and more seeds than a change can wait for."""


def usual_or_all(usual: T, everything: T) -> T:
    """Seeds or cases of `make test`, or those of `make test-all`."""
    return everything if EVERYTHING else usual


# A shared machine makes single examples slow without anything being wrong. In CI the examples are
# the same in every run, so that a red run can be repeated.
settings.register_profile("usual", deadline=None, max_examples=40)
settings.register_profile("all", deadline=None, max_examples=500, print_blob=True)
settings.register_profile("ci", deadline=None, max_examples=40, derandomize=True, print_blob=True)
settings.load_profile("all" if EVERYTHING else "ci" if IN_CI else "usual")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Keep a file in one process, and the browser tests in one, with one JupyterLab for all."""

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return "tests/browser" if path.startswith("tests/browser/") else path

    return ByFile(config, log)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data sets beside the checkout; its absence is a failure in CI only."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        missing = "no ../shared/data beside the checkout, so no comparison on real data"
        if IN_CI:
            pytest.fail(missing)
        pytest.skip(missing)
    return folder
