"""Rows of numbers beside buttons."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME_WIDTH, CELL_WIDTH = "270px", "78px"


def cells_html(values: Iterable[str], style: str) -> str:
    """Write one row of numbers in columns of equal width.

    Parameters
    ----------
    values : iterable of str
        Plain text.
    style : str
        Class of the style sheet, or "".

    Returns
    -------
    str
        HTML.
    """
    cells = "".join(
        f'<span style="display:inline-block;width:{CELL_WIDTH};text-align:right">{escape(v)}</span>'
        for v in values
    )
    return f'<div class="{style}" style="font-variant-numeric:tabular-nums">{cells}</div>'
