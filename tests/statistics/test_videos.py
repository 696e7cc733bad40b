"""Frames of videos: how often noise is called real, and how often intervals hold the truth."""

import numpy as np
import pytest

from ea_widgets.analysis.importance.null_datasets import NullDatasets
from ea_widgets.analysis.importance.uncertainty import correlation_intervals
from ea_widgets.core.importance.importance import importance
from ea_widgets.core.statistics.bootstrap import RESAMPLES
from ea_widgets.core.statistics.null_distribution import LEVEL
from ea_widgets.core.statistics.resampling import draw_clusters
from tests.statistics.simulate import outcomes, sample_of, selection_of

pytestmark = pytest.mark.slow

SEEDS = 200
VIDEOS, FRAMES, OBJECTS = 40, 50, 5


def drift(rng, lengths, share, memory=0.9):
    """Normal values of frames: that share of the variance between videos, the rest drifts."""
    values = []
    for length in lengths:
        wander = np.empty(length)
        wander[0] = rng.normal()
        for frame in range(1, length):
            step = np.sqrt(1 - memory**2) * rng.normal()
            wander[frame] = memory * wander[frame - 1] + step
        values.append(np.sqrt(share) * rng.normal() + np.sqrt(1 - share) * wander)
    return np.concatenate(values)


def simulate(seed, *, clusters=True, vary=False, slope=0.0):
    """Videos whose difficulty drifts; metrics of frames and of objects that drift by themselves."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(10, 2 * FRAMES - 9, VIDEOS) if vary else np.full(VIDEOS, FRAMES)
    n_frames = int(lengths.sum())
    video = np.repeat(np.arange(VIDEOS), lengths)
    sizes = rng.poisson(OBJECTS - 1, n_frames) + 1 if vary else np.full(n_frames, OBJECTS)
    frame = np.repeat(np.arange(n_frames), sizes)
    of_frames = drift(rng, lengths, 0.5)
    alike = drift(rng, lengths, 0.5)[frame]
    alike += 0.5 * rng.normal(size=len(frame))
    hit = outcomes(rng, (drift(rng, lengths, 0.5) + slope * of_frames)[frame] - 0.5)
    # Videos are interleaved; the frames of each are in order.
    code = np.empty(n_frames, np.intp)
    code[np.lexsort((video, np.concatenate([np.arange(length) for length in lengths])))] = (
        np.arange(n_frames)
    )
    images, cluster = np.empty(n_frames), np.empty(n_frames, np.intp)
    images[code], cluster[code] = of_frames, video
    objects = {"alike": alike, "own": rng.normal(size=len(frame))}
    selection = selection_of(
        code[frame], {"of frames": images}, objects, cluster if clusters else None
    )
    return sample_of(selection, hit)


def called_real(sample):
    """Whether each metric is, at 5 %: by 99 null data sets, an exact test."""
    null = NullDatasets(sample).importance(np.arange(len(sample.names)), range(99))
    exceeded = (null >= importance(sample.counts)[:, None]).sum(axis=1)
    return (exceeded + 1) / 100 <= LEVEL


@pytest.mark.parametrize("vary", [False, True])
def test_noise_of_frames_is_called_real_in_few_data_sets(vary):
    found = np.mean([called_real(simulate(seed, vary=vary)) for seed in range(SEEDS)], axis=0)
    assert (found <= 0.07).all(), found


def test_without_clusters_it_is_called_real_in_many():
    found = [called_real(simulate(seed, clusters=False))[0] for seed in range(20)]
    assert np.mean(found) > 0.5


def test_a_metric_of_frames_that_matters_is_found():
    found = [called_real(simulate(seed, slope=1.5))[0] for seed in range(20)]
    assert np.mean(found) >= 0.9


def test_intervals_of_correlation_hold_no_correlation():
    held = []
    for seed in range(SEEDS):
        sample = simulate(seed)
        weights = draw_clusters(sample.n_clusters, RESAMPLES)
        low, high = correlation_intervals(sample, weights, None, 1)[0]
        held.append(low <= 0 <= high)
    assert np.mean(held) >= 0.9
