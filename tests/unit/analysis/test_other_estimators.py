"""Raw mutual information, Pearson and Spearman against scikit-learn, pandas and scipy."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

import ea_widgets as ea


@pytest.fixture(scope="module")
def rows(evaluation, frames):
    """Metrics and outcomes of the predictions that count, in the order of the frame."""
    images, _, predictions = frames
    matches = evaluation.matches().predictions
    counted = matches[matches["outcome"].isin(["true_positive", "false_positive"])]
    table = predictions.loc[counted.index].merge(images, on="image_id", how="left")
    hit = (counted["outcome"] == "true_positive").to_numpy()
    return table.assign(hit=hit, iou_of_hit=np.where(hit, counted["iou"], 0.0))


@pytest.mark.parametrize("outcome", ["iou", "true_positive"])
def test_mutual_information_is_scikit_learns(evaluation, rows, outcome):
    table = evaluation.importance(method="mutual_info", outcome=outcome)
    complete = ["Fog", "Size", "Noise", "Constant"]
    oracle = mutual_info_regression if outcome == "iou" else mutual_info_classif
    target = rows["iou_of_hit"] if outcome == "iou" else rows["hit"]
    expected = oracle(rows[complete].to_numpy(), target.to_numpy(), random_state=42)
    names = ["Fog (F)", "Size (P)", "Noise (P)", "Constant (P)"]
    assert table.loc[names, "importance"].tolist() == pytest.approx(expected.tolist(), abs=1e-12)
    present = rows["Gaps"].notna()
    alone = oracle(rows.loc[present, ["Gaps"]].to_numpy(), target[present], random_state=42)
    assert table.loc["Gaps (P)", "importance"] == pytest.approx(alone[0], abs=1e-12)


def test_correlation_is_pandas_corrwith(evaluation, rows):
    columns = ["Fog", "Size", "Noise", "Gaps"]
    found = evaluation.importance()["correlation"]
    expected = rows[columns].corrwith(rows["hit"].astype(float))
    for name in columns:
        shown = f"{name} (F)" if name == "Fog" else f"{name} (P)"
        assert found[shown] == pytest.approx(expected[name], abs=1e-12)
    iou = evaluation.importance(method="mutual_info", outcome="iou")["correlation"]
    expected = rows[columns].corrwith(rows["iou_of_hit"])
    assert iou["Gaps (P)"] == pytest.approx(expected["Gaps"], abs=1e-12)
    assert np.isnan(iou["Constant (P)"])


@pytest.mark.parametrize("outcome", ["iou", "true_positive"])
def test_spearman_is_scipys_ties_included(frames, outcome):
    images, labels, predictions = frames
    images = images.assign(Fog=images["Fog"].round(1))
    ties = predictions.assign(Size=predictions["Size"] // 800, Noise=predictions["Noise"].round(1))
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, ties))
    matches = evaluation.matches().predictions
    counted = matches[matches["outcome"].isin(["true_positive", "false_positive"])]
    hit = counted["outcome"] == "true_positive"
    target = np.where(hit, counted["iou"] if outcome == "iou" else 1.0, 0.0)
    joined = ties.loc[counted.index].merge(images, on="image_id", how="left")
    method = "mutual_info" if outcome == "iou" else "uncertainty"
    found = evaluation.importance(outcome=outcome, method=method, correlation="spearman")
    for name in ("Fog", "Size", "Noise", "Gaps"):
        shown = f"{name} (F)" if name == "Fog" else f"{name} (P)"
        present = joined[name].notna().to_numpy()
        exact = spearmanr(joined[name].to_numpy()[present], target[present]).statistic
        assert found.loc[shown, "correlation"] == pytest.approx(exact, abs=1e-12), name
    assert np.isnan(found.loc["Constant (P)", "correlation"])


def test_intervals_of_spearman_hold_spearman(evaluation):
    table = evaluation.importance(settled=True, correlation="spearman").drop("Constant (P)")
    assert (table["correlation_low"] < table["correlation"]).all()
    assert (table["correlation"] < table["correlation_high"]).all()


def test_too_few_rows_for_neighbours_have_no_mutual_information(evaluation):
    table = evaluation.importance(confidence_threshold=1.0, method="mutual_info", outcome="iou")
    assert table["importance"].tolist() == [0] * 5
