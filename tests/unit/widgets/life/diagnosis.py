"""What ought to be on the panels that take errors apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import ea_widgets as ea
from ea_widgets.analysis.ranges.finder import is_apart
from ea_widgets.widgets.base import text
from ea_widgets.widgets.diagnosis.confusion_panel import PAIRS
from ea_widgets.widgets.diagnosis.pairs_panel import SHOWN
from tests.unit.widgets.life.data import SLICES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.testing import Shown
    from tests.unit.widgets.life.data import Oracle


def _frame(got: pd.DataFrame, want: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(got, want, check_exact=True)


def _view(oracle: Oracle, query: dict[str, Any]) -> Any:
    return oracle.evaluation.at(**query)


def _check_confusion(widget: Any, oracle: Oracle, _shown: Shown, query: dict[str, Any]) -> None:
    view = _view(oracle, query)
    share = None if widget.normalize == "count" else widget.normalize
    _frame(widget.matrix, view.confusion(share))
    _frame(widget.pairs, view.confused_pairs(PAIRS))
    if widget.cell is not None:
        assert widget.found.total == view.confused_objects(*widget.cell).total


def _check_points(widget: Any, oracle: Oracle, shown: Shown, query: dict[str, Any]) -> None:
    if widget.points is None or shown.waiting:
        assert shown.waiting
        return
    points = _view(oracle, {**query, "confidence_threshold": None}).operating_points()
    _frame(widget.points.table, points.table)
    best = [line.x.tolist() for line in (widget._best,)]
    assert best == [[] if np.isnan(points.threshold) else [points.threshold] * 2]


def _check_calibration(widget: Any, oracle: Oracle, shown: Shown, query: dict[str, Any]) -> None:
    if widget.calibration is None or shown.waiting:
        assert shown.waiting
        return
    want = _view(oracle, query).calibration()
    _frame(widget.calibration.bins, want.bins)
    _frame(widget.calibration.per_class, want.per_class)
    assert widget.line.x.tolist() == want.bins["confidence"].tolist()
    assert f"{want.error:.3f}" in widget._words.value or np.isnan(want.error)


def _check_kinds(widget: Any, oracle: Oracle, shown: Shown, query: dict[str, Any]) -> None:
    reasons = _view(oracle, query).reasons(gain=True)
    columns = ["reason", "count", "share", *([] if shown.waiting else ["gain", "gain_per_100"])]
    for of, table in (("predictions", reasons.predictions), ("labels", reasons.labels)):
        got = widget.kinds[widget.kinds["of"] == of].set_index("reason")[columns[1:]]
        want = table.set_index("reason")[columns[1:]]
        pd.testing.assert_frame_equal(got.loc[want.index], want, check_exact=True)


def _check_coco(widget: Any, oracle: Oracle, _shown: Shown, query: dict[str, Any]) -> None:
    of = {name: query[name] for name in ("classes", "where")}
    np.testing.assert_equal(widget.numbers, _view(oracle, of).coco_summary())


def _check_images(widget: Any, oracle: Oracle, _shown: Shown, query: dict[str, Any]) -> None:
    view = _view(oracle, query)
    order = widget.sort_by if widget.sort_by in {"f1", "errors", "dataset"} else "f1"
    table = view.per_image(order)
    if order != widget.sort_by:
        table = table.sort_values(widget.sort_by, ascending=False, kind="stable")
    _frame(widget.table, table)


def _check_errors(widget: Any, oracle: Oracle, shown: Shown, query: dict[str, Any]) -> None:
    if widget.suspects is None or shown.waiting:
        assert shown.waiting
        return
    every = {**query, "confidence_threshold": None}  # predictions of any confidence speak
    want = _view(oracle, every).label_errors(widget.kind)
    assert widget.suspects["score"].tolist() == want["score"].tolist()


def _first(table: pd.DataFrame, *but: str | None) -> str | None:
    """Take the first metric of a ranking that is a property of the data."""
    return next((name for name in table.index if name not in but and not is_apart(name)), None)


def _is_pale(widget: Any) -> bool:
    return "eaw-waiting" in widget._dom_classes


def _check_chips(widget: Any) -> None:
    """There is a chip for each condition of the filter."""
    parts = () if widget.where is None else widget.where.parts
    assert len(widget._chips.children) - 1 == len(parts)
    assert (widget._chips.layout.display != "none") == bool(parts)


def _check_pairs(widget: Any, oracle: Oracle, _shown: Shown, query: dict[str, Any]) -> None:
    _check_chips(widget)
    view, outcome = _view(oracle, query), widget.outcome
    if not _is_pale(widget._chart):
        x = widget.metric_x or _first(view.importance(outcome), widget.metric_y)
        y = widget.metric_y
        if x is not None and y is None:
            y = _first(view.importance(outcome, given=x), x)
        if x is None or y is None:
            assert widget.cells is None
            assert widget._chart.children == ()
        else:
            cells = view.grid(x, y, outcome=outcome)
            _frame(widget.cells, cells)
            if widget._chart.children:
                drawn = widget._map.cells.color
                assert sorted(drawn[~np.isnan(drawn)]) == sorted(cells["rate"])
            else:
                assert cells.empty
    if not _is_pale(widget._list):
        table = view.worst_slices(SHOWN, outcome=outcome)
        _frame(widget.slices, table)
        said = [button.description for button in widget._list.children]
        assert said == [text.elide(sentence, 480) for sentence in table["sentence"]]


def _check_slices(widget: Any, oracle: Oracle, _shown: Shown, query: dict[str, Any]) -> None:
    _check_chips(widget)
    assert widget._keep.disabled == (widget.where is None)
    asked = {**query, "where": None}
    known = {name: one for name, one in widget.slices.items() if _knows(oracle, one)}
    rows = [row.children[0] for row in widget._list.children]
    assert [button.description for button in rows] == list(widget.slices)
    assert [button.disabled for button in rows] == [name not in known for name in widget.slices]
    if not _is_pale(widget._table):
        _frame(widget.table, _view(oracle, asked).slices(known, settled=True))
        assert all(name in widget._table.value for name in known)


def _knows(oracle: Oracle, condition: Any) -> bool:
    try:
        oracle.evaluation.at(where=condition)
    except ea.InvalidInputError:
        return False
    return True


def _if_opened(check: Callable[..., None]) -> Callable[..., None]:
    """Nothing is computed of what nobody sees."""

    def run(widget: Any, *question: Any) -> None:
        if widget.opened:
            check(widget, *question)

    return run


CHECKS = {
    kind: _if_opened(check)
    for kind, check in {
        ea.Confusion: _check_confusion,
        ea.OperatingPoint: _check_points,
        ea.Reliability: _check_calibration,
        ea.ErrorKinds: _check_kinds,
        ea.CocoTable: _check_coco,
        ea.ImageTable: _check_images,
        ea.LabelErrors: _check_errors,
        ea.Pairs: _check_pairs,
        ea.Slices: _check_slices,
    }.items()
}

SCENES = {kind.__name__: ((kind, {"opened": True}),) for kind in CHECKS}

NAMED = {"small": SLICES[0], "dark": SLICES[1], "old": SLICES[3]}
APPLIES = tuple(f"Make {name} the filter" for name in NAMED)
CHIPS = ("Remove the filter Size 0.2 to 0.7", "Remove the filter Brightness (F) ≤ 0.6")
PAIR = "Make this pair a filter"
BEST = "Leave out predictions below the best threshold"
PERSON = {
    ea.Confusion: ("CSV", "Look at these objects"),
    ea.OperatingPoint: ("CSV", BEST, "use one by class", "JSON", "numpy"),
    ea.Reliability: ("CSV",),
    ea.ErrorKinds: ("CSV", "Look at these errors"),
    ea.CocoTable: ("CSV",),
    ea.ImageTable: ("CSV", "next ▸", "◂ before", "Show the whole image"),
    ea.LabelErrors: ("CSV",),
    ea.Pairs: ("CSV", PAIR, *CHIPS),
    ea.Slices: ("CSV", "JSON", "keep", "delete", *APPLIES, *CHIPS),
}
PRESSES = {
    "Look at these objects": set(),
    BEST: {"confidence_threshold"},
    "use one by class": {"confidence_threshold"},
    "JSON": set(),
    "numpy": set(),
    "Look at these errors": set(),
    "Show the whole image": set(),
    PAIR: {"where"},
    "keep": {"slices"},
    "delete": {"slices"},
    **{name: {"where"} for name in (*APPLIES, *CHIPS)},
}
OWN_CHOICES = {
    ea.ErrorKinds: {"sort_by": ("gain", "gain_per_100", "count")},
    ea.ImageTable: {"sort_by": ("f1", "errors", "fp", "fn", "dataset")},
    ea.LabelErrors: {"kind": ("missing", "wrong class", "duplicate", "not an object")},
}

OTHER_FIELDS = {ea.CocoTable: {"iou_threshold"}}
"""Traits whose name stands before a field of something else."""
