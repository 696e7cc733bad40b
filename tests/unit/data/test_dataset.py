"""Datasets from DataFrames: columns, types, classes, notes, metrics."""

from __future__ import annotations

import pickle
from copy import deepcopy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ea_widgets.data.dataset import NO_PIXELS, Dataset
from ea_widgets.data.images.sources import FolderSource
from ea_widgets.data.metrics.compute import compute_metrics
from ea_widgets.errors import InvalidInputError


@pytest.fixture
def images():
    return pd.DataFrame({"image_id": [7, 3], "width": [640, 320], "height": [480, 240]})


@pytest.fixture
def labels():
    return pd.DataFrame(
        {
            "image_id": [3, 7, 7],
            "class_name": ["dog", "cat", "dog"],
            "x": [1.0, 2.0, 3.0],
            "y": [1.0, 2.0, 3.0],
            "width": [5, 6, 7],
            "height": [5, 6, 7],
        }
    )


@pytest.fixture
def predictions(labels):
    return labels.assign(confidence=[0.5, 1.0, 0.0])


def test_columns_and_types_are_what_the_package_relies_on(images, labels, predictions):
    dataset = Dataset.from_frames(images, labels, predictions)
    assert dataset.images.columns.tolist() == ["image_id", "width", "height"]
    assert dataset.labels.columns.tolist() == [
        *("label_id", "image_id", "class_name", "x", "y", "width", "height"),
        *("is_crowd", "ignore"),
    ]
    assert dataset.predictions.columns.tolist() == [
        *("prediction_id", "image_id", "class_name", "x", "y", "width", "height", "confidence"),
    ]
    assert dataset.labels["label_id"].tolist() == [0, 1, 2]
    assert dataset.labels["image_id"].tolist() == [3, 7, 7]
    types = dataset.labels.dtypes.astype(str).to_dict()
    assert types["image_id"] == "int64"
    assert types["class_name"] == "category"
    assert {types[name] for name in ("x", "y", "width", "height")} == {"float64"}
    assert types["is_crowd"] == types["ignore"] == "bool"
    assert not dataset.labels[["is_crowd", "ignore"]].to_numpy().any()
    assert dataset.notes == ()
    assert dataset.pixels is None


def test_repr_counts_in_words(images, labels, predictions):
    assert repr(Dataset.from_frames(images, labels, predictions)) == (
        "Dataset(2 images, 3 labels, 3 predictions, 2 classes)\n"
        "  classes: cat, dog\n"
        "  metrics: none yet; ea.compute_metrics(dataset) adds them"
    )
    many = pd.concat([predictions] * 1000, ignore_index=True)
    one = Dataset.from_frames(images, labels[:1], many.assign(class_name="dog"))
    assert repr(one).splitlines()[0] == "Dataset(2 images, 1 label, 3,000 predictions, 1 class)"


def test_a_notebook_shows_text_from_the_data_as_text(images, labels, predictions):
    names = [f"<b>{number}</b>" for number in range(3)]
    dataset = Dataset(
        images.assign(camera=["x", "y"], daylight=[0.1, 0.2]),
        labels.assign(class_name=names),
        predictions.assign(class_name="<i>8</i>"),
        pixels={7: np.zeros((1, 1, 3), np.uint8)},
        cluster="camera",
    )
    html = dataset._repr_html_()
    assert "&lt;b&gt;0&lt;/b&gt;, &lt;b&gt;1" in html
    assert "<i>" not in html
    assert "<td style='text-align:left'>camera</td>" in html
    assert repr(dataset).splitlines()[1:] == [
        "  classes: <b>0</b>, <b>1</b>, <b>2</b>, <i>8</i>",
        "  metrics: 1 of images, 0 of labels, 0 of predictions",
        "  cluster: camera",
        "  pixels: MappingSource",
    ]
    many = labels.iloc[[0] * 9].assign(class_name=list("abcdefghi"))
    assert "classes: a, b, c, d, e, f and 3 more" in repr(Dataset(images, many, predictions[:0]))


