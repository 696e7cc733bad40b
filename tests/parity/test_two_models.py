"""Two real models on the same labels: the story in words, and what pairing is worth."""

from __future__ import annotations

import numpy as np
import pytest

import ea_widgets as ea
from ea_widgets.core.matching.average_precision import average_precision, matches_needed

LABELS = "voc100-formats/gts/coco_format_v1/instances_default.json"
MODELS = {
    "large": "voc100-formats/dets/coco_format/coco_dets.json",
    "tiny": "voc100-formats/second-model/yolov3tiny_coco_results.json",
}


@pytest.fixture(scope="module")
def comparison(shared_data):
    files = {name: shared_data / file for name, file in MODELS.items()}
    return ea.compare_coco(shared_data / LABELS, files)


def test_the_sentences_are_what_can_be_counted(comparison):
    change, of_area = comparison.changes().to_dict("records")
    assert change["sentence"] == (
        "Labels are missed 60 % of the time with tiny, 42 points more than with large (35 to 50); "
        "7 of them found by tiny only, 123 by large only."
    )
    table = comparison.labels()
    counts = table["change_tiny"].value_counts()
    assert (counts["gained"], counts["lost"]) == (7, 123)
    missed = [1 - comparison[name].scores().recall for name in MODELS]
    assert [change["baseline_rate"], change["rate"]] == pytest.approx(missed, abs=1e-12)
    # The paired interval by hand: how much each image adds to the difference.
    found = table[[f"found_{name}" for name in MODELS]].astype(float)
    by_image = (found["found_large"] - found["found_tiny"]).groupby(table["image_id"])
    n, more = by_image.size(), by_image.sum()
    part = (more - more.sum() / n.sum() * n) / n.sum()
    images = len(n)
    error = np.sqrt((part**2).sum() * images / (images - 1))
    half = (change["difference_high"] - change["difference_low"]) / 2
    assert half == pytest.approx(1.984 * error, rel=1e-3)
    assert of_area["sentence"].startswith(
        "Predictions with area between 1,657 and 6,870 are false positives 80 % of the time "
        "with tiny, 39 points more than with large ("
    )
    for name, rate in zip(MODELS, ("baseline_rate", "rate"), strict=True):
        outcome = comparison[name].matches().predictions["outcome"]
        area = comparison[name].dataset.predictions["area"]
        inside = area.between(of_area["low"], of_area["high"])
        assert of_area[rate] == (outcome[inside] == "false_positive").mean()


@pytest.fixture(scope="module")
def settled(comparison):
    return comparison.scores(settled=True).table


def widths(table, score):
    """Of the intervals of both models, and of their difference."""
    own = [table.loc[name, f"{score}_high"] - table.loc[name, f"{score}_low"] for name in MODELS]
    low, high = (table.loc["tiny", f"{score}_difference_{end}"] for end in ("low", "high"))
    return own, high - low


@pytest.mark.parametrize("score", ["mean_average_precision", "recall", "precision", "f1"])
def test_pairing_narrows_the_interval(settled, score):
    own, paired = widths(settled, score)
    assert paired < 0.96 * np.hypot(*own)


def test_the_paired_interval_of_map_is_that_of_images_drawn_again(comparison, settled):
    """Whole images drawn by other random numbers, and AP of the copies by the ordinary fold."""
    rng = np.random.default_rng(7)
    n_images = len(comparison["large"].dataset.images)
    drawn = rng.multinomial(n_images, np.full(n_images, 1 / n_images), 400)
    apart = np.subtract(*(map_of_draws(comparison[name], drawn) for name in ("tiny", "large")))
    expected = np.diff(np.quantile(apart, [0.025, 0.975]))[0]
    # So many draws leave 4 % of doubt; 100 images widen by Student's t.
    assert widths(settled, "mean_average_precision")[1] == pytest.approx(expected, rel=0.1)


def map_of_draws(evaluation, drawn):
    """Give mAP where image number i is there so many times; a row is a draw."""
    of_class, code = [], {key: at for at, key in enumerate(evaluation.dataset.images["image_id"])}
    labels = evaluation.dataset.labels
    matches = evaluation.matches().predictions
    matches = matches.sort_values("confidence", ascending=False, kind="stable")
    for name in evaluation.class_names:
        times = drawn[:, labels.loc[labels["class_name"] == name, "image_id"].map(code)]
        n_labels = times.sum(axis=1)
        mine = matches[matches["class_name"] == name]
        true = (mine["outcome"] == "true_positive").to_numpy()
        image = mine["image_id"].map(code).to_numpy()
        needed = matches_needed(n_labels)
        values = []
        for weights, labelled, levels in zip(drawn, n_labels, needed, strict=True):
            rank = np.flatnonzero(np.repeat(true, weights[image]))
            zeros = np.zeros(len(rank), int)
            values.append(average_precision(rank, zeros, np.array([labelled]), levels[None])[0])
        of_class.append(values)
    return np.nanmean(of_class, axis=0)
