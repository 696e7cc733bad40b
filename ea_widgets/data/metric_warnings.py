"""One warning for all that went wrong of a kind, with counts and the first names."""

from __future__ import annotations

import warnings
from collections import Counter

NAMES_SHOWN = 3


class MetricWarning(UserWarning):
    """Some values of metrics are missing, or a cache is not used; the rest is as it should be."""


class Problems:
    """Collects what went wrong during a run.

    Notes
    -----
    Only counts and the first names are kept, so memory does not grow with the number of images.
    """

    def __init__(self) -> None:
        self.images: Counter[str] = Counter()
        self.resized = 0
        self.functions: Counter[str] = Counter()
        self._names: dict[str, list[str]] = {}

    def image(self, problem: str, name: str) -> None:
        """Note an image that cannot be used."""
        self.images[problem] += 1
        self._remember(problem, name)

    def size(self, name: str) -> None:
        """Note an image whose size is not the one stated."""
        self.resized += 1
        self._remember("size", name)

    def function(self, metric: str, number: int, error: str) -> None:
        """Note values that a user's function failed to give, and the first error."""
        self.functions[metric] += number
        self._remember(f"function {metric}", error)

    def sentences(self, n_images: int) -> tuple[str, ...]:
        """Say it all, one sentence for a kind.

        Parameters
        ----------
        n_images : int
            Number of images of the data set.

        Returns
        -------
        tuple of str
            Empty if all went well.
        """
        found = []
        if self.images:
            parts = [
                f"{number:,} {_agree(problem, number)} ({self._first(problem, number)})"
                for problem, number in self.images.most_common()
            ]
            total = self.images.total()
            found.append(
                f"{total:,} of {n_images:,} images cannot be used, and their pixel metrics are "
                f"missing: {'; '.join(parts)}."
            )
        if self.resized:
            are = "1 image has" if self.resized == 1 else f"{self.resized:,} images have"
            found.append(
                f"{are} another size than stated ({self._first('size', self.resized)}); "
                "boxes are taken as they are and cut at the real border."
            )
        for metric, number in self.functions.items():
            values = "1 value" if number == 1 else f"{number:,} values"
            found.append(
                f"Your metric {metric!r} failed, and {values} of it are missing. "
                f"First error: {self._names[f'function {metric}'][0]}."
            )
        return tuple(found)

    def warn(self, n_images: int, stacklevel: int = 3) -> tuple[str, ...]:
        """Issue one warning per sentence, and return them."""
        found = self.sentences(n_images)
        for sentence in found:
            warnings.warn(sentence, MetricWarning, stacklevel=stacklevel + 1)
        return found

    def _remember(self, kind: str, name: str) -> None:
        names = self._names.setdefault(kind, [])
        if len(names) < NAMES_SHOWN:
            names.append(name)

    def _first(self, kind: str, number: int) -> str:
        more = f" and {number - NAMES_SHOWN:,} more" if number > NAMES_SHOWN else ""
        return f"{', '.join(self._names[kind])}{more}"


def _agree(problem: str, number: int) -> str:
    if number == 1:
        return problem
    for one, many in (("has ", "have "), ("is ", "are "), ("leaves ", "leave ")):
        if problem.startswith(one):
            return many + problem.removeprefix(one)
    return problem
