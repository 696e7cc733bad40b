"""Displayed names of metrics, and that nothing else takes them apart."""

from __future__ import annotations

import copy
import pickle
import re

import pytest

from ea_widgets.data.catalogue.names import MetricName
from tests.conftest import ROOT

SURGERY = re.compile(
    r"""rpartition\("[ ]\("\) | \[:-4\] | endswith\([^)]*"[ ]\([FOP]\)"
    | \w\}[ ]\((?:[FOP]|\{[^}]*(?:level|letter|'PO')[^}]*\})\) | \+[ ]"[ ]\(" """,
    re.VERBOSE,
)
TABLE = re.compile(r"""^\s*("F":|"images": "F")|\{"F":|^LEVELS\b""")


@pytest.mark.parametrize(
    ("text", "name", "level"),
    [
        ("Blur (F)", "Blur", "F"),
        ("Blur (O)", "Blur", "O"),
        ("Area (old) (P)", "Area (old)", "P"),
        ("Blur", "Blur", ""),
        ("Blur (Q)", "Blur (Q)", ""),
        ("Blur (F", "Blur (F", ""),
        (" (F)", "", "F"),
        ("", "", ""),
    ],
)
def test_a_displayed_name_is_taken_apart_and_put_together_again(text, name, level):
    parsed = MetricName.parse(text)
    assert (parsed, parsed.name, parsed.level, parsed.parts) == (text, name, level, (name, level))
    assert MetricName(name, level) == text
    assert hash(parsed) == hash(text)


def pickled(value):
    return pickle.loads(pickle.dumps(value))  # noqa: S301  # what we have just written


@pytest.mark.parametrize("copied", [copy.deepcopy, pickled])
def test_copies_know_their_parts(copied):
    other = copied(MetricName("Blur", "P"))
    assert type(other) is MetricName
    assert (other, other.parts) == ("Blur (P)", ("Blur", "P"))


def test_only_names_py_knows_how_levels_are_shown():
    home = ROOT / "ea_widgets" / "data" / "catalogue" / "names.py"
    found = {
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "ea_widgets").rglob("*.py")
        if path != home
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (SURGERY.search(line) or TABLE.search(line)) and ">>>" not in line
    }
    assert found == set()
