"""Tick boxes that stay usable with 80 and with 1,203 classes."""

from __future__ import annotations

import pytest

from ea_widgets.widgets.controls.class_picker import CHIPS_SHOWN, CROSS, ROWS_SHOWN, ClassPicker
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from tests.unit.widgets.conftest import make_evaluation

MANY = tuple(f"class {i:04d}" for i in range(1203))


def shown(picker):
    return [box.description for box in picker._list.children]


def chips(picker):
    return [chip.description for chip in picker._chips.children]


def test_few_classes_are_all_listed_at_once():
    picker = ClassPicker(("cat", "dog"))
    assert shown(picker) == ["cat", "dog"]
    assert "all 2 classes" in picker._summary.value
    assert picker._more.value == ""


def test_a_folded_picker_takes_one_line_until_it_is_opened():
    picker = ClassPicker(("cat", "dog"))
    picker.fold()
    tools = (picker._list, picker._search, picker._all, picker._none)
    assert [tool.layout.display for tool in tools] == ["none"] * 4
    assert picker.layout.flex == "1 1 auto"
    assert "all 2 classes" in picker._summary.value
    picker._open.set_state({"value": True})
    assert [tool.layout.display for tool in tools] == ["flex", None, None, None]
    assert picker.layout.flex == "1 1 100%"
    assert shown(picker) == ["cat", "dog"]


def test_ticks_come_in_the_order_of_the_data():
    picker = ClassPicker(("cat", "dog", "owl"))
    picker._list.children[2].set_state({"value": True})
    picker._list.children[0].set_state({"value": True})
    assert picker.classes == ("cat", "owl")
    assert "2 of 3 classes" in picker._summary.value
    picker._list.children[2].set_state({"value": False})
    assert picker.classes == ("cat",)


def test_all_and_none():
    picker = ClassPicker(("cat", "dog"))
    picker._all.click()
    assert picker.classes == ("cat", "dog")
    assert [box.value for box in picker._list.children] == [True, True]
    picker._none.click()
    assert picker.classes == ()
    assert [box.value for box in picker._list.children] == [False, False]


def test_many_classes_fold_and_the_search_unfolds_them():
    picker = ClassPicker(MANY)
    assert picker._list.layout.display == "none"
    assert picker._boxes == []
    picker._search.set_state({"value": "110"})
    assert shown(picker) == [name for name in MANY if "110" in name]
    assert picker._list.layout.display == "flex"
    picker._list.children[1].set_state({"value": True})
    assert picker.classes == ("class 1100",)
    picker._search.set_state({"value": ""})
    assert picker._list.layout.display == "none"
    assert chips(picker) == [f"class 1100 {CROSS}"]


def test_many_classes_never_make_more_boxes_than_a_page():
    picker = ClassPicker(MANY)
    picker._open.set_state({"value": True})
    assert len(shown(picker)) == len(picker._boxes) == ROWS_SHOWN
    assert f"{1203 - ROWS_SHOWN:,} more classes" in picker._more.value
    picker._search.set_state({"value": "zebra"})
    assert "No class has that in its name." in picker._more.value


def test_all_and_none_work_on_what_was_found():
    picker = ClassPicker(MANY, ("class 0001",))
    picker._search.set_state({"value": "120"})
    assert picker._all.description == "tick 5 found"  # 0120, 1120, 1200, 1201, 1202
    picker._all.click()
    expected = tuple(name for name in MANY if "120" in name)
    assert picker.classes == ("class 0001", *expected)
    picker._none.click()
    assert picker.classes == ("class 0001",)


def test_chips_take_a_class_away_and_stay_few():
    picker = ClassPicker(MANY)
    picker._all.click()
    assert picker.classes == MANY
    assert len(chips(picker)) == CHIPS_SHOWN
    assert f"and {1203 - CHIPS_SHOWN:,} more than shown" in picker._summary.value
    picker._chips.children[0].click()
    assert picker.classes == MANY[1:]
    assert chips(picker)[0] == f"class 0001 {CROSS}"


def test_search_ignores_case_and_spaces():
    picker = ClassPicker(("Traffic light", "stop sign"))
    picker._search.set_state({"value": " LIGHT "})
    assert shown(picker) == ["Traffic light"]


def test_other_classes_can_be_offered():
    picker = ClassPicker(("cat", "dog"), ("dog",))
    picker.offer(("ant", "cat"))
    picker.classes = ("cat",)
    assert shown(picker) == ["ant", "cat"]
    assert [box.value for box in picker._list.children] == [False, True]


@pytest.mark.parametrize("count", [80, 1203])
def test_a_panel_of_many_classes(count):
    panel = ImportancePanel(make_evaluation(classes=MANY[:count], n_images=200))
    assert f"all {count:,} classes" in panel._picker._summary.value
    panel._picker._search.set_state({"value": "0042"})
    panel._picker._list.children[0].set_state({"value": True})
    assert panel.classes == ("class 0042",)
    assert panel.scores.per_class.index.tolist() == ["class 0042"]


def test_names_are_no_formulas():
    picker = ClassPicker(("$\\href{//evil.invalid}{cat}$", "\\(x^2\\)", "from $5 to $10"))
    for box, name in zip(picker._list.children, picker._names, strict=True):
        assert box.tooltip == name
        said = box.description
        assert "$" not in said.replace("\\$", "")
        assert not any(f"\\{begin}" in said for begin in "([hb")