def test_the_class_is_called_as_from_frames_is(images, labels, predictions):
    one = Dataset(images, labels, predictions)
    other = Dataset.from_frames(images, labels, predictions)
    for frame in ("images", "labels", "predictions"):
        pd.testing.assert_frame_equal(getattr(one, frame), getattr(other, frame))
    with pytest.raises(InvalidInputError, match=r"^`labels` lacks the column 'y'"):
        Dataset(images, labels.drop(columns="y"), predictions)


def test_clusters_are_kept_and_passed_on(images, labels, predictions):
    images = images.assign(video=[1.0, 1.0], patient=["a", "b"])
    dataset = Dataset(images, labels, predictions, cluster="video")
    assert dataset.cluster == "video"
    assert dataset.images["video"].tolist() == [1, 1]
    assert "video" not in dataset.metrics["name"].tolist()  # an id is no number to rank by
    assert compute_metrics(dataset, metrics=["Area"]).cluster == "video"
    assert Dataset(images, labels, predictions).cluster is None
    with pytest.raises(InvalidInputError) as caught:
        Dataset.from_frames(images, labels, predictions, cluster="patent")
    assert str(caught.value) == (
        "`cluster` has no option 'patent'. Did you mean 'patient'? "
        "Options: 'image_id', 'width', 'height', 'video', 'patient'."
    )
    with pytest.raises(InvalidInputError, match=r"^`images.patient` is missing"):
        Dataset(images.assign(patient=["a", None]), labels, predictions, cluster="patient")


def pickled(value):
    return pickle.loads(pickle.dumps(value))  # noqa: S301  # what we have just written


@pytest.mark.parametrize("copied", [deepcopy, pickled])
def test_copies_and_pickles_are_equal(images, labels, predictions, copied):
    pixels = {key: np.full((2, 2, 3), key, np.uint8) for key in (7, 3)}
    images = images.assign(camera=["x", "y"])
    labels = labels.assign(segmentation=[[[0, 0, 4, 0, 4, 4]], None, None], ours=[1, 2, 3])
    dataset = Dataset(images, labels, predictions, pixels=pixels, cluster="camera")
    other = copied(dataset)
    for frame in ("images", "labels", "predictions", "metrics"):
        pd.testing.assert_frame_equal(getattr(other, frame), getattr(dataset, frame))
    assert other.cluster == "camera"
    assert other.notes == dataset.notes
    assert other.class_names == dataset.class_names
    assert (other.pixels.read(7) == 7).all()


