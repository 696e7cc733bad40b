"""Contrast, as WCAG 2 computes it, of our colours on the paper of JupyterLab's own themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jupyterlab.commands import get_app_dir

from ea_widgets.widgets.base import theme
from ea_widgets.widgets.charts import heat_map

PAPERS = ("layout-color0", "layout-color1")
ON_BUTTONS = ("ui-font-color1", "layout-color2")
VARIABLE = re.compile(r"--jp-([\w-]+):([^;}]+)")
NAMED = {"white": "#ffffff", "black": "#000000"}


def variables(name):
    """The variables of a theme of the JupyterLab that is installed."""
    style = Path(get_app_dir(), "themes", "@jupyterlab", f"theme-{name}-extension", "index.css")
    return dict(VARIABLE.findall(style.read_text()))


@pytest.fixture(scope="module", params=["light", "dark"])
def jupyterlab(request):
    return variables(request.param)


def parsed(colour):
    """Red, green, blue and opacity in [0, 1] of a colour of CSS."""
    colour = re.sub(r"^var\(--[\w-]+,(.*)\)$", r"\1", colour.strip())
    colour = NAMED.get(colour, colour)
    if colour.startswith("rgba"):
        *parts, opacity = map(float, re.findall(r"[\d.]+", colour))
        return (*(part / 255 for part in parts), opacity)
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    return (*(int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)), 1.0)


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(ink, paper):
    """The ratio of two colours, 1 to 21, the ink laid over the paper."""
    (*ink, opacity), (*paper, _) = parsed(ink), parsed(paper)
    ink = [opacity * i + (1 - opacity) * p for i, p in zip(ink, paper, strict=True)]
    low, high = sorted((luminance(ink), luminance(paper)))
    return (high + 0.05) / (low + 0.05)


def test_the_ratio_is_that_of_the_standard():
    assert contrast("black", "#fff") == pytest.approx(21)
    assert contrast("#777777", "white") == pytest.approx(4.48, abs=0.005)  # the known near miss
    assert contrast("rgba(0,0,0,.5)", "#ffffff") == pytest.approx(contrast("#808080", "#fff"), 0.01)


def inks():
    """The variables that rules of our style sheet write text in."""
    return sorted(set(re.findall(r"[^-]color: var\(--jp-([\w-]+)", theme._SHEET)))


def test_every_text_can_be_read(jupyterlab):
    assert {"ui-font-color1", "ui-font-color2", "content-link-color"} <= {*inks()}
    found = {
        (ink, paper): contrast(jupyterlab[ink], jupyterlab[paper])
        for ink, paper in [*((i, p) for i in inks() for p in PAPERS), ON_BUTTONS]
    }
    assert {pair: ratio for pair, ratio in found.items() if ratio < 4.5} == {}


def test_numbers_in_shaded_cells_can_be_read():
    assert min(contrast(heat_map.INK, shade) for shade in heat_map.SHADES) >= 4.5


def test_every_mark_can_be_seen(jupyterlab):
    ours = {value for name, value in vars(theme).items() if name.isupper() and is_colour(value)}
    ours |= {*theme.SERIES, *theme.SHADES, *theme.BOX_COLOURS.values()}
    ours |= {*re.findall(r"solid (#\w{6})", theme._SHEET)}
    assert len(ours) >= 7
    found = {(mark, p): contrast(mark, jupyterlab[p]) for mark in ours for p in PAPERS}
    # Averages and focus; what is chosen; an error.
    for line in ("ui-font-color1", "brand-color1", "error-color1"):
        found |= {(line, p): contrast(jupyterlab[line], jupyterlab[p]) for p in PAPERS}
    assert {pair: ratio for pair, ratio in found.items() if ratio < 3} == {}


def is_colour(value):
    return isinstance(value, str) and re.fullmatch(r"#[0-9A-Fa-f]{6}", value) is not None
