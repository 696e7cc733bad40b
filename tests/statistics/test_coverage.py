"""How often 95 % intervals hold the truth, in many data sets of clustered frames."""

import numpy as np
import pytest

from ea_widgets.analysis.curves.sentences import describe_metric
from ea_widgets.analysis.importance.uncertainty import correlation_intervals, importance_intervals
from ea_widgets.analysis.ranges.finder import find_ranges
from ea_widgets.analysis.ranges.groups import groups_of
from ea_widgets.core.importance.importance import importance
from ea_widgets.core.statistics.bootstrap import RESAMPLES
from ea_widgets.core.statistics.intervals import wilson_interval
from ea_widgets.core.statistics.resampling import draw_clusters
from tests.conftest import usual_or_all
from tests.statistics.simulate import (
    NOTHING,
    correlated_metric,
    objects_in_frames,
    outcomes,
    sample_of,
    selection_of,
)

pytestmark = pytest.mark.slow

SEEDS = usual_or_all(300, 600)
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
WEIGHTS = WEIGHTS / WEIGHTS.sum()

CASES = {
    "weak": {"slope": 0.25},
    "alike within frames": {"slope": 0.5, "share": 0.5},
    "strong": {"slope": 4.0},
    "of frames": {"slope": 0.5, "of_frames": True},
    "of frames, very unlike": {"slope": 0.8, "of_frames": True, "spread": 1.5, "vary": True},
    "few frames": {"slope": 0.6, "n_frames": 50},
}


def chance(metric, slope, spread, base=-0.5):
    """P(outcome | metric), averaged over the difficulty of frames."""
    logit = slope * np.asarray(metric)[:, None] + spread * NODES + base
    return (1 / (1 + np.exp(-logit))) @ WEIGHTS


def entropy(p):
    p = np.clip(p, 1e-300, 1 - 1e-16)
    return -(p * np.log(p) + (1 - p) * np.log1p(-p))


def truth(slope, spread, base=-0.5):
    """Importance and correlation of a normal metric."""
    grid = np.linspace(-8, 8, 4001)
    weight = np.exp(-(grid**2) / 2)
    weight /= weight.sum()
    p = chance(grid, slope, spread, base)
    rate = weight @ p
    share = 1 - weight @ entropy(p) / entropy(rate)
    return share, weight @ (grid * p) / np.sqrt(rate * (1 - rate))


def simulate(seed, slope, share=0.0, spread=0.7, n_frames=400, *, of_frames=False, vary=False):
    rng, frame, difficulty = objects_in_frames(seed, n_frames, vary=vary)
    metric = correlated_metric(rng, frame, 1.0 if of_frames else share)
    hit = outcomes(rng, slope * metric + spread * difficulty[frame] - 0.5)
    if of_frames:
        first = np.searchsorted(frame, np.arange(n_frames))
        return metric, hit, selection_of(frame, {"m": metric[first]})
    return metric, hit, selection_of(frame, None, {"m": metric})


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_intervals_hold_the_truth(case):
    slope, spread = case["slope"], case.get("spread", 0.7)
    share, correlation = truth(slope, spread)
    held = []
    for seed in range(SEEDS):
        metric, hit, selection = simulate(seed, **case)
        sample = sample_of(selection, hit)
        weights = draw_clusters(sample.n_clusters, RESAMPLES)
        (low, high), (least, most) = (
            compute(sample, weights, None, 1)[0]
            for compute in (importance_intervals, correlation_intervals)
        )
        observed = importance(sample.counts)[0]  # uncertainty() widens the interval to hold it
        low, high = min(low, observed), max(high, observed)

        binned = selection.curve_bins(selection.side.names[0], 20, by_class=False)
        counts = binned.fold(np.flatnonzero(hit), NOTHING)
        rate = counts.successes / counts.totals
        lower, upper = wilson_interval(rate, counts.totals / counts.effect)
        code = np.searchsorted(binned.bins.low[1:], metric, side="right")
        expected = np.bincount(code, chance(metric, slope, spread)) / np.bincount(code)
        held.append(
            (
                low <= share <= high,
                least <= correlation <= most,
                ((lower <= expected) & (expected <= upper)).mean(),
            )
        )
    coverage = dict(zip(("importance", "correlation", "curve"), np.mean(held, axis=0), strict=True))
    for name, value in coverage.items():
        assert 0.90 <= value <= 0.98, (name, coverage)


@pytest.mark.parametrize("n_frames", [20, 40, 60])
def test_curve_bins_of_few_frames_hold_the_truth(n_frames):
    """20 bins of a metric of frames: one to three frames in each."""
    slope, spread, held = 0.5, 1.0, []
    for seed in range(100):
        metric, hit, selection = simulate(seed, slope, 0, spread, n_frames, of_frames=True)
        binned = selection.curve_bins("m (F)", 20, by_class=False)
        counts = binned.fold(np.flatnonzero(hit), NOTHING)
        rate = counts.successes / counts.totals
        low, high = wilson_interval(rate, counts.totals / counts.effect)
        code = np.searchsorted(binned.bins.low[1:], metric, side="right")
        expected = np.bincount(code, chance(metric, slope, spread)) / np.bincount(code)
        held.append(((low <= expected) & (expected <= high)).mean())
    assert 0.90 <= np.mean(held) <= 0.985


def chosen_range_holds(seed, slope, n_frames, *, of_frames, vary):
    """Whether the intervals of what is said hold the true rates of the ranges."""
    metric, hit, selection = simulate(
        seed, slope, 0.3, 1.0, n_frames, of_frames=of_frames, vary=vary
    )
    name = selection.side.names[0]
    held = []
    sample = sample_of(selection, hit)
    groups = groups_of(sample)
    found = find_ranges(groups, settled=True)
    for sentence in describe_metric(sample, groups, found, name, ""):
        if "low" in sentence.facts:
            low, high = (sentence.facts[key] for key in ("low", "high"))
            inside = (metric > low) & (metric < high)
            expected = chance(metric[inside], slope, 1.0).mean()
            held.append(sentence.facts["rate_low"] <= expected <= sentence.facts["rate_high"])
    return held


@pytest.mark.parametrize(
    ("slope", "n_frames", "of_frames", "vary"),
    [
        (0.3, 400, False, False),
        (0.3, 400, False, True),
        (0.6, 100, True, True),
        (0.5, 60, False, False),
    ],
)
def test_what_is_said_of_ranges_chosen_on_the_same_data_holds(slope, n_frames, of_frames, vary):
    held = [
        one
        for seed in range(150)
        for one in chosen_range_holds(seed, slope, n_frames, of_frames=of_frames, vary=vary)
    ]
    assert len(held) > 50
    assert np.mean(held) >= 0.90
