"""Reads ``data.yaml`` and darknet's ``obj.data``: names of classes, and where the splits are.

Of YAML only what such files hold is understood: keys with text, lists or mappings of text. A
parser of all of YAML would be a dependency, and would follow references that are bombs.
"""

from __future__ import annotations

import json
import re
from typing import Any

_KEY = re.compile(r"""(['"]?)([\w.-]+)\1\s*[:=]\s*(.*)$""")
_ENTRY = re.compile(r"""('[^']*'|"[^"]*"|[^:'"]+?)\s*:(?:\s+(.*))?$""")
_PART = re.compile(
    r"""(?:(?<=\w)['"]|'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[^,'"\[\]{}]|\[[^\[\]]*\]|\{[^{}]*\})+"""
)
_MOST_CLASSES = 100_000


def parse_config(text: str) -> dict[str, Any]:
    r"""Parse a configuration file.

    Parameters
    ----------
    text : str
        YAML, or lines of ``key = value``.

    Returns
    -------
    dict
        Values are text, lists of text, or dicts of text by text. Whatever else there is, is left
        out; the last of equal keys counts.

    Examples
    --------
    >>> parse_config("path: data  # here\nnames:\n  0: cat\n  1: 'dog: small'\n")
    {'path': 'data', 'names': {'0': 'cat', '1': 'dog: small'}}
    >>> parse_config("names: [cat,\n  'dog']\nval:\n- a/images\n- b/images")
    {'names': ['cat', 'dog'], 'val': ['a/images', 'b/images']}
    """
    config: dict[str, Any] = {}
    lines = [_without_comment(line).rstrip() for line in text.splitlines()]
    at = 0
    while at < len(lines):
        found = _KEY.match(lines[at])
        at += 1
        if found is None:
            continue
        value, block = found[3], []
        while at < len(lines) and lines[at][:1] in {"", " ", "\t", "-", "}", "]"}:
            if lines[at].strip() and lines[at] != "---":
                block.append(lines[at].strip())
            at += 1
        if value[:1] in {"[", "{"}:
            config[found[2]] = _flow(" ".join([value, *block]))
        elif not value and block:
            config[found[2]] = _block(block)
        else:
            config[found[2]] = _scalar(value)
    return config


def class_names(config: dict[str, Any]) -> list[tuple[Any, str]] | None:
    """Give numbers and names of classes.

    Parameters
    ----------
    config : dict
        As :func:`parse_config` gives it.

    Returns
    -------
    list of (int or str, str), or None
        In the order of the file; numbers for names if only ``nc`` is stated; None without both.
    """
    names = config.get("names")
    if isinstance(names, dict) and names:
        return [(_number(key), name) for key, name in names.items()]
    if isinstance(names, list) and names:
        return list(enumerate(names))
    count = _number(config.get("nc", config.get("classes")))
    if isinstance(count, int) and count < _MOST_CLASSES:
        return [(number, str(number)) for number in range(count)]
    return None


def keypoint_numbers(config: dict[str, Any]) -> int:
    """Give how many numbers of keypoints stand behind each box, by ``kpt_shape``; 0 if none."""
    shape = config.get("kpt_shape")
    sides = [_number(side) for side in shape] if isinstance(shape, list) else []
    if len(sides) == 2 and all(isinstance(side, int) for side in sides):
        return int(sides[0]) * int(sides[1])
    return 0


def _number(text: Any) -> Any:
    """Give a whole number for its digits; anything else as it is."""
    is_number = isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 16
    return int(text) if is_number else text


def _without_comment(line: str) -> str:
    quote = ""
    for at, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"" and (at == 0 or line[at - 1] in " \t[{,:"):
            quote = letter
        elif letter == "#" and (at == 0 or line[at - 1] in " \t"):
            return line[:at]
    return line


def _scalar(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except (ValueError, RecursionError):
            return text[1:-1]
    return text


def _block(lines: list[str]) -> Any:
    """Understand lines of "- text", or of "key: text"."""
    if lines[0][:1] in {"[", "{"}:
        return _flow(" ".join(lines))
    if lines[0].startswith("-"):
        return [_scalar(line[1:]) for line in lines if line.startswith("-")]
    return _mapping(lines)


def _mapping(lines: list[str]) -> dict[str, str]:
    entries = [found for line in lines if (found := _ENTRY.match(line.strip()))]
    return {_scalar(entry[1]): _scalar(entry[2] or "") for entry in entries}


def _flow(text: str) -> Any:
    """Understand "[a, b]" and "{0: a, 1: b}"; what is in a bracket further inside is text."""
    parts = [part for part in _PART.findall(text[1:]) if part.strip()]
    return [_scalar(part) for part in parts] if text[0] == "[" else _mapping(parts)
