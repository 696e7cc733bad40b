"""Tells whether a user's function is still the one whose results were kept."""

from __future__ import annotations

import functools
import sys
import sysconfig
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b
from importlib.machinery import PathFinder
from pathlib import Path, PurePath
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.cache.source_names import SourceNames, global_names, read_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PLAIN = (
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    bytearray,
    type(Ellipsis),
    slice,
    range,
)
_CONTAINERS = (list, tuple, set, frozenset, dict, deque)
_COUNTERS = (list, dict, set, deque, Counter, defaultdict, bytearray, int, float, np.ndarray)
_BY_NAME = (BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType, np.ufunc, np.dtype)
_BLIND = frozenset({"eval", "exec", "globals", "__import__"})
_DEEPEST = 40
_MISSING = object()


@dataclass(frozen=True)
class Fingerprint:
    """What there is to see of a function.

    Parameters
    ----------
    text : str
        Sixteen letters that change with it; the same in every process.
    unseen : tuple of str
        What decides what the function gives and cannot be looked into, in words: a table, a
        model, code without source.
    """

    text: str
    unseen: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether everything was seen that decides what the function gives."""
        return not self.unseen


def fingerprint(function: Callable[..., Any]) -> Fingerprint:
    """Give a text that changes when a function does.

    Parameters
    ----------
    function : callable
        A metric, or an embedding.

    Returns
    -------
    Fingerprint
        Over its source and defaults; the values of the closure and of those globals that it
        names, as far as they are numbers, text, containers of them, arrays or objects of one's
        own classes; and in turn the functions of one's own that it refers to. What it only
        counts with, as ``calls.append(1)``, is left out. Installed packages go by name. What it
        reads from files is not seen.
    """
    reader = _Reader()
    name = function.__name__ if isinstance(function, FunctionType) else type(function).__name__
    digest = blake2b(reader.describe(function, name), digest_size=8)
    return Fingerprint(digest.hexdigest(), tuple(dict.fromkeys(reader.unseen)))


def kept_label(name: str, version: int | str | None, seen: Fingerprint) -> str | None:
    """Give the label under which a cache keeps what a user's function gives.

    Parameters
    ----------
    name : str
        Of the metric.
    version : int, str or None
        What the user says it is; None if nothing.
    seen : Fingerprint
        Of the function.

    Returns
    -------
    str or None
        None if it is not kept: without a version, nobody can tell whether what is unseen is
        still the same.
    """
    if version is None and not seen.is_whole:
        return None
    return f"{ascii(name)[1:-1]}@{'' if version is None else repr(version)}:{seen.text}"


class _Reader:
    """Turns values into bytes that are the same in every process."""

    def __init__(self) -> None:
        self.unseen: list[str] = []
        # By identity; the values are held too, lest another one gets the same address.
        self._met: dict[int, tuple[int, Any]] = {}
        self._open: list[int] = []

    def describe(self, value: Any, name: str) -> bytes:
        if type(value) in _PLAIN:
            return _joined("plain", type(value).__name__, repr(value))
        if id(value) in self._open:
            return _joined("open", str(len(self._open) - self._open.index(id(value))))
        if len(self._open) >= _DEEPEST:
            return self._unknown(value, name)
        self._open.append(id(value))
        try:
            return self._describe(value, name)
        except Exception:  # noqa: BLE001  # objects of others may raise anything when looked at
            return self._unknown(value, name)
        finally:
            self._open.pop()

    def _describe(self, value: Any, name: str) -> bytes:
        if isinstance(value, CodeType):
            return self._code(value, name)
        if isinstance(value, np.ndarray | np.generic):
            return self._array(value, name)
        if isinstance(value, PurePath | np.dtype):
            return _joined(type(value).__name__, str(value))
        if isinstance(value, _CONTAINERS):  # equal ones are the same, wherever they occur
            return self._container(value, name)
        if id(value) in self._met:
            return _joined("met", str(self._met[id(value)][0]))
        self._met[id(value)] = (len(self._met), value)
        return next(
            describe(value, name) for kinds, describe in self._things() if isinstance(value, kinds)
        )

    def _things(self) -> Iterable[tuple[type | tuple[type, ...], Callable[[Any, str], bytes]]]:
        """List what is looked into once; the last is everything else."""
        yield FunctionType, self._function
        yield functools.partial, self._partial
        yield MethodType, self._method
        yield _BY_NAME, self._built_in
        yield ModuleType, self._module
        yield type, self._class
        yield Enum, self._member
        yield object, self._object

    def _all(self, values: Iterable[Any], name: str) -> list[bytes]:
        return [self.describe(value, name) for value in values]

    def _partial(self, value: functools.partial[Any], name: str) -> bytes:
        return _joined("partial", *self._all((value.func, value.args, value.keywords), name))

    def _method(self, value: MethodType, name: str) -> bytes:
        return _joined("method", *self._all((value.__func__, value.__self__), name))

    def _member(self, value: Enum, name: str) -> bytes:
        return _joined("member", _name(type(value)), value.name, self.describe(value.value, name))

    def _built_in(self, value: Any, name: str) -> bytes:
        owner = getattr(value, "__self__", None)
        known = owner is None or isinstance(owner, ModuleType | type)
        return _joined("name", _name(value), *([] if known else [self.describe(owner, name)]))

    def _container(self, value: Any, name: str) -> bytes:
        """Describe contents, and an object of a derived class as any other too."""
        contents = self._all(value.items() if isinstance(value, dict) else value, name)
        ordered = sorted(contents) if isinstance(value, set | frozenset) else contents
        fields = getattr(value, "_fields", None)
        own = []
        if isinstance(fields, tuple) and isinstance(value, tuple):  # a named tuple
            own = [self.describe(fields, name)]
        elif type(value) not in _CONTAINERS:
            own = [self._object(value, name)]
        return _joined("container", type(value).__name__, *own, *ordered)

    def _array(self, value: Any, name: str) -> bytes:
        array = np.asarray(value)
        if type(value) is not array.dtype.type and type(value) is not np.ndarray:
            self._unknown(value, name)  # a mask, a unit
        if array.dtype.hasobject:
            return _joined("array", str(array.shape), self.describe(array.tolist(), name))
        return _joined("array", str(array.dtype.descr), str(array.shape), array.tobytes())

    def _code(self, code: CodeType, name: str) -> bytes:
        """Describe compiled code: a file may have been edited since, and lines hold several."""
        counts = (code.co_names, code.co_argcount, code.co_kwonlyargcount, code.co_flags & 0x0C)
        tables = (code.co_code, code.co_exceptiontable, repr(counts))
        return _joined("code", *tables, *self._all(code.co_consts, name))

    def _function(self, function: FunctionType, name: str) -> bytes:
        wrapped = self._wrapped(function, name)
        if _is_installed(function.__code__.co_filename) and len(self._met) > 1:
            # What it wraps, as a decorator's function does, may be the user's own.
            return _joined("name", _name(function), *wrapped)
        source = read_source(function)
        text, names = ("", SourceNames()) if source is None else source
        if source is None:
            self.unseen.append(f"the source of `{function.__qualname__}`, which is not there")
        for module in sorted(names.imported):
            if not _module_is_installed(module):
                self.unseen.append(f"the module `{module}`, which it imports when called")
        closure = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        outside = {name: _content(cell) for name, cell in closure}
        for each in global_names(function.__code__):
            outside[each] = function.__globals__.get(each, _MISSING)
            if outside[each] is _MISSING and each in _BLIND:
                self.unseen.append(f"what `{each}` gives")
        return _joined(
            "function",
            text,
            self._code(function.__code__, name),
            *self._all(
                (function.__defaults__, function.__kwdefaults__), f"default of {function.__name__}"
            ),
            *wrapped,
            *(self._variable(each, value, names) for each, value in sorted(outside.items())),
        )

    def _variable(self, name: str, value: Any, names: SourceNames) -> bytes:
        """Describe a global, or a variable of an enclosing function."""
        if value is _MISSING:
            return _joined("none", name)
        attributes = names.attributes_of(name)
        if name in names.changes and not attributes and type(value) in _COUNTERS:
            return _joined("counted", name)
        if name in names.changes:
            self.unseen.append(f"`{name}`, which it changes")
        if isinstance(value, ModuleType) and not _module_is_installed(value.__name__):
            return self._own_module(name, value, attributes)
        return _joined(name, self.describe(value, name))

    def _own_module(self, name: str, module: ModuleType, attributes: set[str]) -> bytes:
        """Describe what is used of a module of the user's own."""
        parts = []
        for attribute in sorted(attributes or {""}):
            value = getattr(module, attribute, _MISSING) if attribute else module
            path = f"{name}.{attribute}" if attribute else name
            if value is not _MISSING:
                parts.append(_joined(path, self.describe(value, path)))
        return _joined("module", *parts)

    def _wrapped(self, value: Any, name: str) -> list[bytes]:
        inner = getattr(value, "__wrapped__", _MISSING)
        return [] if inner is _MISSING else [self.describe(inner, name)]

    def _module(self, module: ModuleType, name: str) -> bytes:
        if not _module_is_installed(module.__name__):
            self._unknown(module, name)
        return _joined("name", module.__name__)

    def _class(self, kind: type, name: str) -> bytes:
        """Describe a class of the user's own, with all that its functions may call."""
        if _module_is_installed(kind.__module__):
            return _joined("name", _name(kind))
        parts = []
        for each, value in sorted(vars(kind).items()):
            inner = _function_of(value)
            made = isinstance(inner, FunctionType) and inner.__code__.co_filename == "<string>"
            if made or (each.startswith("__") and not isinstance(inner, FunctionType)):
                continue  # as a dataclass makes them, of what is described anyway
            if each != "_abc_impl" and not isinstance(value, MemberDescriptorType):
                parts.append(_joined(each, self.describe(inner, name)))
        return _joined("class", kind.__qualname__, *self._all(kind.__bases__, name), *parts)

    def _object(self, value: Any, name: str) -> bytes:
        """Describe an object by its class and state, as far as Python shows them."""
        kind = type(value)
        state = dict(getattr(value, "__dict__", {}))
        counted: set[str] = set()
        changed: set[str] = set()
        for base in kind.__mro__:
            slots = [key for key, item in vars(base).items()
                     if isinstance(item, MemberDescriptorType) and hasattr(value, key)]  # fmt: skip
            state.update({key: getattr(value, key) for key in slots})
            if base not in {object, *_CONTAINERS} and _module_is_installed(base.__module__):
                self._unknown(value, name)  # what it keeps in C is not seen, and a model is large
                simple = (*_PLAIN, FunctionType, type, np.ndarray)
                state = {key: item for key, item in state.items() if type(item) in simple}
                break
        else:
            changed, counted = _changed_state(kind)
        if changed & set(state):
            self.unseen.append(f"what `{kind.__qualname__}` changes of itself")
        parts = [
            _joined(key, self.describe(item, f"{name}.{key}"))
            for key, item in sorted(state.items())
            if key not in counted or type(item) not in _COUNTERS
        ]
        return _joined("object", self.describe(kind, name), *self._wrapped(value, name), *parts)

    def _unknown(self, value: object, name: str) -> bytes:
        self.unseen.append(f"`{name}` of type {type(value).__name__}")
        return _joined("unknown", _name(type(value)))


