import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.core.counting.stable_order import stable_order


@given(st.lists(st.integers(0, 5) | st.integers(-(2**63), 2**63 - 1), max_size=60))
def test_order_is_that_of_a_stable_sort(numbers):
    key = np.array(numbers, np.int64)
    order = stable_order(key)
    assert order.dtype == np.intp
    assert order.tolist() == sorted(range(len(numbers)), key=numbers.__getitem__)


def test_the_largest_key_that_fits_beside_its_row():
    for largest in (2**61 - 1, 2**61, 2**62):  # of four rows, whose numbers take two bits
        assert stable_order(np.array([largest, 0, largest, largest - 1])).tolist() == [1, 3, 0, 2]
