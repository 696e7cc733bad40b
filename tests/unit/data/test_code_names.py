"""Names that code reads, imports and changes."""

from __future__ import annotations

from ea_widgets.data.code_names import read_names

CALLS, TABLE, COUNT, READ = [], {}, 0, [1]


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
    assert names.changed == {"COUNT", "CALLS", "TABLE", "seen", "list"}


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
    assert names.changed == {"number", "kept"}
    assert (number, kept) == (0, {})
