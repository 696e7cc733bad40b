"""Intervals and noise floors of a summary beside those of an evaluation of the same data.

`python -m tests.statistics.test_summary_intervals` looks at more data sets than CI has time for.
"""

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from tests.conftest import usual_or_all
from tests.statistics.simulate import correlated_metric, evaluation_of, objects_in_frames
from tests.statistics.test_coverage import truth

pytestmark = pytest.mark.slow

SCORES = ("mean_average_precision", "mean_average_recall", "precision", "recall", "f1")


def made(seed, n_frames, per_frame, base=0.0):
    """Ten classes, difficulty by frame, and metrics of all kinds."""
    rng, frame, difficulty = objects_in_frames(seed, n_frames, per_frame, vary=True)
    n = len(frame)
    popularity = 1 / (np.arange(10) + 1)
    code = rng.choice(10, n, p=popularity / popularity.sum())
    fog, area = rng.random(n_frames), np.exp(rng.normal(size=n))
    shared = correlated_metric(rng, frame, 0.5)
    logit = (
        base + difficulty[frame] + 0.8 * np.log(area) + 0.6 * shared - fog[frame] + 0.3 * (code % 3)
    )
    hit = rng.random(n) < 1 / (1 + np.exp(-logit))
    of_images = {"fog": fog, "noise": rng.random(n_frames)}
    of_objects = {"area": area, "shared": shared, "random": rng.random(n)}
    return evaluation_of(frame, hit, code, of_images, of_objects)


def width(frame, name):
    return frame[f"{name}_high"] - frame[f"{name}_low"]


def ratios(evaluation, summary, **query):
    """Widths of intervals over those of the evaluation, by kind."""
    one, other = evaluation.at(**query), summary.at(**query)
    found = []
    theirs, own = one.scores(settled=True), other.scores(settled=True)
    for name in SCORES:
        ratio = width(vars(own), name) / width(vars(theirs), name)
        found.append(("scores", ratio))
    for name in ("average_precision", "precision", "recall"):
        both = width(own.per_class, name) / width(theirs.per_class, name)
        found += [("scores by class", ratio) for ratio in both]
    for outcome in ("true_positive", "missed"):
        table = one.importance(outcome, settled=True)
        mine = other.importance(outcome, settled=True).loc[table.index]
        real = table["distinguishable"] & mine["distinguishable"]
        for name, rows in (("importance", real), ("correlation", real | True)):
            both = (width(mine, name) / width(table, name))[rows]
            found += [(name, ratio) for ratio in both]
    for metric, level in (("area", "(P)"), ("shared", "(P)"), ("fog", "(F)")):
        curve = other.curve(metric).predictions
        edges = (*curve["bin_low"], curve["bin_high"].iloc[-1])
        bins = ea.Binning({f"{metric} {at}": edges for at in {level, level.replace("P", "O")}})
        both = width(curve, "rate") / width(one.curve(metric, bins).predictions, "rate")
        found += [("curve", ratio) for ratio in both]
    return pd.DataFrame(found, columns=["kind", "ratio"]).dropna()


def table_of(cases):
    found = []
    for case in cases:
        evaluation = made(*case)
        summary, names = ea.summarize(evaluation), evaluation.class_names
        queries = {}, {"classes": names[:1]}, {"classes": names[2:6], "confidence_threshold": 0.3}
        found += [ratios(evaluation, summary, **query) for query in queries]
    by_kind = (ratio := pd.concat(found)).groupby("kind")["ratio"]
    within = by_kind.apply(lambda ratio: ratio.between(0.8, 1.25).mean())
    kinds = pd.DataFrame({"n": by_kind.size(), "median": by_kind.median(), "within": within})
    return kinds, ratio["ratio"].between(0.8, 1.25).mean()


def test_intervals_are_as_wide_as_those_of_an_evaluation():
    table, within = table_of([(1, 500, 12, -1.0)])
    assert table["median"].between(0.9, 1.1).all(), table
    assert within >= 0.95, table


