import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.core.counting.binning import RankedColumn
from ea_widgets.core.counting.ordered_ranks import CountedRanks, FineRanks, SortedRanks


@given(
    values=st.lists(st.none() | st.integers(0, 12), min_size=1, max_size=60),
    widths=st.lists(st.integers(1, 4), min_size=13, max_size=13),
    seed=st.integers(0, 99),
    every=st.booleans(),
)
def test_all_ways_to_find_a_rank_agree_with_sorting(values, widths, seed, every):
    column = RankedColumn.of(np.array([np.nan if v is None else v for v in values], float))
    n_values = len(column.values)
    first_rank = np.unique(np.minimum(np.append(0, np.cumsum(widths)), n_values))
    n_fine = len(first_rank) - 1
    code = np.append(np.repeat(np.arange(n_fine), np.diff(first_rank)), n_fine + 3)
    code = code.astype(np.uint16)[column.rank]
    chosen = np.ones(len(values), bool)
    if not every:
        chosen = np.random.default_rng(seed).random(len(values)) < 0.6
    ranks = np.sort(column.rank[chosen])
    ranks = ranks[ranks < n_values]
    ways = (
        SortedRanks(ranks),
        CountedRanks(np.bincount(ranks, minlength=n_values)),
        FineRanks(
            column,
            code,
            first_rank,
            np.bincount(code[chosen], minlength=n_fine)[:n_fine],
            None if every else chosen,
        ),
    )
    positions, asked = np.arange(len(ranks)), np.arange(n_values + 1)
    for way in ways:
        assert way.total == len(ranks)
        assert way.at(positions[::-1]).tolist() == ranks[::-1].tolist()
        assert way.before(asked).tolist() == [(ranks < rank).sum() for rank in asked]
