"""The objects of each cell are those that a naive loop puts there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ea_widgets as ea
from tests.parity.scenes import CLASSES
from tests.unit.analysis.confusion.naive import NOT_FOUND, NOTHING, naive
from tests.unit.analysis.confusion.test_tables import evaluation_of, scene


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.sampled_from([None, 0.4]))
def test_every_cell(seed, confidence):
    frames = scene(seed)
    view = evaluation_of(frames).at(0.3, confidence)
    limits = {} if confidence is None else dict.fromkeys(CLASSES, confidence)
    _, objects = naive(*frames[1:], 0.3, limits)
    for label in (*CLASSES, NOTHING):
        for predicted in (*CLASSES, NOT_FOUND):
            page = view.confused_objects(label, predicted, page_size=1000)
            rows, expected = page.rows, objects.get((label, predicted), set())
            if predicted == NOT_FOUND:
                found = {(None, row) for row in rows["row"]}
                assert set(rows["kind"]) <= {"missed"}
            elif label == NOTHING:
                found = {(row, None) for row in rows["row"]}
                assert set(rows["kind"]) <= {"false_positive"}
            else:
                found = set(zip(rows["row"], rows["other_row"], strict=True))
                kind = "true_positive" if label == predicted else "false_positive"
                assert set(rows["kind"]) <= {kind}
                assert set(rows["other_class_name"]) <= {label}
                assert (rows["iou"] >= 0.3).all()
            assert found == expected
            assert page.total == len(expected) == sum(page.counts.values())
            if len(rows) and predicted != NOT_FOUND:
                assert rows["confidence"].is_monotonic_decreasing


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1), st.sampled_from([None, ea.where("Size", high=60)]))
def test_with_chosen_classes_as_many_as_the_matrix_counts(seed, where):
    view = evaluation_of(scene(seed)).at(0.3, classes=("ant",), where=where)
    table = view.confusion()
    for label in table.index:
        for predicted in table.columns:
            page = view.confused_objects(label, predicted)
            assert page.total == table.loc[label, predicted]


def test_pages_hold_all_of_them_once(evaluation):
    view = evaluation.at(0.5)
    whole = view.confused_objects("ant", "ant", page_size=10_000)
    assert whole.total == view.confusion().loc["ant", "ant"] > 20
    pages = [view.confused_objects("ant", "ant", n, 7) for n in range(whole.total // 7 + 2)]
    assert [row for page in pages for row in page.rows["row"]] == whole.rows["row"].tolist()
    assert len(pages[-1].rows) == 0 or pages[-1].total % 7


def test_what_is_shown_beside_a_confused_one_is_what_it_took(evaluation):
    view = evaluation.at(0.3)
    pair = view.confused_pairs(1).iloc[0]
    rows = view.confused_objects(pair["label_class"], pair["predicted_class"]).rows
    labels = view.dataset.labels.loc[rows["other_row"]]
    np.testing.assert_array_equal(rows["other_x"], labels["x"])
    assert (rows["reason"] != "").all()


def test_unknown_cells_are_refused(evaluation):
    with pytest.raises(ea.InvalidInputError, match="`label_class` has no option 'not found'"):
        evaluation.at().confused_objects("not found", "ant")
    with pytest.raises(ea.InvalidInputError, match="`predicted_class` has no option 'antt'"):
        evaluation.at().confused_objects("ant", "antt")
    with pytest.raises(ea.InvalidInputError, match="`label_class` has no option 'other classes'"):
        evaluation.at().confused_objects("other classes", "ant")
