"""Which names a function's code reads, imports and changes."""

from __future__ import annotations

import dis
from dataclasses import dataclass
from itertools import pairwise
from types import CodeType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHANGING_METHODS = frozenset(
    {
        *("append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "remove"),
        *("discard", "clear", "sort", "reverse", "appendleft", "popleft", "__setitem__", "fill"),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Names:
    """Names in the code of a function and of those within it.

    Parameters
    ----------
    globals : frozenset of str
        Globals that are read.
    imported : frozenset of str
        Modules that are imported.
    changed : frozenset of str
        Variables and attributes that the code sets or changes in place: state of its own.
    """

    globals: frozenset[str]
    imported: frozenset[str]
    changed: frozenset[str]


def read_names(code: CodeType) -> Names:
    """Read the names in a function's code.

    Parameters
    ----------
    code : code object
        Of the function.

    Returns
    -------
    Names
        Changes in place are recognised where they follow the name at once, as in
        ``calls.append(1)`` and ``calls[0] += 1``.
    """
    read: set[str] = set()
    imported: set[str] = set()
    changed: set[str] = set()
    for each in _codes(code):
        instructions = list(dis.get_instructions(each))
        loads = {}
        for instruction, following in pairwise([*instructions, instructions[-1]]):
            name, kind = instruction.argval, instruction.opname
            if kind in {"LOAD_GLOBAL", "LOAD_NAME"}:
                read.add(name)
            elif kind == "IMPORT_NAME":
                imported.add(name)
            elif kind in {"STORE_GLOBAL", "DELETE_GLOBAL", "STORE_ATTR", "DELETE_ATTR"} or (
                kind in {"STORE_DEREF", "DELETE_DEREF"} and name in each.co_freevars
            ):
                changed.add(name)
            if kind.startswith("LOAD_") and kind != "LOAD_CONST" and isinstance(name, str):
                loads[_start(instruction)] = name
                calls = following.opname in {"LOAD_ATTR", "LOAD_METHOD"}
                if calls and following.argval in _CHANGING_METHODS:
                    changed.add(name)
        for instruction in instructions:
            if instruction.opname in {"STORE_SUBSCR", "DELETE_SUBSCR"}:
                changed.update(filter(None, [loads.get(_start(instruction))]))
    return Names(frozenset(read), frozenset(imported), frozenset(changed))


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _start(instruction: dis.Instruction) -> tuple[int | None, int | None]:
    """Where its expression starts: that of ``calls[0] += 1`` where ``calls`` is read."""
    positions = instruction.positions
    return (positions.lineno, positions.col_offset) if positions else (None, None)
