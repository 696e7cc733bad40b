"""Which names a function's code reads, imports and changes."""

from __future__ import annotations

import dis
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from itertools import pairwise
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_GROWING = frozenset({"append", "appendleft", "extend", "add", "update", "setdefault"})
_CONTAINERS = frozenset({list, dict, set, deque, Counter, defaultdict, bytearray})


@dataclass(frozen=True)
class Names:
    """Names in the code of a function and of those within it.

    Parameters
    ----------
    globals : set of str
        Globals that are read.
    imported : set of str
        Modules that are imported.
    changed : set of str
        Globals and variables of enclosing functions that the code sets.
    grown : set of str
        Those that it changes if they are containers: ``calls.append(1)``, ``calls[0] += 1``.
    """

    globals: set[str]
    imported: set[str]
    changed: set[str]
    grown: set[str]

    def changes(self, name: str, value: Any) -> bool:
        """Tell whether a variable of this value is state of the function's own."""
        return name in self.changed or (name in self.grown and type(value) in _CONTAINERS)


def read_names(code: CodeType) -> Names:
    """Read the names in a function's code."""
    names = Names(set(), set(), set(), set())
    for each, outside in _codes(code, {*code.co_freevars}):
        instructions = list(dis.get_instructions(each))
        loads: dict[Any, str | None] = {}
        for instruction, following in pairwise([*instructions, instructions[-1]]):
            name, kind = instruction.argval, instruction.opname
            is_outside = kind.endswith("_GLOBAL") or (kind.endswith("_DEREF") and name in outside)
            if kind in {"LOAD_GLOBAL", "LOAD_NAME"}:
                names.globals.add(name)
            elif kind == "IMPORT_NAME":
                names.imported.add(name)
            elif is_outside and not kind.startswith("LOAD_"):
                names.changed.add(name)
            if kind == "STORE_SUBSCR":
                names.grown.update(filter(None, [loads.get(_start(instruction))]))
            elif kind.startswith(("LOAD_", "CALL")):
                loads[_start(instruction)] = name if is_outside else None
                if is_outside and following.argval in _GROWING:
                    names.grown.add(name)
    return names


def own_attributes(code: CodeType) -> set[str]:
    """List the attributes that a method sets on its first argument, as ``self.calls += 1``."""
    found, steps = set(), list(dis.get_instructions(code))
    for before, this, after in zip(steps, steps[1:], steps[2:], strict=False):
        if before.argrepr.split(", ")[-1:] == [*code.co_varnames[:1]]:
            if this.opname == "STORE_ATTR":
                found.add(this.argval)
            elif this.opname == "COPY" and after.opname == "LOAD_ATTR":  # += reads it first
                found.add(after.argval)
    return found


def _codes(code: CodeType, outside: set[str]) -> Iterator[tuple[CodeType, set[str]]]:
    """Yield the code of a function and of those within, each with what it sees from outside."""
    yield code, outside
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant, outside & {*constant.co_freevars})


def _start(instruction: dis.Instruction) -> Any:
    """Where its expression starts: that of ``calls[0] += 1`` where ``calls`` is read."""
    at = instruction.positions
    # Python can be told to forget columns; then no two start at the same place.
    return (at.lineno, at.col_offset) if at and at.col_offset is not None else object()
