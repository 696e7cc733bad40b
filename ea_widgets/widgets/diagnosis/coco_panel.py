"""COCO's numbers, and the same on a grid of one's own: areas, IoU thresholds, detections."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd
from ipywidgets import HTML, HBox, Text, VBox
from traitlets import Any as AnyTrait

from ea_widgets.analysis.scores.coco_grid import COCO_GRID, CocoGrid, check_grid
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.base import Choice, Control, FoldedWidget, send, text
from ea_widgets.widgets.controls import Export

if TYPE_CHECKING:
    from collections.abc import Callable

FIELDS = {
    "area_ranges": ("areas in px²", "tiny 0-256, small 256-1024", "320px"),
    "iou_thresholds": ("IoU", "0.5:0.95:0.05, or 0.3, 0.5", "200px"),
    "max_detections": ("detections", "1, 10, 100", "140px"),
}
"""Trait, what stands before its field and in it while it is empty, and the field's width."""

HINT = (
    "Of the chosen classes and the filter, of predictions of any confidence. An empty field takes "
    "what COCO takes. AP and AR: mean over the IoU thresholds; AR10: of the 10 surest per image "
    "and class."
)


class Grid(Choice):
    """One axis of the grid, as ``coco_summary`` takes it; None for COCO's own."""

    def validate(self, _obj: Any, value: Any) -> Any:
        """Refuse what is no such axis."""
        if value is not None:
            check_grid(**{str(self.name): value})
        return value


class CocoTable(FoldedWidget):
    """COCO's numbers on any grid; folded until it is opened.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later.
    **choices : object
        Initial values of the traits: ``classes``, ``where``, ``area_ranges``,
        ``iou_thresholds``, ``max_detections``, ``opened``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    title = "COCO: its numbers, and grids of your own"

    area_ranges = Grid(None, allow_none=True)
    """Closed ranges of area in square pixels by name, ``{"tiny": (0, 256)}``. Default None:
    COCO's small, medium and large."""

    iou_thresholds = Grid(None, allow_none=True)
    """What AP and AR are averaged over. Default None: .50, .55, ... .95."""

    max_detections = Grid(None, allow_none=True)
    """Predictions evaluated per image and class. Default None: 1, 10 and 100."""

    numbers = AnyTrait(None, read_only=True)
    """The numbers on screen, as `View.coco_summary` gives them; None until then. Read only."""

    def _build_content(self) -> VBox:
        self._spelt: dict[str, tuple[Any, str]] = {}  # what a person typed, with what it means
        self._fields = {
            trait: Control(
                Text(placeholder=placeholder, continuous_update=False, layout={"width": width},
                     tooltip=words),
                self.guard(self._typed(trait)),
            )
            for trait, (words, placeholder, width) in FIELDS.items()
        }  # fmt: skip
        label = '<span class="eaw-label">{}</span>'
        labels = (HTML(label.format(words)) for words, *_ in FIELDS.values())
        pairs = zip(labels, self._fields.values(), strict=True)
        row = {"flex_flow": "row wrap", "align_items": "center"}
        fields = HBox([part for name, one in pairs for part in (name, one.widget)], layout=row)
        self._table = HTML()
        hint = HTML(f'<div class="eaw-muted">{HINT}</div>')
        self._save = Export({}, "coco", self._file, self._task, self.guard)
        return VBox([fields, self._table, hint, self._save])

    def _typed(self, trait: str) -> Callable[[str], None]:
        def choose(written: str) -> None:
            value = READ[trait](written)
            self._spelt[trait] = (value, written)
            setattr(self, trait, value)

        return choose

    def _file(self) -> pd.DataFrame | None:
        return None if self.numbers is None else pd.Series(self.numbers, name="value").to_frame()

    def _draw_content(self) -> None:
        given = {name: getattr(self, name) for name in FIELDS}
        own = {name: value for name, value in given.items() if value is not None}
        asked = (self.evaluation, self.classes, self.where)
        if self._memo.changed("numbers", *asked, *given.values()):
            for name, field in self._fields.items():
                value, written = self._spelt.get(name, (None, ""))
                as_typed = name in own and own[name] == value
                field.show(written if as_typed else WRITTEN[name](own[name]) if name in own else "")
            numbers = self.evaluation.at(classes=self.classes, where=self.where).coco_summary(**own)
            self.set_trait("numbers", numbers)
            self._save.forget()
            send(self._table, value=table_html(numbers, check_grid(**own) if own else COCO_GRID))


