from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ea_widgets as ea
from ea_widgets.analysis.actions import object_kinds
from ea_widgets.analysis.actions.examples import KINDS, SORTS, first_indices
from ea_widgets.core.matching.boxes import paired_iou

BOX = ["x", "y", "width", "height"]


def expected_objects(evaluation, metric, low, high, kinds, choice):
    """All objects of the range, out of the tables of matches."""
    dataset, matches = evaluation.dataset, evaluation.matches(*choice)
    parts = []
    for table, frame in (
        (matches.predictions, dataset.predictions),
        (matches.labels, dataset.labels),
    ):
        part = table[["image_id", "class_name", "outcome", "reason"]].astype(object)
        if metric in frame:
            part["value"] = frame[metric].loc[table.index]
        else:
            by_id = dataset.images.set_index("image_id")[metric]
            part["value"] = table["image_id"].map(by_id)
        part["confidence"] = (
            frame["confidence"].loc[table.index] if "confidence" in frame else np.nan
        )
        parts.append(part.reset_index(names="row"))
    both = pd.concat(parts, ignore_index=True).rename(columns={"outcome": "kind"})
    both["reason"] = both["reason"].where(both["reason"].notna(), "")
    return both[both["kind"].isin(kinds) & both["value"].between(low, high)]


@pytest.mark.parametrize("metric", ["Size", "Gaps", "Fog"])
@pytest.mark.parametrize("kinds", [KINDS, ("missed",), ("true_positive", "missed")])
@pytest.mark.parametrize("choice", [(0.5, 0.0, ()), (0.75, 0.4, ("bee", "ant"))])
def test_pages_together_hold_the_objects_of_the_range(evaluation, metric, kinds, choice):
    frame = evaluation.dataset.images if metric == "Fog" else evaluation.dataset.labels
    low, high = frame[metric].quantile([0.2, 0.8])
    expected = expected_objects(evaluation, metric, low, high, kinds, choice)
    for sort in SORTS:
        for descending in (False, True):
            pages, number = [], 0
            while True:
                page = evaluation.objects_in_range(
                    metric, low, high, kinds, (), sort, descending, number, 100, *choice
                )
                pages.append(page.rows)
                number += 1
                if number == page.n_pages:
                    break
            rows = pd.concat(pages, ignore_index=True)
            assert page.total == len(rows) == len(expected)
            counts = expected["kind"].value_counts()
            assert page.counts == {kind: counts.get(kind, 0) for kind in KINDS}
            key = rows["value" if sort == "metric" else sort]
            known = key.dropna()
            assert known.index.equals(pd.RangeIndex(len(known)))
            assert (np.diff(known) <= 0).all() if descending else (np.diff(known) >= 0).all()
            same = ["kind", "reason", "row", "image_id", "class_name", "value", "confidence"]
            pd.testing.assert_frame_equal(
                rows[same].sort_values(["kind", "row"], ignore_index=True),
                expected[same].sort_values(["kind", "row"], ignore_index=True),
                check_dtype=False,
            )


def test_rows_hold_the_boxes_of_both_objects(evaluation):
    dataset = evaluation.dataset
    labels, predictions = dataset.labels, dataset.predictions
    rows = evaluation.objects_in_range("Size", page_size=2000).rows
    matches = evaluation.matches()
    for row in rows.itertuples():
        of_label = row.kind == "missed"
        own, others = (labels, predictions) if of_label else (predictions, labels)
        mine = own.loc[row.row]
        assert (row.x, row.y, row.width, row.height) == tuple(mine[BOX])
        assert row.object_id == mine["label_id" if of_label else "prediction_id"]
        near = others[others["image_id"] == row.image_id]
        if of_label:
            near = near[near["class_name"] == row.class_name]
        else:
            near = near[~(near["ignore"] | near["is_crowd"])]
        boxes = np.tile(mine[BOX].to_numpy(float), (len(near), 1))
        iou = paired_iou(boxes, near[BOX].to_numpy(float), np.zeros(len(near), bool))
        if row.other_row == -1:
            assert row.iou == 0
            assert not (iou > 0).any()
            assert row.other_class_name == ""
            assert np.isnan(row.other_x)
            continue
        other = others.loc[row.other_row]
        assert (row.other_x, row.other_y, row.other_width, row.other_height) == tuple(other[BOX])
        assert row.other_class_name == other["class_name"]
        if row.kind == "true_positive":
            assert matches.predictions.loc[row.row, "label_id"] == other["label_id"]
            assert row.iou == matches.predictions.loc[row.row, "iou"]
        else:
            assert row.iou == pytest.approx(iou.max())
        if of_label:
            assert row.other_confidence == other["confidence"]


