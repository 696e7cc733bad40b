"""Attributes of entries as columns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ea_widgets.data.readers.parsing.attributes import RESERVED, add_attributes, typed_column


def test_columns_are_typed_where_every_cell_allows_it():
    assert typed_column(["1", None, "2.5"]).fillna(-1).tolist() == [1, -1, 2.5]
    assert typed_column(["true", "False", True]).tolist() == [True, False, True]
    assert typed_column(["true", None]).tolist() == ["true", None]
    assert typed_column(["1", "red", ""]).tolist() == ["1", "red", None]
    assert typed_column([np.nan, None]).tolist() == [None, None]
    assert typed_column([]).tolist() == []
    assert typed_column([10**400, 1]).tolist() == [10**400, 1]


def test_names_that_are_taken_are_marked():
    frame = pd.DataFrame({"image_id": [1, 2], "kind": ["a", "b"]})
    added = add_attributes(frame, [{"kind": "x", "width": 3}, {"age": 4}], RESERVED)
    assert list(added) == ["image_id", "kind", "attribute kind", "attribute width", "age"]
    assert added["attribute kind"].tolist() == ["x", None]
    assert add_attributes(frame, [{}, {}]) is frame
