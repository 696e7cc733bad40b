"""What tests of every layer share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from _pytest.doctest import DoctestModule
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[1]
IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}

EA_TESTS = os.environ.get("EA_TESTS", "usual")
"""`make test-all` says "all": more examples and more seeds than a change can wait for.

`make test-lowest` says "few": whether the calls exist, after `make test` has looked for what fails.
"""


EVERYTHING = EA_TESTS == "all"


def usual_or_all(usual: T, everything: T) -> T:
    """Seeds or cases of `make test`, or those of `make test-all`."""
    return everything if EVERYTHING else usual


# A shared machine makes single examples slow without anything being wrong. In CI the examples are
# the same in every run, so that a red run can be repeated.
EXAMPLES = {"few": 4, "usual": 20, "all": 500}
settings.register_profile(
    "ea_widgets",
    deadline=None,
    max_examples=EXAMPLES[EA_TESTS],
    derandomize=IN_CI and EA_TESTS != "all",
    print_blob=IN_CI or EA_TESTS == "all",
)
settings.load_profile("ea_widgets")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Keep a file in one process, and the browser tests in one, with one JupyterLab for all."""

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return "tests/browser" if path.startswith("tests/browser/") else path

    return ByFile(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Iterator[None]:
    """Look for examples in the docstrings of the package only: the tests have none."""
    found = yield
    return [one for one in found if not isinstance(one, DoctestModule)]


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
