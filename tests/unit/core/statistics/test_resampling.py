import threading

import pytest

from ea_widgets.core.statistics.resampling import (
    ComputationStoppedError,
    draw_clusters,
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


def test_each_resample_draws_as_many_clusters_as_there_are():
    weights = draw_clusters(50, 400)
    assert weights.shape == (400, 50)
    assert (weights.sum(axis=1) == 50).all()
    assert abs(weights.mean() - 1) < 1e-6
    assert abs(weights.var() - (1 - 1 / 50)) < 0.05  # multinomial
    assert (draw_clusters(50, 400) == weights).all()
