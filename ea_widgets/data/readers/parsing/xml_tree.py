"""Parses XML from files that others wrote: no document types, no entities, errors in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from ea_widgets.data.readers.opening import Given

_ENCODING = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._-]+)""")

_SEVERAL_BYTES = ("gb", "big5", "shift", "euc", "cp9", "iso-2022")

_DEEPEST = 100
"""No annotation format nests elements deeper; a million levels exhaust the memory."""


class UnsafeXmlError(InvalidInputError):
    """Raised for a file that may be made to exhaust the memory."""


def parse_xml(given: Given, name: str = "") -> Element:
    """Parse a whole file.

    Parameters
    ----------
    given : Given
        A file.
    name : str, default ""
        What to call it in errors, where the format has many files.

    Returns
    -------
    Element
        The root.

    Raises
    ------
    InvalidInputError
        If there is no such file, or it is not XML.
    UnsafeXmlError
        If it is nested deeper than 100 levels, or has a document type: only that can declare
        entities, of which a short file can make gigabytes.
    """
    where = f" in {shown(name)}" if name else ""

    def refuse(*_: Any) -> None:
        raise UnsafeXmlError(
            given.field,
            f"declares a document type (DOCTYPE){where}, which can hide entity bombs",
            "Remove the line; annotation tools do not write it.",
        )

    builder = TreeBuilder()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise UnsafeXmlError(
                given.field,
                f"is XML nested deeper than {_DEEPEST} levels{where}",
                "Give the file as the annotation tool wrote it.",
            )
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    # Text with a byte order mark was decoded: what its head says of the encoding is not true.
    raw = _as_utf8(given, where)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(raw, True)  # noqa: FBT003  # expat's own
        return builder.close()
    except (expat.ExpatError, ValueError, LookupError, AssertionError) as error:
        if isinstance(error, InvalidInputError):
            raise
        raise InvalidInputError(
            given.field, f"is not XML{where} ({error})", "Was the file written completely?"
        ) from None


def _as_utf8(given: Given, where: str) -> bytes:
    """Give the text as UTF-8, whatever encoding its head declares.

    Expat knows no encoding of several bytes a character. Text in one can look like UTF-8; text in
    an encoding of single bytes hardly ever does, and tools that write UTF-8 declare such ones.
    """
    raw = given.raw
    found = _ENCODING.search(raw[:200])
    declared = found[1].decode("ascii").lower() if found else "utf-8"
    encodings = [declared] if declared.startswith(_SEVERAL_BYTES) else ["utf-8", declared]
    why: Exception | None = None
    for encoding in encodings:
        try:
            return raw if encoding == "utf-8" and raw.isascii() else _recoded(raw, encoding)
        except (LookupError, UnicodeError) as error:
            why = error
    raise InvalidInputError(
        given.field,
        f"is not XML{where} ({why})",
        "Write it as UTF-8, or name its encoding in the first line.",
    ) from None


def _recoded(raw: bytes, encoding: str) -> bytes:
    return raw.decode(encoding).encode("utf-8")
