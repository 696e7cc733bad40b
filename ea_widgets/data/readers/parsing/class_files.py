"""What numbers of classes mean, by what a user says or by a file beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ea_widgets.data.readers.parsing.folders import find_names

if TYPE_CHECKING:
    from ea_widgets.data.readers.opening import Given


def categories_beside(
    given: Given, found: list[tuple[Any, str]] | None = None
) -> list[tuple[Any, str]] | None:
    """Give numbers and names of classes.

    Parameters
    ----------
    given : Given
        Its option ``names`` outweighs all else.
    found : list of (id, name), optional
        What the format's own file says. Default: a file of names beside what was given.

    Returns
    -------
    list of (id, name), or None
    """
    names = (given.options or {}).get("names")
    if names is None and found is None and given.path is not None:
        names = find_names(given.path)
    return found if names is None else list(enumerate(map(str, names)))
