"""JSON as it is found: with NaN, several texts in one file, one a line, and lines cut short."""

from __future__ import annotations

import json
from typing import Any

_LONGEST_NUMBER = 4_300  # digits that Python makes an integer of


def parse_json(text: str) -> Any:
    r"""Parse JSON with the NaN and Infinity that Python writes.

    Parameters
    ----------
    text : str
        One JSON text, several one after the other, or one a line.

    Returns
    -------
    object
        What the text makes; several are joined to one list: of a list its entries. Of texts one a
        line, at most half may be broken: in the list these are the text of the line, which is no
        object, and so is left out and counted.

    Raises
    ------
    json.JSONDecodeError
        If it is none of these.

    Examples
    --------
    >>> parse_json('{"a": 1}\n{"a": 2}\n{"a":')
    [{'a': 1}, {'a': 2}, '{"a":']
    """
    try:
        parts = _texts(text)
    except json.JSONDecodeError:
        lines = [line for line in text.split("\n") if line.strip()]
        parts = [_line(line) for line in lines]
        broken = sum(isinstance(part, str) for part in parts)
        # Of an object over several lines the first is no object.
        if len(lines) < 2 or not isinstance(parts[0], dict) or 2 * broken > len(lines):
            raise
        return parts
    if len(parts) == 1:
        return parts[0]
    joined: list[Any] = []
    for part in parts:
        joined.extend(part if isinstance(part, list) else [part])
    return joined


def _texts(text: str) -> list[Any]:
    decoder = json.JSONDecoder(parse_int=_whole_number)
    at = len(text) - len(text.lstrip())
    parts: list[Any] = []
    while not parts or at < len(text):
        part, at = decoder.raw_decode(text, at)
        parts.append(part)
        at = _skip(text, at)
    return parts


def _line(line: str) -> Any:
    """Parse one line; one that is broken stays as it is."""
    try:
        return json.loads(line.strip().rstrip(","), parse_int=_whole_number)
    except ValueError:
        return line.strip()


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def _skip(text: str, at: int) -> int:
    """Skip white space, and commas between texts."""
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at
