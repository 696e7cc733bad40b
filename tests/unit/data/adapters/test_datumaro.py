"""Datasets of datumaro, in shapes recorded from datumaro 1.13.12."""

from __future__ import annotations

import sys
from enum import IntEnum
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import ea_widgets as ea
from ea_widgets.data.masks.encoding import import_mask_library

BOX = ["x", "y", "width", "height"]
PREDICTIONS = [{"image_id": "street/a", "category_name": "cat", "bbox": [1, 2, 3, 4], "score": 0.5}]


class AnnotationType(IntEnum):
    """datumaro 1.13.12, of those that occur here."""

    label = 1
    mask = 2
    polygon = 4
    bbox = 6
    rotated_bbox = 14


class Annotation:
    """datumaro 1.13.12: each type has these, with these defaults."""

    def __init__(self, kind, label=None, **fields):
        self.type, self.label = AnnotationType[kind], label
        self.id, self.group, self.z_order, self.object_id, self.attributes = 0, 0, 0, -1, {}
        self.__dict__.update(fields)


class Image:
    """datumaro 1.13.12, Image: the size is (height, width); None until it is looked at."""

    def __init__(self, path=None, size=None, opened=None):
        self.path, self._size, self._opened = path, size, opened

    @property
    def has_size(self):
        return self._size is not None

    @property
    def size(self):
        assert self._size or self._opened, "reads the whole image"
        return self._size or self._opened


class Dataset:
    """datumaro 1.13.12, Dataset."""

    def __init__(self, items, names=("cat", "dog")):
        self._items = items
        listed = SimpleNamespace(items=[SimpleNamespace(name=name) for name in names])
        self._categories = {AnnotationType.label: listed, AnnotationType.mask: object()}

    def __iter__(self):
        return iter(self._items)

    def media_type(self):
        return Image

    def categories(self):
        return self._categories

    def subsets(self):
        return {}


def item(id_, annotations=(), media=None, subset="default", **attributes):
    return SimpleNamespace(
        id=id_, subset=subset, media=media, annotations=list(annotations), attributes=attributes
    )


def bbox(x, y, w, h, label=0, **fields):
    return Annotation("bbox", label, x=x, y=y, w=w, h=h, points=[x, y, x + w, y + h], **fields)


def polygon(points, label=0, **fields):
    return Annotation("polygon", label, points=points, **fields)


def labels_of(*annotations):
    dataset = Dataset([item("street/a", annotations, Image(size=(30, 40)))])
    return ea.read(dataset, PREDICTIONS)


def test_everything_is_kept():
    first = bbox(1, 2, 3, 4, id=7, z_order=2, attributes={"is_crowd": True, "age": "31"})
    other = bbox(5, 5, 9, 8, 1, id=8, group=3, attributes={"width": "wide"})
    dataset = Dataset(
        [
            item("street/a", [first, other], Image("a.jpg", (30, 40)), weather="rain"),
            item("street/b", [], Image(opened=(8, 9)), "val"),
        ]
    )
    data = ea.read(dataset, PREDICTIONS)
    assert data.class_names == ("cat", "dog")
    assert data.images["image_id"].tolist() == ["street/a", "street/b"]
    assert data.images["width"].tolist() == [40, 9]
    assert data.images["height"].tolist() == [30, 8]
    assert data.images["subset"].tolist() == ["default", "val"]
    assert data.images["weather"].dropna().tolist() == ["rain"]
    assert data.labels[BOX].to_numpy().tolist() == [[1, 2, 3, 4], [5, 5, 9, 8]]
    assert data.labels["label_id"].tolist() == [7, 8]
    assert data.labels["class_name"].tolist() == ["cat", "dog"]
    assert data.labels["is_crowd"].tolist() == [True, False]
    assert data.labels["z_order"].tolist() == [2, 0]
    assert data.labels["group"].tolist() == [0, 3]
    assert data.labels["age"].tolist()[0] == 31
    assert data.labels["attribute width"].dropna().tolist() == ["wide"]
    assert not {"object_id", "segmentation"} & {*data.labels}
    assert data.predictions["image_id"].tolist() == ["street/a"]


