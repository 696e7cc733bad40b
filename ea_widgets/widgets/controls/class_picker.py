"""Choose classes: tick boxes with a search, usable with ten classes and with 1,203."""

from __future__ import annotations

from functools import partial
from html import escape

from ipywidgets import HTML, Box, Button, Checkbox, HBox, Text, ToggleButton, VBox
from traitlets import Tuple, observe

from ea_widgets.widgets import wording
from ea_widgets.widgets.base import Control, close_tree, send, text

ROWS_SHOWN = 60
CHIPS_SHOWN = 12
CROSS = "\N{MULTIPLICATION SIGN}"
OPEN_UP_TO = 12
NAME_LIMIT = 30


class ClassPicker(VBox):
    """Tick boxes for classes, the ticked ones as chips that a click takes away.

    Nothing ticked means that all classes count, and the picker says so.

    Parameters
    ----------
    names : tuple of str
        The classes there are.
    classes : tuple of str
        Those ticked at first.
    """

    classes = Tuple()
    """Names of the ticked classes, in the order of the data set. Default empty: all count."""

    def __init__(self, names: tuple[str, ...], classes: tuple[str, ...] = ()) -> None:
        self._names = names
        self._folding = False
        self._found: list[str] = []
        self._boxes: list[Checkbox] = []
        self._ticks: list[Control] = []
        self._summary = HTML()
        self._search = Text(
            placeholder="search classes",
            continuous_update=True,
            layout={"width": "150px"},
            tooltip=wording.SEARCH_HINT,
        )
        self._all = self._button("all", wording.ALL_HINT)
        self._none = self._button("none", wording.NONE_HINT)
        self._open = ToggleButton(
            value=len(names) <= OPEN_UP_TO, description="choose", layout={"width": "auto"},
            tooltip=wording.CLASS_LIST_HINT,
        )  # fmt: skip
        self._open.add_class("eaw-plain")
        self._chips = HBox(layout={"flex_flow": "row wrap"})
        self._list = Box(
            layout={
                "display": "none",
                "flex_flow": "row wrap",
                "max_height": "126px",
                "overflow": "auto",
                "margin": "2px 2px 4px 2px",
            }
        )
        self._list.add_class("eaw-class-list")
        self._more = HTML()
        top = Box(
            [self._summary, self._chips, self._open, self._search, self._all, self._none],
            layout={"display": "flex", "flex_flow": "row wrap", "align_items": "center"},
        )
        super().__init__([top, self._list, self._more])
        self._search.observe(self._refresh, "value")
        self._open.observe(self._refresh, "value")
        self._all.on_click(self._tick_all)
        self._none.on_click(self._tick_none)
        self.classes = classes
        self._refresh()

    @property
    def opened(self) -> bool:
        """Whether the list of classes is on screen."""
        return bool(self._open.value)

    def fold(self) -> None:
        """Take one line until a person opens the list: for a page where room is dear."""
        self._folding = True
        self._open.value = False
        self._refresh()

    def offer(self, names: tuple[str, ...]) -> None:
        """Show other classes, as another evaluation has them.

        Parameters
        ----------
        names : tuple of str
            The classes there are.
        """
        if names != self._names:
            self._names = names
            self._refresh()

    @staticmethod
    def _button(words: str, tooltip: str) -> Button:
        button = Button(description=words, tooltip=tooltip)
        button.add_class("eaw-plain")
        return button

    @observe("classes")
    def _classes_changed(self, _change: object) -> None:
        if hasattr(self, "_more"):
            self._refresh()

    def _refresh(self, _change: object = None) -> None:
        """Bring everything on screen in line with the ticks and the search."""
        sought = self._search.value.strip().casefold()
        self._found = [name for name in self._names if sought in name.casefold()]
        opened = self._open.value or bool(sought)
        send(self._list.layout, display="flex" if opened and self._found else "none")
        for tool in (self._search, self._all, self._none):
            send(tool.layout, display="none" if self._folding and not opened else None)
        # Open, the list has the whole width of the row that the picker is in.
        send(self.layout, flex=f"1 1 {'auto' if self._folding and not opened else '100%'}")
        if opened:
            self._show_boxes()
        self._show_chips(opened=opened)
        self._say(opened=opened, sought=bool(sought))

    def _show_boxes(self) -> None:
        """Label as many boxes as there are classes to show; the boxes are made once and kept."""
        shown = self._found[:ROWS_SHOWN]
        while len(self._boxes) < len(shown):
            box = Checkbox(indent=False, layout={"width": "auto", "min_width": "118px"})
            self._ticks.append(Control(box, partial(self._ticked, len(self._boxes))))
            self._boxes.append(box)
        chosen = set(self.classes)
        for tick, name in zip(self._ticks, shown, strict=False):
            words = text.as_it_is(text.elide(name, NAME_LIMIT))
            tick.show(name in chosen, description=words, tooltip=name)
        send(self._list, children=tuple(self._boxes[: len(shown)]))

    def _show_chips(self, *, opened: bool) -> None:
        """Show the ticked classes as chips where the list does not show them already."""
        listed = set(self._found[:ROWS_SHOWN]) if opened else set()
        hidden = [name for name in self.classes if name not in listed]
        wanted = hidden[:CHIPS_SHOWN]
        current = {chip.tooltip: chip for chip in self._chips.children}
        chips = []
        for name in wanted:
            chip = current.pop(f"Untick {name}", None)
            if chip is None:
                chip = Button(description=f"{text.elide(name, NAME_LIMIT)} {CROSS}")
                chip.tooltip = f"Untick {name}"
                chip.add_class("eaw-chip")
                chip.on_click(lambda _button, name=name: self._set(name, ticked=False))
            chips.append(chip)
        send(self._chips, children=tuple(chips))
        for chip in current.values():
            close_tree(chip)

    def _say(self, *, opened: bool, sought: bool) -> None:
        """Say what counts, and what the list leaves out."""
        total = text.counted(len(self._names), "class", "classes")
        if not self.classes:
            words = f"all {total}" if len(self._names) != 1 else total
        elif len(self.classes) == len(self._names):
            words = f"all {total}, each ticked"
        else:
            words = f"{len(self.classes):,} of {total}"
        listed = set(self._found[:ROWS_SHOWN]) if opened else set()
        unseen = [name for name in self.classes if name not in listed][CHIPS_SHOWN:]
        if unseen:
            words += f" (and {len(unseen):,} more than shown)"
        label = '<span class="eaw-label">Classes</span>'
        send(self._summary, value=f"{label} <b>{escape(words)}</b>&nbsp;")
        found = len(self._found)
        send(self._all, description=f"tick {found:,} found" if sought else "all")
        send(self._none, description=f"untick {found:,} found" if sought else "none")
        send(self._open, description="hide list" if self._open.value else "choose ▾")
        left = found - ROWS_SHOWN
        note = ""
        if opened and not found:
            note = wording.NO_CLASS_FOUND
        elif opened and left > 0:
            note = f"{left:,} more classes: type a part of the name to find them."
        send(self._more, value=f'<span class="eaw-muted">{note}</span>' if note else "")
        send(self._more.layout, display="block" if note else "none")

    def _ticked(self, index: int, ticked: bool) -> None:
        if index < len(self._found):  # else the search has hidden it
            self._set(self._found[index], ticked=ticked)

    def _tick_all(self, _button: object) -> None:
        self._choose({*self.classes, *self._found})

    def _tick_none(self, _button: object) -> None:
        self._choose({*self.classes} - {*self._found})

    def _set(self, name: str, *, ticked: bool) -> None:
        chosen = set(self.classes)
        (chosen.add if ticked else chosen.discard)(name)
        self._choose(chosen)

    def _choose(self, chosen: set[str]) -> None:
        self.classes = tuple(name for name in self._names if name in chosen)
