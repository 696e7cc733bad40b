from __future__ import annotations

from types import SimpleNamespace

import pytest

import ea_widgets as ea

NAMES = ["ant", "bee", "cow"]


class Detection:
    """fiftyone 1.22.1, Detection: relative box, and attributes as dynamic fields."""

    def __init__(self, label, bounding_box, confidence=None, **attributes):
        self.label, self.bounding_box, self.confidence = label, bounding_box, confidence
        self._attributes = attributes

    def iter_attributes(self):
        return iter(self._attributes.items())


class Sample(dict):
    """fiftyone 1.22.1, Sample."""

    def __init__(self, id_, filepath, metadata, **fields):
        super().__init__(fields)
        self.id, self.filepath, self.metadata = id_, filepath, metadata

    def has_field(self, name):
        return name in self


class Samples(list):
    """fiftyone 1.22.1, Dataset or view."""

    def iter_samples(self):
        return iter(self)


def samples(scene):
    def detections(part, **more):
        width, height = scene.size
        boxes, classes, *scores = (values.tolist() for values in part)
        found = []
        for row, ((x1, y1, x2, y2), class_) in enumerate(zip(boxes, classes, strict=True)):
            box = [x1 / width, y1 / height, (x2 - x1) / width, (y2 - y1) / height]
            confidence = scores[0][row] if scores else None
            found.append(Detection(NAMES[class_], box, confidence, **more))
        return SimpleNamespace(detections=found) if found else None

    metadata = SimpleNamespace(width=scene.size[0], height=scene.size[1])
    return Samples(
        Sample(
            f"65a{row}",
            f"/nowhere/{row}.jpg",
            metadata,
            ground_truth=detections(truths, iscrowd=False, occluded=0.25, index=3),
            model=detections(found),
        )
        for row, (truths, found) in enumerate(zip(scene.truths, scene.found, strict=True))
    )


def test_two_fields_of_one_collection(scene, assert_same):
    given = samples(scene)
    got = ea.Dataset.from_fiftyone(given, prediction_field="model")
    wanted = scene.dataset([f"65a{row}" for row in range(5)])
    for name in ("labels", "predictions"):
        for column in ("x", "y", "width", "height"):
            one, other = (getattr(dataset, name)[column] for dataset in (got, wanted))
            assert one.tolist() == pytest.approx(other.tolist(), abs=1e-9)
            getattr(wanted.frames, name)[column] = one
    assert_same(got, wanted)
    assert got.labels["occluded"].tolist() == [0.25] * 16
    assert "index" not in got.labels
    assert got.images["file_name"].tolist()[0] == "/nowhere/0.jpg"
    fields = {"prediction_field": "model"}
    assert_same(ea.read(given, given, options=fields), got)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("predictions", "`prediction_field` is 'predictions', which the sample 65a0 has not."),
        ("empty", "`prediction_field` is 'empty', which holds no detections in any sample."),
    ],
)
def test_a_field_without_detections_is_refused(scene, field, words):
    given = samples(scene)
    for sample in given:
        sample["empty"] = None
    with pytest.raises(ea.InvalidInputError) as error:
        ea.Dataset.from_fiftyone(given, prediction_field=field)
    assert words in str(error.value)
