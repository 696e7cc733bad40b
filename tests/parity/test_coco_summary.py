"""The twelve COCO numbers, against pycocotools 2.0.11; quirks are listed in QUIRKS.md."""

import numpy as np
import pytest
from hypothesis import given

import ea_widgets as ea
from tests.parity.coco_oracle import as_rle, make_scene, pycocotools_numbers, scenes

TOLERANCE = 1e-12


def assert_same(labels, results, iou_type, max_detections=100):
    evaluation = ea.Evaluation(ea.read_coco(labels, results), iou_type, max_detections)
    if iou_type == "segm":  # pycocotools loads compressed masks only
        results = [{**entry, "segmentation": as_rle(entry["segmentation"])} for entry in results]
    numbers, per_class = pycocotools_numbers(labels, results, iou_type)
    ours = evaluation.coco_summary()
    assert list(ours) == list(numbers)
    np.testing.assert_allclose([*ours.values()], [*numbers.values()], rtol=0, atol=TOLERANCE)
    table = evaluation.coco_per_class()
    assert list(table.index) == list(evaluation.class_names)
    np.testing.assert_allclose(
        table["AP"], [per_class[name] for name in table.index], rtol=0, atol=TOLERANCE
    )


@given(scenes(masks=False))
def test_boxes(scene):
    assert_same(*scene, "bbox")


@given(scenes(masks=True))
def test_masks(scene):
    assert_same(*scene, "segm")


@given(scenes(masks=False, ignores=True))
def test_ignored_labels_that_are_no_crowds(scene):
    assert_same(*scene, "bbox")


@pytest.mark.parametrize("max_detections", [1, 10, 99, 100, 101, 400])
def test_the_limit_of_an_evaluation_leaves_the_fixed_numbers_alone(max_detections):
    scene = make_scene(5, n_images=2, n_labels=25, n_predictions=900, masks=False)
    assert_same(*scene, "bbox", max_detections)


def test_a_class_filter_averages_over_the_chosen_classes():
    evaluation = ea.Evaluation(ea.read_coco(*make_scene(1, 4, 25, 40, masks=False)))
    table = evaluation.coco_per_class(("cat", "bee"))
    assert list(table.index) == ["bee", "cat"]  # in display order
    summary = evaluation.coco_summary(("cat", "bee"))
    for name, number in summary.items():
        assert number == pytest.approx(table[name].mean(), abs=TOLERANCE, nan_ok=True)
    table.loc["bee"] = 7.0
    assert evaluation.coco_summary(("bee",))["AP"] <= 1  # the caller's copy is the caller's
    with pytest.raises(ea.InvalidInputError, match="has no option 'dog'"):
        evaluation.coco_summary(("dog",))
    with pytest.raises(ea.InvalidInputError, match="has no option 'dog'"):
        evaluation.coco_per_class(("dog",))


def test_without_labels_or_predictions():
    labels, results = make_scene(1, 2, 0, 5, masks=False)
    assert np.isnan([*ea.Evaluation(ea.read_coco(labels, results)).coco_summary().values()]).all()
    labels, _ = make_scene(1, 2, 9, 5, masks=False)
    summary = ea.Evaluation(ea.read_coco(labels, [])).coco_summary()
    assert summary["AP"] == summary["AR100"] == 0


def test_a_label_without_a_stated_area_has_that_of_its_box():
    labels, results = make_scene(2, 4, 25, 40, masks=False)
    for label in labels["annotations"]:
        label["area"] = label["bbox"][2] * label["bbox"][3]
    stated = ea.Evaluation(ea.read_coco(labels, results)).coco_summary()
    for label in labels["annotations"][::2]:
        del label["area"]
    assert ea.Evaluation(ea.read_coco(labels, results)).coco_summary() == stated
