"""The forms that boxes are written in, and the way from each to x, y, width, height in pixels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMS = {
    "xywh": "x, y, width, height",
    "xyxy": "corners (x1, y1, x2, y2)",
    "cxcywh": "centres (x centre, y centre, width, height)",
    "xyhw": "x, y, height, width",
    "yxyx": "corners with y first (y1, x1, y2, x2)",
    "yxhw": "y, x, height, width",
}
"""Orders of a box's four numbers, in words."""

_PATTERN = re.compile(rf"({'|'.join(FORMS)})(n|@(\d+)(?:x(\d+))?)?")


@dataclass(frozen=True)
class BoxForm:
    """How four numbers describe a box.

    Parameters
    ----------
    order : str
        A key of :data:`FORMS`.
    shares : bool
        Whether they are shares of the image's width and height.
    network : tuple of (float, float, bool), optional
        Width and height of the network's input that they are pixels of; and whether the image
        was fitted into it, centred, with its aspect ratio kept (letterbox).
    """

    order: str = "xywh"
    shares: bool = False
    network: tuple[float, float, bool] | None = None

    @property
    def needs_sizes(self) -> bool:
        """Whether the size of the image is needed."""
        return self.shares or self.network is not None

    def to_pixels(
        self,
        numbers: NDArray[np.float64],
        width: NDArray[np.float64],
        height: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Give boxes as x, y, width and height in pixels.

        Parameters
        ----------
        numbers : ndarray of float64, shape (4, n)
            The numbers as they are written.
        width, height : ndarray of float64, shape (n,)
            Size of each box's image in pixels; not used where the form needs no sizes.

        Returns
        -------
        ndarray of float64, shape (4, n)
            NaN where the size of an image that is needed is unknown.
        """
        a, b, c, d = numbers
        if self.order in {"yxyx", "yxhw"}:
            a, b, c, d = b, a, d, c
        elif self.order == "xyhw":
            c, d = d, c
        if self.order in {"xyxy", "yxyx"}:
            c, d = c - a, d - b
        elif self.order == "cxcywh":
            a, b = a - c / 2, b - d / 2
        if self.shares:
            a, b, c, d = a * width, b * height, c * width, d * height
        elif self.network is not None:
            across, down, fitted = self.network
            scale_x, scale_y = across / width, down / height
            left = top = np.zeros(1)
            if fitted:
                scale_x = scale_y = np.minimum(scale_x, scale_y)
                left, top = (across - scale_x * width) / 2, (down - scale_y * height) / 2
            a, b, c, d = (a - left) / scale_x, (b - top) / scale_y, c / scale_x, d / scale_y
        return np.stack([a, b, c, d])


def parse_form(given: str, field: str = "boxes") -> BoxForm:
    """Understand the name of a form.

    Parameters
    ----------
    given : str
        One of :data:`FORMS`; with "n" behind it for shares of the image ("cxcywhn"), with
        "@640" for pixels of a network's square input that the image was fitted into, centred
        ("xyxy@640"), with "@640x480" for one that it was stretched to.
    field : str, default "boxes"
        Name of the argument.

    Returns
    -------
    BoxForm

    Raises
    ------
    InvalidInputError
        If it is none of these.

    Examples
    --------
    >>> parse_form("cxcywhn").shares
    True
    >>> parse_form("xywh@640").network
    (640.0, 640.0, True)
    """
    found = _PATTERN.fullmatch(given) if isinstance(given, str) else None
    if found is None or found[3] == "0" or found[4] == "0":
        raise InvalidInputError(
            field,
            f"is {str(given)[:80]!r}, no form of boxes",
            f"Forms: {', '.join(map(repr, FORMS))}; with 'n' behind it for shares of the image "
            "('cxcywhn'), with '@640' or '@640x480' for pixels of the network's input.",
        )
    network = None
    if found[3]:
        network = float(found[3]), float(found[4] or found[3]), found[4] is None
    return BoxForm(found[1], found[2] == "n", network)


def forms_given(boxes: str | Mapping[str, str] | None) -> dict[str, BoxForm]:
    """Understand the argument ``boxes`` of the readers.

    Parameters
    ----------
    boxes : str, mapping or None
        Form of the predictions' boxes; or a mapping with the keys "labels", "predictions".

    Returns
    -------
    dict of str to BoxForm
        By "labels" and "predictions"; only what was given.

    Raises
    ------
    InvalidInputError
        If a form or a key is unknown.
    """
    if boxes is None:
        return {}
    given: dict[Any, str] = dict(boxes) if isinstance(boxes, Mapping) else {"predictions": boxes}
    odd = [key for key in given if key not in {"labels", "predictions"}]
    if odd:
        raise InvalidInputError(
            "boxes",
            f"has the key {str(odd[0])[:80]!r}",
            "Its keys are 'labels' and 'predictions'.",
        )
    return {key: parse_form(form) for key, form in given.items()}
