"""Summaries of two models side by side, beside a comparison of their evaluations."""

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from tests.unit.summary.conftest import made_dataset


@pytest.fixture(scope="module")
def models():
    old = made_dataset(3)
    rng = np.random.default_rng(8)
    found = old.predictions[rng.random(len(old.predictions)) < 0.8].copy()
    found["confidence"] = rng.integers(0, 100, len(found)) / 100
    return {"old": old, "new": ea.Dataset.from_frames(old.images, old.labels, found)}


@pytest.fixture(scope="module")
def summaries(models):
    first = ea.summarize(models["old"])
    return {"old": first, "new": ea.summarize(models["new"], first.binning)}


@pytest.mark.parametrize("classes", [(), ("ant", "dog")])
@pytest.mark.parametrize("confidence", [None, 0.3, {"old": 0.5, "new": 0.3}])
def test_scores_and_differences_are_those_of_evaluations(models, summaries, confidence, classes):
    expected = ea.compare(models).at(0.75, confidence, classes).scores()
    found = ea.compare(summaries).at(0.75, confidence, classes).scores()
    columns = list(expected.table)
    pd.testing.assert_frame_equal(found.table[columns], expected.table, rtol=1e-9, atol=1e-12)
    ap = expected.per_class["average_precision_difference"]
    own = found.per_class["average_precision_difference"].loc[ap.index]
    np.testing.assert_allclose(own, ap, atol=1e-12)


@pytest.mark.parametrize("metric", ["Size (P)", "Size", "Fog (F)", "Gaps (O)"])
def test_curves_have_the_same_bins_and_the_rates_of_evaluations(models, summaries, metric):
    curve = ea.compare(summaries).at(0.5, 0.3).curve(metric)
    for name, dataset in models.items():
        own = curve.curves[name]
        view = ea.Evaluation(dataset).at(0.5, 0.3)
        edges = {}
        for side, level in (("predictions", "P"), ("labels", "O")):
            table = getattr(own, side)
            ends = (*table["bin_low"], table["bin_high"].iloc[-1])
            edges[f"{own.metric} ({level})"] = edges[f"{own.metric} (F)"] = ends
        if metric != "Fog (F)":
            whole = view.curve(metric, ea.Binning(edges))
            for side in ("predictions", "labels"):
                assert getattr(own, side)["rate"].tolist() == getattr(whole, side)["rate"].tolist()
    for side in ("predictions", "labels"):
        table = getattr(curve, side)
        old, new = (table[table["model"] == name].set_index("bin_low") for name in models)
        assert old.index.equals(new.index)
        np.testing.assert_allclose(new["difference"], new["rate"] - old["rate"], atol=1e-15)
        assert old["difference"].isna().all()


def test_a_model_compared_with_itself_differs_nowhere(summaries):
    view = ea.compare({"a": summaries["old"], "b": summaries["old"]}).at(0.5)
    row = view.scores().table.loc["b"]
    assert (row[[name for name in row.index if name.endswith("_difference")]] == 0).all()
    labels = view.curve("Size").labels.query("model == 'b'")
    assert (labels[["difference", "difference_low", "difference_high"]] == 0).all(axis=None)
    settled = view.scores(settled=True).table.loc["b"]
    assert settled["f1_difference_low"] == settled["f1_difference_high"] == 0


