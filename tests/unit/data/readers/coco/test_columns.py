"""Predictions with COCO's four fields: read at once, and the same as one by one."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from ea_widgets.data.readers.coco.columns import plain_frame
from ea_widgets.data.readers.opening import Given
from ea_widgets.data.readers.read_raw import read_raw

LABELS = {"images": [], "annotations": [], "categories": []}


def written(folder, results, **layout):
    path = folder / "predictions.json"
    path.write_text(json.dumps(results, **layout))
    return path


def result(image, category=1, box=(1, 2, 30.5, 40), score=0.5):
    return {"image_id": image, "category_id": category, "bbox": list(box), "score": score}


@pytest.mark.parametrize("layout", [{}, {"separators": (",", ":")}, {"indent": 2}])
def test_numbers_are_those_that_json_reads(tmp_path, layout):
    rng = np.random.default_rng(0)
    scale = 10.0 ** rng.integers(-12, 9, (50_000, 5))
    numbers = (rng.normal(size=(50_000, 5)) * scale).tolist()
    ids = rng.integers(-(2**53) + 1, 2**53, (50_000, 2)).tolist()
    results = [result(*pair, box, score) for pair, (*box, score) in zip(ids, numbers, strict=True)]
    frame = plain_frame(Given("predictions", written(tmp_path, results, **layout)))
    assert list(frame) == ["image_id", "class_id", "confidence", "x", "y", "width", "height"]
    np.testing.assert_array_equal(frame.iloc[:, :2], ids)
    np.testing.assert_array_equal(frame.iloc[:, [3, 4, 5, 6, 2]], numbers)


@pytest.mark.parametrize("odd", [2**53, 2**53 + 1, -(2**53), 1.5, "12", None, True])
def test_ids_that_are_no_exact_whole_number_are_read_one_by_one(tmp_path, odd):
    for results in ([result(1), result(odd)], [result(1), result(1, category=odd)]):
        path = written(tmp_path, results)
        assert plain_frame(Given("predictions", path)) is None
        frames = [read_raw(LABELS, given, None, None, None)[1] for given in (path, results)]
        pd.testing.assert_frame_equal(*(raw.predictions for raw in frames))


def test_whole_ids_written_as_floats_are_whole_numbers(tmp_path):
    frame = plain_frame(Given("predictions", written(tmp_path, [result(3.0, 4.0)])))
    assert frame["image_id"].tolist() == [3]
    assert frame["class_id"].dtype == np.int64
