"""Named slices are the same again when they are read."""

from __future__ import annotations

import json

import numpy as np
import pytest

import ea_widgets as ea

SLICES = {
    "small": ea.where("Size", high=900),
    "small at <night>": ea.where("Size", high=900.5) & ea.where("weather", equals="night"),
    "neither": ~(ea.where("Size", 1, 2) & ~ea.where("weather", isin=["day", "Dämmerung"])),
    "numbers of numpy": ea.where("Age", isin=[np.int64(1), np.float64(2.5), np.bool_(1)]),
}


def test_slices_are_the_same_again(tmp_path):
    ea.save_slices(SLICES, tmp_path / "slices.json")
    again = ea.read_slices(tmp_path / "slices.json")
    assert again == SLICES
    assert [*again] == [*SLICES]
    assert [str(one) for one in again.values()] == [str(one) for one in SLICES.values()]
    json.loads((tmp_path / "slices.json").read_text("utf-8"))


def test_what_a_person_writes_is_read(tmp_path):
    file = tmp_path / "slices.json"
    file.write_text('\ufeff{"large": {"metric": "Size", "low": 900}}', "utf-8")
    assert ea.read_slices(str(file)) == {"large": ea.where("Size", low=900)}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "holds no object"),
        ("{", "not JSON"),
        ('{"a": 3}', "has 3 under 'a'"),
        ('{"a": {"metrik": "Size"}}', "metrik"),
        ('{"a": {"metric": "Size", "low": 3, "high": 1}}', "low"),
        ('{"": {"metric": "Size", "low": 3}}', "name"),
        ('{"a": {"metric": "x", "low": 1}, "a": {"metric": "y", "low": 1}}', "'a' twice"),
        ("\0" * 9, "not JSON"),
    ],
)
def test_what_is_no_slice_is_refused(tmp_path, text, says):
    file = tmp_path / "slices.json"
    file.write_text(text)
    with pytest.raises(ea.InvalidInputError, match=says):
        ea.read_slices(file)


def test_files_that_cannot_be_read_or_written_are_named(tmp_path):
    with pytest.raises(ea.InvalidInputError, match="cannot be read"):
        ea.read_slices(tmp_path / "none.json")
    with pytest.raises(ea.InvalidInputError, match="whose folder does not exist"):
        ea.save_slices(SLICES, tmp_path / "none" / "slices.json")
    with pytest.raises(ea.InvalidInputError, match=r"Give ea\.where"):
        ea.save_slices({"a": "Size < 3"}, tmp_path / "slices.json")
    assert not (tmp_path / "slices.json").exists()
