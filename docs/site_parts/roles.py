"""Turns the roles of Sphinx in docstrings (``:meth:`scores```) into links of this site."""

from __future__ import annotations

import inspect
import re
from functools import cache
from importlib import import_module
from typing import Any

import griffe

import ea_widgets as ea

ROLE = re.compile(r":(?:meth|func|class|attr|data|mod|obj):`~?([\w.]+)`")


class Roles(griffe.Extension):
    """Links each name that has a page; the others stay as code."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change the docstring of an object once it is loaded."""
        if obj.docstring is not None:
            owner = obj if obj.is_class else obj.parent
            around = owner.path if owner is not None and owner.is_class else ""
            text = obj.docstring.value
            obj.docstring.value = ROLE.sub(lambda found: link(found.group(1), around), text)


@cache
def link(target: str, around: str) -> str:
    """Write the link to a name, as it is understood inside of the class at the path `around`."""
    name, _, member = target.removeprefix("ea_widgets.").partition(".")
    if name in ea._HOMES:  # noqa: SLF001  # the one list of names
        path = f"ea_widgets.{ea._HOMES[name]}.{name}"  # noqa: SLF001
        path = f"{path}.{member}" if member else path
    else:
        path = f"{around}.{target}"
    shown = f"`{target.removeprefix('ea_widgets.')}`"
    return f"[{shown}][{path}]" if is_public(path) else shown


def is_public(path: str) -> bool:
    """Tell whether a public name, or a member of one, is at this path."""
    for name, home in ea._HOMES.items():  # noqa: SLF001
        full = f"ea_widgets.{home}.{name}"
        if path == full:
            return True
        if path.startswith(full + "."):
            value = getattr(import_module(f"ea_widgets.{home}"), name)
            member = path.removeprefix(full + ".")
            return not member.startswith("_") and inspect.isclass(value) and hasattr(value, member)
    return False
