"""Tells whether a user's function is still the one whose results were kept."""

from __future__ import annotations

import functools
import sys
import sysconfig
from collections import deque
from dataclasses import dataclass
from hashlib import blake2b
from importlib.machinery import PathFinder
from inspect import CO_VARARGS, CO_VARKEYWORDS, FullArgSpec
from pathlib import Path, PurePath
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.cache.code_names import Names, own_attributes, read_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PLAIN = (type(None), bool, int, float, complex, str, bytes, bytearray, type(Ellipsis), slice)
_CONTAINERS = (list, tuple, set, frozenset, dict, deque)
_BY_NAME = (BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType, np.ufunc)
_DEEPEST = 40
_MISSING = object()
_SLOTS = (MemberDescriptorType, GetSetDescriptorType, type(FullArgSpec.args))  # a namedtuple's


@dataclass(frozen=True)
class CodeDigest:
    """What there is to see of a function.

    Parameters
    ----------
    text : str
        Sixteen letters that change with it; the same in every process.
    is_whole : bool
        Whether everything was seen that decides what the function gives, as far as its code tells.
        False if it refers to an object of an unknown type, such as a model, or to a module of
        the user's own.
    """

    text: str
    is_whole: bool


def code_digest(function: Callable[..., Any]) -> CodeDigest:
    """Give a text that changes when a function does.

    Parameters
    ----------
    function : callable
        A metric, or an embedding.

    Returns
    -------
    CodeDigest
        Over its code and defaults; what a ``functools.partial`` or wrapper holds; the class and
        state of a callable object; and the values of the closure and of those globals that the
        code names: numbers, text, containers of them, arrays, and functions, which are looked
        into in turn. What the code itself changes, as a counter, is left out. Functions of
        installed packages go by name.

    Examples
    --------
    >>> code_digest(lambda crop: crop.mean()) == code_digest(lambda crop: crop.mean())
    True
    >>> code_digest(lambda crop: crop.mean()) == code_digest(lambda crop: crop.max())
    False
    """
    reader = _Reader()
    digest = blake2b(reader.describe(function), digest_size=8)
    return CodeDigest(digest.hexdigest(), reader.is_whole)


