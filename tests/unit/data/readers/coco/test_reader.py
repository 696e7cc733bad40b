"""Reading COCO: what arrives in the frames."""

from __future__ import annotations

import copy
import gc
import json
import os
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.data.dataset import Dataset
from ea_widgets.data.images.sources import FolderSource, FunctionSource, MappingSource
from ea_widgets.data.read_formats import read_coco
from ea_widgets.errors import InvalidInputError

LABELS = {
    "images": [
        {"id": 7, "width": 640, "height": 480, "file_name": "a.jpg", "license": 3},
        {"id": 3, "width": 320, "height": 240.0, "file_name": "b.jpg"},
    ],
    "annotations": [
        {"id": 12, "image_id": 3, "category_id": 4, "bbox": [1, 2, 3, 4], "area": 10, "iscrowd": 0},
        {"id": 11, "image_id": 7, "category_id": 9, "bbox": [5.5, 6, 7, 8], "iscrowd": 1},
        {"id": 10, "image_id": 7, "category_id": 4, "bbox": [9, 9, 9, 9], "ignore": 1},
    ],
    "categories": [
        {"id": 9, "name": "owl", "supercategory": "bird"},
        {"id": 2, "name": "emu"},
        {"id": 4, "name": "cat"},
    ],
}
PREDICTIONS = [
    {"image_id": 3, "category_id": 2, "bbox": [1, 2, 3.25, 4], "score": 1},
    {"image_id": 7, "category_id": 9, "bbox": [0, 0, 5, 5], "score": 0.5, "extra": {"a": [1]}},
]


def _write(path, content):
    path.write_text(json.dumps(content))
    return path


@pytest.fixture(params=["path", "text", "object", "tuple"])
def given_as(request, tmp_path):
    def give(labels, predictions):
        if request.param == "object":
            return labels, predictions
        if request.param == "tuple":
            return labels, tuple(predictions)
        paths = (_write(tmp_path / "gt.json", labels), _write(tmp_path / "dt.json", predictions))
        return paths if request.param == "path" else tuple(map(str, paths))

    return give


def test_what_is_read(given_as):
    before = copy.deepcopy((LABELS, PREDICTIONS))
    dataset = read_coco(*given_as(LABELS, PREDICTIONS))
    assert repr(dataset).splitlines()[0] == "Dataset(2 images, 3 labels, 2 predictions, 3 classes)"
    assert dataset.class_names == ("owl", "emu", "cat")
    assert dataset.notes == ()
    images = dataset.images
    assert images.pop("license").dropna().tolist() == [3]
    assert images.to_dict("list") == {
        "image_id": [7, 3],
        "width": [640, 320],
        "height": [480, 240],
        "file_name": ["a.jpg", "b.jpg"],
    }
    labels = dataset.labels
    assert labels["coco_area"].tolist()[0] == 10.0
    assert np.isnan(labels["coco_area"].tolist()[1:]).all()
    assert labels.drop(columns="coco_area").to_dict("list") == {
        "label_id": [12, 11, 10],
        "image_id": [3, 7, 7],
        "class_name": ["cat", "owl", "cat"],
        "x": [1.0, 5.5, 9.0],
        "y": [2.0, 6.0, 9.0],
        "width": [3.0, 7.0, 9.0],
        "height": [4.0, 8.0, 9.0],
        "is_crowd": [False, True, False],
        "ignore": [False, False, True],
    }
    assert dataset.predictions.to_dict("list") == {
        "prediction_id": [0, 1],
        "image_id": [3, 7],
        "class_name": ["emu", "owl"],
        "x": [1.0, 0.0],
        "y": [2.0, 0.0],
        "width": [3.25, 5.0],
        "height": [4.0, 5.0],
        "confidence": [1.0, 0.5],
    }
    assert dataset.metrics["name"].tolist() == ["license"]
    assert before == (LABELS, PREDICTIONS)


def test_nothing_to_read_is_fine(given_as):
    empty = {"images": [], "annotations": [], "categories": []}
    dataset = read_coco(*given_as(empty, []))
    assert repr(dataset).splitlines()[0] == "Dataset(0 images, 0 labels, 0 predictions, 0 classes)"
    dataset = read_coco(*given_as(LABELS | {"annotations": []}, []))
    assert repr(dataset).splitlines()[0] == "Dataset(2 images, 0 labels, 0 predictions, 3 classes)"
    assert dataset.predictions["image_id"].dtype == np.int64


