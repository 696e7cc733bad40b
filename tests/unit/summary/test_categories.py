"""Categorical metrics in a summary, beside an evaluation of the same data."""

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from tests.unit.summary.conftest import made_dataset

CLASSES = [(), ("ant",), ("cat", "dog")]


def with_categories(seed=0, n_cameras=4, **sizes):
    """Weather of images, a camera and a truth value of objects; rain and one camera are hard."""
    dataset, rng = made_dataset(seed, **sizes), np.random.default_rng(seed)
    images, labels, predictions = dataset.images, dataset.labels, dataset.predictions
    weather = rng.choice(["sun", "rain", "snow"], len(images), p=[0.6, 0.3, 0.1])
    images = images.assign(Weather=weather)
    frames = []
    for frame in (labels, predictions):
        code = np.minimum(rng.geometric(0.4, len(frame)) - 1, n_cameras - 1)
        camera = pd.Series([f"camera {number}" for number in code]).where(
            rng.random(len(frame)) < 0.9
        )
        night = rng.random(len(frame)) < 0.3
        frames.append(frame.assign(Camera=camera.to_numpy(), Night=night))
    hard = frames[1]["Night"] | (frames[1]["Camera"] == "camera 1")
    wrong = hard & (rng.random(len(hard)) < 0.8)
    frames[1]["x"] = frames[1]["x"].where(~wrong, frames[1]["x"] + 2000)
    return ea.Dataset.from_frames(images, *frames)


@pytest.fixture(scope="module")
def both():
    evaluation = ea.Evaluation(with_categories())
    return evaluation, ea.summarize(evaluation)


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("outcome", ["true_positive", "missed"])
def test_importance_of_categories_is_that_of_an_evaluation(both, outcome, classes):
    evaluation, summary = both
    for iou, confidence in ((0.5, None), (0.75, 0.3)):
        expected = evaluation.at(iou, confidence, classes).importance(outcome)
        found = summary.at(iou, confidence, classes).importance(outcome).loc[expected.index]
        np.testing.assert_allclose(found["importance"], expected["importance"], atol=1e-12)
        np.testing.assert_allclose(found["correlation"], expected["correlation"], atol=1e-6)
        assert found["kind"].tolist() == expected["kind"].tolist()
        assert found["n"].tolist() == expected["n"].tolist()
    if outcome == "true_positive" and not classes:
        assert expected.loc["Night (P)", "importance"] > 0.03


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("metric", ["Camera", "Night", "Weather", "Weather (F)"])
def test_curves_of_categories_are_those_of_an_evaluation(both, metric, classes):
    evaluation, summary = both
    for by_class in (False, True):
        expected = evaluation.at(0.5, 0.3, classes).curve(metric, by_class=by_class)
        found = summary.at(0.5, 0.3, classes).curve(metric, by_class=by_class)
        for side in ("predictions", "labels"):
            one, other = (
                getattr(curve, side).sort_values(["class_name", "n", "category"], ignore_index=True)
                for curve in (found, expected)
            )
            columns = ["class_name", "category", "n", "rate"]
            pd.testing.assert_frame_equal(one[columns], other[columns], check_exact=True)
            assert (one["rate_low"] <= one["rate"]).all()


def test_noise_floors_tell_what_matters_from_what_does_not(both):
    evaluation, summary = both
    expected = evaluation.at(0.5).importance(settled=True)
    found = summary.at(0.5).importance(settled=True).loc[expected.index]
    for name in ("Night (P)", "Camera (P)", "Noise (P)"):
        assert found.loc[name, "distinguishable"] == expected.loc[name, "distinguishable"], name
    assert found.loc["Night (P)", "distinguishable"]
    assert not found.loc["Weather (F)", "distinguishable"]
    width = found["importance_high"] - found["importance_low"]
    theirs = expected["importance_high"] - expected["importance_low"]
    np.testing.assert_allclose(width["Night (P)"], theirs["Night (P)"], rtol=0.3)


def test_any_split_gives_the_same_categories(both):
    evaluation, summary = both
    dataset = evaluation.dataset
    part = np.random.default_rng(2).integers(0, 3, len(dataset.images))
    parts = [dataset.subset(part == number) for number in range(3)]
    assert ea.summarize(parts).to_bytes() == summary.to_bytes()
    assert ea.Summary.from_bytes(summary.to_bytes()).binning == summary.binning
    assert {*summary.binning.categories["Camera (P)"]} == {f"camera {n}" for n in range(4)}
    assert summary.binning.categories["Night (P)"] == (False, True)


def test_rare_categories_are_together_and_counted():
    dataset = with_categories(1, n_cameras=40)
    predictions = dataset.predictions
    number = np.random.default_rng(1).integers(0, 90, len(predictions))
    many = predictions.assign(Camera=[f"camera {one:02}" for one in number])
    summary = ea.summarize(ea.Dataset.from_frames(dataset.images, dataset.labels, many))
    known = summary.binning.categories["Camera (P)"]
    assert len(known) == 63
    table = summary.at(0.5).curve("Camera (P)").predictions
    assert table["category"].tolist()[-1] == "other"
    assert len(table) == 21
    assert table["n"].min() >= 1
    others = ~many["Camera"].isin(known)
    counted = summary.at(0.5).counts.together("P").rows[summary.settings.columns("P")["Camera (P)"]]
    assert counted[63] == others.sum() > 0
    assert counted.sum() == len(many)


def test_examples_of_a_category(both):
    _, summary = both
    page = summary.at(0.5).objects_in_range("Camera (P)", isin=["camera 1"], kind="false_positive")
    assert page.total > 20
    assert set(page.rows["value"]) == {"camera 1"}


def test_a_metric_of_another_kind_in_a_part_is_refused(both):
    evaluation, summary = both
    frames = evaluation.dataset.images, evaluation.dataset.labels, evaluation.dataset.predictions
    numbers = frames[2].assign(Camera=np.arange(len(frames[2]), dtype=float))
    other = ea.Dataset.from_frames(*frames[:2], numbers)
    with pytest.raises(ea.SummaryMismatchError, match="'Camera \\(P\\)', which is not categorical"):
        ea.summarize(other, summary.binning)
    with pytest.raises(ea.SummaryMismatchError, match=r"have other metrics: some are numbers"):
        ea.summarize([evaluation.dataset, other])


def test_models_are_compared_by_category(both):
    _, summary = both
    curve = ea.compare({"a": summary, "b": summary}).at(0.5).curve("Camera")
    assert (curve.predictions.query("model == 'b'")["difference"] == 0).all()
