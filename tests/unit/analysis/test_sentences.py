"""Every number in a sentence, counted again with pandas from the matches and the frames."""

from __future__ import annotations

import re

import numpy as np
import pytest

import ea_widgets as ea
from tests.statistics.simulate import evaluation_of

NUMBER = r"(-?[\d,]+(?:\.\d+)?(?:e-\d+)?)"
RANGE = re.compile(
    rf"^(Predictions|Labels) (with|in images with) (.+?) "
    rf"(?:(below|above) {NUMBER}|between {NUMBER} and {NUMBER})(?: .*)? are (right|missed) "
    rf"{NUMBER} % of the time \({NUMBER} to {NUMBER} %; average {NUMBER} %\)\. "
    rf"They are {NUMBER} % of all (?:predictions|labels)(?: that have a value of .+?)? "
    rf"and {NUMBER} % of the (?:false positives|missed ones)\.$"
)


def table_of(evaluation, who, level, name, choice):
    """Values, frames and outcomes of the rows that count and have a value."""
    dataset, matches = evaluation.dataset, evaluation.matches(**choice)
    source = dataset.predictions if who == "Predictions" else dataset.labels
    found = matches.predictions if who == "Predictions" else matches.labels
    good = ("true_positive", "false_positive") if who == "Predictions" else ("missed", "found")
    found = found[found["outcome"].isin(good)]
    rows = source.loc[found.index]
    if level == "F":
        by_image = dataset.images.set_index("image_id")[name]
        rows = rows.assign(value=by_image.loc[rows["image_id"]].to_numpy())
    else:
        rows = rows.assign(value=rows[name])
    rows = rows.assign(hit=(found["outcome"] == good[0]).astype(float))
    return rows.dropna(subset="value")[["image_id", "value", "hit"]]


def wilson(rows):
    """95 % interval on n / design effect, after the books."""
    n, rate = len(rows), rows["hit"].mean()
    per_image = rows.groupby("image_id")["hit"].agg(["sum", "size"])
    residual = ((per_image["sum"] - rate * per_image["size"]) ** 2).sum()
    frames, binomial = len(per_image), n * rate * (1 - rate)
    effect = max(residual * frames / (frames - 1) / binomial, 1) if binomial and frames > 1 else 1
    n, z = n / effect, 1.959963984540054
    center = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return min(center - half, rate), max(center + half, rate)


def reads_as(written, exact):
    """Whether a number written with some decimals is the exact one, rounded."""
    decimals = len(written.partition(".")[2])
    return abs(float(written.replace(",", "")) - exact) <= 0.5000001 * 10**-decimals


def check(evaluation, sentence, choice):
    found = RANGE.match(sentence.text)
    assert found, sentence.text
    who, where, name, side, end, low, high, verb, *numbers = found.groups()
    level = str(sentence.facts["metric"])[-2]
    assert (where == "in images with") == (level == "F")
    assert (verb == "missed") == (who == "Labels")
    rows = table_of(evaluation, who, level, name, choice)
    if side:
        cut = float(end.replace(",", ""))
        inside = rows["value"] < cut if side == "below" else rows["value"] > cut
    else:
        inside = rows["value"].between(*(float(edge.replace(",", "")) for edge in (low, high)))
    part = rows[inside]
    wrong = rows["hit"] if who == "Labels" else 1 - rows["hit"]
    exact = [
        part["hit"].mean(),
        *wilson(part),
        rows["hit"].mean(),
        len(part) / len(rows),
        wrong[inside].sum() / wrong.sum(),
    ]
    for written, number in zip(numbers, exact, strict=True):
        assert reads_as(written, 100 * number), (sentence.text, written, number)
    names = ("rate", "rate_low", "rate_high", "average", "share", "share_of_errors")
    assert [sentence.facts[key] for key in names] == pytest.approx(exact)
    assert sentence.facts["n"] == len(part)
    # Nothing is said that the interval does not support.
    assert not exact[1] <= exact[3] <= exact[2]


def spoken(evaluation, choice, *, settled):
    names = evaluation.metrics["name"].unique()
    return [one for name in names for one in evaluation.sentences(name, **choice, settled=settled)]


@pytest.mark.parametrize(
    "choice",
    [
        {},
        {"iou_threshold": 0.75, "confidence_threshold": 0.3},
        {"classes": ("ant", "dog")},
    ],
    ids=str,
)
@pytest.mark.parametrize("settled", [False, True])
def test_every_number_can_be_counted_again(evaluation, choice, settled):
    sentences = spoken(evaluation, choice, settled=settled)
    ranges = [one for one in sentences if "rate" in one.facts]
    assert ranges
    for one in ranges:
        check(evaluation, one, choice)


def test_the_demo_speaks_the_truth():
    evaluation = ea.Evaluation(ea.load_demo())
    ranges = [one for one in spoken(evaluation, {}, settled=True) if "rate" in one.facts]
    assert len(ranges) > 5
    for one in ranges:
        check(evaluation, one, {})


def test_noise_and_constants_are_called_so(evaluation):
    texts = [one.text for one in evaluation.sentences("Noise", settled=True)]
    assert texts == [
        "Noise tells no more than noise would about which predictions are right (average 34 %).",
        "Noise tells no more than noise would about which labels are missed (average 37 %).",
    ]
    texts = [one.text for one in evaluation.sentences("Constant")]
    assert texts[0].startswith("No range of Constant stands out: 34 % of all predictions are right")


def test_a_band_is_said_with_both_ends():
    rng = np.random.default_rng(0)
    metric, frame = rng.random(4000), np.repeat(np.arange(200), 20)
    hit = rng.random(4000) < np.where((metric > 0.4) & (metric < 0.5), 0.9, 0.1)
    evaluation = evaluation_of(frame, hit, object_metrics={"Shade": metric})
    worst, best = (one.text for one in evaluation.sentences("Shade", settled=True)[:2])
    assert re.match(r"Predictions with Shade (below 0\.4|above 0\.5) are right 1\d % ", worst)
    assert best.startswith("Predictions with Shade between 0.4 and 0.5 are right 9")
    for one in evaluation.sentences("Shade"):
        check(evaluation, one, {})


def test_a_level_can_be_asked_for(evaluation):
    assert {one.facts["metric"] for one in evaluation.sentences("Fog (F)")} == {"Fog (F)"}
    both = [one.facts["metric"] for one in evaluation.sentences("Size (P)")]
    assert both == ["Size (P)", "Size (O)"]


def test_sentences_cannot_be_changed(evaluation):
    (first, *_) = evaluation.sentences("Size")
    with pytest.raises(TypeError):
        first.facts["rate"] = 1.0
    with pytest.raises(AttributeError):
        first.text = ""


def test_nothing_is_said_of_nothing(frames):
    images, labels, predictions = frames
    empty = ea.Evaluation(ea.Dataset.from_frames(images, labels.iloc[:0], predictions.iloc[:0]))
    assert empty.sentences("Size", settled=True) == ()
    with pytest.raises(ea.InvalidInputError, match=r"^`metric` has no option 'Siz'"):
        empty.sentences("Siz")
