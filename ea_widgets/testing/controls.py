"""The controls on a page: which there are, what they are called, and which is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from ipywidgets import (
    HTML,
    Accordion,
    Box,
    Button,
    Checkbox,
    Dropdown,
    FloatSlider,
    FloatText,
    IntSlider,
    SelectionSlider,
    Text,
    Textarea,
    ToggleButton,
    ToggleButtons,
    Widget,
)
from traitlets import Bool, Enum

from ea_widgets.errors import InvalidInputError, unknown_option
from ea_widgets.widgets.base import EvaluationWidget

STEPPED = (FloatSlider, IntSlider)
SLIDERS = (*STEPPED, SelectionSlider)
FIELDS = (Text, Textarea, FloatText)
MENUS = (Dropdown, ToggleButtons)
VALUED = (*SLIDERS, *FIELDS, *MENUS, Checkbox, ToggleButton, Accordion)

WORDS = {
    "iou_threshold": "IoU",
    "confidence_threshold": "Confidence",
    "metric": "Metric",
    "given": "Importance",
    "all_metrics": r"all [\d,]+ metrics",
    "include_class": "class too",
    "bins": "bins",
    "by_class": "by class|also within classes",
    "intervals": "95 % intervals",
    "min_confidence": "only above confidence",
}
"""What stands on the control of a trait, where that does not offer exactly the trait's values."""


@dataclass(frozen=True)
class Control:
    """One control of a page.

    Attributes
    ----------
    widget : ipywidgets.Widget
    names : tuple of str
        What it is called: its description, the label before it, its placeholder, its tooltip.
    owner : EvaluationWidget or None
        The widget of this package that it belongs to.
    seen : bool
        Whether it is on screen.
    """

    widget: Any
    names: tuple[str, ...]
    owner: EvaluationWidget | None
    seen: bool

    @property
    def usable(self) -> bool:
        """Whether a person can use it."""
        return self.seen and not getattr(self.widget, "disabled", False)


def plain(html: str) -> str:
    """Take the tags out of HTML.

    Examples
    --------
    >>> plain("<b>mAP</b> 0.4 &lt;")
    'mAP 0.4 <'
    """
    return unescape(re.sub(r"<[^>]*>", "", html)).strip()


def parts_of(root: Any) -> list[Control]:
    """List what is on a page, from top to bottom.

    Parameters
    ----------
    root : ipywidgets.Widget
        What is displayed.

    Returns
    -------
    list of Control
        Each widget of the tree, also those that are no controls and those that are hidden.
    """
    parts: list[Control] = []
    _walk(root, parts, seen=True, owner=None, label="")
    return parts


def _walk(
    widget: Any, parts: list[Control], *, seen: bool, owner: EvaluationWidget | None, label: str
) -> None:
    """Add a widget and what is in it."""
    seen = seen and widget.layout is not None and widget.layout.display != "none"
    owner = widget if isinstance(widget, EvaluationWidget) else owner
    described, *others = (
        getattr(widget, name, None) for name in ("description", "placeholder", "tooltip")
    )
    called = [name for name in (described, label, *others) if isinstance(name, str) and name]
    parts.append(Control(widget, tuple(dict.fromkeys(called)), owner, seen))
    if not isinstance(widget, Box):
        return
    label = ""
    for index, child in enumerate(widget.children):
        if isinstance(child, HTML) and "eaw-label" in child.value:
            label = plain(child.value)
        open_ = not isinstance(widget, Accordion) or widget.selected_index == index
        _walk(child, parts, seen=seen and open_, owner=owner, label=label)


def find(root: Widget, name: str, kinds: tuple[type, ...], *, late: bool = False) -> Control:
    """Find a control by the trait that it sets, or by what stands on it.

    Parameters
    ----------
    root : ipywidgets.Widget
        Where to look.
    name : str
        Of the trait, or as it stands on screen.
    kinds : tuple of type
        What kind of control.
    late : bool
        Whether hidden and disabled ones count: their last message was on its way.

    Returns
    -------
    Control

    Raises
    ------
    InvalidInputError
        If there is none, with those that there are; or if it cannot be used now.
    """
    there = [part for part in parts_of(root) if isinstance(part.widget, kinds)]
    meant = [part for part in there if name in part.names]
    meant = meant or [part for part in there if sets(part, name)]
    if not meant:
        names = [part.names[0] for part in there if part.usable and part.names]
        raise unknown_option("control", name, list(dict.fromkeys(names)))
    best = next((part for part in meant if part.usable), meant[0])
    if not (best.usable or late):
        why = "is disabled" if best.seen else "is not on screen"
        raise InvalidInputError(
            "control", f"{name!r} {why}", "A person cannot use it now; late=True sends it anyway."
        )
    return best


def sets(part: Control, trait: str) -> bool:
    """Tell whether a control sets a trait of the widget that it belongs to.

    Parameters
    ----------
    part : Control
    trait : str

    Returns
    -------
    bool
    """
    if part.owner is None or not part.owner.has_trait(trait):
        return False
    kind = part.owner.traits()[trait]
    if isinstance(part.widget, Accordion):
        return trait == "opened"
    if isinstance(part.widget, MENUS):
        offered = [value for _, value in options_of(part.widget)]
        wanted = list(kind.values or ()) if isinstance(kind, Enum) else [False, True]
        if isinstance(kind, (Enum, Bool)) and offered == wanted:
            return True
    pattern = WORDS.get(trait)
    return pattern is not None and any(re.fullmatch(pattern, word) for word in part.names)


def options_of(menu: Any) -> list[tuple[str, Any]]:
    """List what a menu offers: what an entry says, and the value behind it."""
    return [(o[0], o[1]) if isinstance(o, tuple) else (str(o), o) for o in menu.options]


def entry(menu: Any, value: object) -> int:
    """Find the entry of a menu by its value, or by what it says.

    Raises
    ------
    InvalidInputError
        If there is none.
    """
    options = options_of(menu)
    wanted = "" if value is None else value
    for index, (_, behind) in enumerate(options):
        if type(behind) is type(wanted) and behind == wanted:
            return index
    says = [words for words, _ in options]
    if value in says:
        return says.index(str(value))
    raise unknown_option("value", value, says)


def on_step(slider: Any, value: float) -> float:
    """Round a value as the slider in the browser does.

    Examples
    --------
    >>> on_step(FloatSlider(min=0, max=1, step=0.01), 1 / 3)
    0.33
    """
    steps = int((value - slider.min) / slider.step + 0.5)
    near = round(slider.min + steps * slider.step, 9)
    kind = int if isinstance(slider, IntSlider) else float
    return kind(min(max(near, slider.min), slider.max))


def slid(slider: Any, value: float) -> dict[str, Any]:
    """Give what the browser sends where a slider is moved near a value."""
    if isinstance(slider, SelectionSlider):
        ticks = [tick for _, tick in options_of(slider)]
        return {"index": min(range(len(ticks)), key=lambda at: abs(ticks[at] - value))}
    return {"value": on_step(slider, value)}


def buttons(root: Widget) -> list[Control]:
    """List the buttons of a page."""
    return [p for p in parts_of(root) if isinstance(p.widget, (Button, ToggleButton))]
