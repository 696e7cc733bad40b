"""Parses XML from files that others wrote: no document types, no entities, errors in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ea_widgets.data.checks.refuse import shown
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from ea_widgets.data.readers.opening import Given

_DEEPEST = 100
"""No annotation format nests elements deeper; a million levels exhaust the memory."""


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
        If there is no such file, it is not XML, is nested deeper than 100 levels, or has a document
        type: only that can declare entities, of which a short file can make gigabytes.
    """
    where = f" in {shown(name)}" if name else ""

    def refuse(*_: Any) -> None:
        raise InvalidInputError(
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
            raise InvalidInputError(
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
    parser = expat.ParserCreate("utf-8" if given.raw[:4].isascii() and _is_utf8(given) else None)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(given.raw, True)  # noqa: FBT003  # expat's own
        return builder.close()
    except (expat.ExpatError, ValueError, LookupError, AssertionError) as error:
        if isinstance(error, InvalidInputError):
            raise
        raise InvalidInputError(
            given.field, f"is not XML{where} ({error})", "Was the file written completely?"
        ) from None


def _is_utf8(given: Given) -> bool:
    try:
        given.raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
