"""Files that the page itself offers to save: no server, no path."""

from __future__ import annotations

from base64 import b64encode
from html import escape


def link_html(name: str, content: str, words: str, media_type: str = "text/plain") -> str:
    """Build a link that saves a text.

    Parameters
    ----------
    name : str
        Of the file.
    content : str
        What is in it.
    words : str
        Of the link, plain text.
    media_type : str
        What kind of text it is.

    Returns
    -------
    str
        HTML. The content travels within the link.
    """
    data = b64encode(content.encode()).decode()
    return (
        f'<a class="eaw-download" download="{escape(name)}" '
        f'href="data:{media_type};charset=utf-8;base64,{data}">{escape(words)}</a>'
    )
