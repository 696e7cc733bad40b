"""Colours of pixels against OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.testing import assert_array_equal

from ea_widgets.core.pixels.hsv import colour_masks


def opencv_masks(rgb):
    """The definition in METRICS.md, on OpenCV's 8-bit HSV."""
    hue, saturation, value = np.moveaxis(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV), -1, 0)
    vivid = (saturation >= 50) & (value >= 40)
    return (
        vivid & ((hue <= 10) | (hue >= 170)),
        vivid & (hue >= 35) & (hue <= 75),
        vivid & (hue >= 90) & (hue <= 130),
    )


def test_all_16_777_216_colours_agree_with_opencv():
    green, blue = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    for red in range(256):
        rgb = np.stack([np.full_like(green, red), green, blue], axis=-1).astype(np.uint8)
        for found, expected in zip(
            colour_masks(rgb.transpose(2, 0, 1)), opencv_masks(rgb), strict=True
        ):
            assert_array_equal(found, expected)


def test_no_colour_is_in_two_masks_and_grey_in_none():
    rng = np.random.default_rng(1)
    masks = colour_masks(rng.integers(0, 256, (3, 500), dtype=np.uint8))
    assert sum(mask.astype(int) for mask in masks).max() == 1
    grey = np.repeat(np.arange(256, dtype=np.uint8)[None], 3, axis=0)
    assert not any(mask.any() for mask in colour_masks(grey))
