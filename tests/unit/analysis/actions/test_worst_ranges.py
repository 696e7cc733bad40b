from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.analysis.actions.rule_parts import in_range
from ea_widgets.analysis.actions.worst_ranges import is_news
from tests.conftest import usual_or_all


def planted(seed, n_frames=150, per_frame=20, *, low=None, high=None, rate=0.3, of_frame=False):
    """One label and one prediction on it, or beside it where it is wrong; metrics of noise.

    Between `low` and `high` of the planted metric 75 % are wrong, elsewhere `rate`; frames differ
    in difficulty. `Twin` goes with the planted metric.
    """
    rng = np.random.default_rng(seed)
    n = n_frames * per_frame
    frame = np.repeat(np.arange(n_frames), per_frame)
    images = pd.DataFrame({"image_id": np.arange(n_frames), "width": 4000, "height": 40})
    for number in range(4):
        images[f"Frame noise {number}"] = rng.random(n_frames)
    metrics = pd.DataFrame(rng.random((n, 6)), columns=[f"Noise {k}" for k in range(6)])
    metrics["Planted"] = rng.random(n_frames)[frame] if of_frame else rng.random(n)
    metrics["Twin"] = metrics["Planted"] ** 2 + rng.normal(0, 0.01, n)
    odds = np.log(rate / (1 - rate)) + rng.normal(0, 0.7, n_frames)[frame]
    wrong = rng.random(n) < 1 / (1 + np.exp(-odds))
    if low is not None:
        inside = metrics["Planted"].between(low, high).to_numpy()
        wrong[inside] = rng.random(inside.sum()) < 0.75
    box = pd.DataFrame({"image_id": frame, "class_name": rng.choice(["ant", "bee"], n)})
    box["x"], box["y"] = np.tile(np.arange(per_frame) * 100.0, n_frames), 5.0
    box["width"] = box["height"] = 20.0
    predictions = box.assign(x=box["x"] + 50 * wrong, confidence=0.5)
    return ea.Dataset.from_frames(
        images,
        pd.concat([box, metrics], axis=1),
        pd.concat([predictions, metrics], axis=1),
    )


SEEDS = range(usual_or_all(6, 20))
OUTCOMES = ("true_positive", "missed")


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("by_class", [False, True])
def test_nothing_of_noise_is_strong(outcome, by_class):
    tables = [
        ea.Evaluation(planted(seed)).worst_ranges(outcome=outcome, by_class=by_class, settled=True)
        for seed in SEEDS
    ]
    assert sum((table["strength"] == "strong").any() for table in tables) <= 1


@pytest.mark.parametrize(
    ("low", "high", "of_frame"),
    [(0.0, 0.1, False), (0.4, 0.5, False), (0.85, 1.0, False), (0.4, 0.6, True)],
)
def test_the_planted_range_is_the_first_and_its_twin_is_not_named_again(low, high, of_frame):
    first = alone = 0
    for seed in SEEDS:
        dataset = planted(seed, low=low, high=high, of_frame=of_frame)
        table = ea.Evaluation(dataset).worst_ranges(settled=True)
        table = table[table["strength"] == "strong"]
        best = table.iloc[0]
        assert best["metric"] in {"Planted (P)", "Twin (P)"}
        # The twin is the square: either may win, the range is the same.
        power = 1 if best["metric"] == "Planted (P)" else 0.5
        found = np.maximum([best["low"], best["high"]], 0) ** power
        shared = min(found[1], high) - max(found[0], low)
        first += shared / (max(found[1], high) - min(found[0], low)) > 0.5
        alone += len(table) == 1
    assert first >= 0.95 * len(SEEDS)
    assert alone >= 0.9 * len(SEEDS)


