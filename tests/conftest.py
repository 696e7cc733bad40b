"""What tests of every layer share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}

# A shared machine makes single examples slow without anything being wrong. In CI the examples are
# the same in every run, so that a red run can be repeated.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if IN_CI else "local")


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
