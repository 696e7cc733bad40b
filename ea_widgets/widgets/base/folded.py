"""A widget that stays folded, and computes nothing, until it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import Accordion, VBox

from ea_widgets.widgets.base.control import Control
from ea_widgets.widgets.base.lifecycle import send
from ea_widgets.widgets.base.traits import Flag
from ea_widgets.widgets.base.widget import EvaluationWidget, on_screen

if TYPE_CHECKING:
    from ipywidgets import Widget


class FoldedWidget(EvaluationWidget):
    """A widget behind a title that opens it."""

    opened = Flag(default_value=False)
    """Whether it is unfolded; it is computed then only. Default False."""

    title = ""
    """What stands on the fold. To be overridden."""

    def _build(self) -> tuple[Widget, ...]:
        self._content = self._build_content()
        self._inside = VBox()
        self._fold = Accordion([self._inside], selected_index=None)
        self._fold.set_title(0, self.title)
        self._folding = Control(self._fold, self._folded, of="selected_index")
        return (self._fold,)

    def unfold(self) -> None:
        """Stand without the fold: something else opens it."""
        rest = tuple(child for child in self.children if child is not self._fold)
        send(self, children=(*rest, self._inside))

    def sleep(self) -> None:
        """Fold it."""
        self.opened = self._alone

    def wake(self) -> None:
        """Open it."""
        self.opened = True

    def _build_content(self) -> VBox:
        """Make what is folded away, once. To be overridden."""
        raise NotImplementedError

    def _draw_content(self) -> None:
        """Show the choices and the answers to them. To be overridden."""
        raise NotImplementedError

    def _draw(self) -> None:
        self._folding.show(0 if self.opened else None)
        # Hidden figures would ask the browser for rectangles of negative size.
        send(self._inside, children=(self._content,) if self.opened else ())
        if self.opened:
            self._draw_content()

    @on_screen
    def _folded(self, index: int | None) -> None:
        self.opened = index is not None
