import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask

from ea_widgets.core.matching.boxes import pairwise_iou

numbers = st.integers(-20, 40) | st.floats(-20, 40, allow_nan=False, width=32)
sizes = st.integers(0, 30) | st.floats(0, 30, allow_nan=False, width=32)
boxes = st.lists(st.tuples(numbers, numbers, sizes, sizes), max_size=8)


@given(detections=boxes, truths=boxes, data=st.data())
def test_pairwise_iou_matches_pycocotools(detections, truths, data):
    crowd = data.draw(st.lists(st.booleans(), min_size=len(truths), max_size=len(truths)))
    ours = pairwise_iou(detections, truths, is_crowd=crowd)
    assert ours.shape == (len(detections), len(truths))
    if detections and truths:
        theirs = mask.iou(
            np.array(detections, float), np.array(truths, float), [int(c) for c in crowd]
        )
        np.testing.assert_array_equal(ours, theirs)
