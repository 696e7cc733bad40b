"""Edges of bins of about equal weight."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.core.counting.weighted_bins import weighted_edges

VALUES = st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0, np.nan, -3.0, 7.25]), max_size=60)


@given(values=VALUES, most=st.integers(1, 9))
def test_edges_ascend_hold_all_values_and_are_few(values, most):
    given_ = np.array(values)
    edges = np.array(weighted_edges(given_, np.ones(len(given_)), most))
    known = np.unique(given_[~np.isnan(given_)])
    assert (len(edges) > 0) == (len(known) > 0)
    if len(known):
        assert (edges[0], edges[-1]) == (known[0], known[-1])
        assert (np.diff(edges[:-1]) > 0).all()
        assert len(edges) - 1 <= most


def test_equal_weights_give_equal_counts():
    values = np.random.default_rng(0).normal(size=6400)
    edges = weighted_edges(values, np.ones(6400), 64)
    assert np.bincount(np.searchsorted(edges[1:-1], values, "right")).tolist() == [100] * 64


def test_a_value_of_many_rows_is_apart():
    values = np.concatenate([np.zeros(100), np.linspace(0.001, 1, 9900)])
    edges = weighted_edges(values, np.ones(10_000), 64)
    assert edges[1] == pytest.approx(0.0005)
    assert len(edges) == 65


def test_weight_decides():
    values = np.arange(1000.0)
    edges = weighted_edges(values, np.where(values < 900, 1e-9, 1.0), 10)
    assert sum(edge >= 899 for edge in edges[1:-1]) == 9
