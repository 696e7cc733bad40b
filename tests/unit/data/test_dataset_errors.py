"""What a Dataset refuses, in whole messages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.data.dataset import Dataset
from ea_widgets.errors import InvalidInputError


def _frames():
    images = pd.DataFrame({"image_id": [7, 3], "width": [640, 320], "height": [480, 240]})
    labels = pd.DataFrame(
        {
            "image_id": [3, 7, 7, 7],
            "class_name": ["dog", "cat", "dog", "dog"],
            "x": 1.0,
            "y": 2.0,
            "width": 5.0,
            "height": 6.0,
        }
    )
    return {"images": images, "labels": labels, "predictions": labels.assign(confidence=0.5)}


def _set(frame, column, values):
    frames = _frames()
    frames[frame][column] = values
    return frames


CASES = {
    "no frame": (
        _frames() | {"labels": [1, 2]},
        (
            "`labels` is of type list, not a pandas DataFrame. "
            "Give a DataFrame with the columns image_id, class_name, x, y, width, height."
        ),
    ),
    "one column missing": (
        _frames() | {"images": _frames()["images"].rename(columns={"width": "widht"})},
        (
            "`images` lacks the column 'width'. Is 'widht' meant to be 'width'? "
            "Required are 'image_id', 'width', 'height'. It has 'image_id', 'widht', 'height'."
        ),
    ),
    "score for confidence": (
        _frames()
        | {"predictions": _frames()["predictions"].rename(columns={"confidence": "score"})},
        (
            "`predictions` lacks the column 'confidence'. Is 'score' meant to be 'confidence'? "
            "Required are 'image_id', 'class_name', 'x', 'y', 'width', 'height', 'confidence'. "
            "It has 'image_id', 'class_name', 'x', 'y', 'width', 'height', 'score'."
        ),
    ),
    "an area below 0": (
        _set("labels", "coco_area", [1.0, -5.0, np.nan, np.inf]),
        (
            "`labels.coco_area` is infinite or negative in 2 rows: -5.0 (row 1), inf (row 3). "
            "Give areas in square pixels, or leave them out."
        ),
    ),
    "numbers beyond floats": (
        _set("predictions", "x", pd.Series([10**400, 1, 2, 3], dtype=object)),
        (
            "`predictions.x` is not a number in 1 row: "
            "10000000000000000000000000000000000000000000000000000000000000000000000000000... "
            "(row 0). Give boxes as numbers of pixels."
        ),
    ),
    "all columns missing": (
        _frames() | {"images": pd.DataFrame()},
        (
            "`images` lacks the columns 'image_id', 'width', 'height'. "
            "Required are 'image_id', 'width', 'height'. It has none."
        ),
    ),
    "swapped": (
        _frames() | {"labels": _frames()["predictions"]},
        (
            "`labels.confidence` is a column of predictions, and labels have none. "
            "Were labels and predictions swapped? If not, give the column another name."
        ),
    ),
    "a column twice": (
        _frames()
        | {"images": pd.concat([_frames()["images"], _frames()["images"][["width"]]], axis=1)},
        "`images` has more than one column named 'width'. Keep one of them.",
    ),
    "a column without text": (
        _frames() | {"images": _frames()["images"].assign(a=1).rename(columns={"a": 5})},
        "`images` has a column named 5, which is not text. Name every column with text.",
    ),
    "text for numbers": (
        _set("labels", "x", ["1", "2", "3", "four"]),
        ("`labels.x` is not a number in 1 row: 'four' (row 3). Give boxes as numbers of pixels."),
    ),
    "a level in a name": (
        _set("labels", "Blur (O)", 1.0),
        (
            "`labels.Blur (O)` ends in a level, which is added when a metric is shown. "
            "Name the column 'Blur'."
        ),
    ),
    "an image id twice": (
        _set("images", "image_id", [7, 7]),
        (
            "`images.image_id` repeats an earlier id in 1 row: 7 (row 1). "
            "Ids must be unique; were two files joined?"
        ),
    ),
    "label ids twice": (
        _set("labels", "label_id", [1, 1, 1, 1]),
        (
            "`labels.label_id` repeats an earlier label, with the same content in 1 row: "
            "1 (row 3). Keep one of them; were two files joined?"
        ),
    ),
    "prediction ids twice": (
        _set("predictions", "prediction_id", ["a", "b", "a", "c"]),
        (
            "`predictions.prediction_id` repeats an earlier id in 1 row: 'a' (row 2). "
            "Ids must be unique; were two files joined?"
        ),
    ),
    "an unknown image": (
        _set("predictions", "image_id", [3, 8, 9, 7]),
        (
            "`predictions.image_id` is not among the ids of `images` in 2 rows: 8 (row 1), 9 (row"
            " 2). Known are 2 ids, such as 7, 3. Are labels and predictions of the same images?"
        ),
    ),
    "mixed ids": (
        _set("images", "image_id", np.array([7, "a"], dtype=object)),
        (
            "`labels.image_id` is not among the ids of `images` in 1 row: 3 (row 0). Known are 2 "
            "ids, such as 7, 'a'. Are labels and predictions of the same images?"
        ),
    ),
    "a missing id": (
        _set("labels", "image_id", [3, None, 7, 7]),
        ("`labels.image_id` is missing in 1 row: nan (row 1). Give every row the id of its image."),
    ),
    "a broken id": (
        _set("images", "image_id", [7.5, 3]),
        (
            "`images.image_id` is neither a whole number nor text in 1 row: 7.5 (row 0). Give "
            "every image an id: a whole number or text."
        ),
    ),
    "a huge id": (
        _set("images", "image_id", np.array([2**63, 3], dtype=np.uint64)),
        (
            "`labels.image_id` is not among the ids of `images` in 3 rows: 7 (row 1), 7 (row 2), "
            "7 (row 3). Known are 2 ids, such as 9223372036854775808, 3. Are labels and "
            "predictions of the same images?"
        ),
    ),
    "confidence above one": (
        _set("predictions", "confidence", [50.0, 0.5, -0.1, np.nan]),
        (
            "`predictions.confidence` is not a finite number in 1 row: nan (row 3). Give every "
            "prediction a confidence, a finite number."
        ),
    ),
    "a coordinate that is not a number": (
        _set("labels", "y", [1, np.nan, np.inf, 2]),
        (
            "`labels.y` is not a finite number in 2 rows: nan (row 1), inf (row 2). "
            "Give boxes as finite numbers of pixels, or leave these rows out."
        ),
    ),
    "an image of no size": (
        _set("images", "height", [0, np.nan]),
        (
            "`images.height` is not a finite number above 0 in 2 rows: 0.0 (row 0), nan (row 1). "
            "Give the size of each image in pixels."
        ),
    ),
    "no class": (
        _set("labels", "class_name", ["dog", np.nan, "cat", np.nan]),
        (
            "`labels.class_name` is missing in 2 rows: nan (row 1), nan (row 3). Give every row a"
            " class: the name of one, or the number of one of the categories."
        ),
    ),
    "a class that is no name": (
        _set("labels", "class_name", np.array(["dog", 1.5, "cat", 1.5], dtype=object)),
        (
            "`labels.class_name` is neither text nor a whole number in 2 rows: 1.5 (row 1), 1.5 "
            "(row 3). Give every row a class: the name of one, or the number of one of the "
            "categories."
        ),
    ),
    "a flag of two": (
        _set("labels", "is_crowd", [0, 1, 2, 0]),
        ("`labels.is_crowd` is neither 0 nor 1 in 1 row: 2 (row 2). Give 1 for true, 0 for false."),
    ),
}


@pytest.mark.parametrize(("frames", "message"), CASES.values(), ids=CASES)
def test_refusals_name_field_value_and_remedy(frames, message):
    with pytest.raises(InvalidInputError) as error:
        Dataset.from_frames(**frames, on_problem="raise")
    assert str(error.value) == message


def test_no_such_folder(tmp_path):
    with pytest.raises(InvalidInputError, match="does not exist"):
        Dataset.from_frames(**_frames(), pixels=tmp_path / "nowhere")


@pytest.mark.parametrize("corners", [("x1", "y1", "x2", "y2"), ("xmin", "ymin", "xmax", "ymax")])
def test_corners_are_told_apart_from_sizes(corners):
    images = pd.DataFrame({"image_id": [1], "width": 100, "height": 100})
    box = dict(zip(corners, ([1.0], [2.0], [9.0], [8.0]), strict=True))
    labels = pd.DataFrame({"image_id": [1], "class_name": ["a"], **box})
    x1, y1, x2, y2 = corners
    with pytest.raises(InvalidInputError) as caught:
        Dataset.from_frames(images, labels, labels.assign(confidence=0.5))
    assert str(caught.value) == (
        f"`labels` has the corners '{x1}', '{y1}', '{x2}', '{y2}', not 'x', 'y', 'width', "
        f"'height'. Make x = {x1}, y = {y1}, width = {x2} - {x1}, height = {y2} - {y1}; or pass "
        "boxes='xyxy'."
    )
    renamed = labels.rename(columns=dict(zip(corners, ("x", "y", "width", "height"), strict=True)))
    both = {"labels": "xyxy", "predictions": "xyxy"}
    made = Dataset.from_frames(images, renamed, renamed.assign(confidence=0.5), boxes=both)
    assert made.labels[["x", "y", "width", "height"]].to_numpy().tolist() == [[1, 2, 8, 6]]
    for given in ("xyxy", both):  # as the message says
        made = Dataset.from_frames(images, labels, labels.assign(confidence=0.5), boxes=given)
        for table in (made.labels, made.predictions):
            assert table[["x", "y", "width", "height"]].to_numpy().tolist() == [[1, 2, 8, 6]]
    sizes = labels.assign(x=1.0, y=2.0, width=8.0, height=6.0).drop(columns=[*corners])
    made = Dataset.from_frames(images, sizes, labels.assign(confidence=0.5), boxes="xyxy")
    for table in (made.labels, made.predictions):
        assert table[["x", "y", "width", "height"]].to_numpy().tolist() == [[1, 2, 8, 6]]


def test_labels_or_predictions_alone_are_refused_in_words():
    frames = _frames()
    for name in ("labels", "predictions"):
        with pytest.raises(InvalidInputError, match=f"^`{name}` is missing, and "):
            Dataset.from_frames(**{key: table for key, table in frames.items() if key != name})
    with pytest.raises(InvalidInputError, match=r"^`labels` is missing, and "):
        ea.read_coco(predictions=[])


def test_file_names_without_a_folder_are_asked_about(tmp_path):
    frames = _frames()
    named = frames | {"images": frames["images"].assign(file_name="a.png")}
    (note,) = [n for n in Dataset.from_frames(**named).notes if "pixels" in n]
    assert note.startswith("The images have file names, and nobody said where the files are: ")
    for known in (frames, named | {"pixels": tmp_path}):
        assert not any("file names" in note for note in Dataset.from_frames(**known).notes)
