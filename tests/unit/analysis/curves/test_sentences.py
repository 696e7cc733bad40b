"""Every number in a sentence, counted again with pandas from the matches and the frames."""

from __future__ import annotations

import copy
import pickle
import re
from functools import lru_cache

import numpy as np
import pytest

import ea_widgets as ea
from ea_widgets.analysis.ranges.finder import find_ranges
from ea_widgets.analysis.ranges.groups import groups_of
from tests.statistics.simulate import evaluation_of

NUMBER = r"(-?[\d,]+(?:\.\d+)?(?:e-\d+)?)"
RANGE = re.compile(
    rf"^(Predictions|Objects) (with|in images with) (.+?) "
    rf"(?:(below|above) {NUMBER}|between {NUMBER} and {NUMBER})(?: [^:]*)?: "
    rf"{NUMBER} % of the (?:false positives|missed objects) \({NUMBER}\), in {NUMBER} % of the "
    r"(?:predictions|objects)\. (Precision|Missed rate) "
    rf"{NUMBER} % \({NUMBER} to {NUMBER} %; overall {NUMBER} %\)\."
    r"(?: Strong\.| Suggestive: of \d+ metrics chance names .+?\.)?"
    r"(?: Needs labels: it explains errors, and cannot filter new predictions\.)?$"
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


def alike(parts):
    """Intra-image correlation within parts (Fleiss & Cuzick)."""
    within = whole = 0.0
    for part in parts:
        per_image = part.groupby("image_id")["hit"].agg(["sum", "size"])
        rate = part["hit"].mean() if len(part) else 0.0
        within += (per_image["sum"] * (1 - per_image["sum"] / per_image["size"])).sum()
        whole += (len(part) - len(per_image)) * rate * (1 - rate)
    return np.clip(1 - within / whole if whole else 0.0, 1e-6, 1 - 1e-6)


@lru_cache(maxsize=4)
def critical_of(evaluation, who, choice, *, settled):
    """Quantile of the intervals, from the finder: one for all sentences of a choice."""
    view = evaluation.at(**dict(choice))
    level = "P" if who == "Predictions" else "O"
    groups = groups_of(view._data.sample(level, view._query))
    return find_ranges(groups, settled=settled).critical


def wilson(rows, inside, z):
    """Interval on n / design effect, for a range that was chosen, after the books."""
    part, rest = rows[inside], rows[~inside]
    n, rate = len(part), part["hit"].mean()
    per_image = part.groupby("image_id")["hit"].agg(["sum", "size"])
    residual = ((per_image["sum"] - rate * per_image["size"]) ** 2).sum()
    frames, binomial = len(per_image), n * rate * (1 - rate)
    squares = (per_image["size"] ** 2).sum()
    effect = 1 + alike([part, rest]) * (squares / n - 1)
    if binomial:
        own = max(residual * frames / (frames - 1) / binomial, 1)
        effect = ((frames - 1) * own + 4 * effect) / (frames + 3)
    n = n / effect
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
    who, where, name, side, end, low, high, share, errors, part_of, verb, *rates = found.groups()
    numbers = [*rates, errors, share, part_of]
    level = str(sentence.facts["metric"])[-2]
    assert (where == "in images with") == (level == "F")
    assert (verb == "Missed rate") == (who == "Objects")
    rows = table_of(evaluation, who, level, name, choice)
    if side:
        cut = float(end.replace(",", ""))
        inside = rows["value"] < cut if side == "below" else rows["value"] > cut
    else:
        inside = rows["value"].between(*(float(edge.replace(",", "")) for edge in (low, high)))
    part = rows[inside]
    wrong = rows["hit"] if who == "Objects" else 1 - rows["hit"]
    everything = evaluation.scores(**choice)
    all_wrong = everything.false_negatives if who == "Objects" else everything.false_positives
    z = critical_of(evaluation, who, (*choice.items(),), settled=bool(sentence.facts["strength"]))
    exact = [
        part["hit"].mean(),
        *wilson(rows, inside, z),
        rows["hit"].mean(),
        wrong[inside].sum() / 100,
        wrong[inside].sum() / all_wrong,
        len(part) / len(rows),
    ]
    names = ("rate", "rate_low", "rate_high", "average", "share_of_errors", "share")
    found = [sentence.facts[key] for key in names]
    assert found == pytest.approx([*exact[:4], *exact[5:7]], abs=1e-9)
    for written, number in zip(numbers, exact, strict=True):
        assert reads_as(written, 100 * number), (sentence.text, written, number)
    assert part["image_id"].nunique() >= 9  # ten, before its ends were rounded
    assert sentence.facts["n"] == len(part)
    # More errors than average, always.
    assert (exact[0] > exact[3]) == (who == "Objects")


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
    rates = {
        "Noise (P)": "Precision",
        "Noise (O)": "Missed rate",
    }
    assert texts == [
        f"{rate} does not change significantly with {name}: about {share} % everywhere."
        for (name, rate), share in zip(rates.items(), (34, 37), strict=True)
    ]
    texts = [one.text for one in evaluation.sentences("Constant")]
    assert texts[0].startswith(
        "Precision does not change significantly with Constant (P): about 34 % everywhere."
    )


def test_a_rate_of_rows_with_a_value_is_not_called_that_of_all():
    rng = np.random.default_rng(0)
    frame, known = np.repeat(np.arange(200), 20), rng.random(4000) < 0.5
    hit = rng.random(4000) < np.where(known, 0.8, 0.05)
    metric = np.where(known, rng.random(4000), np.nan)
    text = evaluation_of(frame, hit, object_metrics={"Half": metric}).sentences("Half")[0].text
    assert text.startswith(
        "Precision does not change significantly with Half (P): about "
        f"{100 * hit[known].mean():.0f} % everywhere of the predictions that have a value."
    )


@pytest.mark.parametrize(("n_frames", "settled"), [(30, False), (60, False), (60, True)])
def test_noise_of_few_images_is_not_put_into_words(n_frames, settled):
    said = 0
    for seed in range(25):
        rng = np.random.default_rng(seed)
        frame, difficulty = np.repeat(np.arange(n_frames), 20), 1.5 * rng.normal(size=n_frames)
        hit = rng.random(len(frame)) < 1 / (1 + np.exp(-difficulty[frame]))
        evaluation = evaluation_of(frame, hit, image_metrics={"Weather": rng.random(n_frames)})
        spoken_of = evaluation.sentences("Weather", settled=settled)
        said += any("rate" in one.facts for one in spoken_of)
    assert said <= 2


def test_a_band_is_said_with_both_ends():
    rng = np.random.default_rng(0)
    metric, frame = rng.random(4000), np.repeat(np.arange(200), 20)
    hit = rng.random(4000) < np.where((metric > 0.4) & (metric < 0.5), 0.9, 0.1)
    evaluation = evaluation_of(frame, hit, object_metrics={"Shade": metric})
    spoken_of = evaluation.sentences("Shade", settled=True)
    lower, upper = sorted(one.text for one in spoken_of)[::-1]
    assert re.match(r"Predictions with Shade below 0\.4: .* Precision 1\d % ", lower)
    assert re.match(r"Predictions with Shade above 0\.5\d*: .* Precision (9|1\d)\S* % ", upper)
    for one in (*spoken_of, *evaluation.sentences("Shade")):
        check(evaluation, one, {})
    # Turned round, the band itself holds the errors.
    (said,) = evaluation_of(frame, ~hit, object_metrics={"Shade": metric}).sentences("Shade")
    low, high = (said.facts[end] for end in ("low", "high"))  # of bins of 5 % of the rows
    assert said.text.startswith(f"Predictions with Shade between {low:g} and {high:g}: ")
    assert (min(high, 0.5) - max(low, 0.4)) / (max(high, 0.5) - min(low, 0.4)) > 0.5


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


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (0.0, "None of the predictions are right: there is nothing for Shade (P) to explain."),
        (1.0, "All predictions are right: there is nothing for Shade (P) to explain."),
    ],
)
@pytest.mark.parametrize("settled", [False, True])
def test_an_outcome_that_does_not_vary_is_called_so(rate, text, settled):
    frame, shade = np.repeat(np.arange(30), 10), np.random.default_rng(0).random(300)
    hit = np.full(300, bool(rate))
    evaluation = evaluation_of(frame, hit, object_metrics={"Shade": shade})
    assert evaluation.sentences("Shade", settled=settled)[0].text == text


def test_sentences_can_be_copied_and_pickled():
    one = ea.Sentence("Right.", {"metric": "Size (P)", "n": 3})
    for again in (copy.deepcopy(one), pickle.loads(pickle.dumps(one))):  # noqa: S301  # our own bytes
        assert (again.text, dict(again.facts)) == (one.text, dict(one.facts))
    with pytest.raises(TypeError):
        one.facts["n"] = 4
