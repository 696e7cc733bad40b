"""Elements of HTML and SVG, in which text from data is always escaped."""

from __future__ import annotations

from html import escape


class Markup(str):
    """Text that is HTML already; all other text is escaped when it is put into an element."""

    __slots__ = ()


def element(name: str, *children: object, **attributes: object) -> Markup:
    """Write an element.

    Parameters
    ----------
    name : str
        ``"p"``, ``"rect"``, ...
    *children
        Markup, or anything else, which is escaped; None is left out.
    **attributes
        By name, with ``_`` for ``-`` and one at the end for Python's words (``class_``); numbers
        are written with at most two decimals. None leaves an attribute out.

    Returns
    -------
    Markup

    Examples
    --------
    >>> element("p", "cats & ", element("b", "<dogs>"), class_="pets")
    '<p class="pets">cats &amp; <b>&lt;dogs&gt;</b></p>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(text_of(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: object) -> Markup:
    """Put markup and text one behind the other; text is escaped."""
    return Markup(
        "".join(
            child if isinstance(child, Markup) else escape(text_of(child), quote=False)
            for child in children
            if child is not None
        )
    )


def text_of(value: object) -> str:
    """Write a value; numbers short, as coordinates need them."""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)


def unbroken(words: str) -> str:
    """Keep numbers and their percent signs on one line."""
    return words.replace(" %", "\N{NO-BREAK SPACE}%")
