"""The twelve COCO numbers, against pycocotools 2.0.11; quirks are listed in QUIRKS.md."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ea_widgets as ea
from tests.parity.coco_oracle import (
    as_rle,
    make_scene,
    pycocotools_grid,
    pycocotools_numbers,
    scenes,
)

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


GRIDS = (
    ((0.5,), {"all": (0, 1e10)}, (100,)),
    ((0.3, 0.5, 0.75, 1.0), {"all": (0, 1e10), "tiny": (0, 49), "huge": (9216, 1e10)}, (1, 300)),
    ((0.55, 0.6), {"all": (40, 5000), "one side": (961, 1024)}, (3, 2, 20)),
)


@settings(max_examples=15)
@given(scenes(masks=False, ignores=True), st.sampled_from(GRIDS))
def test_grids_of_ones_own(scene, grid):
    thresholds, areas, limits = grid
    evaluation = ea.Evaluation(ea.read_coco(*scene))
    ours = evaluation.coco_summary(
        iou_thresholds=thresholds, area_ranges=areas, max_detections=limits
    )
    theirs = pycocotools_grid(*scene, thresholds, areas, limits)
    assert ours.keys() == theirs.keys()
    assert ours == pytest.approx(theirs, rel=0, abs=TOLERANCE, nan_ok=True)


def test_many_predictions_are_evaluated_where_a_grid_asks_for_them():
    scene = make_scene(5, n_images=2, n_labels=25, n_predictions=900, masks=False)
    evaluation = ea.Evaluation(ea.read_coco(*scene), max_detections=10)
    ours = evaluation.coco_summary(max_detections=(5, 200), area_ranges={})
    theirs = pycocotools_grid(*scene, np.linspace(0.5, 0.95, 10), {"all": (0, 1e10)}, (5, 200))
    assert ours == pytest.approx({**theirs, "AP50": ours["AP50"], "AP75": ours["AP75"]}, abs=1e-12)


def test_a_grid_in_a_slice_is_that_of_the_area():
    evaluation = ea.Evaluation(ea.read_coco(*make_scene(2, 4, 25, 40, masks=False)))
    grid = {"max_detections": (10, 50), "iou_thresholds": (0.4, 0.5), "area_ranges": {}}
    whole = evaluation.at().coco_summary(**grid)
    assert list(whole) == ["AP", "AP50", "AR10", "AR50"]
    assert whole["AP50"] == evaluation.at(0.5).scores().mean_average_precision
    some = evaluation.dataset.images["image_id"].iloc[:2]
    alone = ea.Evaluation(evaluation.dataset.subset(images=some)).coco_summary(**grid)
    dataset = evaluation.dataset.with_metrics(
        images=pd.DataFrame({"Early": evaluation.dataset.images["image_id"].isin(some) * 1.0})
    )
    slice_ = ea.Evaluation(dataset).at(where=ea.where("Early (F)", equals=1.0))
    assert slice_.coco_summary(**grid) == pytest.approx(alone, abs=TOLERANCE, nan_ok=True)


def test_open_ends_and_coco_s_names():
    evaluation = ea.Evaluation(ea.read_coco(*make_scene(2, 4, 25, 40, masks=False)))
    ours = evaluation.coco_summary(area_ranges={"small": (None, 1024), "rest": (1024, None)})
    assert ours["APs"] == evaluation.coco_summary()["APs"]
    assert {"AP_rest", "AR_rest", "ARs"} < set(ours)


def test_grids_that_cannot_be_used_are_refused():
    evaluation = ea.Evaluation(ea.read_coco(*make_scene(2, 2, 5, 5, masks=False)))
    for argument, value, said in (
        ("max_detections", (0, 10), "`max_detections` is 0. Give a whole number from 1 up."),
        ("max_detections", 10, "`max_detections` is 10. Give at least one number, in a tuple."),
        ("iou_thresholds", (), "`iou_thresholds` is (). Give at least one number, in a tuple."),
        ("iou_thresholds", (50,), "`iou_thresholds` is 50. Give a number from 0 to 1."),
        (
            *("area_ranges", {"tiny": 16}),
            "`area_ranges` has 16 for 'tiny'. Give (low, high) in square pixels.",
        ),
        ("area_ranges", {"tiny": (9, 4)}, "`low` is 9.0, above `high`, 4.0. Swap the two."),
        (
            *("area_ranges", 16),
            "`area_ranges` is 16. Give a mapping from names to (low, high) in square pixels.",
        ),
    ):
        with pytest.raises(ea.InvalidInputError) as error:
            evaluation.coco_summary(**{argument: value})
        assert str(error.value) == said
