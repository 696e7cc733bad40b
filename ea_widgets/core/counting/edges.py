"""Edges of bins as a value, so that one model's bins can be given to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Binning:
    """Edges of bins, by metric. Equal where all edges are; serves as a key.

    A value on an inner edge belongs to the upper bin. The outer bins take in what is outside of
    the outer edges: another model's values may reach further.

    Parameters
    ----------
    edges : mapping of str to sequence of float
        Ascending, by displayed name; one more than bins. The outer ones may equal their neighbours.

    Raises
    ------
    InvalidInputError
        If a metric has fewer than two edges, or they are not finite or not ascending.

    Examples
    --------
    >>> binning = Binning({"Size (P)": [0, 32, 96]})
    >>> binning.n_bins("Size (P)")
    2
    >>> Binning.from_dict(binning.to_dict()) == binning
    True
    """

    edges: Mapping[str, tuple[float, ...]]

    def __post_init__(self) -> None:
        """Check the edges, and keep a copy that nobody can change."""
        given = self.edges
        if not isinstance(given, Mapping):
            raise InvalidInputError(
                "bins", f"is {shown(given)}", "Give edges by the displayed name of the metric."
            )
        checked = {str(name): check_edges(str(name), edges) for name, edges in given.items()}
        object.__setattr__(self, "edges", MappingProxyType(checked))

    def __eq__(self, other: object) -> bool:
        """Whether all metrics and edges are the same."""
        return isinstance(other, Binning) and dict(self.edges) == dict(other.edges)

    def __hash__(self) -> int:
        """Equal binnings have equal hashes."""
        return hash(frozenset(self.edges.items()))

    def __reduce__(self) -> tuple[type[Binning], tuple[dict[str, tuple[float, ...]]]]:
        """Pickle the edges; the view of them cannot be."""
        return Binning, (dict(self.edges),)

    def of(self, metric: str) -> NDArray[np.float64]:
        """Edges of one metric, by its displayed name, shape (n_bins + 1,)."""
        return np.array(self.edges[metric])

    def n_bins(self, metric: str) -> int:
        """Give the number of bins of one metric."""
        return len(self.edges[metric]) - 1

    def to_dict(self) -> dict[str, list[float]]:
        """Give lists by metric, which JSON can hold without loss."""
        return {name: list(edges) for name, edges in self.edges.items()}

    @classmethod
    def from_dict(cls, edges: Mapping[str, list[float]]) -> Binning:
        """Make it again of what :meth:`to_dict` gave."""
        return cls({name: tuple(of_metric) for name, of_metric in edges.items()})


def check_edges(metric: str, edges: object) -> tuple[float, ...]:
    """Return edges as a tuple of numbers, or refuse them."""
    try:
        numbers = np.asarray(edges, np.float64)
    except (TypeError, ValueError):
        numbers = np.zeros(0)
    if numbers.ndim != 1 or len(numbers) < 2 or not np.isfinite(numbers).all():
        raise InvalidInputError(
            "bins", f"has no edges for {metric!r} but {edges!r}", "Give two finite numbers or more."
        )
    if (np.diff(numbers) < 0).any() or (np.diff(numbers[1:-1]) <= 0).any():
        raise InvalidInputError(
            "bins", f"has edges of {metric!r} that do not ascend: {edges!r}", "Sort them."
        )
    return tuple(numbers.tolist())
