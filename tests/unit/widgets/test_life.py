"""Whatever is done to widgets, in whatever order: the screen shows what the evaluation answers.

``EA_LIFE_EXAMPLES=2000 python -m pytest tests/unit/widgets/test_life.py`` tries more sequences.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.analysis.slices import where
from ea_widgets.core.statistics.resampling import ComputationStoppedError
from ea_widgets.widgets.examples.examples_panel import Examples
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.per_class import PerClass
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric
from ea_widgets.widgets.panels.sweep_panel import ImportanceSweep
from ea_widgets.widgets.panels.what_if_panel import WhatIf
from ea_widgets.widgets.panels.worst_ranges_panel import WorstRanges
from tests.conftest import EA_TESTS
from tests.unit.widgets.life import diagnosis
from tests.unit.widgets.life.data import CLASSES, METRICS, RANGES, SLICES
from tests.unit.widgets.life.world import KINDS, PAGE, SCENES, World

EXAMPLES = int(os.environ.get("EA_LIFE_EXAMPLES", {"few": 6, "usual": 40, "all": 600}[EA_TESTS]))
PAGES = max(2, EXAMPLES // 12)
"""Sequences on single widgets and pairs, and on the page, where each step takes longer."""

SHARES = (0.3, 1 / 3, 0.5, 0.505, 2 / 3, 0.755, 0.9, 0.0, 1.0)
CHOICES = {
    "iou_threshold": SHARES,
    "confidence_threshold": (*SHARES, {"cat": 0.3, "dog": 2 / 3}, {"cat": 0.505}),
    "classes": ((), ("cat",), ("dog",), ("emu", "cat"), CLASSES),
    "where": (None, *SLICES),
    "metric": (None, *METRICS),
    "metric_range": ((), *RANGES),
    "evaluation": tuple(range(5)),
    "zoom": ((), *RANGES),
    "outcome": ("true_positive", "missed"),
    "given": (None, "class", *METRICS),
    "all_metrics": (False, True),
    "bins": (2, 5, 20),
    "by_class": (False, True),
    "scale": ("rank", "linear", "log"),
    "intervals": (False, True),
    "kind": ("all", "true_positive", "false_positive", "missed"),
    "reason": ("", "duplicate", "background", "missed"),
    "sort_by": ("metric", "confidence", "iou"),
    "descending": (False, True),
    "page": (0, 1, 50),
    "view": ("pictures", "table"),
    "min_confidence": (0.0, 1 / 3, 0.505, None),
    "opened": (False, True),
    "order": ("lowest", "labels", "name"),
    "normalize": ("count", "row", "column"),
    "metric_x": (None, *METRICS),
    "metric_y": (None, *METRICS),
    "slices": ({}, {"small": SLICES[0]}, diagnosis.NAMED),
}
OWN_CHOICES = {
    WorstRanges: {"sort_by": ("surest", "gain", "gain_per_100")},
    **diagnosis.OWN_CHOICES,
}
"""Where a trait has other values in one widget than in the others."""
NO_CHOICES = {
    "iou_threshold": (1.5, float("nan"), True, "half"),
    "confidence_threshold": (-0.1, False, {}, {"cat": 2.0}, {"unicorn": 0.5}),
    "classes": (("unicorn",), (["cat"],), 5),
    "metric": ("Sise", 3),
    "metric_range": ((1.0, 0.0), (1.0,), ("a", "b"), (0.0, float("nan"))),
    "where": ("night", where("Sise", high=1)),
    "evaluation": ("data", None),
    "zoom": ((1.0, 1.0),),
    "given": ("Sise",),
    "bins": (1, 101),
    "page": (-1,),
    "min_confidence": (2.0,),
    "outcome": ("found",),
    "rules": (("rule",),),
    "metric_x": ("Sise", 3),
    "slices": ({"small": 3}, {"": SLICES[0]}, 5),
}

few = st.integers(0, 3)
NAMES = ("all", "none")
RANGE = (
    *("clear", "zoom to selection", "reset zoom", "pan and zoom"),
    *("+", "\N{MINUS SIGN}", "→", "CSV"),
)
OBJECTS = ("next ▸", "◂ before", "The next object", "back to all", "objects as CSV")
RULES = ("maximize F1", "add rule", "add rule", "remove", "CSV")
BARS = (("click_bar", 0), ("click_bar", 1), ("click_bar", 3), ("hover_bar", 0))
POINTS = tuple((event, n) for event in ("click_point", "hover_point") for n in (0, 1, 7))
TYPED = tuple(("type", end, value) for end in ("from", "to") for value in (0, 0.3, 0.8))
DRAGS = (("select_range", 0.2, 0.6), ("select_range", 0.0, 1.0), ("move_axis", 0.2, 0.6))


def presses(names):
    return tuple(("press", name) for name in names)


PERSON = {
    ImportancePanel: (*BARS, *presses((*NAMES, "CSV")), ("type", "search classes", "a")),
    PerformanceByMetric: (*POINTS, *TYPED, *DRAGS, *presses(RANGE)),
    WorstRanges: (("click_range", 0), ("click_range", 0), *presses(("CSV",))),
    Examples: (("open", 0), ("open", 2), *presses(OBJECTS)),
    WhatIf: presses(RULES),
    ImportanceSweep: presses(("CSV",)),
    PerClass: (*BARS, *presses(("CSV",))),
    **{kind: presses(names) for kind, names in diagnosis.PERSON.items()},
}
"""What a person does with each widget, besides moving its controls."""

NOT_MOVED = {
    *("evaluation", "where", "metric_range", "zoom", "page", "classes"),
    *("metric_x", "metric_y", "slices"),
}


def of(choices, kind, names=None):
    """Traits of a widget with their values."""
    choices = {**choices, **OWN_CHOICES.get(kind, {})} if choices is CHOICES else choices
    traits = kind.class_traits()
    known = [n for n in names or choices if n in traits and not traits[n].read_only]
    return st.sampled_from([(n, v) for n in known for v in choices[n]])


def steps_of(number, kind):
    """What is done to one widget, with what is done around it."""
    n = st.just(number)
    moves = of(CHOICES, kind, [name for name in CHOICES if name not in NOT_MOVED])
    persons = st.one_of(moves.map(lambda pair: ("move", *pair)), st.sampled_from(PERSON[kind]))
    sets = st.lists(of(CHOICES, kind), min_size=1, max_size=3).map(dict)
    whole = st.fixed_dictionaries(
        {name: st.sampled_from(CHOICES[name]) for name in ("metric", "metric_range")}
    )
    own = st.one_of(
        st.tuples(st.just("set"), n, sets),
        st.tuples(st.just("set"), n, whole),
        st.tuples(st.just("set"), n, of(CHOICES, kind).map(lambda pair: dict([pair]))),
        persons.map(lambda act: ("act", number, *act)),
        persons.map(lambda act: ("act", number, *act)),
        of(NO_CHOICES, kind).map(lambda pair: ("refused", number, dict([pair]))),
        st.tuples(st.just("act"), n, st.just("echo")),
    )
    return st.one_of(
        own,
        own,
        own,
        st.tuples(st.just("swap"), st.integers(0, 4)),
        st.tuples(st.just("reuse"), st.integers(0, 4), st.integers(0, 4)),
        st.just(("rest",)),
        own.map(lambda act: ("then_rest", *act)),
        own.map(lambda act: ("failing", *act)),
        persons.map(lambda act: ("too_late", number, *act)),
        st.tuples(st.just("finish"), few),
        st.tuples(st.just("finish"), few, own),
        st.sampled_from([("link",), ("unlink",), ("stop_answering",), ("answer_again",)]),
        st.sampled_from([("display", number), ("close", number)]),
        persons.map(lambda act: ("late", number, *act)),
    )


def sequences(scene, most=12):
    """A life in a scene: what is done to its widgets, in any order."""
    kinds = KINDS if scene == PAGE else [kind for kind, _ in SCENES[scene]]
    steps = [steps_of(number, kind) for number, kind in enumerate(kinds)]
    return st.tuples(
        st.just(scene),
        st.booleans(),
        st.lists(st.one_of(steps), min_size=1, max_size=most),
        st.booleans(),
    )


ALONE = sorted(set(SCENES) - {PAGE})


def live(scene, looped, sequence, in_peace=True):
    world = World(scene, looped=looped)
    try:
        for step in sequence:
            world.do(*step)
        world.end(in_peace=in_peace)
    finally:
        world.leave()


settled = settings(
    deadline=None,
    max_examples=EXAMPLES,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


NEW_METRIC = {"metric": "Brightness (F)", "metric_range": (0.0, 0.5)}  # the range is the old one
NOTHING_CHOSEN = {"metric": None, "metric_range": ()}
UNSEEN = [
    ("set", 0, NOTHING_CHOSEN),
    ("late", 0, "open", 0),
    ("finish", 0),
    ("set", 0, {"iou_threshold": 0.3}),
    ("set", 0, {"kind": "false_positive"}),
]
"""The kind is chosen while the gallery is hidden."""


@settled
@example(("ranged", False, [("set", 0, NEW_METRIC)], True))
@example(("what if", False, [("failing", "act", 0, "press", "maximize F1")], True))
@example(("examples", False, UNSEEN, False))
@given(st.sampled_from(ALONE).flatmap(sequences))
def test_what_is_on_screen_is_what_the_evaluation_answers(life):
    live(*life)


@settings(settled, max_examples=PAGES)
@given(sequences(PAGE, 10))
def test_the_page_too(life):
    live(*life)


@pytest.mark.parametrize("scene", [scene for scene in ALONE if len(SCENES[scene]) == 1])
def test_whatever_cannot_be_chosen_is_refused_and_changes_nothing(scene):
    every = [("refused", 0, {name: value}) for name in NO_CHOICES for value in NO_CHOICES[name]]
    live(scene, looped=False, sequence=every)


def test_an_evaluation_at_the_address_of_one_that_is_gone_is_another():
    world = World("sweep", looped=False)
    try:
        for number in range(8):
            world.do("swap", number % 2)
            world.do("set", 0, {"opened": False})  # what is folded away follows later
            # Who remembers an evaluation by its address without holding it mistakes the next.
            world.do("reuse", 2, 1 - number % 2)
            world.do("set", 0, {"opened": True})
    finally:
        world.leave()


@pytest.mark.parametrize("scene", ["panel", "detail", "worst", "sweep", "examples"])
def test_what_is_computed_beside_the_kernel_stops_when_nobody_wants_it(scene):
    world = World(scene, looped=True)
    try:
        (widget,) = world.widgets
        fresh = Evaluation(widget.evaluation.dataset)  # so that no answer is there already
        world.in_kernel(lambda: setattr(widget, "evaluation", fresh))
        world.kernel.rest()
        begun = [work for work in world.kernel.threads.work if not work.stopped]
        assert len(begun) == 1
        world.close(0)
        for work in begun:
            assert work.stopped
            with pytest.raises(ComputationStoppedError):
                work.compute(*work.args)
    finally:
        world.leave()


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("looped", [False, True])
def test_nothing_done_leaves_nothing(scene, looped):
    live(scene, looped, [("rest",), ("finish", 0)])
