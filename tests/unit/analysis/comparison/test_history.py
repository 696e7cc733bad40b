"""Checkpoints on the same labels: scores, and the worst ranges of the last one followed back."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.analysis.comparison import History
from ea_widgets.analysis.comparison.kept_rates import keep_rates
from ea_widgets.analysis.ranges.facts import RangeEnds
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


@pytest.mark.parametrize("outcome", ["missed", "true_positive"])
def test_ranges_are_the_last_one_s_and_rates_those_of_each(history, evaluations, outcome):
    last = evaluations[-1]
    named = last.at(0.5, 0.2).worst_ranges(5, outcome)
    ranges = history.worst_ranges(5, outcome)
    assert [one.metric for one in ranges] == named["metric"].tolist()
    assert len(ranges) > 0
    for one, row in zip(ranges, named.to_dict("records"), strict=True):
        assert (one.outcome, one.n) == (outcome, row["n"])
        assert one.errors[-1] == (row["rate"] if outcome == "missed" else 1 - row["rate"])
        assert one.words.startswith(f"{one.metric} ")
        assert one.words.removeprefix(one.metric) in row["sentence"]
        for rate, evaluation in zip(one.errors, evaluations, strict=True):
            assert rate == pytest.approx(
                naive_rate(evaluation, row, outcome), abs=1e-12, nan_ok=True
            )


def naive_rate(evaluation, row, outcome):
    side = "labels" if outcome == "missed" else "predictions"
    error = "missed" if outcome == "missed" else "false_positive"
    outcomes = getattr(evaluation.at(0.5, 0.2).matches(), side)["outcome"]
    objects = getattr(evaluation.dataset, side).join(outcomes)
    # Neither ignored, nor a crowd, nor below the threshold.
    objects = objects[objects["outcome"].isin(["found", "true_positive", error])]
    name = row["metric"].rsplit(" (", 1)[0]
    if name not in objects:
        images = evaluation.dataset.images.set_index("image_id")[name]
        objects[name] = objects["image_id"].map(images)
    if row["isin"] is not None:
        inside = objects[objects[name].isin(row["isin"])]
    else:
        inside = objects[objects[name].between(row["low"], row["high"])]
    return (inside["outcome"] == error).mean()


def test_order_of_labels_and_of_epochs_does_not_matter(history, evaluations):
    other = History(0.5, 0.2)
    for epoch in (3, 1, 4, 2):
        dataset = evaluations[epoch - 1].dataset
        labels = dataset.labels.sample(frac=1, random_state=epoch)
        other.add(ea.Dataset.from_frames(dataset.images, labels, dataset.predictions), epoch)
    pd.testing.assert_frame_equal(other.table, history.table)
    for outcome in ("missed", "true_positive"):
        both = (each.worst_ranges(5, outcome) for each in (other, history))
        for one, same in zip(*both, strict=True):
            assert one.words == same.words
            np.testing.assert_allclose(one.errors, same.errors, atol=1e-12)


def test_an_epoch_that_is_there_is_replaced(history, evaluations):
    history.add(evaluations[2], 4)
    assert len(history) == 4
    assert history.table.loc[4.0].equals(history.table.loc[3.0])
    assert history.worst_ranges()
    for outcome in ("missed", "true_positive"):
        for one in history.worst_ranges(5, outcome):
            assert one.errors[3] == pytest.approx(one.errors[2], abs=1e-12, nan_ok=True)


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
    assert all(len(one.errors) == 50 for one in history.worst_ranges())


def large(n, rng):
    """A checkpoint of very many predictions whose metric has as many values."""
    number = np.arange(400)
    images = pd.DataFrame({"image_id": number, "width": 10_000, "height": 100})
    box = {"class_name": "ant", "y": 0.0, "width": 10.0, "height": 10.0}
    labels = pd.DataFrame({"image_id": np.tile(number, 10), "x": 20.0 * (np.arange(4000) // 400)})
    predictions = pd.DataFrame({"image_id": rng.permutation(n) % 400, **box})
    predictions["confidence"], predictions["Size"] = rng.random((2, n))
    # Small ones are right more often.
    reach = 20 + 300 * predictions["Size"]
    predictions["x"] = 20.0 * (rng.random(n) * reach).astype(int)
    return ea.Evaluation(ea.Dataset.from_frames(images, labels.assign(**box), predictions))


def test_memory_is_bounded_and_many_values_are_counted_in_steps():
    rng, n = np.random.default_rng(0), 30_000
    evaluation = large(n, rng)
    sample = evaluation.at(0.5).matched_data.sample("P", evaluation.at(0.5).query)
    kept = keep_rates(sample)["Size (P)"]
    assert kept.steps.nbytes + kept.n.nbytes + kept.errors.nbytes <= 4096 * 16 + 8
    size = evaluation.dataset.predictions["Size"]
    outcome = evaluation.matches(0.5).predictions["outcome"]
    wrong = outcome == "false_positive"
    assert set(outcome) == {"false_positive", "true_positive"}
    assert (~wrong).mean() > 0.05
    for low, high in np.sort(rng.random((40, 2))):
        inside = size.between(low, high)
        if inside.sum() < n / 20:
            continue  # the finder names no range of less than a bin
        rate = kept.rate(RangeEnds(low=low, high=high))
        # At most a step of n / 4096 predictions too many or too few at each end.
        assert abs(rate - wrong[inside].mean()) <= 2 * (n / 4096 + 1) / inside.sum()
    assert kept.rate(RangeEnds(low=0, high=1)) == wrong.mean()
    assert np.isnan(kept.rate(RangeEnds(low=2, high=3)))


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
