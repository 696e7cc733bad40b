"""Slices with names on the page: kept, applied, deleted, and read from and written to JSON."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.testing import front_end
from ea_widgets.testing.messages import send_state
from tests.unit.widgets.conftest import SCRIPT, every_html, make_evaluation

SMALL, DARK = ea.where("Size", high=2000.0), ea.where("Brightness (F)", high=0.5)


@pytest.fixture(scope="module")
def evaluation():
    return make_evaluation(n_images=50)


@pytest.fixture
def panel(evaluation):
    widget = ea.Slices(evaluation, opened=True)
    yield widget
    widget.close()


def upload(panel, content):
    file = {"name": "slices.json", "type": "application/json", "size": len(content),
            "content": memoryview(content.encode()), "last_modified": 0}  # fmt: skip
    send_state(panel._upload, value=[file])


def test_the_table_is_that_of_the_view_with_intervals_whatever_the_filter(panel, evaluation):
    panel.slices = {"small": SMALL, SCRIPT: SMALL & DARK}
    for choices in ({}, {"iou_threshold": 0.6, "where": DARK}, {"confidence_threshold": 0.3}):
        for name, value in choices.items():
            setattr(panel, name, value)
        view = evaluation.at(panel.iou_threshold, panel.confidence_threshold)
        want = view.slices(panel.slices, settled=True)
        pd.testing.assert_frame_equal(panel.table, want)
    low, high = want.iloc[0][[f"mean_average_precision_{end}" for end in ("low", "high")]]
    assert f"({low:.3f} to {high:.3f})" in panel._table.value
    assert all("<script" not in html for html in every_html(panel))


def test_a_filter_is_kept_under_a_name_applied_and_deleted(panel):
    person = front_end(panel)
    with pytest.raises(ea.InvalidInputError):
        person.press("keep")  # there is no filter
    panel.where = SMALL & DARK
    person.type("name of this filter", " night and small ")
    person.press("keep")
    assert panel.slices == {"night and small": SMALL & DARK}
    panel.where = DARK
    person.press("keep")  # without a name: what it says
    assert list(panel.slices.values()) == [SMALL & DARK, DARK]
    assert "Brightness" in list(panel.slices)[1]
    panel.where = None
    person.press("night and small")
    assert panel.where == SMALL & DARK
    person.press("delete")
    assert list(panel.slices.values()) == [DARK]
    assert panel.where == SMALL & DARK  # the filter stays


def test_slices_go_to_json_and_come_back(panel, evaluation, tmp_path):
    panel.slices = {"small": SMALL, "both": SMALL & ~DARK}
    person = front_end(panel)
    person.press("JSON")
    content = person.shown().files["slices.json"]
    (tmp_path / "slices.json").write_text(content)
    assert ea.read_slices(tmp_path / "slices.json") == panel.slices
    other = ea.Slices(evaluation, opened=True, slices={"small": DARK, "dark": DARK})
    upload(other, content)
    assert other.slices == {"small": SMALL, "dark": DARK, "both": SMALL & ~DARK}
    assert other._message.value == ""
    upload(other, '{"small": 3}')
    assert "slices" in other._message.value
    assert len(other.slices) == 3
    other.close()


def test_slices_that_the_data_do_not_have_stay_without_numbers(panel, evaluation):
    odd = ea.where("Altitude", low=3)
    panel.slices = {"high": odd, "small": SMALL}
    assert panel.table.index.tolist() == ["small"]
    assert any("do not have it" in html for html in every_html(panel))
    with pytest.raises(ea.InvalidInputError):
        front_end(panel).press("high")
    panel.evaluation = make_evaluation(metrics=False)
    assert len(panel.table) == 0
    panel.evaluation = evaluation
    assert panel.table.index.tolist() == ["small"]
    assert set(json.loads(front_end_json(panel))) == {"high", "small"}


def front_end_json(panel):
    person = front_end(panel)
    person.press("JSON")
    return person.shown().files["slices.json"]


@pytest.mark.parametrize("value", [{"a": 3}, {"": SMALL}, ["small"], None])
def test_what_are_no_slices_is_refused(panel, value):
    with pytest.raises(ea.InvalidInputError):
        panel.slices = value
    assert panel.slices == {}
