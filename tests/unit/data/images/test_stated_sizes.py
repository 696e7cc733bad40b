"""Images that EXIF turns: pixels as the stated size says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from ea_widgets.data.images.decoding import read_image_size
from ea_widgets.data.images.sources import FolderSource

PIXELS = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(PIXELS).save(tmp_path / "raw.png", exif=exif)
    return tmp_path


@pytest.mark.parametrize(
    ("stated", "expected"),
    [(None, np.rot90(PIXELS, -1)), ((48, 64), np.rot90(PIXELS, -1)), ((64.0, 48.0), PIXELS)],
)
def test_pixels_are_turned_unless_the_stated_size_is_the_stored_one(folder, stated, expected):
    sizes = {} if stated is None else {5: stated}
    assert_array_equal(FolderSource(folder, sizes).read(5, "raw.png"), expected)


def test_the_size_of_a_file_is_that_of_the_turned_image(folder):
    assert FolderSource(folder).size(5, "raw.png") == (48, 64)
    assert FolderSource(folder).size(5, "none.png") is None
    (folder / "text.png").write_text("no image")
    assert read_image_size(folder / "text.png") is None
