"""One warning for all that went wrong of a kind, with counts and the first names."""

from __future__ import annotations

import warnings
from collections import Counter

from ea_widgets.errors import MetricWarning

NAMES_SHOWN = 3

VECTOR = "embedding"
"""What vectors are called among the quantities; no metric can have the name."""


class Problems:
    """Collects what went wrong during a run.

    Notes
    -----
    Only counts and the first names are kept, so memory does not grow with the number of images.
    First is by row, not by time: the same words come out however threads take turns.
    """

    def __init__(self) -> None:
        self.images: Counter[str] = Counter()
        self.resized = 0
        self.functions: Counter[str] = Counter()
        self.others: list[str] = []
        self._names: dict[str, list[tuple[int, str]]] = {}

    def image(self, row: int, problem: str, name: str) -> None:
        """Note an image that cannot be used."""
        self.images[problem] += 1
        self._remember(problem, row, name)

    def size(self, row: int, name: str) -> None:
        """Note an image whose size is not the one stated."""
        self.resized += 1
        self._remember("size", row, name)

    def function(self, row: int, metric: str, number: int, error: str) -> None:
        """Note values that a user's function failed to give, and the first error."""
        self.functions[metric] += number
        self._remember(f"function {metric}", row, error)

    def not_kept(self, metric: str, unseen: tuple[str, ...]) -> None:
        """Say that a cache does not keep what a user's function gives, why, and the remedy."""
        more = f" and {len(unseen) - NAMES_SHOWN:,} more" if len(unseen) > NAMES_SHOWN else ""
        if metric == VECTOR:
            whose, remedy = "The vectors of your embedding function", "`embed.version = 1`"
        else:
            whose = f"The values of your metric {metric!r}"
            remedy = f"`@ea.metric({metric!r}, ..., version=1)`"
        self.say(
            f"{whose} are not kept in the cache, which cannot look into what they depend on: "
            f"{', '.join(unseen[:NAMES_SHOWN])}{more}. Give a version, {remedy}, and raise it when "
            "that changes."
        )

    def say(self, sentence: str) -> None:
        """Note something in words of its own."""
        self.others.append(sentence)

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
                for problem, number in sorted(
                    self.images.items(), key=lambda item: (-item[1], item[0])
                )
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
                "boxes are scaled to it where the aspect ratio agrees, else the metrics of their "
                "crops are missing."
            )
        for metric, number in sorted(self.functions.items()):
            if metric == VECTOR:
                whose, missing = "embedding function", "1 vector" if number == 1 else "{} vectors"
            else:
                whose = f"metric {metric!r}"
                missing = "1 value of it" if number == 1 else "{} values of it"
            are = "is" if number == 1 else "are"
            found.append(
                f"Your {whose} failed, and {missing.format(f'{number:,}')} {are} missing. "
                f"First error: {self._names[f'function {metric}'][0][1]}."
            )
        return (*found, *self.others)

    def warn(self, n_images: int) -> tuple[str, ...]:
        """Issue one warning per sentence at the call of the caller's, and return them."""
        found = self.sentences(n_images)
        for sentence in found:
            warnings.warn(sentence, MetricWarning, stacklevel=4)
        return found

    def _remember(self, kind: str, row: int, name: str) -> None:
        names = self._names.setdefault(kind, [])
        names.append((row, name))
        names.sort(key=lambda named: named[0])
        del names[NAMES_SHOWN:]

    def _first(self, kind: str, number: int) -> str:
        more = f" and {number - NAMES_SHOWN:,} more" if number > NAMES_SHOWN else ""
        return f"{', '.join(name for _, name in self._names[kind])}{more}"


def _agree(problem: str, number: int) -> str:
    if number == 1:
        return problem
    for one, many in (("has ", "have "), ("is ", "are "), ("leaves ", "leave ")):
        if problem.startswith(one):
            return many + problem.removeprefix(one)
    return problem