@pytest.fixture(scope="module")
def evaluation():
    return ea.Evaluation(planted(0, low=0.4, high=0.5))


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("classes", [(), ("bee",)])
def test_every_number_is_what_pandas_counts(evaluation, outcome, classes):
    table = evaluation.worst_ranges(outcome=outcome, by_class=True, classes=classes, settled=True)
    assert len(table)
    matches = evaluation.matches(classes=classes)
    dataset = evaluation.dataset
    kind = "labels" if outcome == "missed" else "predictions"
    result = getattr(matches, kind)
    error = result["outcome"] == ("missed" if outcome == "missed" else "false_positive")
    for row in table.itertuples():
        values = getattr(dataset, kind)[row.metric[:-4]].loc[result.index].to_numpy()
        group = (result["class_name"] == row.class_name) | (row.class_name == "all")
        inside = in_range(values, row.low, row.high) & group.to_numpy()
        assert row.n == inside.sum()
        assert row.errors == error[inside].sum()
        rate, average = error[inside].mean(), error[group].mean()
        if outcome == "true_positive":
            rate, average = 1 - rate, 1 - average
        assert row.rate == pytest.approx(rate)
        assert row.average == pytest.approx(average)
        assert row.rate_low <= row.rate <= row.rate_high
        assert row.share_of_errors == pytest.approx(row.errors / error.sum())
        expected = row.n * error[group].mean()
        assert row.excess_errors == pytest.approx(row.errors - expected)


def test_the_sentence_says_what_the_row_holds(evaluation):
    for settled, strength in ((False, ""), (True, " Strong\\.")):
        row = evaluation.worst_ranges(settled=settled).iloc[0]
        assert re.fullmatch(
            r"Predictions with Planted between 0\.\d+ and 0\.\d+: \d+ % of the false positives "
            r"\(\d+\), in \d+ % of the predictions\. Precision [23]\d % "
            r"\(\d+ to \d+ %; overall 6\d %\)\." + strength,
            row["sentence"],
        )
        assert row["strength"] == strength.strip(" .\\").lower()
        assert np.isnan(row["p_value"]) != settled
    missed = evaluation.worst_ranges(outcome="missed").iloc[0]["sentence"]
    assert missed.startswith("Objects with Planted between ")
    assert re.search(r" Missed rate [67]\d % ", missed)


@pytest.mark.parametrize("by_class", [False, True])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_edges_without_errors_or_rows(outcome, by_class):
    dataset = planted(0, n_frames=3)
    images, labels, predictions = dataset.images, dataset.labels, dataset.predictions
    for frames in (
        (images, labels, predictions),
        (images, labels, predictions[:0]),
        (images, labels[:0], predictions),
        (images[:0], labels[:0], predictions[:0]),
    ):
        evaluation = ea.Evaluation(ea.Dataset.from_frames(*frames))
        for confidence_threshold in (0.0, 1.0):  # at 1, no prediction is left
            table = evaluation.worst_ranges(
                outcome=outcome, by_class=by_class, confidence_threshold=confidence_threshold
            )
            assert len(table) == 0
            assert list(table)[:4] == ["metric", "class_name", "low", "high"]
            assert table["n"].dtype == np.int64


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "`n` is 0. Give a whole number from 1 up."),
        (
            {"outcome": "found"},
            "`outcome` has no option 'found'. Options: 'true_positive', 'missed'.",
        ),
    ],
)
def test_other_arguments_are_refused(evaluation, arguments, message):
    with pytest.raises(ea.InvalidInputError, match=f"^{re.escape(message)}$"):
        evaluation.worst_ranges(**arguments)


WARNING = " Needs labels: it explains errors, and cannot filter new predictions."


def test_a_range_that_no_rule_for_new_images_can_use_says_so():
    dataset = planted(0, low=0.4, high=0.6, of_frame=True)
    frames = [dataset.images, dataset.labels, dataset.predictions]
    count = frames[2].groupby("image_id")["Planted"].first()
    frames[0] = frames[0].assign(**{"Object Count": frames[0]["image_id"].map(count)})
    frames[1:] = [frame.drop(columns=["Planted", "Twin"]) for frame in frames[1:]]
    evaluation = ea.Evaluation(ea.Dataset.from_frames(*frames))
    wrong, missed = (
        evaluation.worst_ranges(1, outcome, settled=True).iloc[0] for outcome in OUTCOMES
    )
    assert wrong["metric"] == missed["metric"] == "Object Count (F)"
    assert wrong["sentence"].endswith(f" %). Strong.{WARNING}")
    assert missed["sentence"].endswith(" %). Strong.")


