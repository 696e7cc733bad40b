"""Tell whether something changed for a part of a widget since it asked last."""

from __future__ import annotations

from types import MappingProxyType

from ea_widgets.analysis.slices import Condition

VALUES = (str, int, float, tuple, type(None), Condition, MappingProxyType)
"""Types compared by value. Anything else, such as an evaluation, is held and compared by
identity."""


class Memo:
    """Remembers the last question of each part of a widget."""

    def __init__(self) -> None:
        self._keys: dict[str, tuple[object, ...]] = {}

    def changed(self, part: str, *key: object) -> bool:
        """Tell whether a part asks for something else than before, and remember it.

        Parameters
        ----------
        part : str
            Which part asks.
        *key : object
            All that the answer depends on.

        Returns
        -------
        bool
            True at the first time, and after :meth:`clear`.
        """
        old = self._keys.get(part)
        self._keys[part] = key
        return old is None or not same(key, old)

    def forget(self, part: str) -> None:
        """Take what a part asks next for something else."""
        self._keys.pop(part, None)

    def clear(self) -> None:
        """Take whatever is asked next for something else."""
        self._keys.clear()


def same(new: tuple[object, ...], old: tuple[object, ...]) -> bool:
    """Compare two questions: values by equality, objects by identity."""
    return len(new) == len(old) and all(
        a is b or (isinstance(a, VALUES) and isinstance(b, VALUES) and a == b)
        for a, b in zip(new, old, strict=True)
    )
