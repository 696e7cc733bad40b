"""Files as no tool writes them: cut off, binary, with huge numbers, with other words."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from ea_widgets.data.dataset import Dataset
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKENS = re.compile(rb"-?\d+(\.\d+)?|[A-Za-z_]+|[^\sA-Za-z0-9_]")
_ODD = [
    *(b"", b"0", b"-1", b"1e999", b"-1e308", b"9" * 400, b"nan", b"0x10", b"1_0", b"null", b"[]"),
    *(b"{}", b'""', b"true", b"\xff\xfe", b"\x00", b"\xe2\x80\xa8", b'"', b"<", b"]", b"a" * 5_000),
]


@st.composite
def mutated(draw: st.DrawFn, text: bytes) -> bytes:
    """Change up to four tokens of a text, and perhaps cut it or put bytes into it."""
    for _ in range(draw(st.integers(1, 4))):
        tokens = list(_TOKENS.finditer(text))
        if not tokens:
            break
        token = draw(st.sampled_from(tokens))
        text = text[: token.start()] + draw(st.sampled_from(_ODD)) + text[token.end() :]
    at = draw(st.integers(0, len(text)))
    kind = draw(st.sampled_from(["whole", "whole", "cut", "binary", "twice"]))
    if kind == "cut":
        return text[:at]
    if kind == "binary":
        return text[:at] + draw(st.binary(max_size=20)) + text[at:]
    return text + text if kind == "twice" else text


def reads_or_refuses(read: Callable[..., Dataset], *arguments: object, **options: object) -> None:
    """Check that a reader gives a Dataset or says in words what is wrong."""
    with contextlib.suppress(InvalidInputError):
        assert isinstance(read(*arguments, **options), Dataset)
