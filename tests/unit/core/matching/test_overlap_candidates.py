import numpy as np
import pytest

from ea_widgets.core.matching import overlap_candidates as module
from ea_widgets.core.matching.boxes import paired_iou
from ea_widgets.core.matching.overlap_candidates import (
    Edges,
    overlapping_boxes,
    touching,
    touching_pairs,
)
from ea_widgets.core.matching.pairs import candidates
from ea_widgets.errors import InvalidInputError


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


def boxes(rng, n, reach):
    sizes = rng.choice([0.0, 0.5, 3.0, 40.0, 900.0], (n, 2)) * rng.random((n, 2)).round(2)
    return np.hstack([rng.integers(-5, reach, (n, 2)), sizes]).astype(float)


@pytest.mark.parametrize("seed", range(8))
def test_sorting_large_groups_first_finds_the_same_pairs(monkeypatch, seed):
    rng = np.random.default_rng(seed)
    reach = (10, 1_000)[seed % 2]
    left, right = boxes(rng, 150, reach), boxes(rng, 120, reach)
    if seed == 2:  # all start at one coordinate: the other axis parts them
        left[:, 0], right[:, 0] = 0, 0
    groups = rng.choice([-1, 0, 1, 7], 150, p=[0.1, 0.2, 0.5, 0.2]), rng.choice([-2, 0, 1, 8], 120)
    edges = Edges.of(left), Edges.of(right)
    wanted = [np.zeros(0, int), np.zeros(0, int)]
    for rows, columns in candidates(*groups):
        kept = touching(*edges, rows, columns)
        wanted = [np.append(wanted[0], rows[kept]), np.append(wanted[1], columns[kept])]
    for bound in (1, 2_000, 1 << 22):
        monkeypatch.setattr(module, "SWEPT_FROM", bound)
        found = touching_pairs(*groups, *edges)
        assert [rows.tolist() for rows in found] == [rows.tolist() for rows in wanted]
        one, other, iou = overlapping_boxes(*groups, left, right, 0.1)
        assert (iou > 0.1).all()
        assert (groups[0][one] == groups[1][other]).all()


def test_an_image_full_of_boxes_looks_at_few_pairs(monkeypatch):
    rng = np.random.default_rng(0)
    left, right = (np.hstack([rng.uniform(0, 12_000, (n, 2)), rng.uniform(5, 100, (n, 2))])
                   for n in (20_000, 2_000))  # fmt: skip
    looked_at = []

    def counted(detections, truths, rows, columns):
        looked_at.append(len(rows))
        return touching(detections, truths, rows, columns)

    monkeypatch.setattr(module, "touching", counted)
    touching_pairs(np.zeros(20_000, int), np.zeros(2_000, int), Edges.of(left), Edges.of(right))
    assert sum(looked_at) < 20_000 * 2_000 / 50


def test_boxes_that_all_overlap_are_refused_before_memory_ends(monkeypatch):
    monkeypatch.setattr(module, "MOST_PAIRS", 1_000_000)
    same = np.tile([0.0, 0.0, 9.0, 9.0], (2_100, 1))
    group = np.zeros(2_100, int)
    with pytest.raises(InvalidInputError, match="overlap in more than 1,000,000 pairs"):
        overlapping_boxes(group, group, same, same, 0.5)
