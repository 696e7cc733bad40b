import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.core.matching.average_precision import (
    RECALL_LEVELS,
    average_precision,
    matches_needed,
    precision_envelope,
)


def test_matches_needed_is_what_searchsorted_finds():
    n_labels = np.arange(1, 3000)
    needed = matches_needed(n_labels)
    for n in (*range(1, 130), 999, 1000, 1001, 2999):
        recall = np.arange(1, n + 1) / n
        want = np.searchsorted(recall, RECALL_LEVELS, side="left") + 1
        np.testing.assert_array_equal(needed[n - 1], want)


@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=8), min_size=1, max_size=6))
def test_envelope_is_the_running_maximum_from_behind(classes):
    precision = np.concatenate([np.array(values) for values in classes])
    first = np.concatenate([np.arange(len(values)) == 0 for values in classes])
    want = [np.maximum.accumulate(np.array(values)[::-1])[::-1] for values in classes]
    # Values closer than rounding on the lifted scale may stand for each other.
    np.testing.assert_allclose(
        precision_envelope(precision, first), np.concatenate(want), atol=1e-14
    )
    assert set(precision_envelope(precision, first)) <= set(precision)


def test_closed_forms():
    # Class 0: all found, no mistakes. 1: half found, each after one mistake. 2: nothing found.
    # 3: no labels.
    rank = np.array([0, 1, 2, 1, 3])
    code = np.array([0, 0, 0, 1, 1])
    labels = np.array([3, 4, 5, 0])
    got = average_precision(rank, code, labels, matches_needed(labels))
    assert got[0] == pytest.approx(1.0)
    assert got[1] == pytest.approx(0.5 * 51 / 101)
    assert got[2] == 0
    assert np.isnan(got[3])
