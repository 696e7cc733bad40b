"""The gallery shows the objects of the range, in order, page by page, and never raises."""

from __future__ import annotations

import asyncio
import base64
import gc
import io
import re
import threading
import time

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.analysis.object_words import REASON_WORDS
from ea_widgets.analysis.view import View
from ea_widgets.data.dataset import Dataset
from ea_widgets.data.images.drawing import LEAST_REGION, Outline, draw, region_around
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets import wording
from ea_widgets.widgets.examples.examples_panel import PAGE, Examples
from ea_widgets.widgets.examples.gallery import TILE
from tests.unit.widgets.conftest import (
    SCRIPT,
    every_html,
    frames,
    instances,
    until,
    with_metrics,
)

RANGE = (0.0, 1500.0)
GREEN = (0, 200, 0)


def with_pixels(source, **options):
    return Evaluation(Dataset.from_frames(*with_metrics(*frames(**options)), pixels=source))


def green(_image_id):
    return np.broadcast_to(np.array(GREEN, np.uint8), (480, 640, 3))


@pytest.fixture(scope="module")
def pictured():
    return with_pixels(green)


@pytest.fixture
def gallery(pictured):
    return Examples(pictured, metric="Size (P)", metric_range=RANGE)


def captions(widget):
    return [tile.words.value for tile in widget._gallery.children]


def decoded(picture):
    return Image.open(io.BytesIO(picture.value)).convert("RGB")


def test_before_a_metric_and_a_range_a_hint_says_what_to_do(pictured):
    gallery = Examples(pictured)
    assert wording.EXAMPLES_NEED_A_METRIC in gallery._hint.value
    assert gallery._body.layout.display == "none"
    assert gallery.found is None
    gallery.metric = "Size (P)"
    assert "Choose a range of Size to see" in gallery._hint.value
    gallery.metric_range = RANGE
    assert gallery._hint.layout.display == "none"
    assert len(gallery._gallery.children) == PAGE
    assert "Size from 0 to 1,500" in gallery._heading.value


def test_the_objects_are_those_of_the_range(pictured, gallery):
    dataset, matches = pictured.dataset, pictured.matches()
    size = dataset.predictions["Size"]
    for kind in ("true_positive", "false_positive"):
        rows = matches.predictions.index[
            (matches.predictions["outcome"] == kind) & size.between(*RANGE)
        ]
        ids = dataset.predictions["prediction_id"].loc[rows]
        assert sorted(gallery.table().query("kind == @kind")["id"]) == sorted(ids)
    missed = (matches.labels["outcome"] == "missed") & dataset.labels["Size"].between(*RANGE)
    ids = dataset.labels["label_id"][missed]
    assert sorted(gallery.table().query("kind == 'missed'")["id"]) == sorted(ids)
    labels = [label for label, _ in gallery._kind.options]
    assert labels[0] == f"all {gallery.found.total:,}"
    assert labels[3] == f"missed {int(missed.sum()):,}"


def test_each_kind_each_order_and_each_page(gallery):
    gallery._kind.set_state({"index": 2})
    assert gallery.kind == "false_positive"
    assert set(gallery.table()["kind"]) == {"false_positive"}
    why = [*REASON_WORDS.values()][:5]
    assert all(any(reason in words for reason in why) for words in captions(gallery))
    gallery._sort.set_state({"index": 1})
    gallery._order.set_state({"index": 1})
    confidence = gallery.table()["confidence"]
    assert confidence.is_monotonic_decreasing
    assert f"{confidence[0]:.2f}" in captions(gallery)[0]
    first = captions(gallery)
    gallery._next.click()
    assert gallery.page == 1
    assert captions(gallery) != first
    gallery._before.click()
    assert captions(gallery) == first
    assert gallery._before.disabled


def test_other_objects_begin_at_the_first_page(gallery):
    gallery.page = 3
    gallery.kind = "missed"
    assert gallery.page == 0
    gallery.page = 10_000
    assert gallery.page == (gallery.found.total - 1) // PAGE
    assert gallery._next.disabled
    gallery.metric_range = (0.0, 1400.0)
    assert gallery.page == 0


