import numpy as np
import pytest

from ea_widgets.core.statistics.clusters import order_by_cluster


def test_rows_are_ordered_by_cluster_and_shuffled_within():
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 30, 1000) * 5
    rows = np.sort(rng.choice(1000, 700, replace=False))
    found = order_by_cluster(frame, rows)
    assert sorted(found.order) == rows.tolist()
    present, counts = np.unique(frame[rows], return_counts=True)
    assert found.n_clusters == len(present)
    assert (frame[found.order] == np.repeat(present, counts)).all()
    assert (np.diff(found.start) == counts).all()
    assert (found.find(rows) == np.arange(len(rows))).all()
    first = found.order[: counts[0]]
    assert (first != np.sort(first)).any()


def test_cells_are_parts_of_clusters_in_strata():
    frame = np.array([0, 0, 1, 1, 2, 2, 2, 0])
    stratum = np.array([0, 1, 0, 0, 1, 1, 1, 0])
    found = order_by_cluster(frame, np.arange(8), stratum)
    cells = list(zip(found.stratum, found.cluster, found.sizes, strict=True))
    assert cells == [(0, 0, 2), (0, 1, 2), (1, 0, 1), (1, 2, 3)]


def test_no_rows_make_no_clusters():
    found = order_by_cluster(np.zeros(0, np.intp), np.zeros(0, np.intp))
    assert found.n_clusters == 0
    assert len(found.sizes) == 0


@pytest.mark.parametrize("n_strata", [1, 3, 12])
@pytest.mark.parametrize("n_clusters", [1, 2, 15])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_cell_is_paired_with_one_of_its_stratum(n_strata, n_clusters, seed):
    rng = np.random.default_rng(n_strata * n_clusters)
    frame, stratum = rng.integers(0, n_clusters, 40), rng.integers(0, n_strata, 40)
    rows = order_by_cluster(frame, np.arange(40), stratum)
    donor = rows.circular_shift(np.random.default_rng(seed))
    cells = np.arange(len(rows.sizes))
    assert sorted(donor) == cells.tolist()
    assert (rows.stratum[donor] == rows.stratum).all()
    if len(cells) > rows.n_clusters or n_strata == 1:
        alone = np.bincount(rows.stratum)[rows.stratum] == 1
        assert ((donor == cells) == alone).all()


def test_all_parts_of_a_cluster_are_paired_with_one_other_cluster():
    frame, stratum = (part.ravel() for part in np.indices((7, 4)))
    rows = order_by_cluster(frame, np.arange(28), stratum)
    rng, shifts = np.random.default_rng(0), set()
    for _ in range(60):
        shift = (rows.cluster[rows.circular_shift(rng)] - rows.cluster) % 7
        assert len(set(shift.tolist())) == 1
        shifts.add(int(shift[0]))
    assert shifts == {1, 2, 3, 4, 5, 6}


def test_strata_that_share_no_cluster_shift_by_themselves():
    frame = np.arange(12)
    rows = order_by_cluster(frame, frame, frame // 4)
    rng = np.random.default_rng(0)
    ways = {tuple(rows.circular_shift(rng)) for _ in range(2000)}
    assert len(ways) == 4**3


def test_rows_that_are_left_out_are_gone_and_empty_clusters_with_them():
    rng = np.random.default_rng(0)
    cluster = rng.integers(0, 40, 120)
    rows = order_by_cluster(cluster, np.arange(120))
    gone = np.flatnonzero((cluster == 3) | (rng.random(120) < 0.3))
    left, kept = rows.without(rows.find(gone))
    assert (left.order == rows.order[kept]).all()
    assert sorted(left.order) == np.setdiff1d(np.arange(120), gone).tolist()
    present, sizes = np.unique(cluster[left.order], return_counts=True)
    assert left.sizes.tolist() == sizes.tolist()
    assert left.n_clusters == len(present) < 40
    assert left.find(gone).tolist() == []
