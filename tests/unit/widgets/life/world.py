"""A person, a program and a kernel act on widgets; after each act, all has to be right."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ipywidgets import Button, Layout
from ipywidgets.widgets import widget as widget_module
from traitlets import TraitError

from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.errors import InvalidInputError
from ea_widgets.testing import front_end
from ea_widgets.testing.controls import find, on_step, parts_of
from ea_widgets.widgets.base.link import LINKED, link
from ea_widgets.widgets.examples.examples_panel import Examples
from ea_widgets.widgets.explorer import Explorer
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.per_class import PerClass
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric
from ea_widgets.widgets.panels.sweep_panel import ImportanceSweep
from ea_widgets.widgets.panels.what_if_panel import WhatIf
from ea_widgets.widgets.panels.worst_ranges_panel import WorstRanges
from tests.unit.widgets.life import diagnosis
from tests.unit.widgets.life.data import Oracle, Watched, at_the_address, make_pool, watched
from tests.unit.widgets.life.expected import check
from tests.unit.widgets.life.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = (
    ImportancePanel,
    PerformanceByMetric,
    WorstRanges,
    Examples,
    WhatIf,
    ImportanceSweep,
    PerClass,
)
LEVELS = {"true_positive": "FP", "missed": "FO"}
PAGE = "page"
SIZED = {"metric": "Size (P)"}
RANGED = {**SIZED, "metric_range": (0.0, 0.5)}
SCENES: dict[str, tuple[tuple[Any, dict[str, Any]], ...]] = {
    "panel": ((ImportancePanel, {}),),
    "detail": ((PerformanceByMetric, RANGED),),
    "worst": ((WorstRanges, {}),),
    "examples": ((Examples, RANGED),),
    "what if": ((WhatIf, RANGED),),
    "sweep": ((ImportanceSweep, {"opened": True}),),
    "classes": ((PerClass, {"opened": True}),),
    "pair": ((ImportancePanel, {}), (PerformanceByMetric, SIZED)),
    "ranged": ((PerformanceByMetric, RANGED), (WorstRanges, {}), (WhatIf, {})),
    **diagnosis.SCENES,
    PAGE: (),
}

FOLLOWS = {
    "evaluation": {
        *("classes", "where", "metric", "metric_range", "zoom", "given", "rules", "page"),
        *("metric_x", "metric_y"),
    },
    "metric": {"metric_range", "zoom", "page", "min_confidence"},
    "metric_range": {"page", "min_confidence"},
    # The metric turns to its counterpart at the other level.
    "outcome": {
        "given",
        "outcome",
        "metric",
        "metric_x",
        "metric_y",
        "metric_range",
        "zoom",
        "page",
        "min_confidence",
    },
    "classes": {"page"},
    "iou_threshold": {"page"},
    "confidence_threshold": {"page"},
    "where": {"page"},
    "kind": {"page"},
    "reason": {"page"},
    "sort_by": {"page"},
    "descending": {"page"},
}
"""What may change because something else did."""

PRESSES = {
    "clear": {"metric_range"},
    "all": {"classes"},
    "none": {"classes"},
    "zoom to selection": {"zoom"},
    "reset zoom": {"zoom"},
    "+": {"zoom"},
    "\N{MINUS SIGN}": {"zoom"},
    "→": {"zoom"},
    "maximize F1": {"min_confidence"},
    "add rule": {"rules"},
    "remove": {"rules"},
    "next ▸": {"page"},
    "◂ before": {"page"},
    "The next object": {"page"},
    "back to all": set(),
    "objects as CSV": set(),
    "CSV": set(),
    "pan and zoom": set(),
    **diagnosis.PRESSES,
}
"""What a button may change."""

ACTS = {
    "click_bar": {"metric"},
    "click_point": {"metric_range"},
    "select_range": {"metric_range"},
    "move_axis": {"zoom"},
    "hover_bar": set(),
    "hover_point": set(),
    "open": set(),
    "click_range": {"classes", "metric", "metric_range", "outcome", "kind", "reason"},
    "echo": set(),
}
"""What an act of a person may change."""

_POOL: list[Any] = []


def _knows(evaluation: Any, where: Any) -> bool:
    """Whether a slice can be looked at."""
    try:
        Evaluation.at(evaluation, where=where)
    except InvalidInputError:
        return False
    return True


def pool() -> list[tuple[Any, Oracle]]:
    """Give the evaluations to show with the oracles of each; built once."""
    if not _POOL:
        _POOL.extend((shown, Oracle(twin)) for shown, twin in make_pool())
    return _POOL


class Records(logging.Handler):
    """Keeps what is logged: nobody would see it in Jupyter."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        trace = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
        self.said.append(f"{record.getMessage()}\n{trace}")