def _function_of(value: Any) -> Any:
    """Give what stands behind a method, property or the like."""
    if isinstance(value, staticmethod | classmethod):
        return value.__func__
    if isinstance(value, property):
        return (value.fget, value.fset)
    return value.func if isinstance(value, functools.cached_property) else value


def _changed_state(kind: type) -> tuple[set[str], set[str]]:
    """List what the methods of a class change of an object, and read or only count with."""
    changes: set[str] = set()
    reads: set[str] = set()
    for base in kind.__mro__:
        for name, value in vars(base).items():
            source = read_source(value) if isinstance(value, FunctionType) else None
            if source is None or name in {"__init__", "__post_init__"}:
                continue
            first = next(iter(value.__code__.co_varnames), "")
            reads |= source[1].attributes_of(first)
            paths = (path.partition(".") for path in source[1].changes)
            changes |= {attribute for root, _, attribute in paths if root == first}
    return (changes & reads, changes - reads) if "" not in reads else (changes, set())


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not set yet
        return _MISSING


def _joined(*parts: str | bytes) -> bytes:
    """Put parts together so that no others give the same."""
    coded = [part.encode(errors="replace") if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(8, "little") + part for part in coded)


def _name(value: Any) -> str:
    module = getattr(value, "__module__", None) or ""
    return f"{module}.{getattr(value, '__qualname__', getattr(value, '__name__', ''))}"


def _is_installed(file: str | None) -> bool:
    if not file or file.startswith("<frozen"):
        return bool(file)
    parts = Path(file).parts
    packages = "site-packages" in parts or "dist-packages" in parts
    return packages or any(Path(file).is_relative_to(folder) for folder in _standard_folders())


@functools.cache
def _standard_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return paths["stdlib"], paths["platstdlib"]


def _module_is_installed(name: str) -> bool:
    """Whether a module comes with Python or a package, and does not change between runs."""
    top = name.partition(".")[0]
    if top == "__main__":
        return False
    if top in sys.builtin_module_names or top in sys.stdlib_module_names:
        return True
    module = sys.modules.get(top)
    spec = getattr(module, "__spec__", None) or PathFinder.find_spec(top)
    return spec is not None and _is_installed(spec.origin)