def settled(frame, hit, of_images, of_objects):
    """View with one IoU threshold, which is quickly counted."""
    evaluation = evaluation_of(frame, hit, None, of_images, of_objects)
    ticks = {"iou_thresholds": (0.5,), "confidence_thresholds": ()}
    return ea.summarize(evaluation, evaluation.binning(64), **ticks).at(0.5)


def called_real(seeds, n_frames, per_frame, base):
    """Shares of data sets in which noise of images, and of objects, has p <= 0.05."""
    found = []
    for seed in range(seeds):
        rng, frame, difficulty = objects_in_frames(seed, n_frames, per_frame, vary=True)
        hit = rng.random(len(frame)) < 1 / (1 + np.exp(-base - difficulty[frame]))
        of_objects = {
            "alike": correlated_metric(rng, frame, 0.8),
            "single": rng.random(len(frame)),
        }
        view = settled(frame, hit, {"F": rng.random(n_frames)}, of_objects)
        found.append(view.importance(settled=True)["p_value"] <= 0.05)
    return pd.concat(found, axis=1).mean(axis=1)


@pytest.mark.parametrize("base", [0.0, 3.5])
def test_noise_is_seldom_called_real(base):
    seeds = usual_or_all(30, 400)
    # Two standard deviations of a share of 7 %.
    most = 0.07 + 2 * np.sqrt(0.07 * 0.93 / seeds)
    shares = called_real(seeds, 200, 10, base)
    assert (shares <= most).all(), shares


def test_ranges_are_seldom_found_in_noise():
    """Of metrics that have nothing to do with the errors, of images and of objects alike."""
    seeds = usual_or_all(30, 400)
    named = 0
    for seed in range(seeds):
        rng, frame, difficulty = objects_in_frames(seed, 200, 10, vary=True)
        hit = rng.random(len(frame)) < 1 / (1 + np.exp(-1.0 - difficulty[frame]))
        of_objects = {"alike": correlated_metric(rng, frame, 0.8), "x": rng.random(len(frame))}
        view = settled(frame, hit, {"F": rng.random(200)}, of_objects)
        named += (view.worst_ranges(settled=True)["strength"] == "strong").any()
    assert named / seeds <= 0.07 + 2 * np.sqrt(0.07 * 0.93 / seeds)


def coverage(seeds, n_frames, per_frame):
    """Shares of data sets whose intervals hold the truth: of precision, and of a correlation."""
    held = []
    for seed in range(seeds):
        rng, frame, difficulty = objects_in_frames(seed, n_frames, per_frame, vary=True)
        size = rng.normal(size=len(frame))
        hit = rng.random(len(frame)) < 1 / (1 + np.exp(-0.5 * size - 0.7 * difficulty[frame]))
        view = settled(frame, hit, None, {"size": size})
        scores = view.scores(settled=True)
        table = view.importance(settled=True).loc["size (P)"]
        share, correlation = truth(0.5, 0.7, 0.0)
        held.append(
            {
                "precision": scores.precision_low <= 0.5 <= scores.precision_high,
                "correlation": table["correlation_low"] <= correlation <= table["correlation_high"],
                "importance": table["importance_low"] <= share <= table["importance_high"],
            }
        )
    return pd.DataFrame(held).mean()


def test_intervals_hold_the_truth():
    seeds = usual_or_all(40, 400)
    shares = coverage(seeds, 150, 10)
    off = 2 * np.sqrt(0.1 * 0.9 / seeds)
    assert (shares >= 0.9 - off).all(), shares


if __name__ == "__main__":
    sizes = (2000, 12), (400, 20, -1.5), (5000, 6, 2.0), (800, 40)
    print(table_of([(seed, *size) for seed in range(3) for size in sizes]))
    for frames, per_frame, base in (
        (400, 20, 0.0),
        (400, 20, 3.5),
        (400, 20, -3.5),
        (100, 10, 0.0),
        (100, 10, 3.5),
        (3000, 8, 0.0),
    ):
        print(frames, per_frame, base, called_real(200, frames, per_frame, base).to_dict())
    for frames, per_frame in ((400, 20), (100, 10)):
        print(frames, per_frame, coverage(200, frames, per_frame).to_dict())
