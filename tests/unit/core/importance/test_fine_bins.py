import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.core.counting.binning import RankedColumn, bin_of_ranks
from ea_widgets.core.importance.fine_bins import FINEST, fine_codes, group_bins
from ea_widgets.core.importance.importance import FINE_BINS, fine_bins


@given(
    st.lists(st.lists(st.integers(0, 3) | st.integers(0, 900), min_size=6, max_size=6), max_size=4)
)
def test_groups_are_the_equal_count_bins_of_fine_bins(table):
    counts = np.array(table, np.int32).reshape(len(table), 6)
    groups = group_bins(counts)
    codes = groups.of_fine(groups.n_bins + 1)
    assert (codes[:, -1] == groups.n_bins + 1).all()
    assert groups.sums(counts).tolist() == groups.totals.tolist()
    fine = np.tile(np.arange(6, dtype=np.uint16), (len(table), 1))
    assert groups.of_few(fine, groups.n_bins + 1).tolist() == codes.tolist()
    for row, of_fine, totals in zip(counts, codes, groups.totals, strict=True):
        expected, used = bin_of_ranks(row, fine_bins(int(row[:-1].sum())))
        present = np.flatnonzero(row[:-1])
        assert of_fine[present].tolist() == expected[present].tolist()
        assert used <= groups.n_bins
        size = np.bincount(of_fine[:-1], row[:-1], groups.n_bins)
        assert totals.tolist() == [*size, row[-1]]
        assert (np.diff(of_fine[:-1].astype(int)) >= 0).all()


def test_bins_of_all_rows_are_unions_of_fine_bins():
    rng = np.random.default_rng(0)
    for column in (rng.normal(size=200_000), rng.lognormal(size=200_000).round(4)):
        column[::50] = np.nan
        ranked = RankedColumn.of(column)
        counts = ranked.counts
        of_rank, n_fine = fine_codes(counts)
        assert FINE_BINS < n_fine <= FINEST
        assert of_rank[-1] == n_fine
        fine = np.bincount(of_rank, counts, n_fine + 1).astype(np.int64)
        groups = group_bins(fine[None])
        expected, used = bin_of_ranks(counts, FINE_BINS)
        assert groups.n_bins == used
        assert groups.of_fine(used)[0, of_rank].tolist() == expected.tolist()


def test_few_values_have_a_fine_bin_each():
    of_rank, n_fine = fine_codes(np.array([5, 1, 0, 7, 2]))
    assert of_rank.tolist() == [0, 1, 2, 3, 4]
    assert n_fine == 4


def test_no_rows_no_bins():
    groups = group_bins(np.array([[0, 0, 5]], np.int32))
    assert groups.totals.tolist() == [[0, 5]]
    assert groups.of_fine(1).tolist() == [[0, 0, 1]]
