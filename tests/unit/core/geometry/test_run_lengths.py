import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from ea_widgets.core.geometry import run_lengths
from ea_widgets.core.geometry.run_lengths import pixels_outside, read_runs


def encode(seed, height, width, share):
    rng = np.random.default_rng(seed)
    return coco_mask.encode(np.asfortranarray(rng.random((height, width)) < share, np.uint8))


masks = st.builds(
    encode,
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    share=st.sampled_from([0.0, 0.02, 0.5, 1.0]),
)


@given(st.lists(masks, max_size=6), st.integers(1, 200))
def test_masks_run_over_their_image(encoded, chunk):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_lengths, "CHUNK", chunk)
        found = read_runs([mask["counts"] for mask in encoded])[0]
    assert found.tolist() == [mask["size"][0] * mask["size"][1] for mask in encoded]


def test_large_masks():
    pixels = np.zeros((3000, 4000), np.uint8, order="F")
    pixels[100:2900, 50:3950] = 1
    assert read_runs([coco_mask.encode(pixels)["counts"]])[0].tolist() == [12_000_000]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"1 3",  # a blank is below the first character
        b"13\xff",
        b"13Q",  # the last number is not finished
        b"113N",  # the fourth number would be 1 - 2
        b"N",
    ],
)
def test_what_cannot_be_read_is_told_apart_and_harms_no_neighbour(broken):
    whole = encode(1, 7, 9, 0.5)["counts"]
    assert read_runs([whole, broken, whole])[0].tolist() == [63, -1, 63]


def test_numbers_that_do_not_end_do_not_overflow_into_a_right_answer():
    assert read_runs([b"o" * 40 + b"O"])[0][0] != 1
    assert read_runs([])[0].tolist() == []


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=12), min_size=1, max_size=6))
def test_empty_runs_in_between_are_seen(masks):
    packed = []
    for runs in masks:
        size = [1, sum(runs) or 1]
        packed.append(coco_mask.frPyObjects({"size": size, "counts": runs}, *size)["counts"])
    covered, interrupted = read_runs(packed)
    assert covered.tolist() == [sum(runs) for runs in masks]
    assert interrupted.tolist() == [0 in runs[1:] for runs in masks]


@given(
    masks,
    st.lists(st.tuples(*[st.integers(0, 60)] * 4), max_size=8),
    st.sampled_from([1, 7, 1 << 20]),
)
def test_pixels_outside_of_boxes_equal_painted_ones(encoded, given_boxes, at_once):
    height, width = encoded["size"]
    limits = [width, height, width, height]
    boxes = np.minimum(np.array(given_boxes, int).reshape(-1, 4), limits)
    pixels = coco_mask.decode(encoded)
    for x_low, y_low, x_high, y_high in boxes:
        pixels[y_low:y_high, x_low:x_high] = 0
    assert pixels_outside(encoded["counts"], height, boxes, at_once=at_once) == pixels.sum()