def test_captions_say_class_confidence_iou_and_the_value(pictured, gallery):
    gallery.kind = "true_positive"
    row = gallery.found.rows.iloc[0]
    own = pictured.dataset.predictions.iloc[row["row"]]
    told = captions(gallery)[0]
    assert f"{own['confidence']:.2f}" in told
    assert f"IoU {row['iou']:.2f}" in told
    assert "right" in told
    assert f'title="Size">{row["value"]:,.0f}' in told


def test_a_wrong_prediction_shows_the_label_it_overlaps(evaluation):
    box = {"image_id": [1], "class_name": ["cat"], "x": 10.0, "y": 10, "width": 20, "height": 20}
    images = pd.DataFrame({"image_id": [1], "width": 64, "height": 48})
    predictions = pd.DataFrame(box | {"class_name": ["dog"], "confidence": 0.5, "Size": 400.0})
    labels = pd.DataFrame(box | {"Size": 400.0})
    evaluation = Evaluation(Dataset.from_frames(images, labels, predictions))
    gallery = Examples(evaluation, metric="Size (P)", metric_range=(0, 500), kind="false_positive")
    assert "wrong class" in gallery._table.value
    assert "<td>cat</td>" in gallery._table.value
    assert "1.000" in gallery._table.value
    gallery.kind = "missed"
    assert "detected as another class" in gallery._table.value


def test_pictures_are_cropped_around_the_object(gallery):
    picture = decoded(gallery._gallery.children[0].picture)
    assert picture.size == TILE
    assert np.allclose(picture.getpixel((2, 2)), GREEN, atol=6)
    colours = np.asarray(picture, int)
    assert (np.abs(colours - GREEN).sum(axis=2) > 120).sum() > 100  # the boxes


def test_a_click_shows_the_whole_image(pictured, gallery):
    gallery._gallery.children[4].opener.click()
    assert gallery.opened == 4
    assert gallery._whole.layout.display == "flex"
    assert gallery._gallery.layout.display == "none"
    assert decoded(gallery._whole.picture).size == (1100, 825)
    assert f"5 of {gallery.found.total:,}" in gallery._whole.pager.value
    close, before, after = gallery._whole.children[0].children[:3]
    after.click()
    assert gallery.opened == 5
    for _ in range(7):
        after.click()
    assert (gallery.opened, gallery.page) == (12, 1)
    before.click()
    assert (gallery.opened, gallery.page) == (11, 0)
    close.click()
    assert gallery.opened is None
    assert gallery._whole.children == ()
    assert gallery._gallery.layout.display == "grid"
    gallery._gallery.children[0].opener.click()
    gallery.kind = "missed"
    assert gallery.opened is None


def test_without_images_the_same_as_a_table(evaluation):
    gallery = Examples(evaluation, metric="Size (P)", metric_range=RANGE)
    assert gallery._gallery.children == ()
    assert gallery._table.value.count("<tr>") == PAGE + 1
    assert "The data set has no images" in gallery._note.value
    assert gallery._view.disabled


def test_a_table_of_a_data_set_with_images(gallery):
    gallery._view.set_state({"index": 1})
    assert gallery._table.value.count("<tr>") == PAGE + 1
    assert gallery._gallery.children == ()
    gallery._view.set_state({"index": 0})
    assert gallery._table.value == ""
    assert len(gallery._gallery.children) == PAGE


@pytest.mark.parametrize(
    "source",
    [
        {},
        lambda _: 1 / 0,
        lambda _: np.zeros((0, 0), np.uint8),
        lambda _: np.full((4, 4), np.nan),
    ],
)
def test_a_missing_or_broken_image_is_a_placeholder(source):
    gallery = Examples(with_pixels(source), metric="Size (P)", metric_range=RANGE)
    assert gallery._message.value == ""
    picture = np.asarray(decoded(gallery._gallery.children[0].picture), int)
    assert np.median(picture) == 232
    gallery._gallery.children[0].opener.click()
    assert gallery._message.value == ""
    assert gallery._whole.layout.display == "flex"


def test_missing_files_are_placeholders(tmp_path):
    images, labels, predictions = with_metrics(*frames())
    images["file_name"] = "gone.jpg"
    dataset = Dataset.from_frames(images, labels, predictions, pixels=tmp_path)
    gallery = Examples(Evaluation(dataset), metric="Size (P)", metric_range=RANGE)
    assert gallery._message.value == ""
    assert len(gallery._gallery.children) == PAGE


