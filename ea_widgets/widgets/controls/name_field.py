"""A field to choose a name in: it offers all, finds by any part, and keeps what is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import Combobox

from ea_widgets.errors import unknown_option
from ea_widgets.widgets.base import send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class NameField(Combobox):
    """A text field that offers names, or none of them.

    What is chosen stands in it as its placeholder: so a click offers all names, and what is typed
    need not be deleted first. Not a menu: one that has the focus passes keys on to the notebook.

    Parameters
    ----------
    nothing : str
        What none of them is called.
    on_pick : callable
        Given the name that a person picks, or None.
    guard : callable
        Makes a handler show what it raises.
    **options : object
        Traits of the field; `description` is its name.

    Attributes
    ----------
    chosen : str or None
        The name that is chosen.
    """

    def __init__(
        self,
        nothing: str,
        on_pick: Callable[[str | None], None],
        guard: Callable[..., Any],
        **options: Any,
    ) -> None:
        self._nothing = nothing
        self._on_pick = on_pick
        self._names: dict[str, str | None] = {nothing: None}
        self.chosen: str | None = None
        style = {"description_width": "auto"}
        super().__init__(
            placeholder=nothing, options=(nothing,), continuous_update=False, style=style, **options
        )
        self.add_class("eaw-name")
        self.observe(guard(self._typed), "value")

    def show(self, entries: Iterable[tuple[str, str]], name: str | None) -> None:
        """Offer names, and show which is chosen; nobody is told.

        Parameters
        ----------
        entries : iterable of (str, str)
            What an entry says, and the name behind it.
        name : str or None
            The chosen one.
        """
        self._names = {self._nothing: None, **dict(entries)}
        self.chosen = name
        send(self, options=tuple(self._names), placeholder=self.words_of(name), value="")

    def words_of(self, name: str | None) -> str:
        """Say what the entry of a name says."""
        return next((words for words, known in self._names.items() if known == name), str(name))

    def _typed(self, change: Any) -> None:
        """Choose what is typed, and make room for the next."""
        wanted = str(change["new"]).strip()
        if not wanted:
            return
        send(self, value="")
        found = [words for words in self._names if wanted.casefold() in words.casefold()]
        if wanted not in self._names and len(found) != 1:
            raise unknown_option(self.description.lower(), wanted, found or list(self._names))
        self._on_pick(self._names[wanted if wanted in self._names else found[0]])
