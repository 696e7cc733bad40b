"""Ids mean nothing but equality, however they are written; labels may name files."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import PurePosixPath
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ea_widgets as ea
from ea_widgets.data.checks.values import as_id, loose_id, positions_of


def frames(n_images=4):
    ids = np.arange(1, n_images + 1)
    images = pd.DataFrame({"image_id": ids, "width": 640, "height": 480})
    images["file_name"] = [f"shots/{7 * id_:04d}.jpg" for id_ in ids]
    labels = pd.DataFrame({"image_id": np.repeat(ids, 3), "class_name": "cat", "y": 5.0})
    labels["x"] = np.tile([5.0, 100.0, 200.0], n_images)
    labels["width"], labels["height"] = 50.0, 60.0
    return images, labels, labels.assign(confidence=np.linspace(0.1, 1, len(labels)))


EXPECTED = ea.Dataset.from_frames(*frames())


def renamed(frame, name_of):
    return frame.assign(
        image_id=pd.Series([name_of(id_) for id_ in frame["image_id"]], dtype=object)
    )


@pytest.mark.parametrize("form", ["{}.0", " {} ", "{}.00", "+{}", "00{}", "{}"])
@pytest.mark.parametrize("which", ["images", "labels", "predictions"])
def test_whole_numbers_are_one_however_they_are_written(form, which):
    given = dict(zip(("images", "labels", "predictions"), frames(), strict=True))
    given["images"] = given["images"].drop(columns="file_name")
    given[which] = renamed(given[which], form.format)
    dataset = ea.Dataset.from_frames(**given)
    assert len(dataset.labels) == len(dataset.predictions) == 12
    assert ea.Evaluation(dataset).scores(0.5).true_positives == 12


def test_two_ids_that_differ_only_in_how_they_are_written_stay_two():
    images, labels, predictions = frames(2)
    texts = {1: "1", 2: "01"}
    given = [renamed(frame, texts.get) for frame in (images, labels, predictions)]
    dataset = ea.Dataset.from_frames(*given)
    assert dataset.images["image_id"].tolist() == ["1", "01"]
    predictions = renamed(predictions, {1: "1", 2: "+1"}.get)
    dataset = ea.Dataset.from_frames(given[0], given[1], predictions)
    assert dataset.problems["value"].tolist() == ["'+1'"] * 3  # of the first or of the second?


@given(
    known=st.lists(st.integers(-9, 99) | st.text("01+. a", max_size=3).map(as_id), unique=True),
    used=st.lists(st.integers(-9, 99) | st.text("01+. a", max_size=3).map(as_id), max_size=9),
)
def test_positions_follow_from_a_plain_search(known, used):
    for id_, found in zip(used, positions_of(used, known).tolist(), strict=True):
        alike = [row for row, other in enumerate(known) if loose_id(other) == loose_id(id_)]
        if id_ in known:
            assert known[found] == id_
        else:
            assert found == (alike[0] if len(alike) == 1 else -2 if alike else -1)


KINDS = {
    "UUIDs": lambda id_: UUID(int=int(id_)),
    "days": lambda id_: dt.date(2024, 1, int(id_)),
    "moments": lambda id_: dt.datetime(2024, 1, int(id_), tzinfo=dt.UTC),
    "moments of pandas": lambda id_: pd.Timestamp(2024, 1, int(id_)),
    "bytes": lambda id_: b"a%d" % id_,
    "decimals": lambda id_: Decimal(int(id_)),
    "paths": lambda id_: PurePosixPath(f"a/{id_}.png"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_objects_can_be_ids(kind):
    images, labels, predictions = (renamed(frame, KINDS[kind]) for frame in frames())
    dataset = ea.Dataset.from_frames(images.drop(columns="file_name"), labels, predictions)
    assert dataset.images["image_id"].tolist() == [as_id(id_) for id_ in images["image_id"]]
    pd.testing.assert_frame_equal(
        dataset.predictions.drop(columns="image_id"), EXPECTED.predictions.drop(columns="image_id")
    )


def test_other_objects_are_refused_with_what_an_id_is():
    images, labels, predictions = (renamed(frame, lambda id_: (id_, 1)) for frame in frames())
    with pytest.raises(ea.InvalidInputError) as error:
        ea.Dataset.from_frames(images, labels, predictions)
    assert error.value.field == "images.image_id"
    assert error.value.remedy == "Give every image an id: a whole number or text."


NAMES = {
    "names with folders": "shots/{:04d}.jpg",
    "names": "{:04d}.jpg",
    "stems": "{:04d}",
    "paths": "/data/old/shots/{:04d}.jpg",
    "addresses": "https://x.org/shots/{:04d}.jpg?a=1",
}


@pytest.mark.parametrize("kind", NAMES)
def test_labels_may_name_their_images_by_file(kind):
    images, labels, predictions = frames()
    labels, predictions = (
        renamed(frame, lambda id_: NAMES[kind].format(7 * id_)) for frame in (labels, predictions)
    )
    dataset = ea.Dataset.from_frames(images, labels, predictions)
    pd.testing.assert_frame_equal(dataset.labels, EXPECTED.labels)
    pd.testing.assert_frame_equal(dataset.predictions, EXPECTED.predictions)
    assert "The labels name images by file name" in " ".join(dataset.notes)


def test_labels_whose_ids_are_known_are_not_taken_for_files():
    images, labels, predictions = frames()
    images["file_name"] = ["2.jpg", "3.jpg", "4.jpg", "9.jpg"]
    labels["image_id"] = labels["image_id"].replace({4: 9})
    dataset = ea.Dataset.from_frames(images, labels, predictions)
    assert dataset.labels["image_id"].tolist() == [1] * 3 + [2] * 3 + [3] * 3
    assert dataset.problems["row"].tolist() == [9, 10, 11]


def test_file_names_serve_as_ids_where_there_are_none():
    given = [
        frame.assign(file_name=[f"{id_}.jpg" for id_ in frame["image_id"]]).drop(columns="image_id")
        for frame in frames()
    ]
    dataset = ea.Dataset.from_frames(*given)
    assert dataset.images["image_id"].tolist() == ["1.jpg", "2.jpg", "3.jpg", "4.jpg"]
    assert ea.Evaluation(dataset).scores(0.5).true_positives == 12


def exported(name, salt):
    return f"{name}_jpg.rf.{salt * 977:032x}.jpg"


@pytest.mark.parametrize("exported_by", ["labels", "predictions", "both"])
def test_exports_of_roboflow_are_known_by_the_name_before(exported_by):
    images, labels, predictions = frames()
    stems = {1: "car", 2: "cat", 3: "owl.b", 4: "dog"}
    names = {
        "labels": [exported(stem, 1) for stem in stems.values()],
        "predictions": {id_: exported(stem, 2) for id_, stem in stems.items()},
    }
    images["file_name"] = [f"{stem}.jpg" for stem in stems.values()]
    if exported_by != "predictions":
        images["file_name"] = names["labels"]
    of_prediction = stems if exported_by == "labels" else names["predictions"]
    dataset = ea.Dataset.from_frames(images, labels, renamed(predictions, of_prediction.get))
    pd.testing.assert_frame_equal(dataset.predictions, EXPECTED.predictions)


def test_exports_that_several_names_can_mean_are_refused():
    images, labels, predictions = frames(2)
    images["file_name"] = [exported("car", 1), exported("car", 2)]
    with pytest.raises(ea.InvalidInputError, match="more than one image"):
        ea.Dataset.from_frames(images, labels, renamed(predictions, lambda _: "car.jpg"))


@pytest.mark.parametrize("number", [1, 1.0, "1", Decimal(1)])
def test_classes_named_by_numbers_are_one_however_they_are_written(number):
    images, labels, predictions = frames()
    labels["class_name"] = pd.Series([number] * len(labels))
    dataset = ea.Dataset.from_frames(images, labels, predictions.assign(class_name=1))
    assert dataset.class_names == ("1",)
    assert ea.Evaluation(dataset).scores(0.5).true_positives == 12