def test_text_ids_and_labels_without_ids():
    labels = {
        "images": [{"id": "b", "width": 9, "height": 9}, {"id": "a", "width": 9, "height": 9}],
        "annotations": [{"image_id": "a", "category_id": 1, "bbox": [0, 0, 1, 1]}],
        "categories": [{"id": 1, "name": "cat"}],
    }
    dataset = read_coco(labels, [labels["annotations"][0] | {"score": 0.1}])
    assert dataset.images["image_id"].tolist() == ["b", "a"]
    assert dataset.images["image_id"].dtype == dataset.predictions["image_id"].dtype
    assert dataset.predictions["image_id"].tolist() == ["a"]
    assert dataset.labels["label_id"].tolist() == [0]
    assert "file_name" not in dataset.images
    assert dataset.notes == ()


def test_numbers_and_text_as_image_ids_become_text_and_some_label_ids_are_replaced():
    labels = {
        "images": [{"id": 5, "width": 9, "height": 9}, {"id": "a", "width": 9, "height": 9}],
        "annotations": [
            {"id": 4, "image_id": "a", "category_id": 1, "bbox": [0, 0, 1, 1]},
            {"image_id": 5, "category_id": 1, "bbox": [0, 0, 1, 1]},
        ],
        "categories": [{"id": 1, "name": "cat"}],
    }
    dataset = read_coco(labels, [labels["annotations"][1] | {"score": 0.1}])
    assert dataset.labels["image_id"].tolist() == ["a", "5"]
    assert dataset.predictions["image_id"].tolist() == ["5"]
    assert dataset.labels["label_id"].tolist() == [0, 1]
    assert dataset.notes == (
        "Some image ids are numbers and some text; all are kept as text.",
        "Some labels have no id; all are numbered in the order of the file.",
    )


def test_loaded_objects_may_hold_numpy_numbers_and_files_whole_floats(tmp_path):
    loose = [
        {
            "image_id": np.int64(3),
            "category_id": np.int32(2),
            "bbox": np.array([1, 2, 3.25, 4], dtype=np.float32),
            "score": np.float32(1),
        },
        {"image_id": 7.0, "category_id": 9.0, "bbox": (0, 0, 5, 5), "score": 0.5},
    ]
    expected = read_coco(LABELS, PREDICTIONS).predictions
    pd.testing.assert_frame_equal(read_coco(LABELS, loose).predictions, expected)
    path = _write(tmp_path / "dt.json", PREDICTIONS[:1] + loose[1:])
    pd.testing.assert_frame_equal(read_coco(LABELS, path).predictions, expected)


def test_the_slow_way_reads_text_ids_numbers_as_names_and_whole_data_sets():
    labels = {
        "images": [{"id": "a", "width": np.float32(9), "height": 9}],
        "annotations": [{"id": "l", "image_id": "a", "category_id": 1, "bbox": [0, 0, 1, 1]}],
        "categories": [{"id": 1, "name": 7}],
    }
    prediction = labels["annotations"][0] | {"score": np.float32(0.5)}
    for given_ in (
        {"annotations": [prediction]},
        {"annotations": [prediction], "images": labels["images"]},
        {"annotations": [prediction], "categories": labels["categories"]},
    ):
        dataset = read_coco(labels, given_)
        assert dataset.class_names == ("7",)
        assert dataset.labels["label_id"].tolist() == ["l"]
        assert dataset.predictions["confidence"].tolist() == [0.5]
        assert dataset.notes == ()


def test_a_byte_order_mark_does_no_harm(tmp_path):
    paths = tmp_path / "gt.json", tmp_path / "dt.json"
    for path, content in zip(paths, (LABELS, PREDICTIONS), strict=True):
        path.write_text(json.dumps(content), encoding="utf-8-sig")
    assert len(read_coco(*paths).predictions) == 2
    _write(tmp_path / "both.json", LABELS | {"annotations": []})
    (tmp_path / "both.json").write_text(
        json.dumps({"annotations": PREDICTIONS}), encoding="utf-8-sig"
    )
    assert len(read_coco(paths[0], tmp_path / "both.json").predictions) == 2


