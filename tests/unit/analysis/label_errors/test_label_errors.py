"""Planted label errors come first in the list of their kind."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import ea_widgets as ea
from ea_widgets.analysis.label_errors.find import KINDS
from ea_widgets.errors import InvalidInputError
from tests.conftest import usual_or_all
from tests.unit.analysis.label_errors.planted import SHARE, planted_errors

BOX = {"x": 10.0, "y": 10.0, "width": 20.0, "height": 20.0}


def ids_of(table, kind):
    return table["prediction_id" if kind == "missing" else "label_id"]


@pytest.mark.parametrize(("found", "lift"), [(0.96, 5), (0.6, 2)])
@pytest.mark.parametrize("seed", usual_or_all([0], range(20)))
def test_the_first_twentieth_of_each_list_holds_planted_errors(seed, found, lift):
    dataset, truth = planted_errors(seed, found=found)
    evaluation = ea.Evaluation(dataset)
    for kind in KINDS:
        table = evaluation.label_errors(kind)
        first = ids_of(table, kind)[: math.ceil(SHARE * len(table))]
        assert first.isin(truth[kind]).mean() >= lift * SHARE, kind


def test_lists_tell_planted_errors_from_right_labels():
    dataset, truth = planted_errors(1)
    evaluation = ea.Evaluation(dataset)
    for kind, least in {"wrong class": 0.93, "badly placed": 0.9, "not an object": 0.93}.items():
        table, ids = evaluation.label_errors(kind), dataset.labels["label_id"]
        score = ids.map(dict(zip(table["label_id"], table["score"], strict=True))).fillna(0)
        assert roc_auc_score(ids.isin(truth[kind]), score) > least, kind


def scene(labels, predictions):
    images = pd.DataFrame({"image_id": range(3), "width": 200, "height": 200})
    none = {"image_id": 0, "class_name": "cat", **BOX}
    columns = [*none, "confidence"]
    return ea.Evaluation(
        ea.Dataset.from_frames(
            images,
            pd.DataFrame([{**none, **one} for one in labels], columns=[*none]),
            pd.DataFrame(
                [{**none, "confidence": 0.9, **one} for one in predictions], columns=columns
            ),
        )
    )


def test_each_kind_by_hand():
    evaluation = scene(
        [{}, {"image_id": 1}, {"image_id": 1, "x": 11.0}, {"image_id": 2, "x": 120.0}],
        [
            {"class_name": "dog"},  # on the cat of image 0
            {"image_id": 1, "confidence": 0.8},
            {"image_id": 2, "confidence": 0.7},  # nothing there
            {"image_id": 2, "x": 12.0, "confidence": 0.6},  # nor here, but the same object
            {"image_id": 2, "x": 128.0, "confidence": 0.5},  # 12 of 28 pixels in common
        ],
    )
    missing = evaluation.label_errors("missing")
    assert missing[["image_id", "prediction_id"]].to_numpy().tolist()[0] == [2, 2]
    assert 3 not in missing["prediction_id"].tolist()
    assert missing["score"].iloc[0] == 0.7
    assert missing["label_id"].isna().all()
    wrong = evaluation.label_errors("wrong class")
    assert wrong[["label_id", "prediction_id"]].to_numpy().tolist() == [[0, 0]]
    assert wrong[["class_name", "predicted_class"]].to_numpy().tolist() == [["cat", "dog"]]
    assert wrong["score"].tolist() == [0.9]
    again = evaluation.label_errors("duplicate")
    assert again[["label_id", "other_label_id"]].to_numpy().tolist() == [[2, 1]]
    assert again["iou"].tolist() == pytest.approx([19 / 21])
    placed = evaluation.label_errors("badly placed").iloc[0]
    assert (placed["label_id"], placed["prediction_id"]) == (3, 4)
    iou = 12 / 28
    assert placed["iou"] == pytest.approx(iou)
    assert placed["score"] == pytest.approx(0.5 * (1 - iou) * (1 - 0.5 * iou))
    every = evaluation.label_errors()
    assert every["score"].is_monotonic_decreasing
    assert set(every["kind"]) == set(KINDS)


def test_a_label_that_nothing_is_near_is_no_object_unless_its_like_are_missed():
    labels = [{"image_id": n % 3, "x": 2.0 * n, "y": 60.0 * (n % 3)} for n in range(3)]
    odd = {"image_id": 0, "x": 150.0, "y": 150.0}
    table = scene([*labels, odd], labels).label_errors("not an object")
    assert table["label_id"].iloc[0] == 3
    assert pd.isna(table["prediction_id"].iloc[0])
    nothing = scene([*labels, odd], []).label_errors("not an object")
    assert set(nothing["score"]) == {1.0}  # nothing is found: nothing is odd


def test_follows_classes_confidence_slice_and_ignored_labels(evaluation):
    whole = evaluation.label_errors()
    some = evaluation.label_errors(classes=("bee",))
    for kind, mine in some.groupby("kind", observed=True):
        column = "predicted_class" if kind == "missing" else "class_name"
        assert set(mine[column]) == {"bee"}
        if kind != "missing":
            expected = whole[(whole["kind"] == kind) & (whole["class_name"] == "bee")]
            pd.testing.assert_frame_equal(
                mine.reset_index(drop=True), expected.reset_index(drop=True)
            )
    sure = evaluation.label_errors("missing", confidence_threshold=0.5)
    assert sure["confidence"].min() >= 0.5
    where = ea.where("Fog", low=0.5)
    foggy = evaluation.dataset.images.query("Fog >= 0.5")["image_id"]
    assert evaluation.label_errors(where=where)["image_id"].isin(foggy).all()
    ignored = evaluation.dataset.labels.query("ignore or is_crowd")["label_id"]
    assert not whole["label_id"].isin(ignored).any()


def test_any_scale_of_confidence_gives_the_same_order_of_missing_labels():
    dataset, _ = planted_errors(0, n_images=30)
    frames = dataset.frames
    changed = frames.predictions.assign(confidence=10 * frames.predictions["confidence"] - 3)
    other = ea.Dataset.from_tidy(replace(frames, predictions=changed))
    assert ea.Evaluation(other).label_errors("missing")["score"].between(0, 1).all()
    unsure = frames.predictions.assign(confidence=np.nan)
    nothing = ea.Dataset.from_tidy(replace(frames, predictions=unsure))
    assert ea.Evaluation(nothing).label_errors()["score"].between(0, 1).all()


def test_without_predictions_or_labels():
    assert scene([], []).label_errors().empty
    assert scene([], [{}]).label_errors()["kind"].tolist() == ["missing"]
    assert set(scene([{}], []).label_errors()["kind"]) == {"not an object"}


def test_unknown_kinds_are_refused(evaluation):
    with pytest.raises(InvalidInputError) as caught:
        evaluation.label_errors("wrong clas")
    assert str(caught.value) == (
        "`kind` has no option 'wrong clas'. Did you mean 'wrong class'? Options: 'missing', "
        "'wrong class', 'badly placed', 'duplicate', 'not an object'."
    )
