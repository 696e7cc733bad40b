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
def many():
    """So many images that what they show is taken for the truth."""
    return pair(np.random.default_rng(0), lower, n_images=6_000)


@pytest.fixture(scope="module")
def truth(many):
    found = many.scores()
    classes = found.per_class.loc[ROW].loc["dog"]
    true = {name: found.table.loc[ROW, f"{name}_difference"] for name in NAMES}
    return {**true, "AP/dog": classes["average_precision_difference"]}


@pytest.fixture(scope="module")
def true_curve(many):
    """Differences of precision at the recall levels that both models surely reach."""
    return differences_at_levels(many.at().precision_recall())["difference"].to_numpy()


def differences_at_levels(table, most=0.5):
    """Rows of the second model at the recall levels up to one."""
    rows = table[(table["model"] == ROW) & (table["kind"] == "interpolated")]
    return rows[rows["recall"] <= most]


def test_paired_intervals_of_precision_at_a_recall_hold_the_truth(true_curve):
    held = []
    for seed in range(SETS):
        view = pair(np.random.default_rng([9, seed]), lower, n_images=100).at()
        rows = differences_at_levels(view.precision_recall(settled=True))
        held.append(rows["difference_low"].le(true_curve) & rows["difference_high"].ge(true_curve))
    # The levels of a data set are held together or not at all, mostly: as many sets as there are.
    slack = 3 * np.sqrt(0.05 * 0.95 / SETS)
    assert 0.90 - slack < np.mean(held) < 0.98 + slack


def test_paired_intervals_of_importance_hold_the_truth():
    """What drives misses of both models, and what drives those of the second one only."""

    def less(labels, chance):
        return np.where(labels["m2"] < 0.35, np.maximum(chance - 0.3, 0), chance)

    names = ["m0 (O)", "m2 (O)"]
    whole = pair(np.random.default_rng(0), less, n_images=6_000).at().importance("missed")
    true, held = whole.loc[names, "difference_new"], []
    for seed in range(SETS):
        view = pair(np.random.default_rng([11, seed]), less, n_images=120).at()
        rows = view.importance("missed", settled=True).loc[names]
        held.append(rows["difference_low_new"].le(true) & rows["difference_high_new"].ge(true))
    slack = 3 * np.sqrt(0.05 * 0.95 / SETS)
    for times in np.mean(held, axis=0):
        assert 0.90 - slack < times < 0.98 + slack


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
