"""What changes a function changes its digest; another process does not."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections import namedtuple
from types import SimpleNamespace

import pytest

from ea_widgets.data.cache.fingerprint import code_digest

SOURCE = """
import functools
import math
import numpy as np

class Scaled:
    unit = 1
    def __init__(self, factor):
        self.factor = factor
    def __call__(self, crop):
        return self.helped(crop)
    def helped(self, crop):
        return float(crop.mean()) * self.factor

class Slotted:
    __slots__ = ("factor",)
    def __call__(self, crop):
        return self.factor

def two(crop, factor, *, power=2):
    return crop.mean() ** power * factor

def in_sets(crop):
    return float(crop[0, 0, 0] in {"ab", "cd", "ef", "gh", 3})

def wrap(function):
    @functools.wraps(function)
    def inner(*values):
        return function(*values)
    return inner

def closed(value):
    return lambda crop: value

OPTIONS = {"low": 0.25, "names": ["a", "b"], "kinds": {"x", "y", "z"}}
TABLE = np.arange(6.0)

def helper(crop):
    return crop.mean() if crop.any() else around(crop)

def around(crop):
    return helper(crop[1:]) + 7

def with_globals(crop):
    return helper(crop) * OPTIONS["low"] + TABLE.sum() + math.sqrt(4)

def within(crop):
    return [helper(part) for part in crop]

@np.errstate(all="ignore")
def decorated(crop):
    return np.array([1.0, 6.5])

def by_decorated(crop):
    return decorated(crop)

slotted = Slotted()
slotted.factor = 2
"""
FUNCTIONS = {
    "code": "lambda crop: crop.mean() / 255",
    "nested code": "lambda crop: (lambda: 7)()",
    "partial": "functools.partial(two, factor=3)",
    "partial of position": "functools.partial(two, np.ones(4), 3)",
    "callable": "Scaled(2)",
    "method": "Scaled(2).helped",
    "slotted": "slotted",
    "keyword default": "two",
    "set": "in_sets",
    "wrapped": "wrap(lambda crop: 1.5)",
    "said to wrap": "functools.update_wrapper(lambda crop: 0, lambda crop: 3.5)",
    "remembered": "functools.lru_cache(lambda crop: 1.5)",
    "closure": "closed(11)",
    "closure on array": "closed(np.arange(5))",
    "closure on function": "closed(lambda crop: 11)",
    "globals": "with_globals",
    "global within": "within",
    "decorated by a package": "by_decorated",
}
EDITS = [
    ("code", "mean() / 255", "std() / 255"),
    ("code", "255", "254"),
    ("nested code", "7", "8"),
    ("partial", "factor=3", "factor=4"),
    ("partial of position", "np.ones(4), 3", "np.zeros(4), 3"),
    ("callable", "Scaled(2)", "Scaled(3)"),
    ("callable", "self.helped(crop)", "-self.helped(crop)"),
    ("callable", "float(crop.mean())", "float(crop.max())"),
    ("callable", "unit = 1", "unit = 2"),
    ("method", "Scaled(2)", "Scaled(3)"),
    ("slotted", "slotted.factor = 2", "slotted.factor = 3"),
    ("keyword default", "power=2", "power=3"),
    ("set", '"gh"', '"hh"'),
    ("wrapped", "1.5", "2.5"),
    ("remembered", "1.5", "2.5"),
    ("said to wrap", "3.5", "4.5"),
    ("decorated by a package", "6.5", "7.5"),
    ("closure", "closed(11)", "closed(12)"),
    ("closure on array", "arange(5)", "arange(5)[::-1]"),
    ("closure on array", "arange(5)", "arange(5.0)"),
    ("closure on function", "11", "12"),
    ("globals", "0.25", "0.5"),
    ("globals", '"b"', '"c"'),
    ("globals", '"z"', '"w"'),
    ("globals", "arange(6.0)", "arange(7.0)"),
    ("globals", "+ 7", "+ 8"),
    ("globals", "math.sqrt", "math.cbrt"),
    ("global within", "+ 7", "+ 8"),
]


def made(name, old="", new=""):
    namespace = {"__name__": "__main__"}
    exec(SOURCE.replace(old, new), namespace)  # noqa: S102  # the text above
    return eval(FUNCTIONS[name].replace(old, new), namespace)  # noqa: S307  # likewise


@pytest.mark.parametrize(("name", "old", "new"), EDITS)
def test_an_edit_changes_it(name, old, new):
    assert old in SOURCE + FUNCTIONS[name]
    before, after = code_digest(made(name)), code_digest(made(name, old, new))
    assert before.text != after.text
    assert code_digest(made(name)) == before


def test_another_process_gives_the_same():
    script = (
        "import sys\nfrom ea_widgets.data.cache.fingerprint import code_digest\n"
        f"functions = {FUNCTIONS!r}\nprint([code_digest(eval(f)).text for f in functions.values()])"
    )
    here = [code_digest(made(name)).text for name in FUNCTIONS]
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", SOURCE + script],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        assert done.stdout.strip() == str(here)


@pytest.mark.parametrize("name", set(FUNCTIONS) - {"remembered"})
def test_what_is_simple_is_seen_whole(name):
    assert code_digest(made(name)).is_whole


READERS = {
    "the attribute of another object": """
class Options: pass
threshold = 50
def f(crop):
    options = Options()
    options.threshold = threshold
    return crop > options.threshold
""",
    "an attribute of another object in a callable": """
