import numpy as np
import pytest

from ea_widgets.core.matching import overlap_candidates as module
from ea_widgets.core.matching.boxes import paired_iou
from ea_widgets.core.matching.overlap_candidates import Edges, touching


@pytest.mark.parametrize("block", [1, 7, 1 << 16])
@pytest.mark.parametrize("seed", range(5))
def test_every_pair_that_overlaps_is_found(monkeypatch, seed, block):
    monkeypatch.setattr(module, "BLOCK", block)
    rng = np.random.default_rng(seed)
    left, right = (
        np.hstack([rng.integers(0, 9, (n, 2)), rng.integers(0, 4, (n, 2))]) / 10 for n in (40, 30)
    )
    rows, columns = rng.integers(0, 40, 500), rng.integers(0, 30, 500)
    iou = paired_iou(left[rows], right[columns], np.zeros(500, bool))
    places = touching(Edges.of(left), Edges.of(right), rows, columns)
    assert np.isin(np.flatnonzero(iou > 0), places).all()
    assert (np.diff(places) > 0).all()
    area = (left[rows, 2:] > 0).all(axis=1) & (right[columns, 2:] > 0).all(axis=1)
    assert (iou[places][area[places]] > 0).all()


def test_no_boxes():
    none = Edges.of(np.zeros((0, 4)))
    assert touching(none, none, np.zeros(0, np.intp), np.zeros(0, np.intp)).tolist() == []