@pytest.mark.parametrize("name", ["../secret.png", "{outside}", "link.png"])
def test_a_file_outside_of_the_folder_is_a_placeholder(tmp_path, name):
    folder, outside = tmp_path / "folder", tmp_path / "secret.png"
    folder.mkdir()
    images, labels, predictions = with_metrics(*frames())
    Image.new("RGB", (100, 100), (0, 255, 0)).save(outside)
    (folder / "link.png").symlink_to(outside)
    images["file_name"] = name.format(outside=outside)
    dataset = Dataset.from_frames(images, labels, predictions, pixels=folder)
    gallery = Examples(Evaluation(dataset), metric="Size (P)", metric_range=RANGE)
    assert gallery._message.value == ""
    picture = np.asarray(decoded(gallery._gallery.children[0].picture), int)
    assert np.median(picture) == 232
    gallery._gallery.children[0].opener.click()
    assert np.median(np.asarray(decoded(gallery._whole.picture), int)) == 232


def test_thresholds_and_classes_are_followed(pictured, gallery):
    gallery.classes, gallery.iou_threshold = ("dog",), 0.9
    matches = pictured.matches(iou_threshold=0.9, classes=("dog",))
    wrong = (matches.predictions["outcome"] == "false_positive").to_numpy()
    size = pictured.dataset.predictions["Size"].loc[matches.predictions.index]
    expected = int((wrong & size.between(*RANGE).to_numpy()).sum())
    assert int((gallery.table()["kind"] == "false_positive").sum()) == expected
    assert all("<b>dog</b>" in words for words in captions(gallery))


@pytest.mark.parametrize("metric", ["Brightness (F)", "Sureness (P)", "Age (O)", "Size (O)"])
def test_metrics_of_every_level(pictured, metric):
    gallery = Examples(pictured, metric=metric, metric_range=(0, 0.5))
    kinds = set(gallery.table()["kind"])
    if metric.startswith("Sureness"):
        assert kinds == {"true_positive", "false_positive"}
    elif metric.startswith("Age"):
        assert kinds == {"missed"}
    assert gallery._message.value == ""


def test_without_a_range_nothing_of_the_last_one_is_kept_for_the_next(gallery):
    assert gallery._gallery.children
    gallery.metric_range = ()
    assert gallery._gallery.children == ()
    assert [gallery._pager.value, gallery._note.value, gallery._table.value] == [""] * 3


def test_no_objects_are_said(gallery):
    gallery.metric_range = (1e9, 2e9)
    assert "No objects of the chosen classes" in gallery._note.value
    assert gallery._gallery.children == ()
    assert gallery._save.button.disabled
    assert len(gallery.table()) == 0


def test_the_ids_can_be_taken_away(pictured, gallery):
    gallery._save.button.click()
    data = re.search(r'base64,([^"]+)"', gallery._save._link.value).group(1)
    saved = pd.read_csv(io.BytesIO(base64.b64decode(data)))
    assert len(saved) == gallery.found.total
    ids = gallery.table()
    assert saved["id"].tolist() == ids["id"].tolist()
    assert ids["Size"].is_monotonic_increasing
    first = ids[ids["kind"] != "missed"].iloc[0]
    found = pictured.dataset.predictions.set_index("prediction_id").loc[first["id"]]
    assert (found["class_name"], found["Size"]) == (first["class_name"], first["Size"])
    gallery.kind = "missed"
    assert gallery._save._link.value == ""
    assert set(gallery.table()["id"]) <= set(pictured.dataset.labels["label_id"])


def test_the_table_does_not_wait_for_the_page(pictured):
    async def in_a_cell():
        gallery = Examples(pictured, metric="Size (P)", metric_range=RANGE, kind="missed")
        assert gallery.found is None
        return gallery

    gallery = asyncio.run(in_a_cell())
    table = gallery.table()
    assert len(table) == pictured.objects_in_range("Size (P)", *RANGE, kind="missed").total > 0
    gallery.metric_range = ()
    assert len(gallery.table()) == 0


def test_one_change_shows_one_page(gallery, monkeypatch):
    pages = []
    original = Examples._show_page
    monkeypatch.setattr(
        Examples, "_show_page", lambda self, *args: pages.append(1) or original(self, *args)
    )
    gallery.page = 2
    assert len(pages) == 1
    gallery.kind = "false_positive"  # back to the first page
    assert len(pages) == 2
    gallery.iou_threshold = 0.7
    assert len(pages) == 3
    with gallery.hold_trait_notifications():
        gallery.metric, gallery.metric_range = "Random (P)", (0.0, 0.5)
    assert len(pages) == 4


