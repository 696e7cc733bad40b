"""Reasons, importance, calibration and curves of two models: differences and how sure they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import ea_widgets as ea
from ea_widgets.analysis.comparison.paired_precision import drawn_curves
from ea_widgets.analysis.scores import replicates_of
from tests.unit.analysis.comparison.test_comparison import weaker
from tests.unit.analysis.conftest import small_frames


@pytest.fixture(scope="module")
def comparison():
    images, labels, predictions = small_frames()
    frames = {"old": predictions, "new": weaker(predictions)}
    return ea.compare(
        {name: ea.Dataset.from_frames(images, labels, one) for name, one in frames.items()}
    )


@pytest.fixture(scope="module")
def view(comparison):
    return comparison.at(0.5, 0.1)


@pytest.fixture(scope="module")
def with_itself(comparison):
    return ea.compare({"old": comparison["old"], "new": comparison["old"]}).at(0.5, 0.1)


def by_t(values, of_clusters, n):
    """Interval and p-value of a sum, by what each cluster adds to it."""
    error = of_clusters.std(ddof=1) * np.sqrt(n)
    reach = stats.t.ppf(0.975, n - 1) * error
    return values - reach, values + reach, 2 * stats.t.sf(abs(values) / error, n - 1)


def test_reasons_are_counted_and_their_differences_are_paired(view):
    table = view.reasons()
    for name in view.names:
        found = view[name].reasons()
        counts = [*found.prediction_counts, *found.label_counts]
        assert table[f"count_{name}"].tolist() == counts
    row = table[table["reason"] == "missed"].iloc[0]
    missed = []
    for name in view.names:
        labels = view[name].matches().labels
        is_missed = (labels["reason"] == "missed") & (labels["outcome"] == "missed")
        missed.append(is_missed.groupby(labels["image_id"]).sum())
    images = view["old"].dataset.images["image_id"]
    more = (missed[1] - missed[0]).reindex(images, fill_value=0).to_numpy(float)
    assert row["difference_new"] == more.sum() > 0
    found = [row[f"{end}_new"] for end in ("difference_low", "difference_high", "p_value")]
    np.testing.assert_allclose(found, by_t(more.sum(), more, len(images)), rtol=1e-9)


def test_overconfidence_is_paired(view):
    table = view.calibration()
    added, means = [], []
    for name in view.names:
        alone = view[name].calibration()
        assert table.loc[name, "error"] == alone.error
        assert table.loc[name, "overconfidence"] == alone.overconfidence
        found = view[name].matches().predictions
        found = found[found["outcome"].isin(["true_positive", "false_positive"])]
        excess = found["confidence"] - (found["outcome"] == "true_positive")
        means.append(excess.mean())
        added.append(((excess - excess.mean()) / len(excess)).groupby(found["image_id"]).sum())
    images = view["old"].dataset.images["image_id"]
    more = np.subtract(*(one.reindex(images, fill_value=0).to_numpy() for one in added[::-1]))
    row, column = table.loc["new"], "overconfidence_difference"
    assert row[column] == pytest.approx(means[1] - means[0], abs=1e-12)
    ends = [row[f"{column}_low"], row[f"{column}_high"], row["overconfidence_p_value"]]
    np.testing.assert_allclose(ends, by_t(means[1] - means[0], more, len(images)), rtol=1e-9)
    assert row["error_difference"] == row["error"] - table.loc["old", "error"]


def test_importance_has_paired_differences(view):
    table = view.importance("missed", settled=True)
    difference = table["importance_new"] - table["importance_old"]
    np.testing.assert_array_equal(table["difference_new"], difference)
    assert (table["difference_low_new"] <= difference).all()
    assert (table["difference_high_new"] >= difference).all()
    # The weaker model loses the small ones: size matters more to it.
    size = table.loc["Size (O)"]
    assert size["difference_low_new"] > 0
    assert size["p_value_new"] < 0.01
    assert (table["p_value_new"] > 0.2).any()
    ends = [f"{end}_new" for end in ("difference_low", "difference_high", "p_value")]
    assert [*view.importance("missed"), *ends] == list(table)


def test_precision_at_each_recall_has_a_paired_difference(view):
    table = view.precision_recall(settled=True)
    raw, rows = (table[table["kind"] == kind] for kind in ("raw", "interpolated"))
    ends = ["difference", "difference_low", "difference_high", "p_value"]
    assert raw[ends].isna().all(axis=None)
    old, new = (rows[rows["model"] == name].reset_index(drop=True) for name in view.names)
    assert old[ends].isna().all(axis=None)
    np.testing.assert_array_equal(new["recall"], old["recall"])
    np.testing.assert_array_equal(new["difference"], new["precision"] - old["precision"])
    known = new[new["difference_low"].notna()]
    assert set(known["class_name"]) < set(new["class_name"])  # a class is in fewer than 30 images
    assert (known["difference_low"] <= known["difference"]).all()
    assert (known["difference_high"] >= known["difference"]).all()
    # The mean over the levels is the difference of AP.
    scores = view.scores().per_class.loc["new", "average_precision_difference"]
    means = new.groupby("class_name", observed=True)["difference"].mean()
    np.testing.assert_allclose(means, scores[means.index], atol=1e-12)
    apart = (known["difference_low"] > 0) | (known["difference_high"] < 0)
    assert 0 < apart.sum() < len(apart)
    assert (known["p_value"][apart] < 0.055).all()
    assert (known["p_value"][~apart] > 0.045).all()
    pd.testing.assert_frame_equal(view.precision_recall(), table.drop(columns=ends[1:]))


def test_the_curves_of_resamples_begin_with_that_of_the_data(view):
    curves, n_clusters = drawn_curves(view["new"], None)
    table = view["new"].precision_recall()
    expected = table.loc[table["kind"] == "interpolated", "precision"]
    np.testing.assert_allclose(curves[0], expected, atol=1e-12)
    assert len(n_clusters) == len(expected)
    # Their means are the AP that the interval of the score is made of.
    score = replicates_of(view["new"].matched_data, view["new"].query)
    drawn = curves.reshape(len(curves), -1, 101).mean(axis=2)
    np.testing.assert_allclose(drawn, score.average_precision[: len(drawn)], atol=1e-12)


def test_a_bin_of_a_curve_differs_where_its_interval_excludes_0(view):
    rows = view.curve("Size").labels
    rows = rows[rows["model"] == "new"]
    apart = (rows["difference_low"] > 0) | (rows["difference_high"] < 0)
    assert apart.any()
    assert not apart.all()
    np.testing.assert_array_equal(rows["p_value"] < 0.05, apart)


def test_a_model_differs_from_itself_in_nothing(with_itself):
    reasons = with_itself.reasons()
    assert (reasons["p_value_new"] == 1).all()
    assert (reasons[["difference_new", "difference_low_new", "difference_high_new"]] == 0).all(
        axis=None
    )
    importance = with_itself.importance(settled=True)
    assert (importance["p_value_new"] == 1).all()
    assert (importance[["difference_low_new", "difference_high_new"]] == 0).all(axis=None)
    traced = with_itself.precision_recall(settled=True)
    traced = traced[(traced["model"] == "new") & (traced["kind"] == "interpolated")]
    traced = traced[traced["p_value"].notna()]
    assert len(traced)
    assert (traced["p_value"] == 1).all()
    assert (traced[["difference_low", "difference_high"]] == 0).all(axis=None)
    calibration = with_itself.calibration().loc["new"]
    assert calibration["overconfidence_p_value"] == 1
    assert calibration["overconfidence_difference_high"] == 0


def test_few_images_have_no_interval(comparison):
    few = [
        one.dataset.subset(images=one.dataset.images["image_id"].iloc[:6])
        for one in comparison.evaluations
    ]
    view = ea.compare(dict(zip(("old", "new"), few, strict=True))).at()
    assert view.reasons()["p_value_new"].isna().all()
    assert np.isnan(view.calibration().loc["new", "overconfidence_p_value"])
    assert view.importance(settled=True)["p_value_new"].isna().all()
    assert view.precision_recall(settled=True)["p_value"].isna().all()
