from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea


@pytest.fixture
def dataset():
    images = pd.DataFrame(
        {"image_id": ["a", "b", "c"], "width": 9, "height": 9, "Fog": [0.0, 0.5, np.nan]}
    )
    box = {"x": 1, "y": 1, "width": 3, "height": 3}
    labels = pd.DataFrame({"image_id": ["a", "b", "b"], "class_name": ["cat", "cat", "dog"], **box})
    predictions = pd.DataFrame(
        {
            "image_id": ["c", "b"],
            "class_name": "cat",
            **box,
            "confidence": [0.5, 0.25],
            "Age": [1.0, 2],
        }
    )
    return ea.Dataset.from_frames(images, labels, predictions)


@pytest.mark.parametrize(
    "chosen",
    [
        ["b"],
        ("b",),
        pd.Series(["b"]),
        iter(["b"]),
        np.array([False, True, False]),
        [False, True, False],
        pd.Series([0, 1, 0]).astype(bool),
        ea.where("Fog", low=0.5),
        ea.where("Fog (F)", low=0.5),
        ~ea.where("Fog", high=0.1),
    ],
)
def test_images_by_id_truth_value_or_condition(dataset, chosen):
    subset = dataset.subset(chosen)
    assert subset.images["image_id"].tolist() == ["b"]
    assert subset.labels["class_name"].tolist() == ["cat", "dog"]
    assert subset.labels["label_id"].tolist() == [1, 2]
    assert subset.predictions["Age"].tolist() == [2.0]
    assert subset.class_names == ("cat", "dog")
    assert subset.notes == ("A subset: 1 of 3 images.",)
    assert len(dataset.images) == 3


def test_scores_of_parts_are_those_of_the_parts(dataset):
    whole = ea.Evaluation(dataset).scores()
    parts = [ea.Evaluation(dataset.subset([one])).scores() for one in "abc"]
    assert sum(one.true_positives for one in parts) == whole.true_positives
    assert sum(one.false_positives for one in parts) == whole.false_positives


def test_no_image_at_all(dataset):
    subset = dataset.subset([])
    assert (len(subset.images), len(subset.labels), len(subset.predictions)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (
            ["b", "d"],
            "`images.image_id` is not an id of the dataset's images in 1 row: 'd' (row 1)",
        ),
        ([True], "`images` has 1 truth values for 3 images. Give one per image, in the order of"),
        ("b", "`images` is of type str. Give ids of images, one truth value per image, or a"),
        (None, "`images` is of type NoneType. Give ids of images"),
        (ea.where("Fogg", low=0), "`images` has no option 'Fogg'. Did you mean 'Fog'?"),
        (ea.where("Age (P)", low=0), "`images` has no option 'Age (P)'."),
    ],
)
def test_what_names_no_images_is_refused(dataset, chosen, words):
    with pytest.raises(ea.InvalidInputError) as error:
        dataset.subset(chosen)
    assert words in str(error.value)