class World:
    """Some widgets under one kernel.

    Parameters
    ----------
    scene : str
        One of `SCENES`.
    looped : bool
        Whether a loop runs, as in a notebook; else what takes long is computed at once.
    """

    def __init__(self, scene: str, *, looped: bool) -> None:
        self.before = set(widget_module._instances)
        self.kernel = Kernel()
        self.looped = looped
        self.records = Records()
        logging.getLogger().addHandler(self.records)
        Watched.broken = False
        self.layout = Layout()
        self.beside = Button(layout=self.layout)
        self.page: Explorer | None = None
        self.links: list[Any] = []
        self.in_kernel(lambda: self._make(scene))
        self.open = list(self.widgets)
        self.check()

    def _make(self, scene: str) -> None:
        evaluation = self.evaluation(0)
        if scene == PAGE:
            page = self.page = Explorer(evaluation)
            self.widgets = [
                page.panel, page.detail, page.worst, page.examples, page.what_if, page.sweep,
                page.per_class,
            ]  # fmt: skip
            return
        self.widgets = [
            kind(evaluation, layout=self.layout, **choices) for kind, choices in SCENES[scene]
        ]
        self.link()

    def evaluation(self, number: int) -> Watched:
        """Give a new object that shows an evaluation of the pool."""
        number %= len(pool())
        return watched(pool()[number][0], number)

    def in_kernel(self, call: Callable[[], Any]) -> Any:
        """Do something where the kernel would."""
        inside = self.kernel.loop.is_running()
        return self.kernel.act(call) if self.looped and not inside else call()

    # What can be done

    def link(self) -> None:
        """Link all widgets that are open, unless they are."""
        there = getattr(self, "open", self.widgets)
        if self.page is None and not self.links and len(there) > 1:
            self.links.append(self.in_kernel(lambda: link(*there)))

    def unlink(self) -> None:
        """Let each widget make its own choices."""
        while self.links:
            self.links.pop().unlink()

    def set(self, number: int, changes: dict[str, Any]) -> None:
        """Choose something from Python, all at once; what cannot be is refused."""
        widget = self._some(number)
        if widget is None:
            return
        changes = {name: value for name, value in changes.items() if widget.has_trait(name)}
        if Watched.broken:  # a slice cannot be checked then, and is refused
            changes.pop("where", None)
        if not changes:
            return
        if "evaluation" in changes:
            changes["evaluation"] = self.evaluation(changes["evaluation"])
        if not self._valid(widget, changes):
            self.refused(number, changes)
            return
        choices = self._choices()
        self.in_kernel(lambda: _assign(widget, changes))
        self._kept(choices, widget, set(changes))
        metric_before, metric = choices[widget]["metric"], widget.metric
        for name, value in changes.items():
            ranged = name in {"metric_range", "zoom"}
            if not (ranged and None in {metric, metric_before}) and name != "page":
                _same_choice(getattr(widget, name), value, name)
        self._check_range(widget, choices[widget], changes)

    def _check_range(self, widget: Any, before: dict[str, Any], changes: dict[str, Any]) -> None:
        """Another metric empties the range, the same at another level keeps it."""
        metric = before["metric"]
        if "metric_range" in changes or not widget.has_trait("metric_range") or metric is None:
            return
        same = widget.metric is not None and _scale(metric) == _scale(widget.metric)
        assert widget.metric_range == (before["metric_range"] if same else ())

    def refused(self, number: int, changes: dict[str, Any]) -> None:
        """Choose something that cannot be: nothing changes."""
        widget = self._some(number)
        if widget is None or not all(map(widget.has_trait, changes)):
            return
        choices, shown = self._choices(), front_end(widget).shown()
        try:
            self.in_kernel(lambda: _assign(widget, changes))
        except (InvalidInputError, TraitError):
            pass
        else:
            raise AssertionError(f"{changes} was not refused")
        self._kept(choices, widget, set())
        if not Watched.broken:  # else it is drawn again, and fails again
            assert front_end(widget).shown() == shown

    def _valid(self, widget: Any, changes: dict[str, Any]) -> bool:
        evaluation = changes.get("evaluation", widget.evaluation)
        classes = changes.get("classes", ())
        cut = changes.get("confidence_threshold")
        by_class = cut if isinstance(cut, dict) else ()
        metric = changes.get("metric")
        given = changes.get("given")
        levels = evaluation.metrics["level"]
        ranked = [n for n in levels.index if levels[n] in LEVELS.get(_outcome(widget, changes), "")]
        return (
            set(classes) <= set(evaluation.class_names)
            and set(by_class) <= set(evaluation.class_names)
            and (metric is None or metric in levels.index)
            and _knows(evaluation, changes.get("where"))
            and (given is None or given in {"class", *ranked})
            and {changes.get("metric_x"), changes.get("metric_y")} <= {None, *ranked}
        )

    def act(self, number: int, name: str, *args: Any, late: bool = False) -> None:
        """Do what a person does; what nobody can do is left."""
        widget = self.widgets[number % len(self.widgets)]
        if widget not in self.open and not late:
            return
        person = front_end(widget)
        choices = self._choices()
        allowed = self._may_change(name, args)
        if isinstance(widget, PerClass) and name == "click_bar":
            allowed = {"classes"}
        options = {"late": True} if late and name not in {"select_range", "move_axis"} else {}
        if name in {"click_range", "echo"}:
            options = {}
        try:
            self.in_kernel(lambda: getattr(person, name)(*args, **options))
        except InvalidInputError:
            return
        self._kept(choices, widget, allowed)
        if name == "move" and widget in self.open and not late:
            self._check_move(widget, *args)

    def late(self, number: int, name: str, *args: Any) -> None:
        """Send what a person did before a control was hidden, or its widget closed."""
        self.act(number, name, *args, late=True)

    @staticmethod
    def _may_change(name: str, args: tuple[Any, ...]) -> set[str]:
        if name == "move":
            return {str(args[0])}
        if name == "type":
            return {"metric_range"} if args[0] in {"from", "to"} else set()
        return PRESSES[args[0]] if name == "press" else ACTS[name]

    @staticmethod
    def _check_move(widget: Any, trait: str, value: object) -> None:
        """What a person sees on the control is what is chosen."""
        if trait in {"metric", "given", "outcome"} or not widget.has_trait(trait):
            return
        if isinstance(getattr(widget, trait), Mapping):
            return  # the slider moves all of them: see test_diagnosis
        if isinstance(value, float) and trait != "bins":
            control = find(widget, trait, (object,), late=True).widget
            near = on_step(control, value)
            assert getattr(widget, trait) is not None
            assert math.isclose(on_step(control, getattr(widget, trait)), near)
        elif trait != "bins":
            assert getattr(widget, trait) == value

    def swap(self, number: int) -> None:
        """Assign another evaluation to the page, or to the first widget."""
        if self.page is None or not self.open:
            self.set(0, {"evaluation": number})
            return
        evaluation, page, choices = self.evaluation(number), self.page, self._choices()
        self.in_kernel(lambda: setattr(page, "evaluation", evaluation))
        assert [widget.evaluation is evaluation for widget in self.open] == [True] * len(self.open)
        self._kept(choices, self.open[0], {"evaluation"})

    def reuse(self, first: int, second: int) -> None:
        """Assign one evaluation, and then one at the address of the one before, if that can be."""
        widget = self._some(0)
        if widget is None:
            return
        address = id(widget.evaluation)
        self.set(0, {"evaluation": first})
        second %= len(pool())
        evaluation = at_the_address(pool()[second][0], second, address)
        self.in_kernel(lambda: setattr(widget, "evaluation", evaluation))

    def rest(self) -> None:
        """Let some time go by."""
        choices = self._choices()
        self.kernel.rest()
        self._kept(choices, None, {"page"})

    def finish(self, number: int, between: tuple[Any, ...] = ()) -> None:
        """Let a thread come to an end, perhaps after something else was done."""
        choices = self._choices()
        self.kernel.finish(number, (lambda: self.do(*between)) if between else None)
        if not between:
            self._kept(choices, None, {"page"})

    def display(self, number: int) -> None:
        """Show a widget once more, and let both views answer."""
        widget = self._some(number)
        if widget is not None:
            self.in_kernel(widget._repr_mimebundle_)
            self.act(number, "echo")
            self.act(number, "echo")

    def stop_answering(self) -> None:
        """Let every answer fail from now on."""
        Watched.broken = True

    def answer_again(self) -> None:
        """Let answers come again; a choice made once more draws them."""
        if not Watched.broken:
            return
        Watched.broken = False
        for widget in self.open:
            self.in_kernel(lambda w=widget: setattr(w, "iou_threshold", w.iou_threshold))

    def failing(self, *act: Any) -> None:
        """Do something while no answer comes, and then something that draws again."""
        self.stop_answering()
        self.do(*act)
        self.answer_again()

    def then_rest(self, *act: Any) -> None:
        """Do something, and let it be computed."""
        self.do(*act)
        self.rest()

    def too_late(self, number: int, *act: Any) -> None:
        """Close a widget while something is done to it."""
        self.close(number)
        self.late(number, *act)

    def close(self, number: int) -> None:
        """Close a widget, or the page."""
        if not self.open:
            return
        if self.page is not None:
            self.in_kernel(self.page.close)
            self.open.clear()
            return
        widget = self._some(number)
        self.in_kernel(widget.close)
        self.open.remove(widget)
        assert widget.comm is None

    def do(self, name: str, *args: Any) -> None:
        """Do one thing, and look."""
        if self.links and len(self.open) < 2:
            self.unlink()
        getattr(self, name)(*args)
        self.check()

    # What has to be right

    def check(self) -> None:
        """Look at everything."""
        assert self.records.said == [], self.records.said[0]
        assert self.kernel.raised == []
        self._check_agreement()
        assert self.layout.comm is not None, "the layout of another widget was closed"
        self._check_work()
        if Watched.broken:
            return
        for widget in self.open:
            message = front_end(widget).shown().message
            assert "could not be shown" not in message, message
            check(widget, pool()[widget.evaluation.number][1])
        if self.page is not None and self.open:
            page = self.page
            children = [part.widget for part in parts_of(page)]
            below = (page.examples, page.what_if, page.sweep, page.per_class, *page.further)
            (shown,) = [part for part in below if part in children]
            assert page._tabs.tab_of(shown) == page.tab

    def _check_work(self) -> None:
        """Each widget computes one thing of a kind at a time; one has two files to offer."""
        for which, widgets in (
            ([work for work in self.kernel.threads.work if not work.stopped], self.open),
            (self.kernel.threads.work, self.widgets),
        ):
            for name, count in Counter(work.name for work in which).items():
                most = len(widgets) * (2 if "export" in name else 1)
                assert count <= most, f"{count} of {name} run at once"

    def _check_agreement(self) -> None:
        if not self.links and self.page is None:
            return
        for name in LINKED:
            values = [getattr(w, name) for w in self.open if w.has_trait(name)]
            assert all(v is values[0] or v == values[0] for v in values), name

    def _choices(self) -> dict[Any, dict[str, Any]]:
        return {w: {n: getattr(w, n) for n in w.choice_names()} for w in self.open}

    def _kept(self, before: dict[Any, dict[str, Any]], widget: Any, names: set[str]) -> None:
        """Nothing has changed but what was chosen, and what follows from it."""
        follows = set(names)
        for name in names:
            follows |= FOLLOWS.get(name, set())
        linked = self.links or self.page is not None
        for other, old in before.items():
            free = follows if widget is None or other is widget or linked else set()
            for name, value in old.items():
                if name not in free and other in self.open:
                    _same_choice(getattr(other, name), value, name)

    def _some(self, number: int) -> Any:
        return self.open[number % len(self.open)] if self.open else None

    def end(self, *, in_peace: bool) -> None:
        """Let everything come to rest, unless in haste; close all: nothing is left."""
        self.answer_again()
        if self.looped and in_peace:
            self.kernel.drain()
            for widget in self.open:
                assert not front_end(widget).shown().waiting, type(widget).__name__
        self.check()
        while self.open:
            self.close(0)
        self.unlink()
        assert all(work.stopped for work in self.kernel.threads.work)
        left = len(self.kernel.threads.work)
        self.kernel.rest()
        assert len(self.kernel.threads.work) == left, "work has begun after closing"
        self.kernel.drain()
        self.check()
        self.beside.close()
        self.layout.close()
        self.beside.style.close()
        remains = [w for key, w in widget_module._instances.items() if key not in self.before]
        assert remains == []

    def leave(self) -> None:
        """Put everything back, also after a failure."""
        Watched.broken = False
        logging.getLogger().removeHandler(self.records)
        self.kernel.close()
        for key, widget in list(widget_module._instances.items()):
            if key not in self.before:
                widget_module.Widget.close(widget)


def _scale(metric: str) -> tuple[str, bool]:
    """Name the scale of a metric: that of objects has two levels."""
    name, level = metric.rsplit(" ", 1)
    return name, level == "(F)"


def _assign(widget: Any, changes: dict[str, Any]) -> None:
    if len(changes) == 1:
        ((name, value),) = changes.items()
        setattr(widget, name, value)
        return
    with widget.hold_trait_notifications():
        for name, value in changes.items():
            setattr(widget, name, value)


def _outcome(widget: Any, changes: dict[str, Any]) -> str:
    return changes.get("outcome", getattr(widget, "outcome", ""))


def _same_choice(got: Any, want: Any, name: str) -> None:
    if name == "evaluation":
        assert got is want
    else:
        assert got == want, f"{name} is {got!r}, not {want!r}"
        assert isinstance(want, Mapping) or type(got) is type(want), name
