from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.analysis.sample.object_table import BLOCK
from ea_widgets.analysis.sample.selection import SMALL, Selection
from ea_widgets.analysis.sample.tally import Tallies
from ea_widgets.core.counting.binning import bin_of_ranks
from ea_widgets.core.importance.importance import BinCounts, fine_bins, importance
from ea_widgets.core.importance.moments import MomentSums, pearson
from tests.statistics.simulate import selection_of


def fresh(selection, rows=None):
    """The same selection, or another of the same side, that nothing was asked of before."""
    n = len(selection.side.class_code)
    new = {name: Tallies(n, 2) for name in ("_hit_tallies", "_excluded_tallies")}
    side = replace(selection.side, _tallies=Tallies(n, 2, 6), **new)
    return Selection(side, selection.rows if rows is None else rows)


def counted_by_value(selection, rows):
    """Bin each metric of the chosen rows by their values alone, and count some of them."""
    counts = []
    for column in selection.side.metrics.values():
        chosen = column.take(selection.rows).counts
        of_rank, _ = bin_of_ranks(chosen, fine_bins(int(chosen[:-1].sum())))
        taken = column.take(selection.rows)
        code = taken.spread(of_rank)[np.searchsorted(selection.rows, rows)]
        present = taken.spread(np.arange(len(of_rank)) < len(of_rank) - 1)
        present = present[np.searchsorted(selection.rows, rows)]
        counts.append(np.bincount(code[present], minlength=selection.n_bins))
    return np.array(counts)


def summed_by_row(selection, rows):
    """Moments of each metric over some rows, from its values, in plain floats."""
    found = []
    for column in selection.side.metrics.values():
        value = column.spread(np.append(column.values, np.nan))
        chosen = value[selection.rows]
        y = np.isin(selection.rows, rows)[~np.isnan(chosen)]
        x = chosen[~np.isnan(chosen)]
        constant = len(x) < 2 or not np.ptp(x) or y.all() or not y.any()
        found.append(np.nan if constant else np.corrcoef(x, y)[0, 1])
    return np.array(found)


def assert_same(selection, rows, expected, excluded=()):
    excluded = np.array(excluded, np.intp)
    counts, sums = selection.fold(rows, excluded)
    whole, whole_sums = expected.fold(rows, excluded)
    for ours, theirs in (
        (counts.successes, whole.successes),
        (counts.totals, whole.totals),
        *((getattr(sums, part), getattr(whole_sums, part)) for part in MomentSums.__annotations__),
        (selection.codes[0], expected.codes[0]),
        (selection.codes[1], expected.codes[1]),
    ):
        np.testing.assert_array_equal(ours, theirs)


moves = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.02, 0.3, 0.31, 0.7, 0.99]),
        st.sampled_from([(), ("ant",), ("ant", "dog"), ("bee", "cat", "dog")]),
        st.integers(0, 99),
    ),
    min_size=2,
    max_size=6,
)


@given(level=st.sampled_from(["P", "O"]), moves=moves)
def test_any_walk_of_the_controls_ends_where_a_new_start_does(evaluation, level, moves):
    for confidence, classes, seed in moves:
        query = evaluation.at(confidence_threshold=confidence, classes=classes)._query
        chosen = evaluation._data.selection(level, query)
        selection = Selection(chosen.side, chosen.rows)  # the side remembers the last moves
        luck = np.random.default_rng(seed).random(len(selection.rows))
        rows = selection.rows[luck < 0.4]
        assert_same(selection, rows, fresh(selection))
        counts, sums = selection.fold(rows, rows[:0])
        # Few rows: each value has a fine bin of its own, and nothing is lost by that.
        np.testing.assert_array_equal(counts.successes, counted_by_value(selection, rows))
        np.testing.assert_array_equal(counts.totals, counted_by_value(selection, selection.rows))
        np.testing.assert_allclose(pearson(sums), summed_by_row(selection, rows), atol=1e-7)
        out = selection.rows[luck > 0.8]
        less, less_sums = selection.fold(rows, out)
        np.testing.assert_array_equal(less.successes, counts.successes)
        np.testing.assert_array_equal(less.totals, counts.totals - counted_by_value(selection, out))
        np.testing.assert_allclose(
            (sums.x - less_sums.x, sums.xx - less_sums.xx),
            (selection.sums(out), selection.sums(out, power=2)),
            atol=1e-9,
        )


@pytest.fixture(scope="module")
def large():
    """More rows than there are fine bins: values share them."""
    n = 150_000
    rng = np.random.default_rng(0)
    frame = np.sort(rng.integers(0, 300, n))
    skewed = rng.lognormal(sigma=3, size=n)
    skewed[rng.random(n) < 0.1] = np.nan
    objects = {"even": rng.random(n), "skewed": skewed, "ties": rng.integers(0, 9, n) * 1.0}
    objects["heavy"] = np.where(rng.random(n) < 0.6, 0.0, rng.random(n))
    return selection_of(frame, {"fog": rng.random(300)}, objects)


def walk(large):
    """Choices as the controls make them: steps, jumps, few rows, a narrow part of a metric."""
    n, rng = len(large.rows), np.random.default_rng(1)
    luck, even = rng.random(n), large.side.metrics["even (P)"].rank / n
    for mask in (
        luck < 2,
        luck < 0.5,
        luck < 0.51,
        even > 0.93,
        even > 0.99,
        (luck < 0.5) & (even < 0.4),
        luck < 0.2 / SMALL,
        luck < 0.001,
        luck < 0,
        luck < 0.51,
    ):
        yield np.flatnonzero(mask)


