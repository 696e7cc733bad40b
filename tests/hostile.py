"""Text that does harm where it is not treated as text."""

from __future__ import annotations

MARK = "injected"
"""Class of the elements that hostile text would make."""

HOSTILE = (
    f'<b class="{MARK}">bold</b>',
    f'<img class="{MARK}" src=x onerror="window.injected=1">',
    f'"><svg class="{MARK}" onload="window.injected=1">',
    f"'><i class='{MARK}'>x</i>",
    f'</script><script class="{MARK}">window.injected=1</script>',
    f'</style><style class="{MARK}">*{{display:none}}</style>',
    f'</title></textarea></pre><b class="{MARK}">out</b>',
    f'&lt;b class="{MARK}"&gt;twice&lt;/b&gt;',
    "javascript:window.injected=1",
    "$\\href{javascript:window.injected=1}{maths}$",
    "{0}{name}{__class__}%s%(x)d${x}",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "nul\x00inside",
    "line\nbreak\r\nand\ttab",
    "\u2028separators\u2029\x85\x0b\x0c",
    "\u202egnp.\u2066right to left\u200f",
    "\N{PILE OF POO}\N{ZERO WIDTH JOINER}\N{REGIONAL INDICATOR SYMBOL LETTER A}",
    "e\N{COMBINING ACUTE ACCENT}" * 20,
    "; DROP TABLE labels; --",
    "a,b;c|d\"e'f`g\\h/i",
    "../../etc/passwd",
    "  spaces around  ",
    "None",
    "nan",
    "long " * 2_000,
)
