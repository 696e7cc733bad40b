import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.core.matching.error_types import REASONS, SortedOverlaps, false_positive_reason

BOTH = "wrong_class_and_badly_located"


@pytest.mark.parametrize(
    ("same", "other", "threshold", "reason"),
    [
        (0.0, 0.0, 0.5, "background"),
        (0.09, 0.1, 0.5, "background"),  # up to 0.1, included
        (0.1, 0.0, 0.5, "badly_located"),  # from 0.1 with the own class, included
        (0.49, 0.9, 0.5, "badly_located"),  # goes before a wrong class
        (0.0, 0.5, 0.5, "wrong_class"),
        (0.7, 0.6, 0.5, "wrong_class"),  # goes before a duplicate
        (0.5, 0.49, 0.5, "duplicate"),
        (0.09, 0.3, 0.5, BOTH),
        (0.09, 0.11, 0.12, BOTH),
        # Thresholds up to that of the background leave no room between the two.
        (0.06, 0.0, 0.05, "duplicate"),
        (0.04, 0.05, 0.05, "wrong_class"),
        (0.04, 0.03, 0.05, "background"),
        (0.1, 0.0, 0.1, "duplicate"),
        # No overlap is enough for nothing, not even at 0.
        (0.0, 0.0, 0.0, "background"),
        (1e-9, 0.0, 0.0, "duplicate"),
        (0.0, 1e-9, 0.0, "wrong_class"),
        # At 1 rounding is forgiven, as in matching.
        (1 - 1e-12, 0.0, 1.0, "duplicate"),
        (1 - 1e-9, 0.0, 1.0, "badly_located"),
    ],
)
def test_each_reason_and_its_bounds(same, other, threshold, reason):
    code = false_positive_reason(np.array([same]), np.array([other]), threshold)
    assert code.dtype == np.int8
    assert REASONS[code[0]] == reason


IOU = st.sampled_from([0.0, 1e-9, 0.05, 0.1, 0.1000001, 0.3, 0.5, 0.75, 1 - 1e-12, 1.0])


def sort_overlaps(same, other):
    alone = np.where(same < 0.1, other, 0.0)
    columns = same, other, np.minimum(same, other), alone
    return SortedOverlaps(len(same), *(np.sort(column[column > 0]) for column in columns))


@given(st.lists(st.tuples(IOU, IOU), max_size=30), st.one_of(IOU, st.floats(0, 1)))
def test_sorted_overlaps_count_what_one_by_one_gives(pairs, threshold):
    same, other = np.array(pairs).reshape(-1, 2).T
    expected = np.bincount(false_positive_reason(same, other, threshold), minlength=len(REASONS))
    assert sort_overlaps(same, other).count(threshold).tolist() == expected.tolist()


def test_any_split_equals_the_whole():
    same, other = np.random.default_rng(0).random((2, 500)) * (
        np.random.default_rng(1).random((2, 500)) < 0.6
    )
    for threshold in np.linspace(0, 1, 11):
        parts = [
            sort_overlaps(same[cut], other[cut]).count(threshold)
            for cut in (slice(200), slice(200, None))
        ]
        assert sum(parts).tolist() == sort_overlaps(same, other).count(threshold).tolist()
