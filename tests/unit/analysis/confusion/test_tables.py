"""The confusion matrix against a naive loop, its margins against the scores."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ea_widgets as ea
from tests.parity.scenes import CLASSES, make_scene
from tests.unit.analysis.confusion.naive import NOT_FOUND, NOTHING, naive

SEEDS, THRESHOLDS = st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.3, 0.5, 1.0])


def scene(seed):
    """Few classes on a small canvas: ties, crowds, ignored labels and confusions are common."""
    images, labels, predictions = make_scene(seed, 2, 24, 40, ignores=True)
    rng = np.random.default_rng(seed)
    wrong = rng.random(len(predictions)) < 0.4
    predictions.loc[wrong, "class_name"] = rng.choice(CLASSES, wrong.sum())
    kind = pd.CategoricalDtype(CLASSES)
    for frame in (labels, predictions):
        frame["class_name"] = frame["class_name"].astype(kind)
        frame["Size"] = frame["width"] * frame["height"]
    images["Fog"] = np.arange(len(images)) % 2.0
    return images, labels, predictions


def evaluation_of(frames):
    return ea.Evaluation(ea.Dataset.from_frames(*frames), max_detections=1000)


def as_counts(table):
    return {
        (label, predicted): table.loc[label, predicted]
        for label in table.index
        for predicted in table.columns
        if table.loc[label, predicted]
    }


def assert_sums(view, table):
    """What is in the matrix is what the scores count."""
    scores = view.scores()
    chosen = list(view.classes)
    square = table.loc[chosen, chosen].to_numpy()
    assert np.trace(square) == scores.true_positives
    assert table[chosen].to_numpy().sum() == scores.predictions_used
    assert table.loc[chosen].to_numpy().sum() == scores.labels_used
    assert table[chosen].sum().tolist() == scores.per_class["predictions"].tolist()
    assert table.loc[chosen].sum(axis=1).tolist() == scores.per_class["labels"].tolist()


@settings(max_examples=25)
@given(SEEDS, THRESHOLDS, st.sampled_from([None, 0.4, {"ant": 0.5, "cat": 0.2}]))
def test_the_matrix_is_that_of_a_naive_loop(seed, threshold, confidence):
    frames = scene(seed)
    view = evaluation_of(frames).at(threshold, confidence)
    by_class = confidence if isinstance(confidence, dict) else dict.fromkeys(CLASSES, confidence)
    if confidence is None:
        by_class = {}
    expected, _ = naive(*frames[1:], threshold, by_class)
    table = view.confusion()
    assert list(table.index) == [*CLASSES, NOTHING]
    assert list(table.columns) == [*CLASSES, NOT_FOUND]
    assert as_counts(table) == dict(expected)
    assert_sums(view, table)


@settings(max_examples=25)
@given(SEEDS, st.integers(0, 60), st.integers(0, 100), THRESHOLDS)
def test_in_a_slice_of_objects(seed, low, width, threshold):
    frames = scene(seed)
    view = evaluation_of(frames).at(threshold, where=ea.where("Size", low, low + width))
    inside = tuple(frame["Size"].between(low, low + width).to_numpy(bool) for frame in frames[1:])
    expected, _ = naive(*frames[1:], threshold, inside=inside)
    table = view.confusion()
    assert as_counts(table) == dict(expected)
    assert_sums(view, table)


@settings(max_examples=15)
@given(SEEDS)
def test_slices_of_images_add_up(seed):
    evaluation = evaluation_of(scene(seed))
    night = ea.where("Fog", equals=1.0)
    parts = [evaluation.at(0.3, where=where).confusion() for where in (night, ~night)]
    pd.testing.assert_frame_equal(parts[0] + parts[1], evaluation.at(0.3).confusion())


@settings(max_examples=15)
@given(SEEDS, st.sampled_from([("ant",), ("cat", "bee"), CLASSES]))
def test_chosen_classes_are_rows_and_columns_of_the_whole(seed, classes):
    evaluation = evaluation_of(scene(seed))
    view, whole = evaluation.at(0.3, classes=classes), evaluation.at(0.3).confusion()
    table = view.confusion()
    chosen, others = list(view.classes), [name for name in CLASSES if name not in classes]
    further = ["other classes"] if others else []
    assert list(table.index) == [*chosen, *further, NOTHING]
    assert list(table.columns) == [*chosen, *further, NOT_FOUND]
    names = [*chosen, NOTHING], [*chosen, NOT_FOUND]
    pd.testing.assert_frame_equal(table.loc[names[0], names[1]], whole.loc[names[0], names[1]])
    if others:
        assert table.loc["other classes", chosen].equals(whole.loc[others, chosen].sum())
        assert table.loc[chosen, "other classes"].tolist() == (
            whole.loc[chosen, others].sum(axis=1).tolist()
        )
        assert table.loc["other classes", ["other classes", NOT_FOUND]].tolist() == [0, 0]
    assert_sums(view, table)


@settings(max_examples=15)
@given(SEEDS)
def test_shares_of_rows_and_columns(seed):
    view = evaluation_of(scene(seed)).at(0.3)
    counts, per_class = view.confusion(), view.scores().per_class
    with np.errstate(invalid="ignore"):
        rows, columns = counts.sum(axis=1).to_numpy()[:, None], counts.sum().to_numpy()
        np.testing.assert_array_equal(view.confusion("row"), counts / rows)
        np.testing.assert_array_equal(view.confusion("column"), counts / columns)
    for normalize, column in (("row", "recall"), ("column", "precision")):
        diagonal = np.diag(view.confusion(normalize))[:-1]
        np.testing.assert_allclose(diagonal, per_class[column], rtol=1e-15)


@settings(max_examples=15)
@given(SEEDS)
def test_pairs_are_the_cells_off_the_diagonal(seed):
    view = evaluation_of(scene(seed)).at(0.3)
    table, pairs = view.confusion(), view.confused_pairs(None)
    expected = {
        cell: count
        for cell, count in as_counts(table).items()
        if cell[0] != cell[1] and NOTHING not in cell and NOT_FOUND not in cell
    }
    names = list(zip(pairs["label_class"], pairs["predicted_class"], strict=True))
    assert dict(zip(names, pairs["count"], strict=True)) == expected
    assert pairs["count"].is_monotonic_decreasing
    labels, predictions = table.sum(axis=1), table.sum()
    np.testing.assert_array_equal(
        pairs["share"], pairs["count"] / labels[pairs["label_class"]].to_numpy()
    )
    np.testing.assert_array_equal(
        pairs["share_of_predictions"],
        pairs["count"] / predictions[pairs["predicted_class"]].to_numpy(),
    )
    assert view.confused_pairs(2).equals(pairs.head(2))
    bees = evaluation_of(scene(seed)).at(0.3, classes=("bee",)).confused_pairs(None)
    about = (pairs["label_class"] == "bee") | (pairs["predicted_class"] == "bee")
    pd.testing.assert_frame_equal(bees, pairs[about].reset_index(drop=True))


def one_sided(evaluation, side):
    frames = {"labels": evaluation.dataset.labels, "predictions": evaluation.dataset.predictions}
    frames[side] = frames[side].assign(Only=np.arange(len(frames[side])) % 3.0)
    return ea.Evaluation(ea.Dataset.from_frames(evaluation.dataset.images, **frames))


def test_what_cannot_be_known_is_missing(evaluation):
    where = ea.where("Only", high=1)
    view = one_sided(evaluation, "labels").at(where=where)
    table, scores = view.confusion(), view.scores()
    names = list(view.classes)
    assert table.loc[NOTHING, names].isna().all()
    assert table.loc[NOTHING, NOT_FOUND] == 0
    assert table.loc[names, NOT_FOUND].sum() == scores.false_negatives
    assert np.trace(table.loc[names, names]) == scores.true_positives

    mine = one_sided(evaluation, "predictions")
    view = mine.at(where=where)
    table, scores = view.confusion(), view.scores()
    assert table.loc[names, NOT_FOUND].isna().all()
    assert table[names].to_numpy().sum() == scores.predictions_used
    assert view.confused_pairs()["share"].isna().all()
    # A label that a prediction outside found is not there for one of another class.
    whole = mine.at().confusion()
    for name in names:
        others = [other for other in names if other != name]
        assert (table.loc[name, others] <= whole.loc[name, others]).all()


def test_no_labels_and_no_predictions():
    images, labels, predictions = scene(3)
    nobody = evaluation_of((images, labels, predictions.iloc[:0])).at()
    table = nobody.confusion()
    assert table[NOT_FOUND].sum() == table.to_numpy().sum() == nobody.scores().labels_used
    assert len(nobody.confused_pairs()) == 0
    assert list(nobody.confused_pairs()) == [
        *("label_class", "predicted_class", "count", "share", "share_of_predictions")
    ]
    table = evaluation_of((images, labels.iloc[:0], predictions)).at().confusion()
    assert table.loc[NOTHING].sum() == table.to_numpy().sum() == len(predictions)


def test_options_that_are_unknown_are_refused(evaluation):
    with pytest.raises(ea.InvalidInputError, match="`normalize` has no option 'rows'"):
        evaluation.at().confusion("rows")
    with pytest.raises(ea.InvalidInputError, match="`order` has no option 'names'"):
        evaluation.at().confusion(order="names")
    with pytest.raises(ea.InvalidInputError, match="`n` is 0"):
        evaluation.at().confused_pairs(0)


def test_the_order_changes_nothing_else(evaluation):
    view = evaluation.at(0.4)
    table, plain = view.confusion(order="similarity"), view.confusion()
    assert sorted(table.index) == sorted(plain.index)
    assert table.index[-1] == NOTHING
    pd.testing.assert_frame_equal(table.loc[plain.index, plain.columns], plain)
