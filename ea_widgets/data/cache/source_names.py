"""What the source of a function says: what it reads, and what it only counts with."""

from __future__ import annotations

import ast
import dis
import inspect
from functools import lru_cache
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FunctionType

_GROWING = frozenset({"append", "appendleft", "extend", "add", "update"})


class SourceNames(ast.NodeVisitor):
    """Names and attributes in some source, as ``"scale"`` and ``"self.scale"``.

    Attributes
    ----------
    reads : set of str
        Whose value is used.
    changes : set of str
        Set, stored into or made to grow: ``total += 1``, ``counts[0] += 1``, ``calls.append(1)``.
    imported : set of str
        Modules; "." for one beside the function's own.
    """

    def __init__(self) -> None:
        self.reads: set[str] = set()
        self.changes: set[str] = set()
        self.imported: set[str] = set()

    def attributes_of(self, name: str) -> set[str]:
        """List what is read of a name; "" where it is used itself."""
        return {path.partition(".")[2] for path in self.reads if path.partition(".")[0] == name}

    def visit(self, node: ast.AST) -> None:
        """Take a node, and look into it unless it is a name or an attribute of one."""
        if isinstance(node, ast.Import):
            self.imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            self.imported.add("." if node.level else node.module or ".")
        elif isinstance(node, ast.Expr) and (grown := _grown(node.value)):
            self.changes.add(grown)
            for part in (*node.value.args, *node.value.keywords):  # type: ignore[attr-defined]
                self.visit(part)
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            self.changes.add(_path(node.value) or "")
            self.visit(node.slice)
            if _path(node.value) is None:
                self.visit(node.value)
        elif (path := _path(node)) is not None:
            is_read = isinstance(node.ctx, ast.Load)  # type: ignore[attr-defined]
            (self.reads if is_read else self.changes).add(path)
        else:
            self.generic_visit(node)


def _path(node: ast.AST) -> str | None:
    """Write a name, or an attribute of one, as text."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return None


def _grown(node: ast.AST) -> str | None:
    """Name what a call such as ``calls.append(1)`` makes grow."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _path(node.func.value) if node.func.attr in _GROWING else None
    return None


def read_source(function: FunctionType) -> tuple[str, SourceNames] | None:
    """Find the source of a function.

    Parameters
    ----------
    function : function
        Of Python.

    Returns
    -------
    tuple of str and SourceNames, or None
        The source without comments and blanks, and its names; of all functions without a name
        that begin on its line. None if there is no source, as of a function from ``exec``.
    """
    code = function.__code__
    try:
        tree = _parsed("".join(inspect.findsource(code)[0]))
    except (OSError, TypeError, SyntaxError, ValueError, IndexError):
        return None
    kind = ast.Lambda if code.co_name == "<lambda>" else ast.FunctionDef | ast.AsyncFunctionDef
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, kind)
        and getattr(node, "name", "<lambda>") == code.co_name
        and _first_line(node) == code.co_firstlineno
    ]
    names = SourceNames()
    for node in found:
        names.generic_visit(node)
    return ("\n".join(map(ast.unparse, found)), names) if found else None


@lru_cache(maxsize=16)
def _parsed(source: str) -> ast.Module:
    return ast.parse(source)


def _first_line(node: Any) -> int:
    return min(int(each.lineno) for each in (node, *getattr(node, "decorator_list", ())))


def global_names(code: CodeType) -> set[str]:
    """List the globals that a function and those within it read."""
    return {
        step.argval
        for each in _codes(code)
        for step in dis.get_instructions(each)
        if step.opname in {"LOAD_GLOBAL", "LOAD_NAME"}
    }


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
