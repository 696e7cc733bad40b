"""A menu of names whose first entry is `none of them`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import Dropdown

from ea_widgets.widgets.base.lifecycle import set_quietly

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
        self._on_pick = on_pick
        super().__init__(options=[(nothing, NOTHING)], **options)
        self.observe(self._picked, "value")

    def show(self, entries: Iterable[tuple[str, str]], name: str | None) -> None:
        """Offer names, and show which is chosen; nobody is told.

        Parameters
        ----------
        entries : iterable of (str, str)
            What an entry says, and the name behind it.
        name : str or None
            The chosen one.
        """
        options = ((self._nothing, NOTHING), *entries)
        set_quietly(self, "value", self._picked, options=options, value=name or NOTHING)

    def _picked(self, change: Any) -> None:
        self._on_pick(change["new"] or None)