def test_what_cannot_be_compared_is_refused_by_its_name(models, summaries):
    other_bins = ea.summarize(models["new"], ea.Evaluation(models["new"]).binning(8))
    with pytest.raises(ea.SummaryMismatchError, match="`binning` is not the same"):
        ea.compare({"old": summaries["old"], "new": other_bins})
    halves = models["new"].subset(np.arange(60) < 30)
    with pytest.raises(ea.SummaryMismatchError, match="`images` of 'new' are not those of 'old'"):
        ea.compare({"old": summaries["old"], "new": ea.summarize(halves, summaries["old"].binning)})
    fewer = ea.Dataset.from_frames(
        models["new"].images, models["new"].labels.iloc[:-20], models["new"].predictions
    )
    with pytest.raises(ea.SummaryMismatchError, match="`labels` of 'new'"):
        ea.compare({"old": summaries["old"], "new": ea.summarize(fewer, summaries["old"].binning)})
    with pytest.raises(ea.InvalidInputError, match="summaries and others"):
        ea.compare({"old": summaries["old"], "new": models["new"]})
    with pytest.raises(ea.InvalidInputError, match="no single images"):
        ea.compare(summaries, "shared")
    with pytest.raises(ea.InvalidInputError, match="Give at least two"):
        ea.compare({"old": summaries["old"]})
    compared = ea.compare(summaries)
    with pytest.raises(ea.NotAnswerableError) as caught:
        compared.at(0.52)
    assert caught.value.nearest == 0.5
    with pytest.raises(ea.InvalidInputError, match="Did you mean 'new'"):
        compared.at(0.5, {"neww": 0.3})
    with pytest.raises(ea.InvalidInputError, match="Did you mean 'ant'"):
        compared.at(classes=("ants",))
    assert compared["new"] is summaries["new"]


@pytest.fixture(scope="module")
def many():
    """Two models on 600 images: the second misses what is small, and lets some noise in."""
    old = made_dataset(5, 600, 5000, 9000)
    rng = np.random.default_rng(9)
    found = old.predictions
    size = found["Size"].rank(pct=True)
    found = found[rng.random(len(found)) < 0.5 + 0.5 * size].copy()
    moved = rng.random(len(found)) < 0.1
    found["x"] = found["x"].where(~moved, found["x"] + 2000)
    models = {"old": old, "new": ea.Dataset.from_frames(old.images, old.labels, found)}
    first = ea.summarize(old)
    return ea.compare(models), ea.compare(
        {"old": first, "new": ea.summarize(models["new"], first.binning)}
    )


@pytest.mark.parametrize("classes", [(), ("bee",)])
def test_intervals_of_differences_are_about_those_of_evaluations(many, classes):
    exact, counted = (one.at(0.5, 0.3, classes).scores(settled=True).table for one in many)
    ratios = []
    for name in ("mean_average_precision", "precision", "recall", "f1"):
        pair = [
            table.loc["new", f"{name}_difference_high"] - table.loc["new", f"{name}_difference_low"]
            for table in (counted, exact)
        ]
        ratios.append(pair[0] / pair[1])
        # Not paired, it would be wider.
        alone = (
            counted.loc[["old", "new"], f"{name}_high"] - counted.loc[["old", "new"], f"{name}_low"]
        )
        assert pair[0] < 1.1 * np.sqrt((alone**2).sum())
    assert 0.8 < np.median(ratios) < 1.25, ratios


@pytest.mark.parametrize("metric", ["Size", "Noise", "Fog (F)"])
def test_intervals_along_a_curve_are_about_those_of_evaluations(many, metric):
    exact, counted = (one.at(0.5, 0.3) for one in many)
    curve = counted.curve(metric)
    ratios = []
    for side in ("predictions", "labels"):
        one, other = (
            table[table["model"] == "new"]
            for table in (getattr(curve, side), getattr(exact.curve(metric), side))
        )
        width, theirs = (
            (t["difference_high"] - t["difference_low"]).to_numpy() for t in (one, other)
        )
        ratios.append(np.nanmedian(width) / np.nanmedian(theirs))
        assert (one["difference_low"] <= one["difference"]).all()
        assert (one["difference"] <= one["difference_high"]).all()
    assert 0.8 < np.mean(ratios) < 1.25, ratios


def test_at_a_threshold_without_groups_intervals_are_those_of_the_nearest(many):
    _, counted = many
    at, near = (counted.at(iou, 0.3).curve("Size").labels for iou in (0.5, 0.55))
    widths = [(t["difference_high"] - t["difference_low"]).median() for t in (at, near)]
    assert widths[1] == pytest.approx(widths[0], rel=0.3)
