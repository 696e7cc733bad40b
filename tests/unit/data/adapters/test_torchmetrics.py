from __future__ import annotations

import numpy as np
import pytest

import ea_widgets as ea

NAMES = ["ant", "bee", "cow"]


def sides(scene, kind):
    target = [{"boxes": kind(boxes), "labels": kind(classes)} for boxes, classes in scene.truths]
    preds = [
        {"boxes": kind(boxes), "labels": kind(classes), "scores": kind(scores)}
        for boxes, classes, scores in scene.found
    ]
    return preds, target


@pytest.mark.parametrize("form", ["xyxy", "xywh", "cxcywh"])
def test_tensors_in_each_form_of_boxes(scene, tensor, assert_same, form):
    wanted = scene.dataset()
    for part in (scene.truths, scene.found):
        for boxes, *_ in part:
            if form != "xyxy":
                boxes[:, 2:] -= boxes[:, :2]
            if form == "cxcywh":
                boxes[:, :2] += boxes[:, 2:] / 2
    got = ea.Dataset.from_torchmetrics(
        *sides(scene, tensor), box_format=form, classes=NAMES, sizes=scene.size
    )
    assert_same(got, wanted)
    assert got.notes == wanted.notes


def test_read_recognises_arrays_and_names_classes_by_number(scene):
    preds, target = sides(scene, np.asarray)
    got = ea.read(target, preds)
    assert set(got.class_names) == {"0", "1", "2"}
    ends = np.concatenate([boxes for boxes, *_ in (*scene.truths, *scene.found)]).max(axis=0)
    assert got.images["width"].max() == ends[2]
    assert got.images["height"].max() == ends[3]


def test_masks_give_sizes_and_boxes(tensor):
    masks = np.zeros((2, 40, 50), np.uint8)
    masks[0, 0:20, 0:15] = 1
    masks[1, 10:30, 20:45] = 1
    one = {"masks": tensor(masks), "labels": tensor([0, 1])}
    got = ea.Dataset.from_torchmetrics([{**one, "scores": tensor([0.5, 0.25])}], [one])
    assert got.images[["width", "height"]].values.tolist() == [[50, 40]]
    boxes = got.labels[["x", "y", "width", "height"]].values.tolist()
    assert boxes == [[0, 0, 15, 20], [20, 10, 25, 20]]
    assert ea.Evaluation(got, iou_type="segm").scores(0.99).f1 == 1.0


def test_crowds_and_areas_of_targets_are_kept(scene, tensor):
    preds, target = sides(scene, tensor)
    target[0] |= {"iscrowd": tensor([0, 1, 0, 0]), "area": tensor([1.0, 2, 3, 4])}
    got = ea.Dataset.from_torchmetrics(preds, target)
    assert got.labels["is_crowd"].tolist()[:4] == [False, True, False, False]
    assert got.labels["coco_area"].tolist()[:4] == [1, 2, 3, 4]


def test_scores_equal_those_of_frames(scene, tensor):
    preds, target = sides(scene, tensor)
    got = ea.Evaluation(ea.Dataset.from_torchmetrics(preds, target, sizes=scene.size))
    wanted = ea.Evaluation(scene.dataset())
    assert [*got.coco_summary().values()] == pytest.approx(
        [*wanted.coco_summary().values()], abs=1e-12, nan_ok=True
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda preds, target: (target, preds), "torchmetrics takes predictions first."),
        (
            lambda preds, target: (preds, [{"boxes": [[1, 2, 3, 4]]}, *target[1:]]),
            "`labels[0]` lacks 'labels'. Every image has a dict of boxes, labels",
        ),
        (
            lambda preds, target: ([{**preds[0], "scores": [0.5]}, *preds[1:]], target),
            "`predictions[0].confidence` has 1 values for 4 boxes. Give one for each box.",
        ),
        (
            lambda preds, target: ([{**preds[0], "boxes": [[1, 2, 3]]}, *preds[1:]], target),
            "`predictions[0].boxes` is of shape (1, 3) and type int64. Boxes are n rows of four",
        ),
    ],
)
def test_what_torchmetrics_would_refuse_is_refused(scene, change, words):
    with pytest.raises(ea.InvalidInputError) as error:
        ea.Dataset.from_torchmetrics(*change(*sides(scene, np.asarray)))
    assert words in str(error.value)


def test_read_coco_names_what_was_given(scene):
    preds, target = sides(scene, np.asarray)
    with pytest.raises(ea.InvalidInputError) as error:
        ea.read_coco(target, preds)
    assert str(error.value) == (
        "`labels` is of the format 'torchmetrics', not 'coco'. `ea.read(labels, predictions)` "
        "recognises what it is."
    )


@pytest.mark.parametrize("reader", [ea.read, ea.read_coco])
def test_labels_alone_are_refused_in_words(scene, reader):
    with pytest.raises(ea.InvalidInputError, match=r"^`predictions` is missing, and what drives"):
        reader({"images": [], "annotations": [], "categories": []})
    with pytest.raises(ea.InvalidInputError, match=r"^`labels` is missing, and without labels"):
        reader(None, [])
