"""What is named as a change from one model to another, and how often that is luck."""

import numpy as np
import pytest

from tests.conftest import usual_or_all
from tests.statistics.two_models import pair

pytestmark = pytest.mark.slow

SETS = usual_or_all(20, 300)


def share(times):
    return float(np.mean(times))


@pytest.mark.parametrize("options", [{}, {"n_images": 40, "n_objects": 30, "spread": 1.5}])
def test_luck_is_hardly_ever_named(options):
    named = [len(pair(np.random.default_rng(seed), **options).changes()) for seed in range(SETS)]
    # At most 7 %; two standard errors more are allowed for.
    assert share([n > 0 for n in named]) <= 0.07 + 2 * np.sqrt(0.05 * 0.95 / SETS)


def test_a_loss_in_one_range_comes_first():
    """15 points fewer are found where the metric is low, of at least 500 labels."""

    def lower(labels, chance):
        return np.where(labels["m2"] < 0.35, np.maximum(chance - 0.15, 0), chance)

    right = []
    for seed in range(SETS):
        changes = pair(np.random.default_rng(seed), lower, n_images=120).changes()
        changes = changes[changes["metric"] != "All"]
        first = changes.iloc[0] if len(changes) else None
        right.append(
            first is not None
            and first["metric"] == "m2 (O)"
            and first["difference"] > 0
            and half_overlaps(first, 0.35)
        )
    assert share(right) >= 0.95 - 2 * np.sqrt(0.05 * 0.95 / SETS)


def half_overlaps(row, end):
    inside = max(min(row["high"], end) - max(row["low"], 0), 0)
    return inside >= 0.5 * end and inside >= 0.5 * (row["high"] - row["low"])


@pytest.mark.parametrize("way", ["points", "share"])
def test_worse_everywhere_alike_is_said_once(way):
    def lower(labels, chance):
        return np.maximum(chance - 0.12, 0) if way == "points" else chance * 0.8

    alone, there = [], []
    for seed in range(SETS):
        changes = pair(np.random.default_rng(seed), lower, n_images=120).changes()
        missed = changes[changes["outcome"] == "missed"]
        there.append((missed["metric"] == "All").any())
        alone.append((missed["metric"] == "All").all())
    assert share(there) >= 0.95
    assert share(alone) >= 0.93 - 2 * np.sqrt(0.07 * 0.93 / SETS)
