import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea

SCORES = ("mean_average_precision", "mean_average_recall", "precision", "recall", "f1")
FOG = ea.where("Fog", low=0.5)
SMALL = ea.where("Size", high=1500)


def test_a_row_is_the_scores_of_the_slice_and_its_difference_from_the_opposite(evaluation):
    table = evaluation.slices({"foggy": FOG, "small": SMALL}, 0.6, 0.3, ("ant", "bee"))
    assert list(table.index) == ["foggy", "small"]
    assert table.loc["foggy", "condition"] == "Fog ≥ 0.5"
    for name, condition in (("foggy", FOG), ("small", SMALL)):
        inside = evaluation.scores(0.6, 0.3, ("ant", "bee"), condition)
        outside = evaluation.scores(0.6, 0.3, ("ant", "bee"), ~condition)
        assert table.loc[name, "labels"] == inside.labels_used
        assert table.loc[name, "predictions"] == inside.predictions_used
        for score in SCORES:
            assert table.loc[name, score] == getattr(inside, score)
            difference = getattr(inside, score) - getattr(outside, score)
            np.testing.assert_allclose(table.loc[name, f"{score}_difference"], difference)


def test_slices_are_within_the_slice_of_the_view(evaluation):
    table = evaluation.at(where=FOG).slices({"small": SMALL})
    scores = evaluation.scores(where=FOG & SMALL)
    assert table.loc["small", "precision"] == scores.precision
    rest = evaluation.scores(where=FOG & ~SMALL)
    assert table.loc["small", "recall_difference"] == scores.recall - rest.recall
    assert evaluation.at(where=FOG).scores().precision == evaluation.scores(where=FOG).precision


def test_settled_adds_intervals_of_scores_and_differences(evaluation):
    table = evaluation.slices({"small": SMALL}, settled=True)
    row = table.loc["small"]
    settled = evaluation.at(where=SMALL).scores(settled=True)
    for score in SCORES:
        assert row[f"{score}_low"] == getattr(settled, f"{score}_low")
        low, high = row[f"{score}_difference_low"], row[f"{score}_difference_high"]
        assert -1 <= low < row[f"{score}_difference"] < high <= 1


def test_a_slice_that_is_everything_equals_no_slice(evaluation):
    everything = evaluation.slices({"all": ea.where("Size", low=0)}).loc["all"]
    scores = evaluation.scores()
    assert [everything[name] for name in SCORES] == [getattr(scores, name) for name in SCORES]
    assert np.isnan(everything["recall_difference"])


def test_no_slices_are_no_rows(evaluation):
    table = evaluation.slices({})
    assert len(table) == 0
    assert "precision_difference" in table


@pytest.mark.parametrize(
    ("slices", "message"),
    [
        (FOG, "`slices` is Where("),
        ({"": FOG}, "`slices` has the name ''. Give each slice a name."),
        ({"small": "Size < 3"}, "`slices` has 'Size < 3' under 'small'. Give ea.where(...)."),
    ],
)
def test_what_is_no_slice_is_refused(evaluation, slices, message):
    with pytest.raises(ea.InvalidInputError) as error:
        evaluation.slices(slices)
    assert str(error.value).startswith(message)


def test_a_property_of_labels_only_has_no_precision(frames):
    images, labels, predictions = frames
    labels = labels.assign(Hidden=np.random.default_rng(0).random(len(labels)) < 0.5)
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    row = evaluation.slices({"hidden": ea.where("Hidden", equals=True)}, settled=True).loc["hidden"]
    assert pd.isna(row[["precision", "precision_low", "precision_difference_high"]]).all()
    assert row["recall_difference_low"] < row["recall_difference"] < row["recall_difference_high"]