def test_input_is_never_changed_and_its_index_does_not_matter(images, labels, predictions):
    labels.index = [9, 9, 9]
    predictions["mine"] = [np.inf, 1, 2]
    before = [frame.copy(deep=True) for frame in (images, labels, predictions)]
    dataset = Dataset.from_frames(images, labels, predictions)
    changed = dataset.predictions
    changed["mine"] = 5.0
    changed.loc[0, "x"] = -100.0
    for frame, copy in zip((images, labels, predictions), before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
    assert dataset.labels.index.equals(pd.RangeIndex(3))
    assert dataset.predictions["x"].tolist() == [1.0, 2.0, 3.0]
    labels.loc[:, "x"] = 99.0
    assert dataset.labels["x"].tolist() == [1.0, 2.0, 3.0]


def test_what_becomes_of_the_frames_later_changes_no_dataset(images, labels, predictions):
    images["brightness"], predictions["blur"] = [0.5, 0.25], 1.0
    labels["ignore"], labels["label_id"] = False, [5, 6, 7]
    predictions["prediction_id"] = np.arange(len(predictions)) + 10
    dataset = Dataset.from_frames(images, labels, predictions)
    frames = dataset.frames
    kept = [frame.copy() for frame in (frames.images, frames.labels, frames.predictions)]
    for frame in (images, labels, predictions):
        for column in frame:
            if frame[column].dtype != object and column != "class_name":
                frame.loc[:, column] = np.zeros(len(frame), frame[column].dtype)
    for frame, before in zip((frames.images, frames.labels, frames.predictions), kept, strict=True):
        pd.testing.assert_frame_equal(frame, before)


def test_class_names_are_sorted_unless_both_frames_bring_an_order(images, labels, predictions):
    assert Dataset.from_frames(images, labels, predictions).class_names == ("cat", "dog")
    ours = labels.assign(class_name=pd.Categorical(labels["class_name"], ["dog", "owl", "cat"]))
    theirs = predictions.assign(
        class_name=pd.Categorical(predictions["class_name"], ["cat", "dog", "emu"])
    )
    dataset = Dataset.from_frames(images, ours, theirs)
    assert dataset.class_names == ("dog", "owl", "cat", "emu")
    assert dataset.labels["class_name"].tolist() == ["dog", "cat", "dog"]
    assert dataset.predictions["class_name"].tolist() == ["dog", "cat", "dog"]
    for frame in (dataset.labels, dataset.predictions):
        assert tuple(frame["class_name"].cat.categories) == dataset.class_names
    assert Dataset.from_frames(images, ours, predictions).class_names == ("cat", "dog", "owl")


def test_whole_numbers_are_class_names_in_the_order_of_numbers(images, labels, predictions):
    dataset = Dataset.from_frames(
        images, labels.assign(class_name=[10, 9, 2]), predictions.assign(class_name=["2", "9", "x"])
    )
    assert dataset.class_names == ("2", "9", "10", "x")
    assert dataset.labels["class_name"].tolist() == ["10", "9", "2"]


@pytest.mark.parametrize(
    ("ids", "kept"),
    [
        ([7.0, 3.0], [7, 3]),
        (pd.array([7, 3], dtype="Int64"), [7, 3]),
        (np.array([7, 3], dtype=object), [7, 3]),
        (np.array([7, 3], dtype=np.uint8), [7, 3]),
        (["b", "a"], ["b", "a"]),
        (pd.Categorical(["b", "a"]), ["b", "a"]),
    ],
)
def test_image_ids_are_whole_numbers_or_text(images, labels, predictions, ids, kept):
    images["image_id"] = ids
    first = [images["image_id"].iloc[0]] * 3
    dataset = Dataset.from_frames(
        images, labels.assign(image_id=first), predictions.assign(image_id=first)
    )
    assert dataset.images["image_id"].tolist() == kept
    assert dataset.labels["image_id"].tolist() == [kept[0]] * 3
    assert dataset.labels["image_id"].dtype == dataset.images["image_id"].dtype


def test_empty_frames_are_fine(images, labels, predictions):
    no_labels = pd.DataFrame(columns=labels.columns)
    no_predictions = pd.DataFrame(columns=[*predictions.columns, "mine"])
    dataset = Dataset.from_frames(images, no_labels, no_predictions)
    assert repr(dataset) == (
        "Dataset(2 images, 0 labels, 0 predictions, 0 classes)\n"
        "  classes: none\n"
        "  metrics: 0 of images, 0 of labels, 1 of predictions"
    )
    assert dataset.predictions["image_id"].dtype == np.int64
    assert dataset.predictions["x"].dtype == np.float64
    assert dataset.metrics["name"].tolist() == ["mine"]
    text = Dataset.from_frames(images, no_labels.astype("str"), no_predictions.astype("str"))
    assert text.labels["x"].dtype == np.float64
    nothing = Dataset.from_frames(images[:0], labels[:0], predictions[:0])
    assert repr(nothing).startswith("Dataset(0 images, 0 labels, 0 predictions, 0 classes)\n")


def test_oddities_are_counted_said_and_kept(images, labels, predictions):
    labels = pd.concat([labels, labels[:1], labels[:1].assign(width=0)], ignore_index=True)
    predictions.loc[0, "x"] = 316.0  # image 3 is 320 wide
    predictions.loc[1, "y"] = -1.0
    predictions.loc[2, "x"] = -0.005  # rounding
    dataset = Dataset.from_frames(images, labels, predictions)
    assert dataset.notes == (
        "1 label has a box of no area; kept, and it overlaps nothing.",
        "2 predictions have a box that reaches over the image's edge; kept.",
        "1 label has the image, class and box of an earlier one; kept.",
    )
    assert len(dataset.labels) == 5


def test_flags_may_be_booleans_or_numbers(images, labels, predictions):
    labels["is_crowd"] = [1, 0, 1]
    labels["ignore"] = [True, False, False]
    dataset = Dataset.from_frames(images, labels, predictions)
    assert dataset.labels["is_crowd"].tolist() == [True, False, True]
    assert dataset.labels["ignore"].tolist() == [True, False, False]


def test_file_names_may_be_paths(images, labels, predictions):
    images["file_name"] = [Path("left/a.jpg"), None]
    names = Dataset.from_frames(images, labels, predictions).images["file_name"]
    assert names[0] == str(Path("left/a.jpg"))
    assert names.isna().tolist() == [False, True]


def test_columns_are_metrics_of_their_kind_and_what_can_be_none_is_kept_and_named(
    images, labels, predictions
):
    images["night"] = [True, False]
    images["file_name"] = ["a.jpg", "b.jpg"]
    labels["difficulty"] = pd.array([1, None, 3], dtype="Int64")
    labels["track_id"] = [1, 2, 3]
    labels["note"] = ["x", "y", "z"]
    predictions["rain"] = np.array([1, 2.5, None], dtype=object)
    predictions["phase"] = [1j, 2j, 3j]
    predictions["grade"] = pd.Categorical([1, 2, 1])
    predictions["wind"] = [np.inf, -np.inf, 3.0]
    dataset = Dataset.from_frames(images, labels, predictions)
    assert dataset.metrics.to_dict("list") == {
        "name": ["night", "difficulty", "rain", "grade", "wind"],
        "level": ["F", "O", "P", "P", "P"],
        "kind": ["categorical", "numeric", "numeric", "categorical", "numeric"],
        "unit": ["", "", "", "", ""],
        "description": [
            "Column of your own frame. Its correlation is positive where it is True more often.",
            "Column of your own frame.",
            "Column of your own frame.",
            "Column of your own frame. Its correlation is positive where it is 2 more often.",
            "Column of your own frame.",
        ],
        "missing": [0, 1, 1, 0, 2],
    }
    assert dataset.notes == (
        "Of the labels, 1 column is no metric: 'note' has another text in each row.",
        "2 infinite values count as missing in predictions, column 'wind'.",
        "Of the predictions, 1 column is no metric: 'phase' holds values of type complex.",
        NO_PIXELS,
    )
    assert dataset.labels.columns.tolist()[-3:] == ["difficulty", "track_id", "note"]
    assert dataset.images["night"].tolist() == [True, False]
    assert dataset.labels["note"].tolist() == ["x", "y", "z"]


def test_metrics_of_the_catalogue_have_their_unit(images, labels, predictions):
    labels["Object Area - Relative"] = [1.0, 2.0, 3.0]
    metrics = Dataset.from_frames(images, labels, predictions).metrics
    assert metrics["unit"].tolist() == ["%"]


def test_with_metrics_adds_and_replaces_in_a_new_dataset(images, labels, predictions):
    dataset = Dataset.from_frames(images, labels.assign(mine=1.0), predictions)
    more = dataset.with_metrics(
        images=pd.DataFrame({"sun": [1, 2]}, index=[5, 5]),
        labels=pd.DataFrame({"size": [1, np.inf, 3], "mine": [4, 5, 6]}),
    )
    assert dataset.metrics["name"].tolist() == ["mine"]
    assert dataset.labels["mine"].tolist() == [1.0, 1.0, 1.0]
    assert more.metrics["name"].tolist() == ["sun", "mine", "size"]
    assert more.metrics["missing"].tolist() == [0, 0, 1]
    assert more.labels["mine"].tolist() == [4.0, 5.0, 6.0]
    assert more.images["sun"].tolist() == [1.0, 2.0]
    assert more.notes == ("1 infinite value counts as missing in labels, column 'size'.",)
    assert more.class_names == dataset.class_names


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (
            pd.DataFrame({"size": [1, 2]}),
            (
                "`labels` has 2 rows, but the dataset has 3 labels. "
                "Give one row for each of `dataset.labels`, in the same order."
            ),
        ),
        (
            pd.DataFrame({"size": ["a", "b", "c"]}),
            (
                "`labels.size` has another text in each row, and so cannot be a metric. "
                "Give numbers, dates, truth values, or text that several rows share."
            ),
        ),
        (
            pd.DataFrame({"x": [1, 2, 3]}),
            (
                "`labels.x` is a reserved name, which no metric can bear. "
                "Give the column another name."
            ),
        ),
        (
            pd.DataFrame({"Area (O)": [1, 2, 3]}),
            (
                "`labels.Area (O)` ends in a level, which is added when a metric is shown. "
                "Name the column 'Area'."
            ),
        ),
    ],
)
def test_with_metrics_refuses_what_is_no_metric(images, labels, predictions, extra, message):
    dataset = Dataset.from_frames(images, labels, predictions)
    with pytest.raises(InvalidInputError) as error:
        dataset.with_metrics(labels=extra)
    assert str(error.value) == message


