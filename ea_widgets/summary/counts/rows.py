"""Rows whose columns are the fields of a dataclass."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Rows:
    """Arrays of one length, or of one number of rows."""

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @property
    def columns(self) -> dict[str, NDArray[Any]]:
        """The columns by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> Self:
        """Choose some rows."""
        return type(self)(**{name: column[rows] for name, column in self.columns.items()})

    def joined(self, other: Self) -> Self:
        """Put the rows of another behind these."""
        both = other.columns
        return type(self)(
            **{name: np.concatenate([own, both[name]]) for name, own in self.columns.items()}
        )
