from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ea_widgets.analysis.ranges.facts import describe
from ea_widgets.analysis.ranges.finder import find_ranges
from ea_widgets.analysis.ranges.groups import groups_of
from ea_widgets.analysis.ranges.null_scores import DRAWS, null_scores, some_of
from ea_widgets.core.statistics.clusters import order_by_cluster
from ea_widgets.core.statistics.resampling import ComputationStoppedError
from ea_widgets.core.statistics.scan import run_scores
from tests.statistics.simulate import sample_of, selection_of

FRAME = np.repeat(np.arange(40), np.arange(40) % 7 + 5)


def planted(seed=0, excess=0.5):
    """More errors in the lowest fifth of one metric of three; the last lacks half of its values."""
    rng = np.random.default_rng(seed)
    metrics = {name: rng.random(len(FRAME)) for name in ("shade", "other", "half")}
    metrics["half"][rng.random(len(FRAME)) < 0.5] = np.nan
    error = rng.random(len(FRAME)) < 0.3 + excess * (metrics["shade"] < 0.2)
    return sample_of(selection_of(FRAME, None, metrics), ~error)


def tables(group, metric):
    """Rows and errors by cluster and bin, counted one by one."""
    cells = [
        np.bincount(cluster, minlength=40)
        for which in (np.ones(len(group.error), bool), group.error)
        for number in range(20)
        for cluster in [group.bins.cluster_of_kept[which & group.inside(metric, number, number)]]
    ]
    rows, errors = np.array(cells).reshape(2, 20, 40).swapaxes(1, 2)
    return rows, errors


@pytest.mark.parametrize("excluded", [0, 25])
@pytest.mark.parametrize("excess", [0.1, 0.6])  # errors are the rarer outcome, or are not
def test_the_scores_are_those_of_the_rows_that_are_left(excluded, excess):
    sample = planted(excess=excess)
    sample = replace(sample, excluded=np.setdiff1d(np.arange(300), sample.successes)[:excluded])
    assert len(sample.excluded) == excluded
    (group,) = groups_of(sample)
    per_bin, per_cluster = group.errors
    for metric, name in enumerate(group.sample.names):
        rows, errors = tables(group, metric)
        assert group.bins.runs.per_bin[metric].tolist() == rows.sum(axis=0).tolist()
        assert per_bin[metric].tolist() == errors.sum(axis=0).tolist()
        assert per_cluster[metric].tolist() == errors.sum(axis=1).tolist()
        for got, expected in zip(group.scores(), run_scores(rows, errors), strict=True):
            assert got[metric] == pytest.approx(expected, abs=1e-12)
        code = group.bins.code_of(metric)
        assert len(code) == len(sample.counted) == len(FRAME) - excluded
        assert (code == 20).any() == name.startswith("half")


def test_the_null_moves_all_metrics_of_a_cluster_at_once():
    """Two metrics that are one number are one number in each null data set, others are not."""
    rng = np.random.default_rng(0)
    value = rng.random(len(FRAME))
    metrics = {"one": value, "same": 2 * value, "other": rng.random(len(FRAME))}
    error = rng.random(len(FRAME)) < 0.3
    (group,) = groups_of(sample_of(selection_of(FRAME, None, metrics), ~error))
    highest, furthest = null_scores(group)
    assert highest.shape == furthest.shape == (DRAWS, 3)
    assert np.array_equal(highest[:, 0], highest[:, 1])
    assert not np.array_equal(highest[:, 0], highest[:, 2])
    assert (furthest >= highest).all()
    assert np.quantile(highest, 0.5) > 1  # the largest of many


def test_p_is_the_share_of_null_data_sets_with_as_high_a_score():
    (group,) = groups_of(planted(excess=0.25))
    found = find_ranges([group], settled=True)
    highest, furthest = null_scores(group)
    assert found.critical == pytest.approx(np.quantile(furthest.max(axis=1), 0.95))
    best = found.ranges[0]
    assert group.sample.names[best.metric] == "shade (P)"
    z, _ = run_scores(*tables(group, best.metric))
    assert best.z == z[best.first, best.last + 1]
    for one in found.ranges:
        p_value, own = (
            (1 + (null >= one.z).sum()) / (DRAWS + 1)
            for null in (highest.max(axis=1), highest[:, one.metric])
        )
        assert one.p_value == p_value
        assert one.strength == ("strong" if p_value <= 0.05 else "suggestive")
        assert own <= 0.05


def test_ends_are_numbers_that_no_row_has_and_that_read_well():
    (group,) = groups_of(planted())
    best = find_ranges([group]).ranges[0]
    facts = describe(group, best, 3.0)
    column = group.sample.selection.side.metrics["shade (P)"]
    value = column.values[column.rank]
    assert facts.from_least
    assert not facts.to_most
    assert facts.high not in value
    assert len(f"{facts.high:g}") <= 5
    assert facts.n == (value < facts.high).sum()
    exact = group.inside(best.metric, best.first, best.last).sum()
    assert abs(facts.n - exact) <= 0.02 * exact


def test_of_many_rows_some_are_moved_the_largest_cluster_among_them():
    sizes = np.arange(400) % 50 + 1
    sizes[7] = 3_000
    rows = order_by_cluster(np.repeat(np.arange(400), sizes), np.arange(sizes.sum()))
    some = some_of(rows, 2_000)
    assert 100 <= some.n_clusters <= 150
    assert 1_900 <= len(some.order) <= 2_150
    assert some.sizes.max() == pytest.approx(2_000 * 3_000 / (3_000 + 133 * 25), rel=0.1)
    assert some_of(rows.without(np.arange(5_000))[0], 10**9).sizes.max() > 1


def test_the_search_can_be_stopped():
    groups = groups_of(planted())
    for settled in (False, True):
        with pytest.raises(ComputationStoppedError):
            find_ranges(groups, settled=settled, should_stop=lambda: True)


def test_without_groups_nothing_is_found():
    assert find_ranges([], settled=True).ranges == ()
    assert groups_of(sample_of(selection_of(FRAME), np.ones(len(FRAME), bool))) == []