def test_confidence_is_no_range_to_look_into():
    dataset = planted(0, low=0.4, high=0.5)
    sure = dataset.predictions.rename(columns={"Planted": "Model Confidence"})
    sure = sure.rename(columns={"Twin": "Random Values on Objects"}).assign(Other=sure["Twin"])
    evaluation = ea.Evaluation(ea.Dataset.from_frames(dataset.images, dataset.labels, sure))
    table = evaluation.worst_ranges(settled=True)
    assert table["metric"].tolist() == ["Other (P)"]
    # Under its own curve it is spoken of all the same.
    (said,) = (one for one in evaluation.sentences("Model Confidence", settled=True))
    assert said.facts["strength"] == "strong"


@pytest.mark.parametrize(("named", "news"), [(600, False), (200, True)])
def test_a_range_is_news_only_if_much_of_its_excess_was_in_none_before(named, news):
    """The first rows were named before. Beyond chance the rest exceeds the average either way."""
    row = np.arange(2000)
    error = np.where(row < 600, 1, np.where(row < 1000, row % 2, row % 10 == 0)).astype(bool)
    inside, covered = row < 1000, row < named
    residual = error[named:1000] - error[~covered].mean()
    assert residual.sum() > 1.96 * (residual**2).sum() ** 0.5  # no matter of chance
    excess_of_all = error[:1000].sum() - 1000 * error.mean()
    assert (residual.sum() > 0.5 * excess_of_all) == news
    assert is_news(error, row, inside, covered) == news


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_list_and_sentences_say_the_same(evaluation, outcome, settled):
    table = evaluation.worst_ranges(9, outcome, settled=settled)
    assert len(table)
    for row in table.to_dict("records"):
        spoken = {
            one.text: one.facts for one in evaluation.sentences(row["metric"], settled=settled)
        }
        facts = spoken[row["sentence"]]
        for key in ("n", "errors", "rate", "rate_low", "rate_high", "average", "z", "strength"):
            assert facts[key] == row[key]


def test_a_metric_made_from_labels_hides_no_other_one():
    """Both say the same of predictions: the one that a rule can use is named."""
    dataset = planted(0, low=0.4, high=0.6, of_frame=True)
    frames = [dataset.images, dataset.labels, dataset.predictions]
    count = frames[2].groupby("image_id")["Planted"].first()
    frames[0] = frames[0].assign(
        **{
            "Object Count": frames[0]["image_id"].map(count),
            "Shade": frames[0]["image_id"].map(count),
        }
    )
    frames[1:] = [frame.drop(columns=["Planted", "Twin"]) for frame in frames[1:]]
    evaluation = ea.Evaluation(ea.Dataset.from_frames(*frames))
    found = evaluation.worst_ranges(settled=True)
    assert found["metric"].iloc[0] == "Shade (F)"
    assert "Object Count (F)" not in found["metric"].tolist()


def test_without_metrics_there_are_no_ranges_also_beside_a_crowd():
    boxes = [[5.0, 5, 20, 20], [40, 5, 20, 20], [5, 40, 20, 20]]
    labels = {
        "images": [{"id": 1, "width": 99, "height": 99}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [
            {"id": n, "image_id": 1, "category_id": 1, "bbox": box, "iscrowd": int(n == 1)}
            for n, box in enumerate(boxes, 1)
        ],
    }
    found = [
        {"image_id": 1, "category_id": 1, "bbox": box, "score": 0.5}
        for box in [*boxes, [70.0, 70, 9, 9]]
    ]
    view = ea.Evaluation(ea.read_coco(labels, found)).at()
    assert view.worst_ranges().empty
