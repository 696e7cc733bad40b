from __future__ import annotations

import contextlib
import io
import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO

import ea_widgets as ea

SQUARE = [[1.0, 1.0, 5.0, 1.0, 5.0, 5.0]]
RUNS = {"size": [40, 50], "counts": [0, 10, 1990]}

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8).map(
    lambda text: text.strip() or "x"
)
sides = st.floats(-100, 100, allow_nan=False) | st.integers(0, 50).map(float)
further = st.floats(-1e6, 1e6, allow_nan=False) | st.none()


@st.composite
def datasets(draw):
    keys = draw(
        st.lists(st.integers(0, 10**12), min_size=1, max_size=4, unique=True)
        | st.lists(st.sampled_from(["a", "b", "x-1", "7é"]), min_size=1, max_size=4, unique=True)
    )
    names = draw(st.lists(texts, min_size=1, max_size=3, unique_by=str.casefold))
    images = pd.DataFrame({"image_id": keys, "width": 50, "height": 40})
    images["file_name"] = [f"{row} ü.jpg" for row in range(len(keys))]
    images["Fog"] = [0.5, *(draw(further) for _ in keys[1:])]
    frames = []
    for name in ("labels", "predictions"):
        count = draw(st.integers(1, 6))

        def column(values, count=count):
            return draw(st.lists(values, min_size=count, max_size=count))

        frame = pd.DataFrame({"image_id": column(st.sampled_from(keys))})
        frame["class_name"] = column(st.sampled_from(names))
        for side in ("x", "y", "width", "height"):
            frame[side] = column(sides)
        frame["score"] = [1.5, *column(further)[1:]]  # the name means something in COCO
        frame["Age of it"] = [0.25, *column(further)[1:]]
        frame[f"{name[:-1]}_id"] = (
            column(st.integers(0, 10**6)) if count == 1 else range(5, 5 + count)
        )
        if name == "labels":
            frame["is_crowd"], frame["ignore"] = column(st.booleans()), column(st.booleans())
            frame["coco_area"] = column(st.floats(0, 1e5))
            frame["segmentation"] = [SQUARE, *column(st.sampled_from([None, SQUARE, RUNS]))[1:]]
        else:
            frame["confidence"] = column(st.floats(0, 1))
        frames.append(frame)
    try:
        return ea.Dataset.from_frames(images, *frames)
    except ea.InvalidInputError:
        return None


def round_trip(dataset):
    with tempfile.TemporaryDirectory() as folder:
        dataset.to_coco(folder)
        files = [Path(folder) / name for name in ("instances.json", "predictions.json")]
        assert sorted(Path(folder).iterdir()) == files
        return ea.read_coco(*files), [json.loads(file.read_text()) for file in files]


@given(datasets())
def test_the_way_there_and_back_changes_nothing(dataset):
    if dataset is None:
        return
    again, _ = round_trip(dataset)
    assert again.class_names == dataset.class_names
    by_name = (one.metrics.sort_values(["level", "name"]).to_numpy() for one in (again, dataset))
    assert np.array_equal(*by_name)
    for name in ("images", "labels", "predictions"):
        one, other = getattr(dataset, name), getattr(again, name)
        pd.testing.assert_frame_equal(other[one.columns], one)
        assert set(other) == set(one)


@given(datasets())
def test_pycocotools_reads_it(dataset):
    if dataset is None:
        return
    _, (truth, results) = round_trip(dataset)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        found = coco.loadRes(results)
    assert len(coco.anns) == len(dataset.labels)
    assert len(found.anns) == len(dataset.predictions)


def test_metrics_are_fields_and_names_of_coco_go_to_attributes():
    box = {"image_id": [7], "class_name": ["cat"], "x": 1, "y": 2, "width": 3, "height": 4}
    images = pd.DataFrame({"image_id": [7], "width": 9, "height": 9, "Fog": 0.5, "tags": [["a"]]})
    labels = pd.DataFrame({**box, "Age": 1.5, "score": 2.5})
    predictions = pd.DataFrame({**box, "confidence": 0.5, "Age": [np.nan]})
    dataset = ea.Dataset.from_frames(images, labels, predictions)
    _, (truth, results) = round_trip(dataset)
    assert truth == {
        "info": {"description": "Written by ea_widgets"},
        "images": [{"id": 7, "width": 9, "height": 9, "Fog": 0.5}],
        "annotations": [
            {
                "id": 0,
                "image_id": 7,
                "category_id": 1,
                "iscrowd": 0,
                "bbox": [1.0, 2.0, 3.0, 4.0],
                "area": 12.0,
                "Age": 1.5,
                "attributes": {"score": 2.5},
            }
        ],
        "categories": [{"id": 1, "name": "cat"}],
    }
    assert results == [
        {"image_id": 7, "category_id": 1, "score": 0.5, "bbox": [1.0, 2.0, 3.0, 4.0]}
    ]


def test_numbers_of_categories_stay_and_bitmaps_become_run_lengths():
    pixels = np.zeros((4, 4), bool)
    pixels[1:3, 1:3] = True
    labels = {
        "images": [{"id": 1, "width": 4, "height": 4}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 44, "segmentation": pixels}],
        "categories": [{"id": 90, "name": "toothbrush"}, {"id": 44, "name": "bottle"}],
    }
    _, (truth, _) = round_trip(ea.read_coco(labels, []))
    assert truth["categories"] == labels["categories"]
    mask = truth["annotations"][0]["segmentation"]
    assert mask == {"size": [4, 4], "counts": [5, 2, 2, 2, 5]}


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ea.InvalidInputError, match="which cannot be written to"):
        ea.load_demo().to_coco(tmp_path / "file")
