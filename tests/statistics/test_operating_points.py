"""Intervals of operating points hold the truth, and what is held out is not too good."""

import numpy as np
import pytest

from ea_widgets.analysis.operating.find import chosen_without, folds, tabulate_points
from ea_widgets.core.counting.cutoffs import Goal, Ranked, choose
from ea_widgets.core.statistics.running_intervals import running_intervals
from tests.conftest import usual_or_all

pytestmark = pytest.mark.slow

SEEDS = usual_or_all(200, 1000)
RATES = ("precision", "recall", "f_beta")
GOALS = {
    "F1": Goal(),
    "precision": Goal(min_precision=0.9),
    "recall": Goal(min_recall=0.5),
}


def ranked_objects(seed, n_clusters, per_cluster, spread):
    """Clusters of differing difficulty: how often objects are found, how surely, and FPs."""
    rng = np.random.default_rng(seed)
    ease = spread * rng.normal(size=n_clusters)
    label_cluster = np.repeat(np.arange(n_clusters), rng.poisson(per_cluster - 1, n_clusters) + 1)
    found = rng.random(len(label_cluster)) < 1 / (1 + np.exp(-1.0 - ease[label_cluster]))
    right = label_cluster[found]
    wrong = np.repeat(np.arange(n_clusters), rng.poisson(per_cluster * np.exp(-0.3 * ease)))
    confidence = np.append(rng.normal(1.0 + 0.5 * ease[right]), rng.normal(-0.5, 1.0, len(wrong)))
    hit = np.repeat([True, False], [len(right), len(wrong)])
    order = np.argsort(-confidence)
    return Ranked(
        np.zeros(len(order), np.intp),
        confidence[order],
        hit[order],
        np.append(right, wrong)[order],
        np.zeros(len(label_cluster), np.intp),
        label_cluster,
        1,
        n_clusters,
    )


class Population:
    """What each threshold gives on 100,000 clusters."""

    def __init__(self, per_cluster, spread):
        self.ranked = ranked_objects(10**9, 100_000, per_cluster, spread)
        self.found = np.cumsum(self.ranked.hit)

    def __call__(self, threshold):
        counted = np.searchsorted(-self.ranked.confidence, -threshold, side="right")
        found, labels = self.found[counted - 1], len(self.ranked.label_group)
        return np.stack([found / counted, found / labels, 2 * found / (counted + labels)])


@pytest.mark.parametrize(("n_clusters", "per_cluster", "spread"), [(40, 4, 0.7), (150, 6, 1.0)])
def test_intervals_hold_the_truth(n_clusters, per_cluster, spread):
    truth = Population(per_cluster, spread)
    fold = folds(n_clusters)
    held = {name: [] for name in (*GOALS, "curve")}
    excess = {name: [] for name in GOALS}
    for seed in range(SEEDS):
        ranked = ranked_objects(seed, n_clusters, per_cluster, spread)
        rows = ranked.candidates()[:: len(ranked.group) // 20]
        on_curve = running_intervals(ranked, rows, Goal())
        expected = truth(ranked.confidence[rows])
        low, high = (np.stack([on_curve[rate][end] for rate in RATES]) for end in (1, 2))
        held["curve"].append(((low <= expected) & (expected <= high)).mean(axis=1))
        for name, goal in GOALS.items():
            threshold = choose(ranked, goal)
            if np.isnan(threshold[0]):
                continue
            chosen = chosen_without(ranked, goal, fold)
            row = tabulate_points(ranked, goal, threshold, chosen, fold, "").iloc[0]
            expected = truth(threshold[0])
            low, high, own, held_out = (
                row[[form.format(rate) for rate in RATES]].to_numpy(float)
                for form in ("{}_low", "{}_high", "{}", "held_out_{}")
            )
            held[name].append((low <= expected) & (expected <= high))
            excess[name].append((own - expected, held_out - expected))
    for name, values in held.items():
        coverage = np.mean(values, axis=0)
        assert ((coverage >= 0.90) & (coverage <= 0.98)).all(), (name, coverage)
    # The highest F1 of a data set is too high, the held-out one is not.
    own, held_out = np.mean(excess["F1"], axis=0)[:, 2]
    error = np.std([pair[1][2] for pair in excess["F1"]]) / np.sqrt(SEEDS)
    assert own > 3 * error
    assert abs(held_out) < 4 * error