class _Reader:
    """Turns values into bytes that are the same in every process."""

    def __init__(self) -> None:
        self.is_whole = True
        # By identity; the values are held too, lest another one comes to lie at the same place.
        self._met: dict[int, tuple[int, Any]] = {}
        self._open: list[int] = []

    def describe(self, value: Any) -> bytes:
        if type(value) in _PLAIN:
            return _joined("plain", _kind(value), repr(value))
        if id(value) in self._open:
            return _joined("open", str(len(self._open) - self._open.index(id(value))))
        if len(self._open) >= _DEEPEST:
            return self._unknown(value)
        self._open.append(id(value))
        try:
            return self._describe(value)
        except Exception:  # noqa: BLE001  # objects of others may raise anything when looked at
            return self._unknown(value)
        finally:
            self._open.pop()

    def _describe(self, value: Any) -> bytes:
        like_parent = isinstance(value, (np.generic, np.dtype, PurePath, *_CONTAINERS))
        for kinds, describe in self._values():
            if type(value) in kinds or (like_parent and isinstance(value, kinds)):
                return describe(value)
        if id(value) in self._met:
            return _joined("met", str(self._met[id(value)][0]))
        self._met[id(value)] = (len(self._met), value)
        return next(
            describe(value) for kinds, describe in self._things() if isinstance(value, kinds)
        )

    def _values(self) -> Iterable[tuple[tuple[type, ...], Callable[[Any], bytes]]]:
        """List what is the same wherever it occurs; whether it is one object says nothing."""
        yield (CodeType,), self._code
        yield _CONTAINERS, self._container
        yield (np.ndarray, np.generic), lambda value: self._array(np.asarray(value))
        yield (np.dtype, PurePath), lambda value: _joined(_kind(value), str(value))

    def _things(self) -> Iterable[tuple[tuple[type, ...], Callable[[Any], bytes]]]:
        """List what is looked into once; the last is everything else."""
        yield (FunctionType,), self._function
        yield (functools.partial,), self._partial
        yield (MethodType,), self._method
        yield _BY_NAME, self._built_in
        yield (ModuleType,), self._module
        yield (type,), self._class
        yield (object,), self._object

    def _partial(self, value: functools.partial[Any]) -> bytes:
        return _joined("partial", *map(self.describe, (value.func, value.args, value.keywords)))

    def _method(self, value: MethodType) -> bytes:
        return _joined("method", *map(self.describe, (value.__func__, value.__self__)))

    def _built_in(self, value: Any) -> bytes:
        owner = getattr(value, "__self__", None)
        known = owner is None or isinstance(owner, ModuleType | type)
        return _joined("name", _name(value), *([] if known else [self.describe(owner)]))

    def _container(self, value: Any) -> bytes:
        """Describe contents, and an object of a derived class as any other too."""
        contents = map(self.describe, value.items() if isinstance(value, dict) else value)
        ordered = sorted(contents) if isinstance(value, set | frozenset) else contents
        own = [] if type(value) in _CONTAINERS else [self._object(value)]
        return _joined("container", _kind(value), *own, *ordered)

    def _array(self, array: np.ndarray[Any, Any]) -> bytes:
        if array.dtype.hasobject:
            return _joined("array", str(array.shape), self.describe(array.tolist()))
        return _joined("array", array.dtype.str, str(array.shape), array.tobytes())

    def _code(self, code: CodeType) -> bytes:
        stars = code.co_flags & (CO_VARARGS | CO_VARKEYWORDS)
        return _joined(
            "code",
            code.co_code,
            code.co_exceptiontable,
            repr((code.co_names, code.co_argcount, code.co_kwonlyargcount, stars)),
            *map(self.describe, code.co_consts),
        )

    def _function(self, function: FunctionType) -> bytes:
        if _is_installed(function.__code__.co_filename) and len(self._met) > 1:
            # What it wraps, as a decorator's function does, may be the user's own.
            return _joined("name", _name(function), *self._wrapped(function))
        names = read_names(function.__code__)
        if not all(map(_module_is_installed, names.imported)):
            self.is_whole = False
        return _joined(
            "function",
            self._code(function.__code__),
            *map(self.describe, (function.__defaults__, function.__kwdefaults__)),
            *self._wrapped(function),
            *self._closure(function, names),
            *self._globals(function, names),
        )

    def _closure(self, function: FunctionType, names: Names) -> list[bytes]:
        found = []
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            try:
                value = cell.cell_contents
            except ValueError:  # not set yet
                value = _MISSING
            found.append(self._variable(name, value, names.changes(name, value)))
        return found

    def _globals(self, function: FunctionType, names: Names) -> list[bytes]:
        found = []
        for name in sorted(names.globals):
            value = function.__globals__.get(name, _MISSING)
            found.append(self._variable(name, value, names.changes(name, value)))
        return found

    def _variable(self, name: str, value: Any, is_own: bool) -> bytes:
        """Describe a variable; what a function changes itself, as a counter, by its name."""
        if value is _MISSING:
            return _joined("none", name)
        described = self.describe(value)
        if not is_own:
            return _joined(name, described)
        if value is None or isinstance(value, dict):
            self.is_whole = False  # a model may come into the place
        return _joined("changed", name)

    def _wrapped(self, value: Any) -> list[bytes]:
        inner = getattr(value, "__wrapped__", _MISSING)
        return [] if inner is _MISSING else [self.describe(inner)]

    def _module(self, module: ModuleType) -> bytes:
        if not _module_is_installed(module.__name__):
            self.is_whole = False
        return _joined("name", module.__name__)

    def _class(self, kind: type) -> bytes:
        """Describe a class of the user's own, with all that its functions may call."""
        if _module_is_installed(kind.__module__):
            return _joined("name", _name(kind))
        parts = []
        for name, value in sorted(vars(kind).items()):
            inner = value
            if isinstance(value, staticmethod | classmethod):
                inner = value.__func__
            elif isinstance(value, property):
                inner = (value.fget, value.fset)
            elif isinstance(value, functools.cached_property):
                inner = value.func
            skipped = name.startswith("__") and not isinstance(inner, FunctionType)
            if not skipped and name != "_abc_impl" and not isinstance(value, _SLOTS):
                parts.append(_joined(name, self.describe(inner)))
        return _joined("class", kind.__qualname__, *map(self.describe, kind.__bases__), *parts)

    def _object(self, value: Any) -> bytes:
        """Describe an object by its class and state, as far as Python shows them."""
        kind = type(value)
        call = vars(kind).get("__call__")
        own = own_attributes(call.__code__) if isinstance(call, FunctionType) else set()
        state = dict(getattr(value, "__dict__", {}))
        for base in kind.__mro__:
            slots = [
                name
                for name, item in vars(base).items()
                if isinstance(item, _SLOTS) and not name.startswith("__") and hasattr(value, name)
            ]
            state.update({name: getattr(value, name) for name in slots})
        if any(
            base not in {object, *_CONTAINERS} and _module_is_installed(base.__module__)
            for base in kind.__mro__
        ):
            self.is_whole = False  # what it keeps in C is not seen, and a model is large
            simple = (*_PLAIN, FunctionType, type, np.ndarray)
            state = {name: item for name, item in state.items() if type(item) in simple}
        parts = [self._variable(name, item, name in own) for name, item in sorted(state.items())]
        return _joined("object", self.describe(kind), *self._wrapped(value), *parts)

    def _unknown(self, value: object) -> bytes:
        self.is_whole = False
        return _joined("unknown", _name(type(value)))


def _joined(*parts: str | bytes) -> bytes:
    """Put parts together so that no others give the same."""
    coded = [part.encode(errors="replace") if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(8, "little") + part for part in coded)


def _name(value: Any) -> str:
    module = getattr(value, "__module__", None) or ""
    return f"{module}.{getattr(value, '__qualname__', getattr(value, '__name__', ''))}"


def _kind(value: object) -> str:
    return type(value).__name__


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
