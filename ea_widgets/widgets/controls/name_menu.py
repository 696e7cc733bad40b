"""A menu of names whose first entry is `none of them`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import Dropdown

from ea_widgets.widgets.base import Control

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NOTHING = ""
"""Value of the first entry. ipywidgets takes None for `nothing selected`, and shows a blank."""


class NameMenu(Dropdown):
    """A dropdown of names, or none.

    Parameters
    ----------
    nothing : str
        What the first entry says.
    on_pick : callable
        Given the name that a person picks, or None for the first entry.
    **options : object
        Traits of the dropdown.
    """

    def __init__(self, nothing: str, on_pick: Callable[[str | None], None], **options: Any) -> None:
        self._nothing = nothing
        super().__init__(options=[(nothing, NOTHING)], **options)
        self._control = Control(self, lambda name: on_pick(name or None))

    def show(self, entries: Iterable[tuple[str, str]], name: str | None) -> None:
        """Offer names, and show which is chosen; nobody is told.

        Parameters
        ----------
        entries : iterable of (str, str)
            What an entry says, and the name behind it.
        name : str or None
            The chosen one.
        """
        self._control.show(name or NOTHING, options=((self._nothing, NOTHING), *entries))
