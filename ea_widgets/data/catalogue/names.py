"""Names of metrics as they are shown: the level, "(F)", "(O)" or "(P)", stands behind the name."""

from __future__ import annotations

from typing import Self

LEVELS = {"F": "images", "O": "labels", "P": "predictions"}
"""Levels of metrics, and the frame that holds those of each."""

LEVEL_OF = {frame: level for level, frame in LEVELS.items()}
"""Level of the metrics of each frame."""


LEVEL_WORDS = {"F": "frame", "O": "label object", "P": "prediction"}
"""What the metrics of each level describe, for the screen."""


class MetricName(str):
    """The displayed name of a metric: text that knows its two parts.

    Parameters
    ----------
    name : str
        Name of the column, without the level.
    level : {"F", "O", "P", ""}
        Frame (image), label object or prediction; "" where it is left open.

    Attributes
    ----------
    name, level : str
        As given.

    Examples
    --------
    >>> MetricName("Object Area - Relative", "P")
    'Object Area - Relative (P)'
    >>> MetricName.parse("Blur (F)").level
    'F'
    """

    __slots__ = ("level", "name")

    name: str
    level: str

    def __new__(cls, name: str, level: str = "") -> Self:
        """Put the text together."""
        made = super().__new__(cls, f"{name} ({level})" if level else name)
        made.name, made.level = name, level
        return made

    @classmethod
    def parse(cls, text: str) -> MetricName:
        """Take a displayed name apart.

        Parameters
        ----------
        text : str
            A name, with or without a level behind it.

        Returns
        -------
        MetricName
            The same text; its `level` is "" where there is none.

        Examples
        --------
        >>> [MetricName.parse(text).name for text in ("Blur (F)", "Blur", "Blur (Q)")]
        ['Blur', 'Blur', 'Blur (Q)']
        """
        name, opening, level = text.removesuffix(")").rpartition(" (")
        found = text.endswith(")") and opening and level in LEVELS
        return cls(name, level) if found else cls(str(text))

    @property
    def parts(self) -> tuple[str, str]:
        """Name and level, to be unpacked."""
        return self.name, self.level

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return self.name, self.level
