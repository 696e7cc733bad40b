"""One object of the gallery: what is said of it, and how its boxes are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from ea_widgets.analysis.formatting import value_in_words
from ea_widgets.analysis.object_words import KIND_WORDS, MISSED_WRONG_CLASS, REASON_WORDS
from ea_widgets.data.checks.kinds import DATE
from ea_widgets.data.images.drawing import Box, Outline
from ea_widgets.widgets.base import text, theme

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME_LIMIT = 24


def outline(kind: str, box: Box, stroke: int) -> Outline:
    """Draw a box in the colour and dash of its kind."""
    return Outline(box, theme.BOX_COLOURS[kind], theme.BOX_DASHES[kind], stroke)


@dataclass(frozen=True)
class Example:
    """An object as the gallery shows it.

    Attributes
    ----------
    kind : {"true_positive", "false_positive", "missed"}
    reason : str
        Why it is wrong or missed, as `Matches` has it; empty where it is right.
    class_name, other_class : str
        Its class; that of the other object: the label that a prediction took or overlaps most, or
        the prediction that overlaps a missed label most. Empty if there is none.
    confidence, other_confidence, iou : float
        Of the prediction, of the other one where that is a prediction, of the two boxes; NaN where
        there is none.
    value : float, str or bool
        Of the metric, a category's as it is; NaN where there is none.
    image : str
        Name of the image as people know it.
    image_row : int
        Row in ``dataset.images``.
    box : tuple of float
        x, y, width, height in pixels.
    other_box : tuple of float or None
        That of the other object.
    """

    kind: str
    reason: str
    class_name: str
    other_class: str
    confidence: float
    other_confidence: float
    iou: float
    value: float | str | bool
    image: str
    image_row: int
    box: Box
    other_box: Box | None

    @property
    def verdict(self) -> str:
        """What became of it, in words."""
        if self.kind == "missed":
            return MISSED_WRONG_CLASS if self.reason == "wrong_class" else "missed"
        why = REASON_WORDS.get(self.reason, self.reason)
        return why or KIND_WORDS[self.kind]

    def outlines(self, stroke: int = 3) -> list[Outline]:
        """List the boxes to draw: the other object's first, below its own."""
        drawn = []
        if self.other_box is not None:
            kind = "false_positive" if self.kind == "missed" else "label"
            drawn.append(outline(kind, self.other_box, stroke))
        drawn.append(outline(self.kind, self.box, stroke))
        return drawn


def caption(example: Example, metric: str, unit: str) -> str:
    """Write what is said below a picture.

    Parameters
    ----------
    example : Example
    metric, unit : str
        Name of the metric without its level, and its unit; empty without one.

    Returns
    -------
    str
        HTML; all text from data is escaped.
    """
    name = escape(text.elide(example.class_name, NAME_LIMIT))
    sure = "" if example.confidence != example.confidence else f" {example.confidence:.2f}"
    facts = []
    if example.kind == "missed" and example.other_class:
        facts.append(f"nearest prediction {example.other_confidence:.2f}")
    elif example.other_class and example.other_class != example.class_name:
        facts.append(f"really {escape(text.elide(example.other_class, NAME_LIMIT))}")
    if example.kind != "missed" or example.other_class:
        facts.append(f"IoU {example.iou:.2f}")
    if metric:
        value = value_in_words(example.value, unit)
        facts.append(f'<span title="{escape(metric)}">{escape(value)}</span>')
    return (
        f'<div class="eaw-caption"><div><b>{name}</b>{sure} {sample(example.kind)}'
        f"{escape(example.verdict)}</div><div>{' · '.join(facts)}</div></div>"
    )


def sample(kind: str) -> str:
    """Draw a short piece of a box's line, for captions and the legend."""
    dash = ",".join(map(str, theme.BOX_DASHES[kind]))
    return (
        '<svg width="26" height="8" aria-hidden="true"><line x1="0" y1="4" x2="26" y2="4" '
        f'stroke-width="3" stroke-dasharray="{dash}" '
        f'style="stroke: {theme.BOX_COLOURS[kind]}"></line></svg>'
    )


LEGEND = (
    '<div class="eaw-legend eaw-boxes">'
    + "".join(
        f"<div>{sample(kind)}{words}</div>"
        for kind, words in (
            ("true_positive", "true positive"),
            ("false_positive", "false positive"),
            ("missed", "missed object"),
            ("label", "label of a prediction"),
        )
    )
    + "</div>"
)


def table_html(examples: Iterable[Example], metric: str, unit: str, first: int) -> str:
    """Write objects as the rows of a table.

    Parameters
    ----------
    examples : iterable of Example
        A page of them.
    metric, unit : str
        Name of the metric without its level, and its unit.
    first : int
        Number of the first one, from 1.

    Returns
    -------
    str
        HTML; all text from data is escaped.
    """
    head = ("#", "image", "class", "outcome", "other's class", "confidence", "IoU")
    titles = [*head, text.with_unit(metric, f"({unit})" if text.says_something(unit) else "")]
    cells = "".join(f"<th scope='col'>{escape(title)}</th>" for title in titles)
    rows = []
    for number, one in enumerate(examples, first):
        values = (
            f"{number:,}",
            escape(text.elide(one.image, 40)),
            escape(text.elide(one.class_name, 40)),
            sample(one.kind) + escape(one.verdict),
            escape(text.elide(one.other_class, 40)) or text.MISSING,
            text.rate(one.confidence),
            text.rate(one.iou) if one.other_class or one.kind != "missed" else text.MISSING,
            escape(value_in_words(one.value, unit if unit == DATE else "")),
        )
        rows.append("<tr>" + "".join(f"<td>{value}</td>" for value in values) + "</tr>")
    return (
        f'<div class="eaw-scroll"><table class="eaw-objects"><thead><tr>{cells}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