def test_polygons_of_one_label_are_one():
    same = {"id": 4, "group": 4}
    data = labels_of(
        polygon([1, 1, 5, 1, 5, 5], **same),
        polygon([8, 8, 9, 8, 9, 12], **same),
        polygon([8, 8, 9, 8, 9, 12], 1, **same),  # another class
        polygon([0, 0, 2, 0, 2, 2], group=5),  # a group alone may be of many objects
        polygon([1, 0, 2, 0, 2, 2], group=5),
    )
    assert data.labels[BOX].to_numpy().tolist() == [
        [1, 1, 8, 11],
        [8, 8, 1, 4],
        [0, 0, 2, 2],
        [1, 0, 1, 2],
    ]
    assert data.labels["segmentation"].tolist()[0] == [[1, 1, 5, 1, 5, 5], [8, 8, 9, 8, 9, 12]]


@pytest.mark.parametrize("box_first", [True, False])
def test_a_box_says_where_its_polygon_is(box_first):
    same = {"id": 4, "group": 4}
    parts = [bbox(0, 0, 7, 7, **same), polygon([1, 1, 5, 1, 5, 5], **same)]
    data = labels_of(*(parts if box_first else parts[::-1]))
    assert data.labels[BOX].to_numpy().tolist() == [[0, 0, 7, 7]]
    assert data.labels["segmentation"].tolist() == [[[1, 1, 5, 1, 5, 5]]]


def test_a_mask_has_the_box_around_its_pixels():
    image = np.zeros((30, 40), dtype=bool)
    image[3:7, 10:12] = image[5, 10:20] = True
    data = labels_of(Annotation("mask", 0, image=image))
    library = import_mask_library()
    encoded = library.encode(np.asfortranarray(image, dtype=np.uint8))
    assert data.labels[BOX].to_numpy()[0].tolist() == library.toBbox(encoded).tolist()
    runs = data.labels["segmentation"].tolist()[0]
    assert library.frPyObjects(runs, 30, 40) == encoded


def test_a_turned_box_is_a_polygon_and_a_note():
    data = labels_of(Annotation("rotated_bbox", 1, points=[20, 20, 10, 4, 30]))
    # as_polygon() and get_bbox() of RotatedBbox(20, 20, 10, 4, 30), datumaro 1.13.12
    corners = [[16.669872981, 15.767949192], [25.330127019, 20.767949192]]
    corners += [[23.330127019, 24.232050808], [14.669872981, 19.232050808]]
    found = np.reshape(data.labels["segmentation"].tolist()[0], (4, 2))
    assert found == pytest.approx(np.array(corners))
    assert data.labels[BOX].to_numpy()[0] == pytest.approx(
        [14.669872981, 15.767949192, 10.660254038, 8.464101616]
    )
    assert any("Turned boxes of the labels are polygons" in note for note in data.notes)


def test_what_is_no_box_is_counted_and_what_is_broken_left_out():
    data = labels_of(
        bbox(1, 2, 3, 4),
        bbox(2, 2, 3, 4, 1),
        bbox(3, 2, 3, 4, 1),
        Annotation("label", 0),
        polygon([]),
        Annotation("mask", 0, image=np.zeros((30, 40), dtype=bool)),
    )
    assert len(data.labels) == 3
    assert any("is left out: 1 of type label" in note for note in data.notes)
    assert data.problems["row"].tolist() == [3, 4]


def test_equal_ids_of_two_subsets_are_two_images():
    image = Image(size=(30, 40))
    dataset = Dataset([item("a", [bbox(1, 2, 3, 4)], image, name) for name in ("train", "val")])
    predictions = Dataset(
        [item("a", [bbox(1, 2, 3, 4, attributes={"score": 0.5})], None, "val"), item("a")]
    )
    data = ea.read(dataset, predictions)
    assert data.images["image_id"].tolist() == ["train/a", "val/a"]
    assert data.predictions["image_id"].tolist() == ["val/a"]


