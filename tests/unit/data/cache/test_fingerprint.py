"""What changes a function changes its digest; another process does not."""

from __future__ import annotations

import functools
import importlib
import os
import subprocess
import sys
from collections import namedtuple
from types import SimpleNamespace

import pytest

from ea_widgets.data.cache.fingerprint import fingerprint, kept_label

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


@pytest.fixture
def run(tmp_path):
    """Run source from a file of its own, as functions of users come from files and cells."""

    def run_source(source):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.py"
        path.write_text(source)
        namespace = {"__name__": "__main__"}
        exec(compile(source, path, "exec"), namespace)  # noqa: S102  # the texts here
        return namespace

    return run_source


@pytest.fixture
def made(run):
    def make(name, old="", new=""):
        return run(f"{SOURCE}\nmade = {FUNCTIONS[name]}\n".replace(old, new))["made"]

    return make


@pytest.mark.parametrize(("name", "old", "new"), EDITS)
def test_an_edit_changes_it(made, name, old, new):
    assert old in SOURCE + FUNCTIONS[name]
    before, after = fingerprint(made(name)), fingerprint(made(name, old, new))
    assert before.text != after.text
    assert fingerprint(made(name)) == before


def test_another_process_gives_the_same(made, tmp_path):
    made_here = "".join(f"functions.append({each})\n" for each in FUNCTIONS.values())
    script = tmp_path / "script.txt"
    script.write_text(
        f"{SOURCE}\nfunctions = []\n{made_here}\n"
        "from ea_widgets.data.cache.fingerprint import fingerprint\n"
        "print([fingerprint(function).text for function in functions])"
    )
    found = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, script],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        found.add(done.stdout)
    assert len(found) == 1
    assert len(set(eval(found.pop()))) == len(FUNCTIONS)  # noqa: S307  # a list of text


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"remembered"}))
def test_what_is_simple_is_seen_whole(made, name):
    assert fingerprint(made(name)).unseen == ()


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
def test_what_is_read_is_seen_whatever_is_done_beside(run, name):
    digests = []
    for value in ("50", "200", "50"):
        namespace = run(READERS[name].replace("50", value, 1))
        digests.append(fingerprint(namespace["f"]).text)
    assert digests[0] == digests[2] != digests[1]


Limits = namedtuple("Limits", "low high")  # noqa: PYI024  # as users write them
LIMITS = Limits(1, 2)


def test_named_tuples_are_seen_whole():
    assert fingerprint(lambda crop: crop > LIMITS.low).is_whole


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
    assert not fingerprint(function).is_whole


def test_an_object_that_raises_when_looked_at_is_not_seen():
    assert not fingerprint(Odd()).is_whole


def test_what_a_function_counts_is_left_out():
    calls, total, counts = [], 0, [0]

    def count(crop):
        nonlocal total
        total += 1
        counts[0] += 1
        calls.append(1)
        return 1.0

    before = fingerprint(count)
    count(None)
    assert (calls, total, counts) == ([1], 1, [1])
    assert fingerprint(count) == before
    assert before.is_whole

    class Counter:
        number = 0

        def __call__(self):
            self.number += 1

    counter = Counter()
    counter()
    before = fingerprint(counter)
    counter()
    assert fingerprint(counter) == before


def test_circles_and_depths_end():
    circle = []
    circle += [circle, circle]
    deep = []
    for _ in range(2000):
        deep = [deep]
    assert fingerprint(lambda: circle).is_whole
    assert not fingerprint(lambda: deep).is_whole


OWN_MODULE = """
SCALE = 2
TABLE = None
def scaled(crop):
    return crop.mean() * SCALE
def unused(crop):
    return TABLE
"""


@pytest.fixture
def own_module(tmp_path, monkeypatch):
    """A module of the user's own, to be edited and imported anew."""
    monkeypatch.syspath_prepend(tmp_path)

    def load(old="", new=""):
        (tmp_path / "helpers_of_mine.py").write_text(OWN_MODULE.replace(old, new) + "#" * len(new))
        sys.modules.pop("helpers_of_mine", None)
        importlib.invalidate_caches()
        return importlib.import_module("helpers_of_mine")

    return load


