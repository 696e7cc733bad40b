"""Scores of single images: their sums are those of all, and each is what an image alone has."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import ea_widgets as ea
from tests.unit.analysis.confusion.test_tables import evaluation_of, one_sided, scene

COLUMNS = ["tp", "fp", "fn", "precision", "recall", "f1"]


@settings(max_examples=25)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([None, 0.4, {"ant": 0.5}]),
    st.sampled_from([(), ("ant",), ("bee", "cat")]),
    st.sampled_from([None, ea.where("Size", high=60), ea.where("Fog (F)", low=1)]),
)
def test_each_image_is_scored_as_it_is_alone(seed, confidence, classes, where):
    evaluation = evaluation_of(scene(seed))
    view = evaluation.at(0.4, confidence, classes, where)
    table, whole = view.per_image(), view.scores()
    assert (table["tp"].sum(), table["fp"].sum(), table["fn"].sum()) == (
        *(whole.true_positives, whole.false_positives, whole.false_negatives),
    )
    images = evaluation.dataset.images
    inside = images["Fog"] >= 1 if where is not None and "Fog" in str(where) else images["Fog"] >= 0
    assert table.index.tolist() == images.index[inside].tolist()
    for row, image in table.iterrows():
        one = evaluation.dataset.subset(images.index == row)
        alone = ea.Evaluation(one, max_detections=1000).at(0.4, confidence, classes, where).scores()
        counts = [alone.true_positives, alone.false_positives, alone.false_negatives]
        assert image[["tp", "fp", "fn"]].tolist() == counts
        expected = [alone.precision, alone.recall, alone.f1]
        np.testing.assert_allclose(image[COLUMNS[3:]].astype(float), expected, rtol=1e-15)


def test_columns_are_ids_scores_and_metrics(evaluation):
    table = evaluation.per_image(0.5, 0.2)
    assert list(table) == ["image_id", *COLUMNS, "Fog"]
    assert_frame_equal(table[["image_id", "Fog"]], evaluation.dataset.images[["image_id", "Fog"]])
    assert table[["tp", "fp", "fn"]].dtypes.eq(np.int64).all()


def test_empty_images_have_rows_and_come_last():
    images, labels, predictions = scene(1)
    empty = pd.DataFrame(
        {"image_id": [990, 991], "width": 40, "height": 30, "Fog": 0.5, "recall": 3.0}
    )
    images = pd.concat([empty, images], ignore_index=True).assign(file_name="a.png")
    view = evaluation_of((images, labels, predictions)).at(0.3)
    table = view.per_image()
    assert list(table) == ["image_id", "file_name", *COLUMNS, "Fog", "recall (F)"]
    assert table.loc[[0, 1], ["tp", "fp", "fn"]].to_numpy().sum() == 0
    assert table.loc[[0, 1], COLUMNS[3:]].isna().all(axis=None)
    assert view.per_image("f1").index[-2:].tolist() == [0, 1]
    assert view.per_image("errors").index[-2:].tolist() == [0, 1]


def test_worst_first(evaluation):
    view = evaluation.at(0.5, 0.3)
    plain = view.per_image()
    errors = plain["fp"] + plain["fn"]
    by_f1 = plain.assign(errors=-errors).sort_values(["f1", "errors"], kind="stable")
    assert_frame_equal(view.per_image("f1"), by_f1.drop(columns="errors"))
    by_errors = plain.assign(errors=-errors).sort_values(["errors", "f1"], kind="stable")
    assert_frame_equal(view.per_image("errors"), by_errors.drop(columns="errors"))
    assert by_f1["f1"].iloc[0] < by_f1["f1"].iloc[-1]


def test_what_cannot_be_known_is_missing(evaluation):
    where = ea.where("Only", high=1)
    table = one_sided(evaluation, "labels").at(where=where).per_image()
    assert table[["precision", "f1"]].isna().all(axis=None)
    assert table["recall"].notna().any()
    table = one_sided(evaluation, "predictions").at(where=where).per_image()
    assert table[["recall", "f1"]].isna().all(axis=None)
    assert table["precision"].notna().any()


def test_an_unknown_order_is_refused(evaluation):
    with pytest.raises(ea.InvalidInputError, match="`order` has no option 'worst'"):
        evaluation.at().per_image("worst")