def test_a_dataset_survives_pickling(images, labels, predictions):
    dataset = Dataset.from_frames(images, labels.assign(mine=1.0), predictions)
    back = pickle.loads(pickle.dumps(dataset))  # noqa: S301  # our own bytes
    assert repr(back) == repr(dataset)
    pd.testing.assert_frame_equal(back.labels, dataset.labels)
    assert back.class_names == dataset.class_names


def test_a_folder_given_as_images_is_asked_for_as_pixels(images, labels, predictions):
    with pytest.raises(InvalidInputError) as caught:
        Dataset.from_frames(images, labels, predictions, images="photos/")
    assert str(caught.value) == (
        "`images` is given twice: as a table, and as 'photos/'. Give the folder of the image "
        "files as pixels='photos/'."
    )
    by_name = Dataset.from_frames(images=images, labels=labels, predictions=predictions)
    assert by_name.images.equals(Dataset.from_frames(images, labels, predictions).images)


def test_pixels_become_an_image_source(images, labels, predictions, tmp_path):
    dataset = Dataset.from_frames(images, labels, predictions, pixels=tmp_path)
    assert isinstance(dataset.pixels, FolderSource)
    assert dataset.with_metrics().pixels is dataset.pixels


def _many(images, **boxes):
    frame = pd.DataFrame({"image_id": [3, 7] * 6, "class_name": "dog", **boxes})
    return Dataset.from_frames(images, frame, frame.assign(confidence=0.5))


