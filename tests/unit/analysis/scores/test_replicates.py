import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.analysis.scores.replicates import interval_of, replicates_of, with_intervals
from ea_widgets.core.statistics.resampling import draw_clusters

NAMES = ("mean_average_precision", "mean_average_recall", "precision", "recall", "f1")


def repeated(frames, cluster, weights):
    """The frames with each cluster of images as often as it is drawn, under new ids."""
    images = frames[0]
    parts = [[], [], []]
    for code, times in enumerate(weights.astype(int)):
        ids = images["image_id"][cluster == code]
        for copy in range(times):
            for kept, frame in zip(parts, frames, strict=True):
                rows = frame[frame["image_id"].isin(ids)].copy()
                rows["image_id"] = rows["image_id"] * 1000 + copy
                kept.append(rows)
    return [pd.concat(rows, ignore_index=True) for rows in parts]


@pytest.fixture
def distinct(frames):
    """Frames without ties of confidence, whose order a copy could change."""
    images, labels, predictions = (frame.copy() for frame in frames)
    order = np.random.default_rng(5).permutation(len(predictions))
    predictions["confidence"] = (order + 1) / (len(order) + 1)
    images["video"] = np.arange(len(images)) // 2
    return images, labels, predictions


@pytest.mark.parametrize("cluster", [None, "video"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"confidence_threshold": 0.4, "classes": ("bee", "cat")},
        {"where": ea.where("Fog", high=0.6)},
        {"where": ea.where("Size", low=1000)},
    ],
)
def test_a_replicate_is_an_evaluation_of_the_drawn_clusters(distinct, cluster, options):
    evaluation = ea.Evaluation(ea.Dataset.from_frames(*distinct, cluster=cluster))
    view = evaluation.at(0.6, **options)
    replicates = replicates_of(view._data, view._query)
    code = np.arange(len(distinct[0])) // (1 if cluster is None else 2)
    weights = draw_clusters(code.max() + 1, 512)
    for number, row in ((0, np.ones(len(weights[0]))), (7, weights[6]), (100, weights[99])):
        again = ea.Evaluation(ea.Dataset.from_frames(*repeated(distinct, code, row)))
        scores = again.scores(0.6, **options)
        for name in NAMES:
            found = replicates.of_all[name][number]
            np.testing.assert_allclose(found, getattr(scores, name), atol=1e-12)
        for name, values in replicates.of_classes.items():
            np.testing.assert_allclose(values[number], scores.per_class[name], atol=1e-12)


def test_scores_stand_in_their_intervals(evaluation):
    scores = evaluation.scores(settled=True)
    for name in NAMES:
        low, high = getattr(scores, f"{name}_low"), getattr(scores, f"{name}_high")
        assert 0 <= low < getattr(scores, name) < high <= 1
    table = scores.per_class.loc["ant"]
    for name in ("average_precision", "average_recall", "precision", "recall"):
        assert table[f"{name}_low"] < table[name] < table[f"{name}_high"]


def test_plain_scores_have_no_intervals(evaluation):
    scores = evaluation.scores()
    assert np.isnan(scores.precision_low)
    assert "precision_low" not in scores.per_class


def test_a_class_of_few_clusters_has_none(evaluation):
    table = evaluation.scores(settled=True).per_class
    labels = evaluation.dataset.labels
    images = labels[~labels["is_crowd"] & ~labels["ignore"]].groupby("class_name", observed=True)
    few = images["image_id"].nunique() < 30
    assert few.any()
    assert table["average_precision_low"][few].isna().all()
    assert table["average_precision_low"][~few].notna().all()


def test_rates_of_nothing_and_all_are_wilson():
    replicates = np.tile([0.0, 1.0], (513, 1))
    low, high = interval_of(replicates, np.array([40, 40]))
    np.testing.assert_allclose(low, [0, 0.9124], atol=1e-3)
    np.testing.assert_allclose(high, [0.0876, 1], atol=1e-3)


def test_what_a_slice_does_not_know_has_no_interval(frames):
    images, labels, predictions = frames
    labels = labels.assign(Hidden=np.random.default_rng(0).random(len(labels)))
    view = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions)).at(
        where=ea.where("Hidden", high=0.5)
    )
    scores = with_intervals(view.scores(), replicates_of(view._data, view._query))
    assert np.isnan([scores.precision_low, scores.mean_average_precision_high]).all()
    assert scores.recall_low < scores.recall < scores.recall_high
