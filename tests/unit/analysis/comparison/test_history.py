"""Checkpoints on the same labels: scores, and the worst ranges of the last one followed back."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.analysis.comparison import History
from ea_widgets.errors import InvalidInputError, shown
from tests.unit.analysis.conftest import small_frames


def checkpoints(n=4):
    """Each finds more labels than the one before, the small ones last."""
    images, labels, predictions = small_frames()
    labels["weather"] = np.where(np.arange(len(labels)) % 3, "dry", "wet")
    order = np.argsort(-predictions["Size"].to_numpy())
    made = []
    for number in range(1, n + 1):
        kept = predictions.iloc[np.sort(order[: len(order) * number // n])]
        made.append(ea.Evaluation(ea.Dataset.from_frames(images, labels, kept)))
    return made


@pytest.fixture(scope="module")
def evaluations():
    return checkpoints()


@pytest.fixture
def history(evaluations):
    history = History(0.5, 0.2)
    for one in evaluations:
        history.add(one)
    return history


def test_scores_are_those_of_each_checkpoint(history, evaluations):
    table = history.table
    assert table.index.tolist() == [1.0, 2.0, 3.0, 4.0]
    for row, one in zip(table.to_dict("records"), evaluations, strict=True):
        assert row["mean_average_precision"] == one.scores(0.5).mean_average_precision
        for name in ("precision", "recall", "f1"):
            assert row[name] == getattr(one.scores(0.5, 0.2), name)
    assert table["recall"].is_monotonic_increasing


def test_ranges_are_the_last_one_s_and_rates_those_of_each(history, evaluations):
    last = evaluations[-1]
    named = last.at(0.5, 0.2).worst_ranges(5, "missed")
    ranges = history.worst_ranges(5)
    assert [one.metric for one in ranges] == named["metric"].tolist()
    assert len(ranges) > 0
    for one, row in zip(ranges, named.to_dict("records"), strict=True):
        assert (one.n, one.missed[-1]) == (row["n"], row["rate"])
        assert one.words.startswith(f"{one.metric} ")
        assert one.words.removeprefix(one.metric) in row["sentence"]
        for rate, evaluation in zip(one.missed, evaluations, strict=True):
            assert rate == naive_rate(evaluation, row)


def naive_rate(evaluation, row):
    outcome = evaluation.at(0.5, 0.2).matches().labels["outcome"]
    labels = evaluation.dataset.labels.join(outcome)
    labels = labels[labels["outcome"].isin(["found", "missed"])]  # neither ignored nor a crowd
    name = row["metric"].rsplit(" (", 1)[0]
    if name not in labels:
        images = evaluation.dataset.images.set_index("image_id")[name]
        labels[name] = labels["image_id"].map(images)
    if row["isin"] is not None:
        inside = labels[labels[name].isin(row["isin"])]
    else:
        inside = labels[labels[name].between(row["low"], row["high"])]
    return (inside["outcome"] == "missed").mean()


def test_order_of_labels_and_of_epochs_does_not_matter(history, evaluations):
    other = History(0.5, 0.2)
    for epoch in (3, 1, 4, 2):
        dataset = evaluations[epoch - 1].dataset
        labels = dataset.labels.sample(frac=1, random_state=epoch)
        other.add(ea.Dataset.from_frames(dataset.images, labels, dataset.predictions), epoch)
    pd.testing.assert_frame_equal(other.table, history.table)
    for one, same in zip(other.worst_ranges(), history.worst_ranges(), strict=True):
        assert one.words == same.words
        np.testing.assert_allclose(one.missed, same.missed, atol=1e-12)


def test_an_epoch_that_is_there_is_replaced(history, evaluations):
    history.add(evaluations[0], 4)
    assert len(history) == 4
    assert history.table.loc[4.0].equals(history.table.loc[1.0])
    assert all(one.missed[3] == one.missed[0] for one in history.worst_ranges())


def test_fifty_checkpoints_hold_one_evaluation():
    images, labels, predictions = small_frames()
    history, made = History(), []
    for number in range(50):
        kept = predictions.iloc[: 100 + 2 * number]
        evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, kept))
        history.add(evaluation)
        made.append(weakref.ref(evaluation))
    del evaluation
    gc.collect()
    assert [one() is not None for one in made] == [False] * 49 + [True]
    assert len(history.table) == 50
    assert all(len(one.missed) == 50 for one in history.worst_ranges())


def test_nothing_yet():
    assert History().table.empty
    assert History().worst_ranges() == ()


@pytest.mark.parametrize("epoch", [True, "3", float("nan"), 10**400])
def test_an_epoch_is_a_number(evaluations, epoch):
    with pytest.raises(InvalidInputError) as refused:
        History().add(evaluations[0], epoch)
    assert str(refused.value) == f"`epoch` is {shown(epoch)}. Give a number, such as 3."


def test_other_labels_are_refused_with_the_counts(history, evaluations):
    dataset = evaluations[0].dataset
    fewer = ea.Dataset.from_frames(dataset.images, dataset.labels.iloc[5:], dataset.predictions)
    before = history.table
    with pytest.raises(InvalidInputError) as refused:
        history.add(fewer)
    assert str(refused.value) == (
        "`evaluation` is not on the same data: 5 labels are of 'the checkpoints before' only and "
        "0 of 'this one' only. Use the same labels."
    )
    pd.testing.assert_frame_equal(history.table, before)