def test_boxes_that_are_corners_are_asked_about(images):
    left, top = np.arange(12.0) * 20, np.full(12, 100.0)
    dataset = _many(images, x=left, y=top, width=left + 30, height=top + 50)
    question = (
        "The boxes of {}s would fit into their images as corners (x1, y1, x2, y2): "
        "were these given? Boxes are x, y, width, height."
    )
    assert {question.format("label"), question.format("prediction")} <= set(dataset.notes)
    right = _many(images, x=left, y=top, width=30.0, height=50.0)
    assert right.notes == ()


def test_boxes_that_are_shares_are_asked_about(images):
    dataset = _many(images, x=np.linspace(0, 0.8, 12), y=0.1, width=0.2, height=0.5)
    assert dataset.notes == tuple(
        f"All boxes of {what}s are smaller than two pixels: were they given as shares of the "
        "image? Boxes are in pixels."
        for what in ("label", "prediction")
    )


@pytest.mark.parametrize(
    ("names", "note"),
    [
        (
            ["1", "2", "1", "2"],
            (
                "No class of the predictions ('1', '2') is one of the labels ('cat', 'dog'), so "
                "that nothing can match: name them alike."
            ),
        ),
        (
            ["Cat", "dog", " dog", "dog"],
            (
                "Classes of predictions and labels that differ in case or spaces only: "
                "' dog' and 'dog', 'Cat' and 'cat'."
            ),
        ),
        (["emu", "dog", "dog", "cat"], None),
    ],
)
def test_classes_that_cannot_match_are_said(images, labels, predictions, names, note):
    predictions = pd.concat([predictions] * 4, ignore_index=True).assign(class_name=names * 3)
    dataset = Dataset.from_frames(images, labels, predictions)
    assert dataset.notes == (() if note is None else (note,))
