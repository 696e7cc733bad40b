"""``compute_metrics``: what it computes, what it refuses, what it warns of."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
import time
import warnings
import zlib
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

import ea_widgets as ea
from ea_widgets.data.catalogue import registry
from ea_widgets.errors import InvalidInputError, MetricWarning
from tests.conftest import ROOT

COLUMNS = ["image_id", "class_name", "x", "y", "width", "height"]
PIXEL_METRICS = [
    *("Brightness", "Contrast", "Sharpness", "Blur"),
    *("Red Values", "Green Values", "Blue Values"),
]


@pytest.fixture(autouse=True)
def _forget_own_metrics(monkeypatch):
    monkeypatch.setattr(registry, "_OWN", {})


WARNED = """import numpy as np, pandas as pd
import ea_widgets as ea

images = pd.DataFrame({"image_id": [1], "width": 4, "height": 3})
none = pd.DataFrame({"image_id": [], "class_name": [], "x": [], "y": [], "width": [], "height": []})
pixels = {1: np.zeros((5, 5), np.uint8)}
dataset = ea.Dataset.from_frames(images, none, none.assign(confidence=[]), pixels=pixels)
ea.compute_metrics(dataset, metrics=["Brightness"], progress=False)
"""


def test_a_warning_points_at_the_call_in_the_user_s_script(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(WARNED)
    done = subprocess.run(
        [sys.executable, str(script)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stderr == (
        f"{script}:8: MetricWarning: 1 image has another size than stated (1); boxes are scaled "
        "to it where the aspect ratio agrees, else the metrics of their crops are missing.\n"
        '  ea.compute_metrics(dataset, metrics=["Brightness"], progress=False)\n'
    )


def photo(seed, shape=(30, 40, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def make(pixels=None, n_images=4, **more):
    """Two labels and three predictions an image of 40 by 30 pixels."""
    rng = np.random.default_rng(0)
    images = pd.DataFrame({"image_id": np.arange(n_images) + 10, "width": 40, "height": 30, **more})

    def objects(each):
        count = n_images * each
        return pd.DataFrame(
            {
                "image_id": np.repeat(images["image_id"], each).to_numpy(),
                "class_name": rng.choice(["a", "b"], count),
                "x": rng.uniform(0, 25, count),
                "y": rng.uniform(0, 20, count),
                "width": rng.uniform(1, 15, count),
                "height": rng.uniform(1, 10, count),
            }
        )

    predictions = objects(3).assign(confidence=rng.random(n_images * 3))
    return ea.Dataset.from_frames(images, objects(2), predictions, pixels=pixels)


@pytest.fixture
def pixels():
    return {image_id: photo(image_id) for image_id in range(10, 14)}


def quietly(dataset, **options):
    return ea.compute_metrics(dataset, progress=False, **options)


def by_hand(crop):
    edges = cv2.Laplacian(crop.astype(float), cv2.CV_64F, ksize=1)
    hue, saturation, value = np.moveaxis(cv2.cvtColor(crop, cv2.COLOR_RGB2HSV), -1, 0)
    vivid = (saturation >= 50) & (value >= 40)
    ranges = [(hue <= 10) | (hue >= 170), (hue >= 35) & (hue <= 75), (hue >= 90) & (hue <= 130)]
    sharpness = edges.std() / 2040
    shares = [(vivid & inside).mean() for inside in ranges]
    return [crop.mean() / 255, crop.std() / 255, sharpness, 1 - sharpness, *shares]


def test_pixel_metrics_of_frames_and_crops_equal_opencv(pixels):
    found = quietly(make(pixels), n_jobs=2)
    for row, image_id in enumerate(found.images["image_id"]):
        expected = by_hand(pixels[image_id])
        assert_allclose(found.images.loc[row, PIXEL_METRICS].astype(float), expected, atol=1e-12)
    for frame in (found.labels, found.predictions):
        for row in frame.to_dict("records"):
            low = int(np.floor(row["x"])), int(np.floor(row["y"]))
            high = np.ceil(row["x"] + row["width"]), np.ceil(row["y"] + row["height"])
            high = int(high[0]), int(high[1])
            crop = np.ascontiguousarray(pixels[row["image_id"]][low[1] : high[1], low[0] : high[0]])
            assert_allclose([row[name] for name in PIXEL_METRICS], by_hand(crop), atol=1e-12)


def test_a_crop_over_the_border_is_cut_and_one_outside_is_missing():
    images = pd.DataFrame({"image_id": [0], "width": [40], "height": [30]})
    labels = pd.DataFrame(
        [[0, "a", -5, -5, 9, 9], [0, "a", 38, 28, 9, 9], [0, "a", 50, 50, 2, 2],
         [0, "a", 5, 5, 0, 3], [0, "a", 7.25, 9.5, 0.5, 0.25], [0, "a", -9, 3, 9, 4]],
        columns=COLUMNS,
    )  # fmt: skip
    image = photo(1)
    dataset = ea.Dataset.from_frames(
        images, labels, labels.iloc[:0].assign(confidence=0.0), pixels={0: image}
    )
    crops = [image[:4, :4], image[28:, 38:], None, None, image[9:10, 7:8], None]
    expected = [np.nan if crop is None else crop.mean() / 255 for crop in crops]
    assert_allclose(quietly(dataset).labels["Brightness"], expected)


def test_files_are_read_by_name(tmp_path):
    names = [f"{row}.png" for row in range(4)]
    for row, name in enumerate(names):
        Image.fromarray(photo(row)).save(tmp_path / name)
    found = quietly(make(tmp_path, file_name=names))
    expected = [photo(row).mean() / 255 for row in range(4)]
    assert_allclose(found.images["Brightness"], expected)


def test_without_pixels_there_are_box_metrics_only():
    names = set(quietly(make()).metrics["name"])
    assert "Border Closeness" in names
    assert not names & {*PIXEL_METRICS, "Image Singularity", "Object Annotation Quality"}


def test_the_dataset_given_stays_as_it_is(pixels):
    dataset = make(pixels)
    before = dataset.labels
    quietly(dataset)
    pd.testing.assert_frame_equal(dataset.labels, before)
    assert not len(dataset.metrics)


def test_threads_and_turns_give_the_same(pixels):
    one, two = quietly(make(pixels), n_jobs=1), quietly(make(pixels), n_jobs=3)
    pd.testing.assert_frame_equal(one.images, two.images)
    pd.testing.assert_frame_equal(one.labels, two.labels)
    pd.testing.assert_frame_equal(one.predictions, two.predictions)


def test_names_choose_metrics_with_or_without_level(pixels):
    found = quietly(make(pixels), metrics=["Blur (P)", "Contrast", "Area (F)"])
    rows = found.metrics[["name", "level"]].to_numpy().tolist()
    assert rows == [
        ["Area", "F"], ["Contrast", "F"], ["Contrast", "O"], ["Contrast", "P"], ["Blur", "P"]
    ]  # fmt: skip
    every = quietly(make(pixels))
    assert_array_equal(found.predictions["Blur"], every.predictions["Blur"])
    assert list(quietly(make(), metrics="Area").metrics["name"]) == ["Area"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"metrics": ["Brigthness"]},
            "`metrics` has no option 'Brigthness'. Did you mean 'Brightness'? Options: 'Area', ",
        ),
        (
            {"metrics": ["Brightness"]},
            (
                "`metrics` asks for 'Brightness', which needs pixels. Give images: "
                "`ea.read_coco(..., images=folder)` or `Dataset.from_frames(..., pixels=folder)`."
            ),
        ),
        (
            {"metrics": ["Image Diversity"]},
            (
                "`metrics` asks for 'Image Diversity', which needs embeddings. Give `embeddings`, "
                "or images for the built-in fallback."
            ),
        ),
        ({"n_jobs": 0}, "`n_jobs` is 0. Give a number of threads, or -1 for one per core."),
        ({"cache_key": "date"}, "`cache_key` has no option 'date'. Options: 'file', 'content'."),
        (
            {"embeddings": len},
            (
                "`embeddings` is a function of pixels, but the dataset has none. Give images, or "
                "give vectors."
            ),
        ),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    with pytest.raises(InvalidInputError) as caught:
        quietly(make(), **options)
    assert str(caught.value).startswith(message)


def test_images_that_cannot_be_read_are_missing_values_and_one_warning(tmp_path):
    names = ["ok.png", "gone.png", "out.png", "text.png", "gone2.png", "gone3.png", "gone4.png"]
    Image.fromarray(photo(0)).save(tmp_path / "ok.png")
    (tmp_path / "text.png").write_text("text")
    (tmp_path / "out.png").symlink_to(__file__)
    dataset = make(tmp_path, n_images=7, file_name=names)
    message = (
        "6 of 7 images cannot be used, and their pixel metrics are missing: 4 have no file "
        "(gone.png, gone2.png, gone3.png and 1 more); 1 is not an image that can be read, or is "
        "broken (text.png); 1 leaves the image folder (out.png)."
    )
    with pytest.warns(MetricWarning) as caught:
        found = quietly(dataset)
    assert [str(warning.message) for warning in caught] == [message]
    assert caught[0].filename == __file__
    assert message in found.notes
    missing = found.metrics.set_index(["name", "level"])["missing"]
    assert missing["Brightness", "F"] == 6
    assert missing["Brightness", "O"] == 12
    assert missing["Image Singularity", "F"] == 7  # one image has no other to compare with
    assert missing["Object Annotation Quality", "P"] == 18
    assert missing["Border Closeness", "P"] == 0


def test_names_out_of_the_folder_are_missing_values_and_never_opened(tmp_path, monkeypatch):
    folder, outside = tmp_path / "folder", tmp_path / "secret.png"
    folder.mkdir()
    for path in (outside, folder / "ok.png", folder / "a:30.png", folder / "..a.png"):
        Image.fromarray(photo(0)).save(path)
    (folder / "link.png").symlink_to(outside)
    names = ["../secret.png", str(outside), "link.png", "x/../../secret.png", "ok.png", "a:30.png",
             Path("..a.png")]  # fmt: skip
    opened = []
    original = Image.open

    def watched(path, **options):
        opened.append(Path(path).name)
        return original(path, **options)

    monkeypatch.setattr(Image, "open", watched)
    entries = [
        {"id": row + 10, "width": 40, "height": 30, "file_name": str(name)}
        for row, name in enumerate(names)
    ]
    read = ea.read_coco({"images": entries, "annotations": [], "categories": []}, [], folder)
    for dataset in (make(folder, n_images=7, file_name=names), read):
        with pytest.warns(MetricWarning) as caught:
            found = quietly(dataset, metrics=["Brightness"])
        assert [str(warning.message) for warning in caught] == [
            (
                "4 of 7 images cannot be used, and their pixel metrics are missing: 4 leave the "
                f"image folder (../secret.png, {outside}, link.png and 1 more)."
            )
        ]
        assert found.images["Brightness"].isna().tolist() == [True] * 4 + [False] * 3
        assert sorted(opened) == ["..a.png", "a:30.png", "ok.png"]
        opened.clear()


@pytest.mark.parametrize("as_source", [dict, lambda arrays: arrays.__getitem__])
def test_a_ragged_image_is_missing_and_the_rest_goes_on(pixels, as_source):
    pixels[11] = [[1, 2], [3]]
    with pytest.warns(MetricWarning) as caught:
        found = quietly(make(as_source(pixels)))
    assert len(caught) == 1
    assert str(caught[0].message).startswith(
        "1 of 4 images cannot be used, and their pixel metrics are missing: 1 cannot be made an "
        "array (11 (ValueError: setting an array element with a sequence."
    )
    assert found.images["Brightness"].isna().tolist() == [False, True, False, False]


@pytest.mark.parametrize("names", [{}, {"file_name": ["a.png", "b.png", "c.png", "d.png"]}])
def test_a_folder_that_went_away_is_missing_values(tmp_path, names):
    folder = tmp_path / "folder"
    folder.mkdir()
    dataset = make(folder, **names)
    folder.rmdir()
    first = "a.png, b.png, c.png" if names else "10.*, 11.*, 12.*"
    with pytest.warns(MetricWarning) as caught:
        found = quietly(dataset, cache=tmp_path / "cache")
    assert [str(warning.message) for warning in caught] == [
        (
            "4 of 4 images cannot be used, and their pixel metrics are missing: 4 have no file "
            f"({first} and 1 more)."
        )
    ]
    assert found.images["Brightness"].isna().all()


def odd_files(folder):
    """Files at which Pillow warns: too large, broken EXIF, a palette with some transparency."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 10_000, 10_000, 1, 0, 0, 0, 0))
    (folder / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IEND", b""))
    image = Image.fromarray(photo(0))
    entry = struct.pack("<HHHII", 2, 0x0112, 3, 1, 1) + struct.pack("<HHII", 0x011A, 5, 1, 1 << 27)
    exif = b"Exif\0\0II*\0\x08\0\0\0" + entry + struct.pack("<I", 0)
    image.save(folder / "exif.jpg", exif=exif)
    image.quantize(9).save(folder / "palette.png", transparency=bytes([0, 128, 255]))
    image.save(folder / "fine.png")
    return ["bomb.png", "exif.jpg", "palette.png", "fine.png"]


def read_by_pillow(path):
    with Image.open(path) as image:
        image.getexif()
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_what_pillow_warns_of_is_in_the_summary_only(tmp_path, n_jobs):
    names = odd_files(tmp_path)
    with pytest.warns(Image.DecompressionBombWarning):
        Image.open(tmp_path / "bomb.png").close()
    for name, words in (("exif.jpg", "Truncated File Read"), ("palette.png", "Transparency")):
        with pytest.warns(UserWarning, match=words):
            read_by_pillow(tmp_path / name)

    @ea.metric("Worried", level="image")
    def worried(image):
        warnings.warn("of my own", UserWarning, stacklevel=1)
        return 1

    before = list(warnings.filters)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = quietly(make(tmp_path, file_name=names), n_jobs=n_jobs)
    assert warnings.filters == before
    assert sorted({str(warning.message) for warning in caught}) == [
        (
            "1 of 4 images cannot be used, and their pixel metrics are missing: 1 has more than "
            "89,478,485 pixels (PIL.Image.MAX_IMAGE_PIXELS) (bomb.png)."
        ),
        "of my own",
    ]
    assert found.images["Brightness"].isna().tolist() == [True, False, False, False]


def test_what_pillow_warns_of_in_a_user_s_own_source_is_heard(tmp_path):
    names = odd_files(tmp_path)
    own = make(lambda image_id: read_by_pillow(tmp_path / names[2 + image_id % 2]))
    with pytest.warns(UserWarning, match="Palette images with Transparency"):
        quietly(own)


def test_another_size_than_stated_is_said(pixels):
    pixels[11] = photo(11, (15, 20, 3))
    message = (
        "1 image has another size than stated (11); boxes are scaled to it where the aspect ratio "
        "agrees, else the metrics of their crops are missing."
    )
    with pytest.warns(MetricWarning, match="another size") as caught:
        found = quietly(make(pixels))
    assert str(caught[0].message) == message
    assert found.images["Brightness"].notna().all()


@pytest.mark.parametrize("cached", [False, True])
def test_crops_of_copies_of_another_size_are_scaled_and_of_another_shape_missing(cached, tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    frame = pd.DataFrame({"image_id": [1, 2, 3], "width": [30, 60, 40], "height": [20, 40, 60]})
    boxes = pd.DataFrame(
        {"image_id": [1, 2, 3], "class_name": "a", "x": [5, 10, 10], "y": [4, 8, 8]}
        | {"width": [10, 20, 20], "height": [6, 12, 12]}
    )
    dataset = ea.Dataset(
        frame, boxes, boxes.assign(confidence=0.5), dict.fromkeys([1, 2, 3], image)
    )
    for _ in range(1 + cached):  # the second time out of the cache
        with pytest.warns(MetricWarning, match="2 images have another size"):
            found = quietly(dataset, cache=tmp_path if cached else None)
        crop = image[8:20, 10:30].mean() / 255
        np.testing.assert_allclose(found.labels["Brightness"], [crop, crop, np.nan])
        assert found.images["Brightness"].notna().all()


def test_one_s_own_metrics_are_computed_at_their_level(pixels):
    @ea.metric("Top left", level="object", unit="0..255")
    def top_left(crop):
        assert crop.shape[2] == 3
        return crop[0, 0, 0]

    @ea.metric("Height", level="image")
    def height(image):
        return image.shape[0]

    found = quietly(make(pixels))
    assert_array_equal(found.images["Height"], [30] * 4)
    first = found.labels.iloc[0]
    corner = pixels[first["image_id"]][int(first["y"]), int(first["x"]), 0]
    assert first["Top left"] == corner
    described = found.metrics.set_index(["name", "level"])
    assert described.loc[("Top left", "P"), "unit"] == "0..255"
    assert "Height" not in found.labels.columns


def test_one_s_own_metric_sees_three_channels_that_it_cannot_change(pixels):
    seen = []

    @ea.metric("Spoiler", level="image")
    def spoiler(image):
        seen.append(image.shape)
        image[:] = 0
        return 0

    grey = {image_id: image[..., 0] for image_id, image in pixels.items()}
    with pytest.warns(MetricWarning, match="read-only"):
        quietly(make(grey))
    assert set(seen) == {(30, 40, 3)}


def test_a_metric_that_raises_is_missing_there_and_one_warning(pixels):
    dataset = make(pixels)
    both = pd.concat([dataset.labels, dataset.predictions])
    wide = np.ceil(both["x"] + both["width"]) - np.floor(both["x"])
    narrow = int((wide < 9).sum())
    assert 0 < narrow < len(both)

    @ea.metric("Picky", level="object")
    def picky(crop):
        if crop.shape[1] < 9:
            raise ValueError("too narrow")
        return 1.0

    with pytest.warns(MetricWarning) as caught:
        found = quietly(dataset)
    values = np.concatenate([found.labels["Picky"], found.predictions["Picky"]])
    assert_array_equal(np.isnan(values), wide < 9)
    assert [str(warning.message) for warning in caught] == [
        (
            f"Your metric 'Picky' failed, and {narrow} values of it are missing. First error: "
            "ValueError: too narrow."
        )
    ]


def test_a_metric_or_an_image_that_exits_is_missing_and_an_interrupt_ends_the_run(pixels):
    def read(image_id):
        if image_id == 11:
            sys.exit(3)
        return pixels[image_id]

    @ea.metric("Quitter", level="image")
    def quitter(image):
        if (image == pixels[12]).all():
            sys.exit("enough")
        return 1.0

    with pytest.warns(MetricWarning) as caught:
        found = quietly(make(read), metrics=["Quitter", "Brightness"])
    assert_array_equal(found.images["Quitter"].isna(), [False, True, True, False])
    assert [str(warning.message) for warning in caught] == [
        (
            "1 of 4 images cannot be used, and their pixel metrics are missing: 1 made its "
            "function raise (11 (SystemExit: 3))."
        ),
        (
            "Your metric 'Quitter' failed, and 1 value of it is missing. First error: "
            "SystemExit: enough."
        ),
    ]

    @ea.metric("Interrupted", level="image")
    def interrupted(image):
        raise KeyboardInterrupt

    for n_jobs in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            quietly(make(pixels), metrics=["Interrupted"], n_jobs=n_jobs)


def test_numpy_s_whole_numbers_are_numbers_of_threads(pixels):
    found = quietly(make(pixels), metrics=["Brightness"], n_jobs=np.int64(2))
    assert found.images["Brightness"].notna().all()


def test_a_metric_that_gives_no_number_is_an_error_too(pixels):
    ea.metric("None", level="image")(lambda _: None)
    with pytest.warns(MetricWarning, match="4 values of it are missing"):
        found = quietly(make(pixels))
    assert found.images["None"].isna().all()


def test_progress_is_shown_or_not(pixels, capsys, tmp_path):
    ea.compute_metrics(make(pixels), cache=tmp_path)
    for _ in range(2):  # the second time from the cache
        shown = capsys.readouterr().err
        assert re.search(r"Metrics from pixels: .*/4 \[.*image/s\]", shown)
        assert not shown.split("\r")[-1].strip()  # it goes when all is done
        # Four images twice, eight labels, twelve predictions.
        assert re.search(r"Metrics from vectors: .*/28 \[.*vector/s\]", shown)
        ea.compute_metrics(make(pixels), cache=tmp_path)
    capsys.readouterr()
    ea.compute_metrics(make(pixels), metrics=["Blur"])
    assert "vector" not in capsys.readouterr().err
    quietly(make(pixels))
    ea.compute_metrics(make())
    assert capsys.readouterr().err == ""


def test_a_function_gives_images_one_at_a_time(pixels):
    busy = []

    def read(image_id):
        busy.append(image_id)
        time.sleep(0.01)
        assert busy == [image_id]
        busy.clear()
        return pixels[image_id]

    found = quietly(make(read), n_jobs=4)
    assert found.images["Brightness"].notna().all()


def test_computing_never_loads_a_front_end():
    script = """
import sys
import numpy as np, pandas as pd
import ea_widgets as ea
box = {"image_id": [0], "class_name": "a", "x": 1, "y": 1, "width": 5, "height": 5}
dataset = ea.Dataset.from_frames(
    pd.DataFrame({"image_id": [0], "width": [9], "height": [9]}),
    pd.DataFrame(box), pd.DataFrame({**box, "confidence": 1}), pixels={0: np.eye(9)})
ea.compute_metrics(dataset)
print([name for name in ("bqplot", "ipywidgets", "traitlets") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


def test_only_a_dataset_is_taken():
    with pytest.raises(InvalidInputError, match="`dataset` is of type dict"):
        ea.compute_metrics({})