def test_a_page_of_very_many_is_quick():
    n, rng = 120_000, np.random.default_rng(0)
    images = pd.DataFrame({"image_id": range(1000), "width": 640, "height": 480})
    boxes = pd.DataFrame(
        {
            "image_id": rng.integers(0, 1000, n),
            "class_name": "cat",
            "x": rng.uniform(0, 600, n),
            "y": 0.0,
            "width": 20.0,
            "height": 20.0,
            "Size": rng.random(n),
        }
    )
    predictions = boxes.assign(confidence=rng.random(n))
    dataset = Dataset.from_frames(images, boxes.head(1000), predictions, pixels=green)
    gallery = Examples(Evaluation(dataset, max_detections=1000), metric="Size (P)")
    gallery.metric_range = (0.0, 1.0)
    assert gallery.found.total > 100_000
    start = time.perf_counter()
    gallery.page = 5000
    gallery.metric_range = (0.0, 0.99)
    assert time.perf_counter() - start < 2.0  # not tens of thousands of pictures


def test_a_reason_narrows_what_is_shown(gallery):
    gallery._reason.set_state({"index": 5})
    assert gallery.reason == "background"
    assert {*gallery.table()["reason"]} == {"background"}
    assert gallery._kind.options[1][0] == "right 0"
    gallery.reason = ""
    assert {*gallery.table()["kind"]} == {"true_positive", "false_positive", "missed"}


def test_wrong_choices_are_refused(gallery):
    with pytest.raises(InvalidInputError) as caught:
        gallery.page = -1
    assert str(caught.value) == "`page` is -1. Give a whole number from 0 up."
    with pytest.raises(InvalidInputError) as caught:
        Examples(gallery.evaluation).table()
    assert str(caught.value) == "`metric` is not chosen. Choose one, and a range of it."


def test_text_from_data_is_never_html(pictured):
    for view in ("pictures", "table"):
        gallery = Examples(
            pictured, metric="Size (P)", metric_range=RANGE, classes=(SCRIPT,), view=view
        )
        gallery._open(0)
        assert all("<script" not in html for html in every_html(gallery))


def test_an_error_is_seen(pictured, gallery, monkeypatch):
    monkeypatch.setattr(View, "objects_in_range", lambda *_, **__: 1 / 0)
    gallery.iou_threshold = 0.8
    assert "ZeroDivisionError: division by zero" in gallery._message.value


def test_another_evaluation(gallery, next_evaluation):
    gallery.evaluation = next_evaluation
    assert gallery._message.value == ""
    assert gallery._table.value.count("<tr>") > 1
    assert gallery._gallery.children == ()


def test_close_leaves_nothing_behind(pictured):
    before = set(instances())
    gallery = Examples(pictured, metric="Size (P)", metric_range=RANGE)
    gallery.view = "table"
    gallery.metric_range = ()
    gallery.close()
    gc.collect()
    assert set(instances()) - before == set()


def test_a_region_stays_in_the_image_and_shows_surroundings():
    x, y, w, h = region_around((0, 0, 4, 4), (640, 480), 4 / 3)
    assert (x, y, h) == (0, 0, LEAST_REGION)
    assert w == pytest.approx(LEAST_REGION * 4 / 3)
    x, y, w, h = region_around((600, 440, 40, 40), (640, 480), 4 / 3)
    assert (x + w, y + h) == (640, 480)
    # No more than the whole image, in the shape of the picture.
    assert region_around((0, 0, 20, 20), (20, 20), 1.0) == (0, 0, 20, 20)
    region = region_around((10, 5, 350, 300), (400, 320), 4 / 3)
    assert region == pytest.approx((-40 / 3, 0, 1280 / 3, 320))
    # But all of a box that reaches over the edge.
    x, y, w, h = region_around((-50, 0, 100, 20), (60, 20), 1.0)
    assert (w, h) == (100, 100)