def test_what_pycocotools_has_loaded_can_be_given():
    coco = pytest.importorskip("pycocotools.coco")
    labels = coco.COCO()
    labels.dataset = copy.deepcopy(LABELS)
    labels.createIndex()
    results = labels.loadRes(copy.deepcopy(PREDICTIONS))
    dataset = read_coco(labels, results)
    pd.testing.assert_frame_equal(
        dataset.predictions[["image_id", "x", "width", "confidence"]],
        read_coco(LABELS, PREDICTIONS).predictions[["image_id", "x", "width", "confidence"]],
    )


def test_masks_are_kept_as_they_stand():
    polygon = [[0, 0, 4, 0, 4, 4]]
    runs = {"size": [240, 320], "counts": [0, 76800]}
    labels = copy.deepcopy(LABELS)
    labels["annotations"][0]["segmentation"] = polygon
    labels["annotations"][1]["segmentation"] = []
    predictions = copy.deepcopy(PREDICTIONS)
    predictions[0]["segmentation"] = runs
    dataset = read_coco(labels, predictions)
    assert dataset.labels["segmentation"].tolist() == [polygon, None, None]
    assert dataset.predictions["segmentation"].tolist() == [runs, None]
    labels["annotations"][0]["segmentation"] = []
    assert "segmentation" not in read_coco(labels, PREDICTIONS).labels


def test_boxes_come_from_masks_where_there_are_none():
    mask = pytest.importorskip("pycocotools.mask")
    pixels = np.zeros((240, 320), dtype=np.uint8, order="F")
    pixels[10:30, 40:45] = 1
    packed = mask.encode(pixels)
    packed["counts"] = packed["counts"].decode()
    starts = np.flatnonzero(np.diff(pixels.ravel(order="F"), prepend=0, append=0))
    loose = {"size": [240, 320], "counts": np.diff([0, *starts, pixels.size]).tolist()}
    given_ = [packed, loose, [[1, 2, 5.5, 2, 3, 9]], [1, 2, 5.5, 2, 3, 9]]
    predictions = [
        {"image_id": 3, "category_id": 2, "segmentation": segmentation, "score": 0.5}
        for segmentation in given_
    ]
    predictions[3]["bbox"] = []
    frame = read_coco(LABELS, predictions).predictions
    assert frame[["x", "y", "width", "height"]].to_numpy().tolist() == [
        [40.0, 10.0, 5.0, 20.0],
        [40.0, 10.0, 5.0, 20.0],
        [1.0, 2.0, 4.5, 7.0],
        [1.0, 2.0, 4.5, 7.0],
    ]
    predictions[0]["bbox"] = [1, 1, 1, 1]
    assert read_coco(LABELS, predictions).predictions["x"].tolist() == [1.0, 40.0, 1.0, 1.0]


def test_boxes_of_run_lengths_need_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pycocotools", None)
    runs = {"size": [240, 320], "counts": [0, 76800]}
    prediction = {"image_id": 3, "category_id": 2, "segmentation": runs, "score": 0.5}
    with pytest.raises(InvalidInputError) as error:
        read_coco(LABELS, [PREDICTIONS[0], prediction])
    assert str(error.value) == (
        "`predictions[1].bbox` is missing, and taking it from run lengths needs pycocotools. "
        "Install it with `pip install 'ea_widgets[masks]'`, or give every entry a bbox."
    )


def test_pixels_come_from_a_folder_a_mapping_or_a_function(tmp_path):
    assert isinstance(read_coco(LABELS, PREDICTIONS, tmp_path).pixels, FolderSource)
    assert isinstance(read_coco(LABELS, PREDICTIONS, images={}).pixels, MappingSource)
    assert isinstance(read_coco(LABELS, PREDICTIONS, images=len).pixels, FunctionSource)
    assert read_coco(LABELS, PREDICTIONS).pixels is None


def test_oddities_are_said_in_notes():
    labels = copy.deepcopy(LABELS)
    labels["annotations"].append(labels["annotations"][0] | {"id": 99})
    predictions = [
        PREDICTIONS[0] | {"bbox": [0, 0, 0, 5]},
        PREDICTIONS[1] | {"bbox": [-3, 0, 9, 9]},
    ]
    assert read_coco(labels, predictions).notes == (
        "1 prediction has a box of no area; kept, and it overlaps nothing.",
        "1 prediction has a box that reaches over the image's edge; kept.",
        "1 label has the image, class and box of an earlier one; kept.",
    )


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(enabled):
    was = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        read_coco(LABELS, PREDICTIONS)
        with pytest.raises(InvalidInputError):
            read_coco(LABELS, {})
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()