def table_html(numbers: dict[str, float], grid: CocoGrid) -> str:
    """Write the numbers, with what each is of, as HTML.

    Parameters
    ----------
    numbers : dict of str to float
        As ``View.coco_summary`` gives them.
    grid : CocoGrid
        That they are of.

    Returns
    -------
    str
        All text from data is escaped.
    """
    ends = {name: (low, high) for name, low, high in grid.area_ranges}
    sizes = dict(zip(grid.sizes, grid.names[1 + len(grid.single_thresholds) :], strict=False))
    areas = {short[2:]: name for name, short in sizes.items()}
    first, last = grid.iou_thresholds[0], grid.iou_thresholds[-1]
    mean = f"IoU {first:.2f}" if first == last else f"IoU {first:.2f} to {last:.2f}"
    rows = []
    for name, value in numbers.items():
        size = areas.get(name[2:])
        area = "all areas" if size is None else f"{size}: {_area(*ends[size])}"
        iou = f"IoU 0.{name[2:]}" if name in {"AP50", "AP75"} else mean
        limit = name[2:] if name.startswith("AR") and size is None else grid.max_detections[-1]
        values = (name, text.rate(value), iou, area, f"{limit} detections")
        rows.append("<tr>" + "".join(f"<td>{escape(str(one))}</td>" for one in values) + "</tr>")
    return (
        f'<div class="eaw-scroll"><table class="eaw-objects"><tbody>{"".join(rows)}</tbody>'
        "</table></div>"
    )


def _area(low: float, high: float) -> str:
    return f"from {low:,.0f} px²" if high >= 1e10 else f"{low:,.0f} to {high:,.0f} px²"


def read_areas(written: str) -> dict[str, tuple[float | None, float | None]] | None:
    """Read ranges of area.

    Examples
    --------
    >>> read_areas("tiny 0-256, large 9216-"), read_areas(" ")
    ({'tiny': (0.0, 256.0), 'large': (9216.0, None)}, None)
    """
    found: dict[str, tuple[float | None, float | None]] = {}
    for part in filter(None, map(str.strip, written.split(","))):
        name, _, ends = part.rpartition(" ")
        low, dash, high = ends.partition("-")
        if not (name and dash):
            raise InvalidInputError(
                "area_ranges", f"has {part!r}", "Write a name and a range: tiny 0-256."
            )
        found[name.strip(": ")] = (_number("area_ranges", low), _number("area_ranges", high))
    return found or None


def read_thresholds(written: str) -> tuple[float, ...] | None:
    """Read IoU thresholds: a list, or first:last:step.

    Examples
    --------
    >>> read_thresholds("0.3, 0.5"), read_thresholds("0.5:0.6:0.05"), read_thresholds("")
    ((0.3, 0.5), (0.5, 0.55, 0.6), None)
    """
    parts = written.split(":")
    if len(parts) == 3:
        first, last, step = (_number("iou_thresholds", part) or 0.0 for part in parts)
        if not step > 0 or (last - first) / step > 1_000:
            raise InvalidInputError(
                "iou_thresholds", f"is {written!r}", "Write first:last:step, such as 0.5:0.95:0.05."
            )
        count = int((last - first) / step + 1e-9) + 1
        return tuple(round(first + step * n, 12) for n in range(max(count, 0))) or None
    numbers = [_number("iou_thresholds", part) for part in written.split(",")]
    return tuple(number for number in numbers if number is not None) or None


def read_limits(written: str) -> tuple[int, ...] | None:
    """Read numbers of detections.

    Examples
    --------
    >>> read_limits("1, 10,100"), read_limits("")
    ((1, 10, 100), None)
    """
    numbers = [_number("max_detections", part) for part in written.split(",")]
    return tuple(int(n) if n.is_integer() else n for n in numbers if n is not None) or None  # type: ignore[misc]  # what is no whole number is refused later


def _number(field: str, written: str) -> float | None:
    """Read a number; None where nothing is written."""
    if not written.strip():
        return None
    try:
        return float(written)
    except ValueError:
        raise InvalidInputError(field, f"has {written.strip()!r}", "Write a number.") from None


READ: dict[str, Callable[[str], Any]] = {
    "area_ranges": read_areas,
    "iou_thresholds": read_thresholds,
    "max_detections": read_limits,
}

WRITTEN: dict[str, Callable[[Any], str]] = {
    "area_ranges": lambda ranges: ", ".join(
        f"{name} {'-'.join('' if end is None else f'{end:g}' for end in ends)}"
        for name, ends in ranges.items()
    ),
    "iou_thresholds": lambda values: ", ".join(f"{value:g}" for value in values),
    "max_detections": lambda values: ", ".join(map(str, values)),
}
"""How each is written in its field."""