class Options: pass
class Reader:
    def __init__(self, threshold): self.threshold = threshold
    def __call__(self, crop):
        options = Options()
        options.threshold = 3
        return self.threshold
f = Reader(50)
""",
    "a method called add": """
class Pipeline:
    def __init__(self): self.factor = 50
    def add(self, crop): return crop.mean() * self.factor
pipeline = Pipeline()
f = lambda crop: pipeline.add(crop)
""",
    "in the closure, a method called update": """
class Model:
    def __init__(self): self.factor = 50
    def update(self, crop): return crop.mean() * self.factor
def closed(model): return lambda crop: model.update(crop)
f = closed(Model())
""",
    "an array that is sorted": """
import numpy as np
means = np.array([50, 1])
def f(crop):
    means.sort()
    return means[0]
""",
    "an array that is stored into": """
import numpy as np
means = np.array([50, 1])
def f(crop):
    means[1] = 2
    return means[0]
""",
    "a dict that is taken from": """
table = {"a": 50}
def f(crop):
    table.pop("b", None)
    return table["a"]
""",
    "a parameter of an inner function": """
scale = [50]
def f(crop):
    def inner(scale):
        def deepest(): scale.append(1)
        scale.append(1)
    return scale[0]
""",
    "a copy that grows": """
scale = [50]
def f(crop):
    scale.copy().append(1)
    scale.copy()[0] = 2
    return scale[0]
""",
    "a named tuple": """
from collections import namedtuple
Limits = namedtuple("Limits", "low items")
limits = Limits(50, 3)
f = lambda crop: limits.low
""",
    "the fields of a named tuple": """
from collections import namedtuple
limits = namedtuple("Limits", "low high" if 50 == 50 else "high low")(1, 2)
f = lambda crop: limits.low
""",
    "a list of one's own class": """
class Steps(list): pass
steps = Steps([50])
f = lambda crop: steps[0]
""",
    "an attribute of a list": """
class Steps(list): pass
steps = Steps([1])
steps.factor = 50
f = lambda crop: steps.factor
""",
    "the class of a dict": """
class Default(dict):
    def __missing__(self, key): return 50
table = Default()
f = lambda crop: table[3]
""",
    "a queue": "from collections import deque; q = deque([50]); f = lambda crop: q[0]",
    "a counter": "from collections import Counter; q = Counter(a=50); f = lambda crop: q['a']",
    "a default": """
from collections import defaultdict
q = defaultdict(lambda: 50)
f = lambda crop: q[0]
""",
    "bytes": "q = bytearray([50]); f = lambda crop: q[0]",
    "the order of a dict": """
q = dict.fromkeys(sorted([1, 2], key=lambda key: key * (50 - 100)))
f = lambda crop: list(q)
""",
}


@pytest.mark.parametrize("name", READERS)
def test_what_is_read_is_seen_whatever_is_done_beside(name):
    digests = []
    for value in ("50", "200", "50"):
        namespace = {"__name__": "__main__"}
        exec(READERS[name].replace("50", value, 1), namespace)  # noqa: S102  # the text above
        digests.append(code_digest(namespace["f"]).text)
    assert digests[0] == digests[2] != digests[1]


Limits = namedtuple("Limits", "low high")  # noqa: PYI024  # as users write them
LIMITS = Limits(1, 2)


def test_named_tuples_are_seen_whole():
    assert code_digest(lambda crop: crop > LIMITS.low).is_whole


MODEL = SimpleNamespace(predict=len)
LAZY = {}
HELD = None


def by_model(crop):
    return MODEL.predict(crop)


def by_lazy(crop):
    LAZY["model"] = crop
    return LAZY


def by_held(crop):
    global HELD  # noqa: PLW0603  # as users do
    HELD = HELD or crop
    return HELD


def by_import(crop):
    import module_of_my_own  # noqa: PLC0415

    return module_of_my_own.embed(crop)


def closed_on(model):
    def predict(crop):
        return model.predict(crop)

    return predict


class OfPackage(SimpleNamespace):
    def __call__(self, crop):
        return crop


class Odd:
    def __getattr__(self, name):
        raise RuntimeError(name)

    def __call__(self, crop):
        return crop


@pytest.mark.parametrize(
    "function",
    [
        by_model,
        by_lazy,
        by_held,
        by_import,
        OfPackage(),
        functools.partial(len, MODEL),
        closed_on(MODEL),
        functools.lru_cache(len),
    ],
)
def test_what_cannot_be_looked_into_is_said(function):
    assert not code_digest(function).is_whole


def test_an_object_that_raises_when_looked_at_is_not_seen():
    assert not code_digest(Odd()).is_whole


def test_what_a_function_counts_is_left_out():
    calls, total, counts = [], 0, [0]

    def count(crop):
        nonlocal total
        total += 1
        counts[0] += 1
        calls.append(1)
        return 1.0

    before = code_digest(count)
    count(None)
    assert (calls, total, counts) == ([1], 1, [1])
    assert code_digest(count) == before
    assert before.is_whole

    class Counter:
        number = 0

        def __call__(self):
            self.number += 1

    counter = Counter()
    counter()
    before = code_digest(counter)
    counter()
    assert code_digest(counter) == before


def test_circles_and_depths_end():
    circle = []
    circle += [circle, circle]
    deep = []
    for _ in range(2000):
        deep = [deep]
    assert code_digest(lambda: circle).is_whole
    assert not code_digest(lambda: deep).is_whole