numbers = st.one_of(
    st.integers(0, 500), st.floats(0, 500, allow_subnormal=False).map(lambda value: round(value, 3))
)


@st.composite
def data_sets(draw):
    ids = st.integers(-5, 2**40) if draw(st.booleans()) else st.text(min_size=1, max_size=6)
    image_ids = draw(st.lists(ids, min_size=1, max_size=4, unique=True))
    names = draw(st.lists(st.text(max_size=4), min_size=1, max_size=4, unique=True))
    boxes = st.tuples(st.sampled_from(image_ids), st.sampled_from(names), *[numbers] * 4)
    return (
        image_ids,
        names,
        draw(st.lists(boxes, max_size=6)),
        draw(st.lists(st.tuples(boxes, st.floats(0, 1)), max_size=6)),
    )


@given(data_set=data_sets())
def test_round_trip_through_coco_equals_frames(data_set, tmp_path_factory):
    image_ids, names, labels, predictions = data_set
    columns = ["image_id", "class_name", "x", "y", "width", "height"]
    label_frame = pd.DataFrame(labels, columns=columns)
    prediction_frame = pd.DataFrame([box for box, _ in predictions], columns=columns)
    prediction_frame["confidence"] = [score for _, score in predictions]
    for frame in (label_frame, prediction_frame):
        frame["class_name"] = pd.Categorical(frame["class_name"], names)
    images = pd.DataFrame({"image_id": image_ids, "width": 640, "height": 480.5})
    expected = Dataset.from_frames(images, label_frame, prediction_frame)

    def entry(box):
        return {
            "image_id": box[0],
            "category_id": 3 + names.index(box[1]),
            "bbox": list(box[2:]),
        }

    folder = tmp_path_factory.mktemp("coco")
    dataset = read_coco(
        _write(
            folder / "gt.json",
            {
                "images": [{"id": id_, "width": 640, "height": 480.5} for id_ in image_ids],
                "annotations": [entry(box) | {"id": row} for row, box in enumerate(labels)],
                "categories": [{"id": 3 + row, "name": name} for row, name in enumerate(names)],
            },
        ),
        _write(folder / "dt.json", [entry(box) | {"score": score} for box, score in predictions]),
    )
    assert dataset.class_names == expected.class_names
    assert dataset.notes == expected.notes
    for name in ("images", "labels", "predictions"):
        pd.testing.assert_frame_equal(getattr(dataset, name), getattr(expected, name))


def test_a_path_like_object_is_a_path(tmp_path):
    class Somewhere(os.PathLike):
        def __init__(self, path):
            self.path = path

        def __fspath__(self):
            return str(self.path)

    path = Somewhere(_write(tmp_path / "gt.json", LABELS))
    assert len(read_coco(path, PREDICTIONS).labels) == 3


def test_further_scalar_fields_and_attributes_are_kept(given_as):
    labels = copy.deepcopy(LABELS)
    labels["images"][0]["date_captured"] = "2013-11-14"
    for number, annotation in enumerate(labels["annotations"]):
        annotation["attributes"] = {"occluded": number == 1, "weather": "night", "width": number}
        annotation["rotation"] = number / 2
        annotation["tags"] = ["a"]
    predictions = [{**one, "age": 3.5, "extra": {"a": 1}} for one in PREDICTIONS]
    found = read_coco(*given_as(labels, predictions))
    assert found.images["license"].tolist()[0] == 3
    assert str(found.images["date_captured"].tolist()[0]) == "2013-11-14 00:00:00"
    assert found.labels["rotation"].tolist() == [0, 0.5, 1]
    assert found.labels["occluded"].tolist() == [False, True, False]
    assert found.labels["weather"].tolist() == ["night"] * 3
    # A name that boxes have already is told apart.
    assert found.labels["attribute width"].tolist() == [0, 1, 2]
    assert found.labels["width"].tolist() == [3, 7, 9]
    assert found.predictions["age"].tolist() == [3.5, 3.5]
    assert "tags" not in found.labels
    assert "extra" not in found.predictions
