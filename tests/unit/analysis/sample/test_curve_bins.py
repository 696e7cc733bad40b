import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.analysis.sample import count_by, curve_bins
from ea_widgets.analysis.sample.curve_bins import PARTS
from ea_widgets.analysis.sample.object_table import build_metric_table
from ea_widgets.analysis.sample.selection import Selection
from ea_widgets.core.counting.binning import RankedColumn, equal_count_bins
from ea_widgets.core.counting.edges import Binning
from ea_widgets.core.statistics.intervals import design_effect, shrink_design_effects

METRICS = ["Size (P)", "Gaps (P)", "Noise (P)", "Constant (P)", "Fog (F)"]


def select(evaluation, classes=(), confidence=0.0):
    query = evaluation.at(classes=classes, confidence_threshold=confidence)._query
    chosen = evaluation._data.selection("P", query)
    return Selection(chosen.side, chosen.rows)


def outcomes(selection, seed, limit=0.4):
    luck = np.random.default_rng(seed).random(len(selection.rows))
    return np.flatnonzero(luck < limit), np.flatnonzero((luck >= limit) & (luck < limit + 0.1))


def by_group(counts):
    rows = np.stack([getattr(counts, part) for part in PARTS], axis=1)
    groups = zip(counts.class_code.tolist(), counts.bin_code.tolist(), strict=True)
    return {group: row for group, row in zip(groups, rows.tolist(), strict=True) if row[1]}


@given(
    metric=st.sampled_from(METRICS),
    by_class=st.booleans(),
    bins=st.sampled_from([1, 5, 400]),
    dense=st.booleans(),
    limit=st.sampled_from([0.0, 0.1, 0.6, 1.0]),
    seed=st.integers(0, 99),
)
def test_curve_counts_equal_those_of_all_cells(
    evaluation, metric, by_class, bins, dense, limit, seed
):
    selection = select(evaluation)
    with pytest.MonkeyPatch.context() as patch:
        if not dense:
            patch.setattr(curve_bins, "DENSE", -(1 << 40))
        binned = selection.curve_bins(metric, bins, by_class=by_class)
    successes, excluded = outcomes(selection, seed, limit)
    found = binned.fold(successes, excluded)

    value = selection.side.metrics[metric]
    value = value.spread(np.append(value.values, np.nan))
    code = np.searchsorted(binned.bins.edges[1:-1], value, side="right")
    group = selection.side.class_code * 1000 * by_class + code
    key = np.stack([group, selection.side.cluster_code])[:, ~np.isnan(value)]
    cells, place = np.unique(key, axis=1, return_inverse=True)
    start = np.flatnonzero(np.append(True, np.diff(cells[0]))[: cells.shape[1]])
    number = np.full(len(value), -1)
    number[~np.isnan(value)] = place
    rows, hits, out = (
        np.bincount(number[part][number[part] >= 0], minlength=cells.shape[1]).astype(float)
        for part in (slice(None), successes, excluded)
    )
    rows -= out
    s, n, frames = (np.add.reduceat(part, start) for part in (hits, rows, (rows > 0) * 1))
    known = (s > 0) & (s < n) & (frames > 1)
    effect = design_effect(hits, rows, start)
    if not known.any():
        effect[:] = design_effect(hits, rows, np.array([0]))
    assert found.successes.tolist() == s.tolist()
    assert found.totals.tolist() == n.tolist()
    np.testing.assert_allclose(
        found.effect, shrink_design_effects(effect, frames, known), rtol=1e-9
    )


@given(
    metric=st.sampled_from(METRICS),
    classes=st.sampled_from([(), ("ant",), ("bee", "dog")]),
    confidence=st.sampled_from([0.0, 0.3, 0.97, 1.0]),
    bins=st.sampled_from([1, 7, 400]),
)
def test_bins_of_a_choice_are_those_of_its_rows_alone(
    evaluation, metric, classes, confidence, bins
):
    selection = select(evaluation, classes, confidence)
    column = selection.side.metrics[metric]
    value = column.spread(np.append(column.values, np.nan))[selection.rows]
    alone = RankedColumn.of(value)
    expected = equal_count_bins(alone.values, alone.counts, bins)
    found = selection.curve_bins(metric, bins, by_class=False).bins
    for part in ("n", "low", "high", "center", "edges"):
        np.testing.assert_array_equal(getattr(found, part), getattr(expected, part))


@given(
    metric=st.sampled_from(METRICS),
    by_class=st.booleans(),
    edges=st.sampled_from([[0.2, 0.5, 0.9], [1, 40, 50, 3000], [3, 3], [-5, -4, -3]]),
    seed=st.integers(0, 99),
)
def test_any_split_of_the_images_equals_the_whole(evaluation, metric, by_class, edges, seed):
    whole = select(evaluation)
    edges = np.array(edges, float)
    successes, excluded = (whole.rows[part] for part in outcomes(whole, seed))
    part = np.random.default_rng(seed).integers(0, 3, whole.side.n_images)[whole.side.image_code]

    def fold(selection):
        binned = selection.curve_bins(metric, edges, by_class=by_class)
        inside = [np.intersect1d(rows, selection.rows) for rows in (successes, excluded)]
        return binned.fold(*inside)

    parts = [fold(Selection(whole.side, np.flatnonzero(part == number))) for number in range(3)]
    together, expected = parts[0] + parts[1] + parts[2], fold(whole)
    assert by_group(together) == by_group(expected)
    np.testing.assert_allclose(
        together.effect[together.totals > 0], expected.effect[expected.totals > 0], rtol=1e-12
    )


def test_given_edges_take_in_what_is_outside_and_put_an_edge_into_the_upper_bin(evaluation):
    selection = select(evaluation)
    column = selection.side.metrics["Size (P)"]
    value = column.spread(np.append(column.values, np.nan))[selection.rows]
    edge = float(np.sort(value)[300])
    bins = selection.curve_bins("Size (P)", np.array([edge - 1, edge, edge + 1]), by_class=False)
    assert bins.bins.n.tolist() == [(value < edge).sum(), (value >= edge).sum()]
    assert bins.bins.center[0] == np.median(value[value < edge])
    assert (bins.bins.low.tolist(), bins.bins.high.tolist()) == (
        [edge - 1, edge],
        [edge, edge + 1],
    )


@pytest.mark.parametrize("metric", METRICS)
def test_its_own_edges_give_the_same_bins_again(evaluation, metric):
    selection = select(evaluation, confidence=0.3)
    binned = selection.curve_bins(metric, 20, by_class=False)
    again = selection.curve_bins(metric, binned.bins.edges, by_class=False)
    successes, excluded = (selection.rows[part] for part in outcomes(selection, 0))
    first, second = binned.fold(successes, excluded), again.fold(successes, excluded)
    assert by_group(first) == by_group(second)
    assert binned.bins.center.tolist() == again.bins.center.tolist()
    counts = count_by(selection, Binning({metric: binned.bins.edges}), successes, excluded)
    assert counts.successes[0].tolist() == first.successes.tolist()
    assert counts.totals[0].tolist() == first.totals.tolist()


def test_given_edges_without_images_count_nothing():
    nothing = np.zeros(0, np.intp)
    images, objects = pd.DataFrame(), pd.DataFrame({"m": np.zeros(0)})
    side = build_metric_table(nothing, nothing, images, nothing, objects, nothing, "P")
    selection = Selection(side, nothing)
    binned = selection.curve_bins("m (P)", np.array([0.0, 1.0, 2.0]), by_class=False)
    counts = binned.fold(nothing, nothing)
    assert counts.totals.tolist() == counts.successes.tolist() == [0, 0]
