"""The loop-free matching against COCO's sequential rule, written as it reads."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.core.matching.greedy import greedy_match
from ea_widgets.core.matching.pairs import CHUNK, candidates, sort_pairs


def sequential(n_predictions, iou, ignored, crowd, threshold):
    """`iou[p, l]`; each prediction in turn takes the best free label."""
    taken, matches = set(), []
    for prediction in range(n_predictions):
        best = None
        for label in range(iou.shape[1]):
            free = crowd[label] or label not in taken
            if not free or iou[prediction, label] < threshold or iou[prediction, label] <= 0:
                continue
            key = (not ignored[label], iou[prediction, label], label)
            if best is None or key > best:
                best = key
        if best is not None:
            taken.add(best[2])
            matches.append((prediction, best[2]))
    return matches


@given(
    overlaps=st.integers(1, 8).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 4), min_size=width, max_size=width), min_size=1, max_size=12
        )
    ),
    threshold=st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]),
    data=st.data(),
)
def test_rounds_equal_the_sequential_rule(overlaps, threshold, data):
    iou = np.array(overlaps) / 4
    flags = st.lists(st.booleans(), min_size=iou.shape[1], max_size=iou.shape[1])
    crowd = np.array(data.draw(flags))
    ignored = crowd | np.array(data.draw(flags))
    prediction, label = np.nonzero(iou)
    shuffled = np.random.default_rng(0).permutation(len(prediction))
    prediction, label = prediction[shuffled], label[shuffled]
    given = np.arange(iou.shape[1])
    if data.draw(st.booleans()):  # labels can stand in another order than they were given in
        given = np.random.default_rng(1).permutation(given)
    pairs = sort_pairs(
        prediction, label, iou[prediction, label], ignored=ignored, crowd=crowd, given=given
    )
    taker, taken, overlap = greedy_match(pairs, threshold)
    by_given = np.argsort(given)
    want = [
        (row, int(by_given[place]))
        for row, place in sequential(
            len(iou), iou[:, by_given], ignored[by_given], crowd[by_given], threshold
        )
    ]
    assert list(zip(taker.tolist(), taken.tolist(), strict=True)) == want
    np.testing.assert_array_equal(overlap, iou[taker, taken])


def test_a_chain_of_second_choices_is_followed_to_its_end():
    # Prediction k prefers label k - 1, which k - 1 has taken as its own second choice.
    n = 40
    iou = np.zeros((n, n))
    iou[0, 0] = 0.9
    for row in range(1, n):
        iou[row, row - 1], iou[row, row] = 0.9, 0.6
    prediction, label = np.nonzero(iou)
    none = np.zeros(n, bool)
    pairs = sort_pairs(
        prediction, label, iou[prediction, label], ignored=none, crowd=none, given=np.arange(n)
    )
    taker, taken, _ = greedy_match(pairs, 0.5)
    assert taker.tolist() == taken.tolist() == list(range(n))


@given(st.lists(st.integers(0, 5), max_size=30), st.lists(st.integers(0, 5), max_size=20))
def test_candidates_are_the_pairs_of_each_group(predictions, labels):
    parts = list(candidates(np.array(predictions, np.int64), np.array(labels, np.int64)))
    got = [pair for part in parts for pair in zip(*(side.tolist() for side in part), strict=True)]
    want = [
        (p, label)
        for p, group in enumerate(predictions)
        for label, other in enumerate(labels)
        if group == other
    ]
    assert got == want


def test_candidates_come_in_bounded_chunks(monkeypatch):
    monkeypatch.setattr("ea_widgets.core.matching.pairs.CHUNK", 10)
    group = np.zeros(50, np.int64)
    parts = list(candidates(group, np.zeros(7, np.int64)))
    assert max(len(prediction) for prediction, _ in parts) <= 10
    assert sum(len(prediction) for prediction, _ in parts) == 350
    assert CHUNK > 10