USERS = {
    "the module": "import helpers_of_mine\ndef f(crop): return helpers_of_mine.scaled(crop)",
    "a function": "from helpers_of_mine import scaled\ndef f(crop): return scaled(crop)",
    "a value": "import helpers_of_mine as h\ndef f(crop): return crop * h.SCALE",
}


@pytest.mark.parametrize("name", USERS)
def test_functions_of_one_s_own_modules_are_looked_into(run, own_module, name):
    own_module()
    before = fingerprint(run(USERS[name])["f"])
    own_module("unused", "renamed")
    assert fingerprint(run(USERS[name])["f"]) == before
    own_module("SCALE = 2", "SCALE = 3")
    after = fingerprint(run(USERS[name])["f"])
    assert before.unseen == after.unseen == ()
    assert before.text != after.text


def test_what_cannot_be_looked_into_is_named(run, own_module):
    own_module()
    namespace = run(
        """
import helpers_of_mine
import pandas as pd
import numpy as np
TABLE = pd.Series([1.0])
class Kept:
    def __init__(self): self.table = TABLE
    def __call__(self, crop): return self.table[0]
counts = [50]
def by_table(crop): return TABLE[0]
def by_default(crop, table=TABLE): return table[0]
def by_module(crop): return getattr(helpers_of_mine, "SCA" + "LE")
def by_own_table(crop): return helpers_of_mine.TABLE
def by_eval(crop): return eval("TABLE")[0]
def by_count(crop):
    counts.append(1)
    return len(counts)
helpers_of_mine.TABLE = TABLE
kept = Kept()
masked = np.ma.masked_array([1.0, 2.0], [True, False])
def by_mask(crop): return masked[0]
"""
    )
    assert {name: fingerprint(namespace[name]).unseen for name in namespace if "by_" in name} == {
        "by_table": ("`TABLE` of type Series",),
        "by_default": ("`default of by_default` of type Series",),
        "by_module": ("`helpers_of_mine` of type module",),
        "by_own_table": ("`helpers_of_mine.TABLE` of type Series",),
        "by_eval": ("what `eval` gives",),
        "by_count": ("`counts`, which it changes",),
        "by_mask": ("`masked` of type MaskedArray",),
    }
    assert fingerprint(namespace["kept"]).unseen == ("`Kept.table` of type Series",)


def test_without_source_nothing_is_sure():
    namespace = {}
    exec("def f(crop): return 1.0", namespace)  # noqa: S102
    assert fingerprint(namespace["f"]).unseen == ("the source of `f`, which is not there",)
    assert fingerprint(len).unseen == ()


def test_a_file_edited_since_is_not_taken_for_the_function(run, tmp_path):
    """Else the new text would bear the values of the old code."""
    function = run("def f(crop): return 1.0")["f"]
    (path,) = tmp_path.iterdir()
    path.write_text("def f(crop): return 2.0  # edited")
    old = fingerprint(function)
    namespace = {}
    exec(compile(path.read_text(), path, "exec"), namespace)  # noqa: S102
    assert fingerprint(namespace["f"]).text != old.text


def test_functions_on_one_line_are_told_apart(run):
    namespace = run("f, g = lambda crop: 1.0, lambda crop: 2.0")
    assert fingerprint(namespace["f"]).text != fingerprint(namespace["g"]).text


def test_comments_and_blanks_change_nothing(run):
    one = run("def f(crop):\n    return 1.0")["f"]
    two = run("# what\n\n\ndef f(crop):\n    # why\n    return   1.0  # so")["f"]
    assert fingerprint(one) == fingerprint(two)


def test_only_what_is_sure_or_has_a_version_is_kept():
    seen, unseen = fingerprint(len), fingerprint(by_model)
    assert kept_label("A", None, seen) == f"A@:{seen.text}"
    assert kept_label("A", None, unseen) is None
    labels = {kept_label("A", version, unseen) for version in (1, "1", 2)}
    assert labels == {f"A@{version}:{unseen.text}" for version in ("1", "'1'", "2")}
    assert kept_label("\ud800", 1, seen).isascii()
