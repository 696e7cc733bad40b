from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import ea_widgets as ea

NAMES = ["ant", "bee", "cow"]


class ClassLabel:
    """datasets 5.2.0, ClassLabel."""

    names = NAMES


class HfDataset:
    """datasets 5.2.0, Dataset: rows as dicts, columns by name, an index decodes images."""

    def __init__(self, rows, features):
        self._rows, self.features = rows, features
        self.column_names = list(rows[0])

    def __len__(self):
        return len(self._rows)

    def __iter__(self):
        if "image" in self.column_names:
            raise AssertionError("decodes every image")
        return iter(self._rows)

    def __getitem__(self, key):
        return [row[key] for row in self._rows] if isinstance(key, str) else self._rows[key]

    def select_columns(self, names):
        return HfDataset([{name: row[name] for name in names} for row in self._rows], self.features)


def dataset(scene, *, as_dicts=False, **more):
    rows = []
    for at, (boxes, classes) in enumerate(scene.truths):
        widths = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
        objects = {
            "id": [at * 10 + one for one in range(len(boxes))],
            "bbox": widths.tolist(),
            "category": classes.tolist(),
            "area": widths[:, 2:].prod(axis=1).tolist(),
            "occlusion": [0.5] * len(boxes),
        }
        if as_dicts:
            cells = zip(*objects.values(), strict=True)
            objects = [dict(zip(objects, values, strict=True)) for values in cells]
        image = Image.new("RGB", scene.size)
        rows.append({"image_id": 70 + at, "image": image, "fog": at / 4, "objects": objects} | more)
    inner = {"bbox": None, "category": ClassLabel()}
    listed = {name: SimpleNamespace(feature=kind) for name, kind in inner.items()}
    feature = SimpleNamespace(feature=inner) if as_dicts else listed
    return HfDataset(rows, {"objects": feature})


def pipeline(scene):
    sides = ("xmin", "ymin", "xmax", "ymax")
    return [
        [
            {"score": score, "label": NAMES[class_], "box": dict(zip(sides, box, strict=True))}
            for box, class_, score in zip(*(values.tolist() for values in part), strict=True)
        ]
        for part in scene.found
    ]


@pytest.mark.parametrize("as_dicts", [False, True])
def test_a_dataset_with_predictions_of_a_pipeline(scene, assert_same, as_dicts):
    got = ea.Dataset.from_huggingface(dataset(scene, as_dicts=as_dicts), pipeline(scene))
    assert_same(got, scene.dataset([70, 71, 72, 73, 74]))
    assert got.class_names == tuple(NAMES)
    assert got.images["fog"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert got.labels["occlusion"].tolist() == [0.5] * 16
    assert got.labels["label_id"].tolist()[:5] == [0, 1, 2, 3, 10]
    assert got.pixels.read(72).shape == (400, 500, 3)


def test_a_dataset_with_tensors_of_post_processing(scene, tensor, assert_same):
    found = [
        {"boxes": tensor(boxes), "labels": tensor(2 - classes), "scores": tensor(scores)}
        for boxes, classes, scores in scene.found
    ]
    other_numbers = {0: "cow", 1: "bee", 2: "ant"}
    hf = dataset(scene, width=500, height=400)
    got = ea.Dataset.from_huggingface(hf, found, id2label=other_numbers)
    assert_same(got, scene.dataset([70, 71, 72, 73, 74]))
    by_id = {70 + row: one for row, one in enumerate(found)}
    assert_same(ea.read(hf, by_id, options={"prediction_classes": other_numbers}), got)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda hf, found: ea.Dataset.from_huggingface(hf, found, objects="object"),
            "`objects` has no option 'object'. Did you mean 'objects'?",
        ),
        (
            lambda hf, found: ea.read(hf, [[{"score": 1, "label": "ant", "box": {}}], *found[1:]]),
            "`predictions[70]` lacks 'xmin' in one of its objects.",
        ),
        (lambda hf, found: ea.read(found, hf), "Were labels and predictions swapped?"),
        (lambda hf, _: ea.read(hf, hf), "whose objects are labels. Give what a pipeline or"),
    ],
)
def test_what_is_no_detection_is_refused(scene, call, words):
    with pytest.raises(ea.InvalidInputError) as error:
        call(dataset(scene), pipeline(scene))
    assert words in str(error.value)


def test_a_dict_of_splits_is_refused_with_the_remedy(scene):
    splits = {"train": dataset(scene), "val": dataset(scene)}
    with pytest.raises(ea.InvalidInputError) as error:
        ea.Dataset.from_huggingface(splits, pipeline(scene))
    assert error.value.problem == "is a dict of splits: 'train', 'val'"
    assert error.value.remedy == "Give one of them: `dataset['train']`."
