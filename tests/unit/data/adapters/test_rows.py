from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as library

from ea_widgets.data.adapters.rows import as_array, boxes_of, run_lengths, stack


@given(
    arrays(
        np.uint8,
        st.tuples(st.integers(0, 3), st.integers(1, 6), st.integers(1, 6)),
        elements=st.integers(0, 1),
    )
)
def test_run_lengths_are_pycocotools(masks):
    runs = run_lengths(masks)
    for mask, run in zip(masks, runs, strict=True):
        encoded = library.frPyObjects(run, *run["size"])
        assert encoded == library.encode(np.asfortranarray(mask))


def test_arrays_of_tensors_with_gradients(tensor):
    assert as_array(tensor([1.5])).tolist() == [1.5]
    assert as_array([1, 2]).tolist() == [1, 2]


@pytest.mark.parametrize("empty", [[], np.zeros(0), np.zeros((0, 4))])
def test_no_boxes_may_have_any_shape(empty):
    assert boxes_of(empty, "labels").shape == (0, 4)


def test_a_column_that_one_image_lacks_is_none_there():
    box = np.ones((1, 4))
    parts = [{"boxes": box, "age": np.array([1])}, {"boxes": box}, {"boxes": np.empty((0, 4))}]
    frame = stack(["a", "b", "c"], parts, "labels")
    assert frame["image_id"].tolist() == ["a", "b"]
    assert frame["age"].tolist() == [1, None]
    assert frame[["x", "height"]].values.tolist() == [[1, 1], [1, 1]]


def test_no_column_takes_the_name_of_a_box_side():
    frame = stack([1], [{"boxes": np.ones((1, 4)), "x": [7], "image_id": [9]}], "labels")
    assert frame[["image_id", "x"]].values.tolist() == [[1, 1]]
