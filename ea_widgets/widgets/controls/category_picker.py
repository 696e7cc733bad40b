"""Choose categories of a metric: type or pick one to add it, and a chip to take it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Button, Combobox, HBox

from ea_widgets.errors import unknown_option
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import close_tree, send, text

if TYPE_CHECKING:
    from collections.abc import Callable

    Categories = frozenset[Any]

CHIPS_SHOWN, NAME_LIMIT = 8, 24
CROSS = "\N{MULTIPLICATION SIGN}"


class CategoryPicker(Box):
    """A field that offers categories, and a chip for each chosen one.

    Parameters
    ----------
    on_choose : callable
        Called with the set of chosen categories, or () for none.
    guard : callable
        Makes a handler show what it raises.
    """

    def __init__(
        self, on_choose: Callable[[Categories | tuple[()]], None], guard: Callable[..., Any]
    ) -> None:
        self._on_choose = on_choose
        self._names: tuple[Any, ...] = ()
        self._chosen: Categories = frozenset()
        self._field = Combobox(
            placeholder="add a category", continuous_update=False, layout={"width": "170px"},
            tooltip=wording.CATEGORY_HINT,
        )  # fmt: skip
        self._field.observe(guard(self._typed), "value")
        self._chips = HBox(layout={"flex_flow": "row wrap", "align_items": "center"})
        self._more = HTML()
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        super().__init__([self._field, self._chips, self._more], layout=row)

    def show(self, names: tuple[Any, ...], chosen: Categories) -> None:
        """Offer categories, and show which are chosen.

        Parameters
        ----------
        names : tuple
            Those there are.
        chosen : frozenset
        """
        if names != self._names:
            self._names = names
            send(self._field, options=tuple(str(name) for name in names), value="")
        if chosen == self._chosen:
            return
        self._chosen = chosen
        ordered = [name for name in names if name in chosen]
        ordered += sorted(chosen.difference(names), key=str)
        old = self._chips.children
        send(self._chips, children=tuple(map(self._chip, ordered[:CHIPS_SHOWN])))
        for chip in old:
            close_tree(chip)
        left = len(ordered) - CHIPS_SHOWN
        words = f'<span class="eaw-muted">and {left:,} more</span>' if left > 0 else ""
        send(self._more, value=words)

    def _chip(self, name: Any) -> Button:
        written = str(name)
        chip = Button(
            description=f"{text.elide(written, NAME_LIMIT)} {CROSS}",
            tooltip=f"Take out {written}",
        )
        chip.add_class("eaw-chip")
        chip.on_click(lambda _button: self._choose(self._chosen - {name}))
        return chip

    def _choose(self, chosen: Categories) -> None:
        self._on_choose(chosen or ())

    def _typed(self, change: Any) -> None:
        """Add what is typed, and make room for the next."""
        wanted = str(change["new"]).strip()
        if not wanted:
            return
        send(self._field, value="")
        known = {str(name): name for name in reversed(self._names)}
        if wanted not in known:
            raise unknown_option("category", wanted, list(known)[::-1])
        self._choose(self._chosen | {known[wanted]})
