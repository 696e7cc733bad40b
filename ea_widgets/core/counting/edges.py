"""Edges of bins as a value, so that one model's bins can be given to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

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
    categories : mapping of str to sequence, optional
        Names by categorical metric. Each has a bin, and the last bin is of all others; the edges
        are those of the codes 0, 1, ...
    classes : sequence of str, optional
        Classes that a summary counts each by itself in these bins; all others are counted in them
        together. By default each class by itself.

    Raises
    ------
    InvalidInputError
        If a metric has fewer than two edges, or they are not finite or not ascending; or if a name
        of a category is repeated.

    Examples
    --------
    >>> binning = Binning({"Size (P)": [0, 32, 96]})
    >>> binning.n_bins("Size (P)")
    2
    >>> Binning.from_dict(binning.to_dict()) == binning
    True
    """

    edges: Mapping[str, tuple[float, ...]]
    categories: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the edges, and keep a copy that nobody can change."""
        given = self.edges
        if not isinstance(given, Mapping):
            raise InvalidInputError(
                "bins", f"is {shown(given)}", "Give edges by the displayed name of the metric."
            )
        checked = {str(name): check_edges(str(name), edges) for name, edges in given.items()}
        known = {str(name): tuple(names) for name, names in self.categories.items()}
        for name, names in known.items():
            if len(set(names)) < len(names):
                raise InvalidInputError(
                    "bins", f"repeats a category of {name!r}: {shown(names)}", "Give each once."
                )
            checked[name] = tuple(code - 0.5 for code in range(len(names) + 2))
        object.__setattr__(self, "edges", MappingProxyType(checked))
        object.__setattr__(self, "categories", MappingProxyType(known))
        object.__setattr__(self, "classes", tuple(map(str, self.classes)))

    def __eq__(self, other: object) -> bool:
        """Whether all metrics, edges, categories and classes are the same."""
        return isinstance(other, Binning) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        """Equal binnings have equal hashes."""
        return hash(frozenset(self.edges.items()))

    def __reduce__(self) -> tuple[type[Binning], tuple[Any, ...]]:
        """Pickle the edges; the view of them cannot be."""
        return Binning, (dict(self.edges), dict(self.categories), self.classes)

    def of(self, metric: str) -> NDArray[np.float64]:
        """Edges of one metric, by its displayed name, shape (n_bins + 1,)."""
        return np.array(self.edges[metric])

    def n_bins(self, metric: str) -> int:
        """Give the number of bins of one metric."""
        return len(self.edges[metric]) - 1

    def to_dict(self) -> dict[str, Any]:
        """Give lists by metric, which JSON can hold without loss; mappings of categories.

        Classes stand under the name "", which no metric has.
        """
        edges = {n: list(of) for n, of in self.edges.items() if n not in self.categories}
        named: dict[str, Any] = {n: {"categories": [*of]} for n, of in self.categories.items()}
        return edges | named | ({"": {"classes": [*self.classes]}} if self.classes else {})

    @classmethod
    def from_dict(cls, edges: Mapping[str, Any]) -> Binning:
        """Make it again of what :meth:`to_dict` gave."""
        named = {name: of for name, of in edges.items() if isinstance(of, Mapping)}
        return cls(
            {name: tuple(of) for name, of in edges.items() if name not in named},
            {name: tuple(of["categories"]) for name, of in named.items() if name},
            tuple(named[""]["classes"]) if "" in named else (),
        )


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
