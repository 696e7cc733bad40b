"""Text that looks like a formula is text in the file, and itself in Python."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ea_widgets.data.writers.spreadsheet import SpreadsheetTable

HARMLESS = ["cat", "a=1", "", " =1", "1-2", "a\r=1", "a\n=1", None]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"]


@pytest.mark.parametrize("kind", ["object", "str", "category"])
def test_formulas_are_text_and_all_else_stays(kind):
    values = pd.Series([*HARMLESS, *FORMULAS], dtype=object).astype(kind)
    table = SpreadsheetTable({"name": values, "score": -1.0 * np.arange(14)})
    read = pd.read_csv(io.BytesIO(table.to_csv(index=False).encode()), keep_default_na=False)
    # Before pandas 3, `astype(str)` makes text of None.
    assert read["name"].tolist() == ["" if pd.isna(v) else v for v in values[: len(HARMLESS)]] + [
        f"'{value}" for value in FORMULAS
    ]
    assert read["score"].tolist() == table["score"].tolist()
    assert table["name"].tolist()[-6:] == FORMULAS  # in Python it is what it was


def test_headings_and_index_are_text_too():
    table = SpreadsheetTable({"=a": [1, 2], "b": [3, 4]}, index=pd.Index(["@x", "y"], name="+name"))
    assert table.to_csv() == "'+name,'=a,b\r\n'@x,1,3\r\ny,2,4\r\n"
    assert table[table["b"] > 3].to_csv(index=False) == "'=a,b\r\n2,4\r\n"


def test_what_holds_no_formula_is_written_as_pandas_does():
    plain = pd.DataFrame(
        {
            "day": pd.to_datetime(["2024-01-01", None]),
            "found": [True, False],
            "number": [1, -2],
            "part": [0.1, np.nan],
        }
    )
    for frame in (plain, plain[[]], plain.iloc[:0], plain.set_index(["day", "found"])):
        assert SpreadsheetTable(frame).to_csv() == frame.to_csv(lineterminator="\r\n")
    assert_frame_equal(pd.DataFrame(SpreadsheetTable(plain)), plain)