def test_reasons_choose_among_the_wrong_ones(evaluation):
    wrong = evaluation.matches().predictions["reason"].value_counts()
    page = evaluation.objects_in_range("Size", reason=("duplicate", "background"))
    assert page.total == wrong["duplicate"] + wrong["background"]
    assert set(page.rows["reason"]) <= {"duplicate", "background"}
    assert evaluation.objects_in_range("Size", reason="duplicate").total == wrong["duplicate"]


def test_a_metric_of_one_side_finds_that_side_only(frames):
    images, labels, predictions = frames
    predictions = predictions.assign(Only=1.0)
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    page = evaluation.objects_in_range("Only (P)")
    assert page.counts["missed"] == 0
    assert page.total == evaluation.scores().predictions_used


def test_empty_ranges_and_pages_keep_the_columns(evaluation):
    full = evaluation.objects_in_range("Size")
    for page in (
        evaluation.objects_in_range("Size", 1e9),
        evaluation.objects_in_range("Size", page=9999),
    ):
        assert len(page.rows) == 0
        assert list(page.rows) == list(full.rows)
    assert evaluation.objects_in_range("Size", 1e9).n_pages == 1


keys = st.lists(st.integers(-3, 3).map(float) | st.just(float("nan")), max_size=30)


@given(keys=keys, n=st.integers(0, 40))
def test_the_first_indices_are_those_of_a_stable_sort(keys, n):
    key = np.array(keys)
    expected = np.argsort(np.where(np.isnan(key), np.inf, key), kind="stable")[:n]
    np.testing.assert_array_equal(first_indices(key, n), expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"kind": "found"},
            "`kind` has no option 'found'. Options: 'true_positive', 'false_positive', 'missed'.",
        ),
        (
            {"sort": "size"},
            "`sort` has no option 'size'. Options: 'metric', 'confidence', 'iou'.",
        ),
        ({"page": -1}, "`page` is -1. Give a whole number from 0 up."),
        ({"low": 2, "high": 1}, "`low` is 2.0, above `high`, 1.0. Swap the two."),
    ],
)
def test_other_arguments_are_refused(evaluation, arguments, message):
    with pytest.raises(ea.InvalidInputError, match=f"^{re.escape(message)}$"):
        evaluation.objects_in_range("Size", **arguments)


def test_without_a_metric_all_objects_are_there(evaluation):
    page = evaluation.objects_in_range(kind="false_positive", sort="confidence", descending=True)
    scores = evaluation.scores()
    assert page.total == scores.false_positives
    assert page.rows["confidence"].is_monotonic_decreasing
    assert page.rows["value"].isna().all()
    everything = evaluation.objects_in_range()
    assert everything.counts == {
        "true_positive": scores.true_positives,
        "false_positive": scores.false_positives,
        "missed": scores.false_negatives,
    }


@pytest.mark.parametrize("pairs_at_once", [1, 7, 10**6])
def test_the_nearest_label_is_that_of_a_search_one_by_one(evaluation, monkeypatch, pairs_at_once):
    monkeypatch.setattr(object_kinds, "PAIRS_AT_ONCE", pairs_at_once)
    rows = evaluation.objects_in_range(kind="false_positive", page_size=10**6).rows
    labels = evaluation.dataset.labels
    assert (rows["other_row"] >= 0).any()
    assert (rows["other_row"] < 0).any()
    for row in rows.to_dict("records"):
        near = labels[(labels["image_id"] == row["image_id"]) & ~ignored(labels)]
        box = np.repeat([[row[name] for name in BOX]], len(near), axis=0)
        iou = paired_iou(box, near[BOX].to_numpy(float), np.zeros(len(near), bool))
        expected = near.index[iou.argmax()] if len(near) and iou.max() > 0 else -1
        assert row["other_row"] == expected


@pytest.mark.parametrize("confidences", [(0.3, 0.8), (0.8, 0.3)])
def test_of_two_predictions_as_near_to_a_missed_label_the_surer_is_named(confidences):
    images = pd.DataFrame({"image_id": [1], "width": 100, "height": 50})
    label = pd.DataFrame({"image_id": [1], "class_name": "cat", "x": 10, "y": 5}).assign(
        width=10, height=10
    )
    both = pd.concat([label.assign(x=5), label.assign(x=15)]).assign(confidence=confidences)
    rows = ea.Evaluation(ea.Dataset.from_frames(images, label, both)).objects_in_range(
        kind="missed"
    )
    (row,) = rows.rows.to_dict("records")
    assert (row["iou"], row["other_confidence"]) == (pytest.approx(1 / 3), 0.8)


def ignored(labels):
    """Labels that count for nobody."""
    flags = [labels[name].astype(bool) for name in ("is_crowd", "ignore") if name in labels]
    return np.logical_or.reduce(flags) if flags else np.zeros(len(labels), bool)
