import threading

import numpy as np
import pytest

from ea_widgets.core.statistics.resampling import (
    ComputationStoppedError,
    draw_frames,
    order_by_frame,
    run_blocks,
)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_blocks_come_back_in_order(workers):
    assert run_blocks(lambda number: number**2, 7, workers=workers) == [0, 1, 4, 9, 16, 25, 36]
    assert run_blocks(lambda number: number, 0, workers=workers) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_blocks_stop_when_asked(workers):
    done = []
    lock = threading.Lock()

    def compute(number):
        with lock:
            done.append(number)

    with pytest.raises(ComputationStoppedError):
        run_blocks(compute, 1000, should_stop=lambda: len(done) >= 5, workers=workers)
    assert len(done) < 10


def test_an_error_in_a_block_is_raised():
    with pytest.raises(ZeroDivisionError):
        run_blocks(lambda number: 1 // (number - 3), 10, workers=2)


def test_rows_are_ordered_by_frame_and_shuffled_within():
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 30, 1000) * 5
    rows = np.sort(rng.choice(1000, 700, replace=False))
    found = order_by_frame(frame, rows)
    assert sorted(found.order) == rows.tolist()
    present, counts = np.unique(frame[rows], return_counts=True)
    assert found.n_frames == len(present)
    assert (frame[found.order] == np.repeat(present, counts)).all()
    assert (np.diff(found.start) == counts).all()
    assert (found.places[found.order] == np.arange(len(rows))).all()
    first = found.order[: counts[0]]
    assert (first != np.sort(first)).any()


def test_cells_are_parts_of_frames_in_strata():
    frame = np.array([0, 0, 1, 1, 2, 2, 2, 0])
    stratum = np.array([0, 1, 0, 0, 1, 1, 1, 0])
    found = order_by_frame(frame, np.arange(8), stratum)
    cells = list(zip(found.stratum, found.frame, found.sizes, strict=True))
    assert cells == [(0, 0, 2), (0, 1, 2), (1, 0, 1), (1, 2, 3)]


def test_no_rows_make_no_frames():
    found = order_by_frame(np.zeros(0, np.intp), np.zeros(0, np.intp))
    assert found.n_frames == 0
    assert len(found.sizes) == 0


def test_each_resample_draws_as_many_frames_as_there_are():
    weights = draw_frames(50, 400)
    assert weights.shape == (400, 50)
    assert (weights.sum(axis=1) == 50).all()
    assert abs(weights.mean() - 1) < 1e-6
    assert abs(weights.var() - (1 - 1 / 50)) < 0.05  # multinomial
    assert (draw_frames(50, 400) == weights).all()


@pytest.mark.parametrize("n_strata", [1, 3, 12])
@pytest.mark.parametrize("n_frames", [1, 2, 15])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_cell_is_paired_with_one_of_its_stratum(n_strata, n_frames, seed):
    rng = np.random.default_rng(n_strata * n_frames)
    frame, stratum = rng.integers(0, n_frames, 40), rng.integers(0, n_strata, 40)
    rows = order_by_frame(frame, np.arange(40), stratum)
    donor = rows.turned(np.random.default_rng(seed))
    cells = np.arange(len(rows.sizes))
    assert sorted(donor) == cells.tolist()
    assert (rows.stratum[donor] == rows.stratum).all()
    if len(cells) > rows.n_frames or n_strata == 1:
        alone = np.bincount(rows.stratum)[rows.stratum] == 1
        assert ((donor == cells) == alone).all()


def test_all_parts_of_a_frame_are_paired_with_one_other_frame():
    frame, stratum = (part.ravel() for part in np.indices((7, 4)))
    rows = order_by_frame(frame, np.arange(28), stratum)
    rng, shifts = np.random.default_rng(0), set()
    for _ in range(60):
        shift = (rows.frame[rows.turned(rng)] - rows.frame) % 7
        assert len(set(shift.tolist())) == 1
        shifts.add(int(shift[0]))
    assert shifts == {1, 2, 3, 4, 5, 6}


def test_strata_that_share_no_frame_turn_by_themselves():
    frame = np.arange(12)
    rows = order_by_frame(frame, frame, frame // 4)
    rng = np.random.default_rng(0)
    ways = {tuple(rows.turned(rng)) for _ in range(2000)}
    assert len(ways) == 4**3
