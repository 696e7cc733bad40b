"""Tables that may be opened in a spreadsheet: text stays text."""

from __future__ import annotations

from typing import Any

import pandas as pd

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_TEXT = (pd.StringDtype, pd.CategoricalDtype)


class SpreadsheetTable(pd.DataFrame):
    """A table whose CSV no spreadsheet takes for formulas.

    A class that is called ``=1+1`` is one for Python and, behind an apostrophe, text in the file.
    """

    @property
    def _constructor(self) -> type[SpreadsheetTable]:
        return SpreadsheetTable

    def to_csv(self, *arguments: Any, **options: Any) -> Any:
        """Write as :meth:`pandas.DataFrame.to_csv` does, with an apostrophe before formulas.

        It stands before text in cells, headings and index that begins with ``=``, ``+``, ``-``,
        ``@``, a tab or a carriage return. Numbers stay as they are. Lines end as Windows' do.
        """
        safe = pd.DataFrame(self, copy=True).rename(index=as_text, columns=as_text)
        safe = safe.rename_axis(index=as_text)
        for position, (_, column) in enumerate(self.items()):
            if column.dtype == object or isinstance(column.dtype, _TEXT):
                safe.isetitem(position, column.map(as_text).to_numpy())
        # With it, a carriage return within text is quoted; else the text behind it is a new cell.
        return safe.to_csv(*arguments, **{"lineterminator": "\r\n", **options})


def as_text(value: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would take for a formula.

    Examples
    --------
    >>> as_text("=1+1"), as_text("cat"), as_text(-1)
    ("'=1+1", 'cat', -1)
    """
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
