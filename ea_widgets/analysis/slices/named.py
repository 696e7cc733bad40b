"""Slices with names, and the JSON files that they are kept in."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ea_widgets.analysis.slices.condition import Condition
from ea_widgets.data.writers.output_file import write
from ea_widgets.errors import InvalidInputError, shown

FORM = 'Give a JSON object such as {"small": {"metric": "Object Area - Relative", "high": 0.24}}.'


def check_slices(slices: object) -> dict[str, Condition]:
    """Return named slices, or refuse them.

    Raises
    ------
    InvalidInputError
        If it is not a mapping of names to conditions.
    """
    if not isinstance(slices, Mapping):
        raise InvalidInputError(
            "slices", f"is {shown(slices)}", 'Give a mapping such as {"small": ea.where(...)}.'
        )
    for name, condition in slices.items():
        if not isinstance(name, str) or not name:
            raise InvalidInputError("slices", f"has the name {name!r}", "Give each slice a name.")
        if not isinstance(condition, Condition):
            raise InvalidInputError(
                "slices", f"has {shown(condition)} under {name!r}", "Give ea.where(...)."
            )
    return dict(slices)


def save_slices(slices: Mapping[str, Condition], path: str | os.PathLike[str]) -> None:
    """Write named slices as a JSON file, for :func:`read_slices` and ``report --slices``.

    Parameters
    ----------
    slices : mapping of str to Condition
        As :meth:`View.slices` takes them.
    path : path
        Replaced if it is there.

    Raises
    ------
    InvalidInputError
        If a slice is not a condition, or the file cannot be written to.
    """
    fields = {name: condition.to_dict() for name, condition in check_slices(slices).items()}
    write(path, json.dumps(fields, indent=2, default=_plain, ensure_ascii=False) + "\n")


def read_slices(path: str | os.PathLike[str]) -> dict[str, Condition]:
    """Read named slices from a JSON file.

    Parameters
    ----------
    path : path
        An object with a condition by name: ``{"metric": ..., "low": ..., "high": ...}``, in which
        an end may be left out, or ``{"metric": ..., "isin": [...]}``, or ``{"both": [...]}``, or
        ``{"not": ...}``.

    Returns
    -------
    dict of str to Condition
        In the order of the file, for :meth:`View.slices` and ``at(where=...)``.

    Raises
    ------
    InvalidInputError
        If it cannot be read, or is not of that form.
    """
    file = str(path)[:300]
    try:
        text = Path(os.path.expanduser(path)).read_text("utf-8-sig")  # noqa: PTH111
        fields = json.loads(text, object_pairs_hook=_each_once)
    except OSError as error:
        raise InvalidInputError(
            "slices", f"is {file!r}, which cannot be read ({error.strerror})", FORM
        ) from error
    except (ValueError, RecursionError) as error:  # no text, no JSON
        raise InvalidInputError(
            "slices", f"is {file!r}, which is not JSON ({error})", FORM
        ) from error
    if not isinstance(fields, dict):
        raise InvalidInputError("slices", f"is {file!r}, which holds no object", FORM)
    found = {}
    for name, condition in fields.items():
        if not isinstance(condition, dict):
            raise InvalidInputError("slices", f"has {shown(condition)} under {name!r}", FORM)
        found[name] = Condition.from_dict(condition)
    return check_slices(found)


def _plain(value: Any) -> Any:
    """Turn a number of numpy into one that JSON knows."""
    return value.item()


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that is there twice: JSON would keep the last in silence."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInputError("slices", f"has {shown(twice)} twice", "Give each name once.")
    return fields
