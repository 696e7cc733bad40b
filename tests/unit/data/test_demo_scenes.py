import json

import numpy as np
import pytest
from PIL import Image

from ea_widgets.data.demo.build import FILES, file_name
from ea_widgets.data.demo.digits import CLASS_NAMES, digits_of, draw_mask
from ea_widgets.data.demo.scenes import SCENES_SHIPPED, build_scene, from_jpeg, to_jpeg

SAMPLE = [0, 123, SCENES_SHIPPED - 1]
# Other versions of Pillow and libjpeg differ by about 1 of 255; another scene by 10 and more.
SAME_PIXELS = 3.0


@pytest.fixture(scope="module")
def labels():
    return json.loads((FILES / "labels.json").read_text(encoding="utf-8"))


def shipped_pixels(index):
    with Image.open(FILES / "images" / file_name(index)) as picture:
        return np.asarray(picture, dtype=float)


@pytest.mark.parametrize("index", SAMPLE)
def test_shipped_labels_are_those_of_the_rebuilt_scene(labels, index):
    scene = build_scene("shipped", index)
    mine = [row for row in labels["annotations"] if row["image_id"] == index + 1]
    assert [row["bbox"] for row in mine] == scene.boxes.tolist()
    assert [row["category_id"] - 1 for row in mine] == scene.digits.tolist()
    image = labels["images"][index]
    assert (image["id"], image["file_name"]) == (index + 1, file_name(index))
    assert (image["height"], image["width"], 3) == scene.pixels.shape


@pytest.mark.parametrize("index", SAMPLE)
def test_shipped_pixels_are_those_of_the_rebuilt_scene(index):
    rebuilt = from_jpeg(to_jpeg(build_scene("shipped", index).pixels)).astype(float)
    assert np.abs(shipped_pixels(index) - rebuilt).mean() < SAME_PIXELS


def test_comparison_of_pixels_tells_scenes_apart():
    rebuilt = from_jpeg(to_jpeg(build_scene("shipped", SAMPLE[0]).pixels)).astype(float)
    others = [shipped_pixels(index) for index in range(1, 60)]
    distances = [np.abs(other - rebuilt).mean() for other in others if other.shape == rebuilt.shape]
    assert len(distances) > 2
    assert min(distances) > 2 * SAME_PIXELS


def test_scene_needs_nothing_but_its_number():
    first = build_scene("shipped", 5)
    build_scene("shipped", 6)
    again = build_scene("shipped", 5)
    assert to_jpeg(first.pixels) == to_jpeg(again.pixels)
    np.testing.assert_array_equal(first.boxes, again.boxes)


def test_training_shares_no_digit_and_no_scene_with_what_is_shipped():
    trained, shipped = digits_of("train"), digits_of("shipped")
    assert len(trained.values) + len(shipped.values) == 1797
    both = {ink.tobytes() for ink in trained.ink} & {ink.tobytes() for ink in shipped.ink}
    assert both == set()
    one, other = build_scene("train", 0), build_scene("shipped", 0)
    assert one.boxes.shape != other.boxes.shape or (one.boxes != other.boxes).any()


def test_categories_name_the_digits(labels):
    names = {row["id"] - 1: row["name"] for row in labels["categories"]}
    assert names == dict(enumerate(CLASS_NAMES))
    assert CLASS_NAMES.index("seven") == 7


@pytest.mark.parametrize("height", [12.0, 40.0, 90.0])
def test_mask_is_as_tall_as_asked(height):
    ink = np.zeros((12, 12))
    ink[2:10, 4:8] = 1.0  # a bar over all eight rows
    mask = draw_mask(ink, height=height, stretch=1.0, rotation=0.0, shear=0.0, softness=0.0)
    rows, columns = (np.ptp(where) + 1 for where in np.nonzero(mask > 0.5))
    assert rows == pytest.approx(height, abs=1 + height / 20)
    assert columns == pytest.approx(height / 2, abs=1 + height / 20)
    assert mask.min() >= 0
    assert mask.max() <= 1


def test_mask_turns_clockwise_and_slants():
    ink = np.zeros((12, 12))
    ink[2:10, 5:7] = 1.0
    upright = {"height": 60.0, "stretch": 1.0, "softness": 0.0}
    turned = draw_mask(ink, rotation=0.3, shear=0.0, **upright)
    slanted = draw_mask(ink, rotation=0.0, shear=0.3, **upright)
    for mask, moves_right in ((turned, True), (slanted, False)):
        rows, columns = np.nonzero(mask > 0.5)
        top = columns[rows < rows.mean() - 10].mean()
        bottom = columns[rows > rows.mean() + 10].mean()
        assert (top > bottom) == moves_right
        assert abs(top - bottom) > 5


def test_boxes_are_tight_and_inside_the_frame(labels):
    sizes = {row["id"]: (row["width"], row["height"]) for row in labels["images"]}
    for row in labels["annotations"]:
        x, y, width, height = row["bbox"]
        assert x >= 0
        assert y >= 0
        assert width > 0
        assert height > 0
        assert x + width <= sizes[row["image_id"]][0]
        assert y + height <= sizes[row["image_id"]][1]
