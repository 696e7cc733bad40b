"""What numbers of classes mean, as users give it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ea_widgets.errors import InvalidInputError, shown


def listed(classes: Any) -> list[tuple[Any, Any]] | None:
    """Give number and name of each class.

    Parameters
    ----------
    classes : sequence of str, mapping or None
        Names in the order of the numbers 0, 1, 2, ..., or from number to name.

    Returns
    -------
    list of (id, name), or None

    Raises
    ------
    InvalidInputError
        If it is neither.
    """
    if classes is None:
        return None
    if isinstance(classes, Mapping):
        return [(_number(id_), name) for id_, name in classes.items()]
    if isinstance(classes, str) or not hasattr(classes, "__iter__"):
        raise InvalidInputError(
            "classes",
            f"is {shown(classes)}",
            "Give a list of names, or a dict from number to name.",
        )
    return list(enumerate(classes))


def _number(id_: Any) -> Any:
    return int(id_) if isinstance(id_, str) and id_.isdecimal() else id_
