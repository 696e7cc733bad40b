"""How often the paired intervals of two models hold the true difference."""

import numpy as np
import pytest

from tests.conftest import usual_or_all
from tests.statistics.two_models import pair

pytestmark = pytest.mark.slow

SETS = usual_or_all(20, 200)
NAMES = ("mean_average_precision", "mean_average_recall", "precision", "recall", "f1")
ROW = "new"


def lower(labels, chance):
    """A tenth fewer are found, alike everywhere."""
    return 0.9 * chance


@pytest.fixture(scope="module")
def truth():
    found = pair(np.random.default_rng(0), lower, n_images=6_000).scores()
    classes = found.per_class.loc[ROW].loc["dog"]
    true = {name: found.table.loc[ROW, f"{name}_difference"] for name in NAMES}
    return {**true, "AP/dog": classes["average_precision_difference"]}


@pytest.mark.parametrize("n_images", [50, 150])
def test_paired_intervals_hold_the_truth(truth, n_images):
    held = {name: [] for name in (*truth, "curve")}
    for seed in range(SETS):
        view = pair(np.random.default_rng([n_images, seed]), lower, n_images=n_images).at()
        scores = view.scores(settled=True)
        rows = {name: (scores.table.loc[ROW], f"{name}_difference") for name in NAMES}
        rows["AP/dog"] = scores.per_class.loc[(ROW, "dog")], "average_precision_difference"
        for name, (row, column) in rows.items():
            held[name].append(row[f"{column}_low"] <= truth[name] <= row[f"{column}_high"])
        # A metric that has nothing to do with it: the difference of recall is in every bin.
        bins = view.curve("m1").labels
        bins = bins[bins["model"] == ROW]
        fewer = -truth["recall"]
        held["curve"].append(bins["difference_low"].le(fewer) & bins["difference_high"].ge(fewer))
    for name, times in held.items():
        # 90 to 98 % are promised; three standard errors of so few sets are allowed for.
        slack = 3 * np.sqrt(0.05 * 0.95 / len(times))
        assert 0.90 - slack < np.mean(times) < 0.98 + slack, (name, np.mean(times))
