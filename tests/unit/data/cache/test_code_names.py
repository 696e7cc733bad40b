"""Names that code reads, imports and changes."""

from __future__ import annotations

from collections import Counter, deque, namedtuple

import numpy as np

from ea_widgets.data.cache.code_names import own_attributes, read_names

CALLS, TABLE, COUNT, READ = [], {}, 0, [1]
Point = namedtuple("Point", "x")  # noqa: PYI024  # as users write them


class Holder:
    seen = ()


def changes(crop, holder):
    global COUNT  # noqa: PLW0603  # as users do
    import math  # noqa: PLC0415

    COUNT += 1
    CALLS.append(READ[0])
    TABLE["a"] = math.pi
    holder.seen = READ.index(1)
    holder.list[0] += 1
    return [abs(value) for value in crop]


def test_what_is_read_imported_and_changed():
    names = read_names(changes.__code__)
    assert names.globals == {"COUNT", "CALLS", "READ", "TABLE", "abs"}
    assert names.imported == {"math"}
    assert names.changed == {"COUNT"}
    assert names.grown == {"CALLS", "TABLE"}


def test_free_variables_and_inner_functions_are_read():
    number, kept = 0, {}

    def outer():
        def inner():
            nonlocal number
            number = READ[0]
            kept.update(a=1)

        return inner

    names = read_names(outer.__code__)
    assert names.globals == {"READ"}
    assert names.changed == {"number"}
    assert names.grown == {"kept"}
    assert (number, kept) == (0, {})


def test_only_a_container_that_grows_is_state():
    names = read_names(changes.__code__)
    assert names.changes("COUNT", 3)
    assert [names.changes("CALLS", kind()) for kind in (list, dict, set, deque, Counter)] == [
        True
    ] * 5
    assert not any(names.changes("CALLS", other) for other in (Holder(), Point(1), np.zeros(1), 3))
    assert not names.changes("READ", [])


def test_variables_within_are_not_those_outside():
    def outer(TABLE):  # noqa: N803  # the name of a global
        CALLS = []  # noqa: N806  # likewise
        CALLS.append(READ)

        def inner(number):
            nonlocal CALLS
            CALLS = [number]  # noqa: N806  # likewise

            def deepest():
                number.append(TABLE.copy())
                TABLE[0] = READ.copy()[0] = number

            return deepest

        return inner

    names = read_names(outer.__code__)
    assert names.globals == {"READ"}
    assert (names.changed, names.grown) == (set(), set())


class Stateful:
    def __call__(self, crop, other):
        self.first = crop
        self.calls += 1
        self.one, self.two = crop
        other.shape = self.held.depth = crop
        other.size += self.read
        self.sized.width += 1
        self.list[0] += 1
        self.kept.append(1)


def test_attributes_of_others_are_not_its_own():
    assert own_attributes(Stateful.__call__.__code__) == {"first", "calls", "one", "two"}