@pytest.mark.parametrize("name", ["score", "confidence"])
def test_predictions_go_by_names_of_classes(name):
    labels = Dataset([item("a", [bbox(1, 2, 3, 4, 1)], Image(size=(30, 40)))])
    found = bbox(1, 2, 3, 4, 0, id=3, attributes={name: "0.25", "speed": 2.5})
    data = ea.read(labels, Dataset([item("a", [found])], ["dog"]))
    assert data.predictions["class_name"].tolist() == ["dog"]
    assert data.predictions["confidence"].tolist() == [0.25]
    assert data.predictions["prediction_id"].tolist() == [3]
    assert data.predictions["speed"].tolist() == [2.5]


def test_predictions_without_confidence_are_refused():
    labels = Dataset([item("a", [bbox(1, 2, 3, 4)], Image(size=(30, 40)))])
    with pytest.raises(ea.InvalidInputError, match="whose objects have no confidence"):
        ea.read(labels, labels)


def test_an_empty_dataset_of_predictions_is_no_error():
    labels = Dataset([item("a", [bbox(1, 2, 3, 4)], Image(size=(30, 40)))])
    assert len(ea.read(labels, Dataset([])).predictions) == 0


@pytest.fixture
def package(monkeypatch):
    """Give what stands for the package, with the calls that it got."""
    state = SimpleNamespace(found=["dota"], calls=[], error=None)

    def import_from(path, name):
        state.calls.append((path, name))
        if state.error is not None:
            raise state.error
        return Dataset([item("street/a", [bbox(1, 2, 3, 4)], Image(size=(30, 40)))])

    module, components, environment = map(
        ModuleType, ("datumaro", "datumaro.components", "datumaro.components.environment")
    )
    module.Dataset = SimpleNamespace(import_from=import_from)
    environment.Environment = lambda: SimpleNamespace(detect_dataset=lambda _: state.found)
    for one in (module, components, environment):
        monkeypatch.setitem(sys.modules, one.__name__, one)
    return state


@pytest.mark.parametrize("format_", ["datumaro", {"labels": "datumaro"}])
@pytest.mark.parametrize(
    ("options", "name"),
    [
        (None, "dota"),
        ({"datumaro_format": "voc"}, "voc"),
        ({"datumaro_format": {"labels": "voc"}}, "voc"),
    ],
)
def test_files_are_read_by_datumaro_where_it_is_named(package, tmp_path, format_, options, name):
    (tmp_path / "only.xml").write_text("<annotation></annotation>")  # another reader knows it
    data = ea.read(tmp_path, PREDICTIONS, format=format_, options=options)
    assert package.calls == [(str(tmp_path), name)]
    assert len(data.labels) == len(data.predictions) == 1


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (["voc", "voc_detection"], ["any of voc, voc_detection", "'datumaro_format': 'voc'"]),
        ([], ["is of no format of datumaro", "'datumaro_format': 'dota'"]),
    ],
)
def test_what_datumaro_does_not_detect_is_refused(package, tmp_path, found, words):
    package.found = found
    with pytest.raises(ea.InvalidInputError) as error:
        ea.read(tmp_path, PREDICTIONS, format="datumaro")
    assert all(word in str(error.value) for word in words)


def test_errors_of_datumaro_are_told(package, tmp_path):
    package.error = KeyError("size")
    with pytest.raises(ea.InvalidInputError, match=r"as 'dota' \(KeyError: 'size'\)"):
        ea.read(tmp_path, PREDICTIONS, format="datumaro")
    with pytest.raises(ea.InvalidInputError, match="which does not exist"):
        ea.read(tmp_path / "no", PREDICTIONS, format="datumaro")


def test_an_object_of_another_library_is_refused_by_its_name():
    with pytest.raises(ea.InvalidInputError, match="is of type int"):
        ea.read(3, PREDICTIONS, format="datumaro")


def test_without_the_package_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "datumaro", None)
    with pytest.raises(ea.InvalidInputError) as error:
        ea.read(tmp_path, PREDICTIONS, format="datumaro")
    assert "pip install 'ea_widgets[datumaro]'" in str(error.value)