def test_a_walk_over_many_rows_ends_where_a_new_start_does(large):
    rng = np.random.default_rng(2)
    for chosen in walk(large):
        selection = Selection(large.side, chosen)
        for share in (0.3, 0.31):
            luck = rng.random(len(chosen))
            rows = chosen[luck < share]
            assert_same(selection, rows, fresh(large, chosen))
            assert_same(selection, rows, fresh(large, chosen), chosen[luck > 0.9])
            few, out = chosen[luck < 0.01], chosen[luck > 0.99]
            counts, sums = selection.fold(few, out)
            totals = sum(
                counted_by_value(selection, part) * s for part, s in ((chosen, 1), (out, -1))
            )
            np.testing.assert_array_equal(counts.totals.sum(axis=1), totals.sum(axis=1))
            np.testing.assert_allclose(
                (selection._sums[0] - sums.x, selection._sums[1] - sums.xx),
                (selection.sums(out), selection.sums(out, power=2)),
                rtol=0,
                atol=1e-6,
            )


def test_all_rows_and_few_rows_are_binned_by_their_values_alone(large):
    for chosen in (large.rows, large.rows[:: 2 * SMALL], large.rows[:2000]):
        selection = fresh(large, chosen)
        counts = selection.fold(chosen[::3], chosen[:0])[0]
        np.testing.assert_array_equal(counts.successes, counted_by_value(selection, chosen[::3]))
        np.testing.assert_array_equal(counts.totals, counted_by_value(selection, chosen))


def test_importance_of_any_choice_is_that_of_its_own_bins(large):
    rng = np.random.default_rng(3)
    even = large.side.metrics["even (P)"]
    for chosen in walk(large):
        if len(chosen) < 1000:
            continue
        selection = fresh(large, chosen)
        chance = np.where(even.rank[chosen] % 20_000 < 6_000, 0.7, 0.2)
        rows = chosen[rng.random(len(chosen)) < chance]
        found = importance(selection.fold(rows, chosen[:0])[0])
        hits, totals = (counted_by_value(selection, part) for part in (rows, chosen))
        np.testing.assert_allclose(found, importance(BinCounts(hits, totals)), atol=5e-4)


def test_no_bin_of_a_choice_holds_more_than_two_should(large):
    for chosen in walk(large):
        selection = fresh(large, chosen)
        if len(chosen):
            totals = selection.totals[1:3, :-1]  # metrics without ties
            most = np.maximum(2 * totals.sum(axis=1) / 1024, 2)
            assert (totals.max(axis=1) <= most + 1).all()


def test_threads_that_ask_at_once_get_the_same_answers(large):
    choices = [*walk(large)] * 3
    order = np.random.default_rng(4).permutation(len(choices))
    rows = {number: choices[number][::3] for number in order}

    def ask(number):
        selection = Selection(large.side, choices[number])
        counts, sums = selection.fold(rows[number], rows[number][:0])
        return counts.successes, counts.totals, sums.x, sums.xx, sums.xy

    with ThreadPoolExecutor(4) as pool:
        found = dict(zip(order, pool.map(ask, order), strict=True))
    for number in order:
        counts, sums = fresh(large, choices[number]).fold(rows[number], rows[number][:0])
        expected = counts.successes, counts.totals, sums.x, sums.xx, sums.xy
        for ours, theirs in zip(found[number], expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_tallies_of_any_split_add_up_to_the_whole(large):
    part = np.random.default_rng(5).integers(0, 3, large.side.n_images)[large.side.image_code]
    whole = large.side.tally(large.rows)
    parts = [large.side.tally(large.rows[part == number]) for number in range(3)]
    together = parts[0] + parts[1] + parts[2]
    for name in ("histogram", "per_image", "sums"):
        np.testing.assert_array_equal(getattr(together, name), getattr(whole, name))


@given(st.lists(st.integers(0, 5 * BLOCK), max_size=40), st.sampled_from([1, 2]))
def test_sums_by_block_are_those_by_row(large, cuts, power):
    n = len(large.rows)
    table = large.side.of_objects
    # Runs of rows, some as long as many blocks.
    ends = np.minimum(np.cumsum([0, *cuts]), n)
    runs = [np.arange(*ends[k : k + 2]) for k in range(0, len(ends) - 1, 2)]
    rows = np.concatenate([np.arange(0), *runs])
    values = table.standard[rows]
    if power == 2:
        values = np.rint(values**2 * 2.0**34) / 2.0**34
    expected = values.sum(axis=0)
    found = table.sums(rows, n)[power - 1]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)
    assert power == 2 or found.tolist() == expected.tolist()


def test_only_what_changed_is_tallied_again():
    seen = []

    def change(total, added, removed):
        seen.append((added.tolist(), removed.tolist()))
        return total + np.bincount(added, minlength=10) - np.bincount(removed, minlength=10)

    def whole(rows):
        return change(np.zeros(10, int), rows, rows[:0])

    def of(*rows):
        return tallies.of(np.array(rows), whole, change).tolist()

    tallies = Tallies(10, steps=1, jumps=2)
    assert of(1, 2, 3, 8) == [0, 1, 1, 1, 0, 0, 0, 0, 1, 0]
    assert of(1, 2, 3, 9) == [0, 1, 1, 1, 0, 0, 0, 0, 0, 1]
    assert of(0, 4) == [1, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    assert of(1, 2, 3, 9) == [0, 1, 1, 1, 0, 0, 0, 0, 0, 1]
    assert seen == [([1, 2, 3, 8], []), ([9], [8]), ([0, 4], [])]