def test_boxes_are_drawn_where_they_are_on_scaled_pixels():
    pixels = np.zeros((48, 64, 3), np.uint8)  # a tenth of what the data set says
    outline = Outline((100, 100, 200, 200), "#ff0000", stroke=5)
    drawn = draw(pixels, (640, 480), (0, 0, 640, 480), [outline], 640)
    picture = np.asarray(Image.open(io.BytesIO(drawn)).convert("RGB"), int)
    red = (picture[..., 0] > 180) & (picture[..., 1] < 90)
    rows, columns = np.nonzero(red)
    assert abs(rows.min() - 98) <= 3
    assert abs(columns.max() - 302) <= 3
    assert not red[110:290, 110:290].any()


def test_pictures_of_large_photographs_are_made_beside_the_kernel(tmp_path):
    images, labels, predictions = with_metrics(*frames())
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 255, (2160, 3840, 3), np.uint8)
    for row, image_id in enumerate(images["image_id"]):
        name = f"{image_id}.jpg"
        if row:
            (tmp_path / name).hardlink_to(tmp_path / f"{images['image_id'].iloc[0]}.jpg")
        else:
            Image.fromarray(photo).save(tmp_path / name)
    images["file_name"] = [f"{image_id}.jpg" for image_id in images["image_id"]]
    dataset = Dataset.from_frames(images, labels, predictions, pixels=tmp_path)
    gallery = Examples(Evaluation(dataset), metric="Size (P)")
    readers, read = [], type(dataset.pixels).read
    drawn = []

    async def in_a_notebook():
        loop, reading, shown = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

        def watched(*args):
            readers.append(threading.current_thread())
            loop.call_soon_threadsafe(reading.set)
            return read(*args)

        def keep(_change):
            drawn.append(gallery._gallery.examples)
            shown.set()

        gallery._gallery.observe(keep, "children")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(dataset.pixels), "read", watched)
            gallery.metric_range = RANGE
            await reading.wait()
            # The first page is on its way; the kernel is free to ask for another one.
            assert gallery._gallery.children == ()
            assert "eaw-waiting" in gallery._gallery._dom_classes
            gallery.page = 1
            gallery._gallery._on_open(0)  # a click on what is not there yet opens nothing
            assert gallery.opened is None
            await shown.wait()

    asyncio.run(asyncio.wait_for(in_a_notebook(), 60))
    assert threading.main_thread() not in readers
    assert drawn == [gallery._shown]
    assert captions(gallery)
    assert "eaw-waiting" not in gallery._gallery._dom_classes
    assert gallery._message.value == ""


def test_a_large_file_is_made_beside_the_kernel_and_never_swells_the_page(tmp_path, monkeypatch):
    n, rng = 60_000, np.random.default_rng(0)
    images = pd.DataFrame({"image_id": range(2000), "width": 640, "height": 480})
    boxes = pd.DataFrame(
        {
            "image_id": rng.integers(0, 2000, n),
            "class_name": "cat",
            "x": rng.uniform(0, 600, n),
            "y": rng.uniform(0, 400, n),
            "width": 20.0,
            "height": 20.0,
            "Size": rng.random(n),
        }
    )
    predictions = boxes.assign(confidence=rng.random(n))
    dataset = Dataset.from_frames(images, boxes.head(6000), predictions)
    evaluation = Evaluation(dataset, max_detections=1000)
    monkeypatch.chdir(tmp_path)
    longest = []

    async def notebook():
        gallery = Examples(evaluation, metric="Size (P)", metric_range=(0.0, 1.0))
        await until(lambda: gallery.found is not None)
        start = time.perf_counter()
        gallery._save.button.click()
        longest.append(time.perf_counter() - start)
        assert "preparing" in gallery._save._link.value
        await until(lambda: "written" in gallery._save._link.value)
        gallery._save.button.click()  # again: nothing is overwritten
        await until(lambda: "objects-2.csv" in gallery._save._link.value)
        words = gallery._save._link.value
        gallery.close()
        return words, gallery.found.total

    words, total = asyncio.run(asyncio.wait_for(notebook(), 120))
    assert longest[0] < 0.05
    assert f"{total:,} rows written to objects-2.csv, in the notebook&#x27;s folder" in words
    saved = pd.read_csv(tmp_path / "objects.csv")
    assert len(saved) == total >= 60_000
    assert (tmp_path / "objects-2.csv").read_bytes() == (tmp_path / "objects.csv").read_bytes()
