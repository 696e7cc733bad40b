"""The lower half of the page: how the two rates change with one metric."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from ipywidgets import HTML, Box, Checkbox, HBox, IntSlider, ToggleButtons, VBox
from traitlets import Any as AnyTrait

from ea_widgets.data.checks.kinds import DATE
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import Count, Flag, Option, on_screen, send, span_of, text, theme
from ea_widgets.widgets.charts import (
    FEW,
    SCALES,
    RateChart,
    as_bins,
    by_count,
    lay_out,
    lay_out_categories,
    read_lines,
    worst_classes,
    zoomed,
)
from ea_widgets.widgets.controls import (
    Export,
    FilterChips,
    More,
    NameField,
    RangeControls,
    confidence_in_words,
    in_words,
    rounded,
    to_minutes,
)
from ea_widgets.widgets.panels.chosen_categories import (
    behind,
    categories_of,
    places_of,
    toggled,
)
from ea_widgets.widgets.panels.point_words import describe_points
from ea_widgets.widgets.panels.zooming import ZoomingWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ea_widgets.analysis.curves import Curve, Sentence
    from ea_widgets.analysis.view import View
    from ea_widgets.widgets.base import Extent, Range

SCALE_WORDS = {"rank": "equal counts"}
FEWEST_BINS, MOST_BINS = 2, 100
CONFIDENCE = "Model Confidence"
AXES = ("precision", "missed rate")
OF_NUMBERS = (
    f"Grey: number of objects. Hollow: fewer than {FEW}.",
    wording.CLICK_A_POINT,
)
OF_CATEGORIES = (
    f"In brackets: number of objects. Hollow: fewer than {FEW}.",
    wording.CLICK_A_CATEGORY,
)
LONGEST_LABEL, SHORTEST_NAME = 47, 16
"""Characters that fit under a chart of half a row."""

KINDS = ("prediction", "object")


class PerformanceByMetric(ZoomingWidget):
    """True positive rate and false negative rate by one metric, live under the choices.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later: the widget redraws in place.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``metric``, ``metric_range``, ``bins``, ``by_class``, ``scale``, ``intervals``, ``zoom``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    bins = Count(20, FEWEST_BINS, MOST_BINS)
    """Number of bins asked for, 2 to 100; ties can make fewer. Default 20."""

    by_class = Flag(default_value=False)
    """Whether each class has a line of its own. Default False: all together."""

    scale = Option(SCALES, "rank")
    """The x axis: ``"rank"`` (equal room for equally many objects), ``"linear"`` or ``"log"``.
    Default ``"rank"``, since many metrics crush nine tenths of their points into one edge."""

    intervals = Flag(default_value=True)
    """Whether 95 % intervals are drawn as a band; with ``by_class`` they are on hover only.
    Default True."""

    chips = Flag(default_value=True)
    """Whether the slice, `where`, stands above the curves as chips, which a click removes. Default
    True; the page has them at its top."""

    curve = AnyTrait(None, read_only=True)
    """The `Curve` on screen; None while no metric is chosen. Read only."""

    sentences = AnyTrait((), read_only=True)
    """The sentences under the charts, as `Evaluation.sentences` gives them. Read only."""

    _short = False
    _unsaid: frozenset[str] = frozenset()

    def _build(self) -> tuple[Any, ...]:
        self._heading = HTML()
        self._chips = FilterChips(partial(setattr, self, "where"), self.guard)
        self._menu = NameField(
            wording.CHOOSE_A_METRIC,
            self.guard(partial(setattr, self, "metric")),
            self.guard,
            description="Metric",
            layout={"width": "320px"},
            tooltip=wording.METRIC_HINT,
        )
        self._by_class = Checkbox(
            description="by class", indent=False, layout={"width": "auto", "margin": "2px 12px"}
        )
        self._intervals = Checkbox(
            description="95 % intervals",
            indent=False,
            layout={"width": "auto", "margin": "2px 12px 2px 0"},
        )
        self._bins = IntSlider(
            min=FEWEST_BINS, max=MOST_BINS, description="bins", continuous_update=True,
            style={"description_width": "auto"}, layout={"width": "230px"},
        )  # fmt: skip
        self._scale = ToggleButtons(
            options=[(SCALE_WORDS.get(name, name), name) for name in SCALES],
            style={"button_width": "auto"},
            tooltips=[wording.RANK_HINT, wording.LINEAR_HINT,
                      wording.LOG_HINT],
        )  # fmt: skip
        for trait, control in (
            ("by_class", self._by_class),
            ("intervals", self._intervals),
            ("bins", self._bins),
            ("scale", self._scale),
        ):
            self._control(control, trait)
        self._true_positive = self._chart(0, theme.BLUE)
        self._false_negative = self._chart(1, theme.VERMILION)
        self._ranges = RangeControls(self._range_chosen, self.guard(self.use_as_filter), self.guard)
        self._ranges.offer_filter(offered=self.can("where"))
        self._ranges.observe(self._mouse_changed, "dragging")
        self._zoom = self._zoom_controls()
        self._zoom.observe(self._mouse_changed, "moving")
        self._true_positive.add_class("eaw-true-positive")
        self._false_negative.add_class("eaw-false-negative")
        self._hint = HTML(f'<div class="eaw-hint">{wording.NO_CURVES_YET}</div>')
        self._words = HTML()
        self._saying = self._task(self._say)
        self._foot = HTML()
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        middle = {"align_items": "center"}
        label = '<span class="eaw-label">{}</span>'
        self._axis_choice = HBox([HTML(label.format("X axis")), self._scale], layout=middle)
        controls = Box([self._menu, self._by_class], layout=row)
        self._charts = Box(layout={**row, "align_items": "flex-start"})
        charts = {
            "true-positive-rate": self._true_positive.figure,
            "false-negative-rate": self._false_negative.figure,
        }
        self._save = Export(charts, "curves", self._numbers, self._task, self.guard)
        drawing = Box([self._intervals, self._bins, self._axis_choice], layout=row)
        self._tools = Box([drawing, self._zoom], layout=row)
        tools = [self._ranges, self._tools, self._save]
        self._below = Box(tools, layout={**row, "justify_content": "space-between"})
        self._upper = VBox([self._heading, self._chips, controls, self._hint, self._charts])
        self._lower = VBox([self._words, self._below, self._foot])
        self._upper.add_class("eaw-curves")
        self._lower.add_class("eaw-below")
        return (self._upper, self._lower)

    def stand_beside(self) -> None:
        """Take less room: the charts go beside what stands to the left, the tools below both."""
        for chart in (self._true_positive, self._false_negative):
            chart.shorten()
        send(self._menu.layout, width="290px")
        send(self.layout, display="contents")
        send(self._upper.layout, min_width="0", width="auto")
        self._message.add_class("eaw-below")
        more = More("chart settings", wording.CHART_SETTINGS_HINT, [self._tools], self.guard)
        send(self._below, children=(self._ranges, more, self._foot, self._save))
        self._short = True
        self._memo.forget("charts")
        self._draw()
        send(self._lower, children=(self._words, self._below))

    def _chart(self, side: int, colour: str) -> RateChart:
        return RateChart(
            colour,
            AXES[side],
            lambda rows: self._describe(side, rows),
            lambda row: self._bin_picked(side, row),
            self._dragged,
            lambda low, high: self._moved(side, low, high),
            self.guard,
        )

    def _draw(self) -> None:
        self._chips.show(self.where if self.chips else None, self.evaluation)
        if self._memo.changed("menu", self.evaluation, self.metric):
            self._menu.show(((n, n) for n in self.evaluation.metrics.index), self.metric)
        send(self._intervals, disabled=self.by_class)  # bands of several lines hide each other
        chosen = self.metric is not None
        send(self._hint.layout, display="none" if chosen else "block")
        # Hidden figures would ask the browser for rectangles of negative size.
        charts = (self._true_positive, self._false_negative)
        send(self._charts, children=charts if chosen else ())
        send(self._lower.layout, display=None if chosen else "none")
        question = (self.answers, self.metric, self.bins, self.by_class)
        if self._memo.changed("curve", *question):
            curve = None
            if self.metric is not None:
                curve = self.answers.curve(self.metric, self.bins, by_class=self.by_class)
            self.set_trait("curve", curve)
            self._save.forget()
        of_numbers = not self._is_categorical()
        for tools in (self._ranges, self._save):
            send(tools.layout, display="flex" if chosen else "none")
        for tools in (self._zoom, self._bins, self._axis_choice):  # mean nothing to categories
            send(tools.layout, display="flex" if chosen and of_numbers else "none")
        if self._memo.changed("charts", *question, self.scale, self.intervals, self.zoom):
            self._show_charts()
        if chosen:
            self._show_zoom()
            self._show_range()
        self._ask_for_words()

    def _show_charts(self) -> None:
        """Draw the curves; none without a metric."""
        curve = self.curve
        self._axes.clear()
        if curve is None:
            send(self._heading, value='<div class="eaw-heading">Performance by metric</div>')
            return
        self._show_heading(curve)
        tables = (curve.predictions, curve.labels)
        names, left_out = worst_classes(*tables, len(theme.SERIES))
        self._top = self._highest(curve, names)
        remarks = [self._show_chart(side, curve, table, names) for side, table in enumerate(tables)]
        small = self._true_positive.is_small or self._false_negative.is_small
        self._save.without_pictures(wording.NO_PICTURE_BY_CLASS if small else "")
        if left_out:
            what = text.counted(left_out, "class", "classes")
            remarks.append(
                f"The {len(names)} classes with the most errors above average; {what} left out: "
                "choose classes to see others."
            )
        self._show_foot(remarks)

    def _highest(self, curve: Curve, names: tuple[str, ...]) -> float:
        """Find the highest rate that is drawn on either chart."""
        averages = (curve.average_true_positive_rate, curve.average_false_negative_rate)
        high = "rate_high" if self.intervals and not self.by_class else "rate"
        ends = [0.0]
        for table, average in zip((curve.predictions, curve.labels), averages, strict=True):
            if len(table):
                drawn = table[table["class_name"].isin(names)] if self.by_class else table
                ends += [average, float(drawn[["rate", high]].max().max())]
        if self._is_confidence(curve):
            ends.append(1.0)  # the line of a calibrated model
        return float(np.nanmax(ends))

    def _is_confidence(self, curve: Curve) -> bool:
        """Whether the metric is a confidence that can be compared with precision."""
        low, high = span_of(self.evaluation)
        known = len(curve.predictions) > 0 and "category" not in curve.predictions
        return known and curve.metric == CONFIDENCE and 0 <= low <= high <= 1

    def _ask_for_words(self) -> None:
        """Put what is on screen into sentences, once the choices rest."""
        if not self._memo.changed("words", self.answers, self.metric):
            return
        if self.metric is None:
            self._saying.cancel()
            self._say(())
            return
        if self._memo.changed("spoken of", self.metric):
            self._say(())  # what is said of another metric is wrong, not late
        if not self.can("sentences"):
            return
        self._words.add_class("eaw-waiting")
        self._saying.ask(partial(_sentences, self.answers, self.metric))

    def leave_unsaid(self, texts: frozenset[str]) -> None:
        """Say nothing twice that stands on the page already."""
        if texts != self._unsaid:
            self._unsaid = texts
            self._say(self.sentences)

    def _say(self, sentences: tuple[Sentence, ...]) -> None:
        told = [sentence.text for sentence in sentences if sentence.text not in self._unsaid]
        items = "".join(f"<p>{escape(words)}</p>" for words in told)
        send(self._words, value=f'<div class="eaw-words" aria-live="polite">{items}</div>')
        self._words.remove_class("eaw-waiting")
        self.set_trait("sentences", sentences)

    def _show_heading(self, curve: Curve) -> None:
        unit = f", in {curve.unit}" if text.says_something(curve.unit) else ""
        told = curve.description.rstrip(".")
        name, words = escape(curve.metric), f"{told}{unit}"
        if not words:
            html = f'<div class="eaw-heading">{name}</div>'
        elif self._short:
            html = f'<div class="eaw-heading">{name} {text.explained("", [f"{words}."])}</div>'
        else:
            html = f'<div class="eaw-heading">{name}: <span>{escape(words)}</span></div>'
        send(self._heading, value=html)

    def _show_chart(
        self, side: int, curve: Curve, table: pd.DataFrame, names: tuple[str, ...]
    ) -> str:
        """Draw one of the two charts; gives what has to be said about its axis."""
        chart = (self._true_positive, self._false_negative)[side]
        about = f"by {escape(curve.metric)}, over {KINDS[side]}s"
        title = f"{wording.RATES[side]} <span>{about}</span>"
        if table.empty:
            levels = set(self.evaluation.metrics.query("name == @curve.metric")["level"])
            wanted = {"P", "F"} if side == 0 else {"O", "F"}
            words = wording.NO_VALUE if levels & wanted else wording.ONLY_OF_THE_OTHER[side]
            chart.say(title, "")
            chart.clear(words.format(curve.metric))
            return ""
        average = (curve.average_true_positive_rate, curve.average_false_negative_rate)[side]
        numbered, categories = as_bins(table, by_count(self._tables()))
        bins, series = read_lines(numbered, names)
        named = lay_out_categories(bins, categories) if categories else None
        whole = named or lay_out(self.scale, bins, dates=curve.unit == DATE)
        axis, note = whole, whole.note
        self._axes[side] = whole
        if self.zoom and not categories:
            axis = zoomed(whole, self.scale, self.zoom)
            note += f" {self._in_sight(curve.unit, seen=axis is not whole)}"
        unit = f" ({curve.unit})" if text.says_something(curve.unit) else ""
        spaced = f", {SCALE_WORDS['rank']}" if self.scale == "rank" and not categories else ""
        name = text.elide(curve.metric, max(LONGEST_LABEL - len(unit + spaced), SHORTEST_NAME))
        chart.say(title, f"{name}{unit}{spaced}")
        judged = self._is_confidence(curve) and not self.by_class
        chart.show(
            axis,
            bins.n,
            series,
            average,
            top=self._top,
            band=self.intervals,
            by_class=self.by_class,
            bars=bool(categories),
            calibrated=bins.medians.mean(axis=0) if judged and side == 0 else np.zeros(0),
        )
        return note

    def _numbers(self) -> pd.DataFrame | None:
        """Give the numbers of both charts as one table; None without a metric."""
        if self.curve is None:
            return None
        tables = {"predictions": self.curve.predictions, "labels": self.curve.labels}
        known = {name: table for name, table in tables.items() if len(table)}
        return pd.concat(known or tables, names=["of", "point"])

    def _show_range(self) -> None:
        charts = (self._true_positive, self._false_negative)
        if self._is_categorical():
            names = categories_of(self.evaluation, self.metric)
            self._ranges.show_categories(self.metric_range, names)
            tables = self._tables()
            order = by_count(tables)
            for chart, table in zip(charts, tables, strict=True):
                chart.show_categories(places_of(table, order, self.metric_range, names))
            return
        dates = self.curve is not None and self.curve.unit == DATE
        self._ranges.show(self.metric_range, self._extent() or (0.0, 0.0), dates=dates)
        mouse = "drag" if self._ranges.dragging else "move" if self._zoom.moving else ""
        for chart in charts:
            chart.show_range(self.metric_range, mouse)

    def _tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Give the points of both charts."""
        return (self.curve.predictions, self.curve.labels)

    def _is_categorical(self) -> bool:
        return self.curve is not None and "category" in self.curve.predictions

    def _extent(self) -> Range | None:
        """Find the smallest and largest value on screen; None without any."""
        if self.curve is None or self._is_categorical():
            return None
        tables = [t for t in (self.curve.predictions, self.curve.labels) if len(t)]
        if not tables:
            return None
        low = min(float(table["bin_low"].min()) for table in tables)
        return (low, max(float(table["bin_high"].max()) for table in tables))

    def _show_foot(self, remarks: list[str]) -> None:
        spaced = self.scale == "rank" and not self._is_categorical()
        key, click = OF_CATEGORIES if self._is_categorical() else OF_NUMBERS
        more = [
            *([wording.EQUAL_COUNTS] if spaced else []),
            wording.RATES_DO_NOT_ADD_UP,
            self._choices_in_words(),
        ]
        words = " ".join(escape(r) for r in dict.fromkeys(remarks) if r)
        said = f"{key} {click}"
        html = (
            text.explained(wording.HOW_TO_READ, [said, *more])
            if self._short
            else text.explained(said, more)
        )
        send(self._foot, value=f'<div class="eaw-muted">{html} {words}</div>')

    def _choices_in_words(self) -> str:
        """Say what the curves are under: the widget can stand without a panel."""
        total = text.counted(len(self.evaluation.class_names), "class", "classes")
        classes = f"{len(self.classes):,} of {total}" if self.classes else f"all {total}"
        iou, confidence = self.iou_threshold, confidence_in_words(self.confidence_threshold)
        part = "" if self.where is None else f", where {in_words(self.where, self.evaluation)}"
        return f"Shown: IoU {iou:.2f}, confidence {confidence}, {classes}{part}."

    def _describe(self, side: int, rows: Sequence[int]) -> str:
        """Write the tooltip of a point, or of all classes of a category."""
        points = [point for row in rows if (point := self._point(side, row)) is not None]
        if self.curve is None or not points:
            return ""
        return describe_points(
            self.curve, points, wording.RATES[side], f"{KINDS[side]}s", self.by_class
        )

    def _point(self, side: int, row: int) -> pd.Series | None:
        """Give the bin of a point; None where it is off the screen by now."""
        table = None if self.curve is None else (self.curve.predictions, self.curve.labels)[side]
        return None if table is None or row >= len(table) else table.iloc[row]

    @on_screen
    def _range_chosen(self, ends: Extent) -> None:
        if self.curve is not None:  # else the boxes are off the screen by now
            self.metric_range = ends

    @on_screen
    def _mouse_changed(self, change: Any) -> None:
        """Give the mouse one work at a time."""
        if change["new"]:
            other = self._zoom if change["owner"] is self._ranges else self._ranges
            other.point()
        self._show_range()

    @on_screen
    def _bin_picked(self, side: int, row: int) -> None:
        """Choose the bin of a point; of categories, add the one of a bar or take it out."""
        point = self._point(side, row)
        if point is not None:
            if "category" in point:
                names = categories_of(self.evaluation, self.metric)
                of_bar = behind(point["category"], self._tables()[side], names)
                self.metric_range = toggled(self.metric_range, of_bar)
            else:
                self.metric_range = (float(point["bin_low"]), float(point["bin_high"]))

    @on_screen
    def _dragged(self, low: float, high: float) -> None:
        """Choose the range that was dragged over."""
        whole = self._extent()
        if whole is not None:
            to_minute = self.curve.unit == DATE
            self.metric_range = (to_minutes if to_minute else rounded)(low, high, whole)


def _sentences(answers: View, metric: str, should_stop: Callable[[], bool]) -> tuple[Sentence, ...]:
    """Ask for the sentences, unless told to stop."""
    return answers.sentences(metric, settled=True, should_stop=should_stop)
