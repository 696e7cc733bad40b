"""Slices of the data beside the rest, as a section of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.reporting.comparison import SCORES, difference, table
from ea_widgets.reporting.markup import element, join
from ea_widgets.reporting.sections import ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ea_widgets.analysis.slices import Condition
    from ea_widgets.analysis.view import View
    from ea_widgets.reporting.markup import Markup

NOTE = (
    "In brackets: the slice less the rest of the data, with its 95 % interval, from the same "
    "resampled images for both. A slice by a property of objects ignores the objects outside of "
    "it, as COCO does with its ranges of area."
)


def slice_section(view: View, slices: Mapping[str, Condition]) -> Markup:
    """Tabulate slices; see :meth:`View.slices`."""
    rows = []
    for name, row in view.slices(slices, settled=True).iterrows():
        words = element("div", row["condition"], class_="soft small")
        counts = (f"{int(row[of]):,}" for of in ("labels", "predictions"))
        cells = [element("td", ratio(row[of]), difference(row, of)) for of in SCORES]
        rows.append(
            element("tr", element("td", name, words), *(element("td", n) for n in counts), *cells)
        )
    return join(
        element("h2", "Slices"),
        table(["slice", "labels", "predictions", *SCORES.values()], rows),
        element("p", NOTE, class_="soft small"),
    )
