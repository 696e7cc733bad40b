"""Small pictures of the errors of each range, beside what is said of it."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING

from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.widgets.base import KIND_OF, asked
from ea_widgets.widgets.examples.example_rows import Finder
from ea_widgets.widgets.examples.gallery import Pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ea_widgets.analysis.view import View
    from ea_widgets.data.dataset import Dataset
    from ea_widgets.widgets.base import Extent
    from ea_widgets.widgets.examples.captions import Example

SHOWN, LOOKED_AT = 4, 12
"""Pictures of a range, and objects that they are chosen from: of different images, if there are."""

SIZE = (96, 72)
"""Width and height in pixels; shown at half of it, which is sharp on every screen."""


def pictures_of(
    ranges: Sequence[tuple[View, str, Extent]],
    outcome: str,
    dataset: Dataset,
    should_stop: Callable[[], bool],
) -> list[str]:
    """Draw the errors of some ranges: of predictions the surest, of labels those nearest to found.

    Parameters
    ----------
    ranges : sequence of (View, str, range)
        Whom to ask for the objects, the displayed name of the metric, and its range or categories.
    outcome : {"true_positive", "missed"}
    dataset : Dataset
        With pixels.
    should_stop : callable
        Asked before each range.

    Returns
    -------
    list of str
        HTML for each range.

    Raises
    ------
    ComputationStoppedError
        If `should_stop` said so.
    """
    finder, pictures, drawn = Finder(dataset), Pictures(dataset), []
    sort = "iou" if outcome == "missed" else "confidence"
    for answers, metric, extent in ranges:
        stop_if(should_stop)
        found = answers.objects_in_range(
            metric,
            kind=KIND_OF[outcome],
            sort=sort,
            descending=True,
            page_size=LOOKED_AT,
            **asked(extent),
        ).rows
        repeated = found["image_id"].duplicated().to_numpy()
        chosen = found.iloc[repeated.argsort(kind="stable")[:SHOWN]]
        drawn.append("".join(_picture(one, pictures) for one in finder.examples(chosen)))
    return [f'<div class="eaw-beside">{images}</div>' for images in drawn]


def _picture(example: Example, pictures: Pictures) -> str:
    """Write one picture as HTML; names from data are escaped."""
    data = b64encode(pictures.crop(example, SIZE)).decode()
    words = escape(f"{example.class_name}, {example.verdict}, in {example.image}", quote=True)
    return f'<img src="data:image/jpeg;base64,{data}" alt="{words}" title="{words}">'
