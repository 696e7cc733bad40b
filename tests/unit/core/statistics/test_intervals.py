import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from scipy.stats import t as student

from ea_widgets.core.statistics.intervals import (
    design_effect,
    shrink_design_effects,
    t_quantile,
    wilson_interval,
)


def ratio_variance(successes, totals):
    """Linearised variance of a ratio of cluster totals over the binomial one."""
    n, rate = totals.sum(), successes.sum() / totals.sum()
    frames = np.count_nonzero(totals)
    if frames < 2 or rate in {0.0, 1.0}:
        return 1.0
    spread = ((successes - rate * totals) ** 2).sum() * frames / (frames - 1) / n**2
    return max(spread / (rate * (1 - rate) / n), 1.0)


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8),
        min_size=1,
        max_size=5,
    )
)
def test_design_effect_is_the_textbook_formula(groups):
    cells = np.array([cell for group in groups for cell in group], float)
    successes, totals = cells.min(axis=1), cells.max(axis=1)
    start = np.cumsum([0] + [len(group) for group in groups[:-1]])
    want = []
    for first, group in zip(start, groups, strict=True):
        rows = slice(first, first + len(group))
        some = totals[rows].sum() > 0
        want.append(ratio_variance(successes[rows], totals[rows]) if some else 1.0)
    np.testing.assert_allclose(design_effect(successes, totals, start), want, rtol=1e-9)


def test_copies_of_one_object_per_frame_count_once():
    hit = np.random.default_rng(0).random(400) < 0.3
    effect = design_effect(hit * 10.0, np.full(400, 10.0), np.array([0]))
    assert effect[0] == pytest.approx(10 * 400 / 399)


def test_wilson_equals_its_closed_form():
    # Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    hits, n = np.array([81, 15, 0, 1]), np.array([263.0, 148.0, 20.0, 29.0])
    low, high = wilson_interval(hits / n, n)
    assert low == pytest.approx([0.2553, 0.0624, 0.0, 0.0061], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718], abs=5e-5)


def test_no_objects_no_interval():
    low, high = wilson_interval(np.array([np.nan]), np.array([0.0]))
    assert np.isnan([*low, *high]).all()


def test_design_effects_of_few_clusters_shrink_to_that_of_many():
    effect, frames = np.array([4.0, 1.0, 2.0]), np.array([97, 1, 5])
    known = np.array([True, False, True])
    shared = (96 * 4 + 4 * 2) / 100
    found = shrink_design_effects(effect, frames, known)
    np.testing.assert_allclose(found, [(96 * 4 + 4 * shared) / 100, shared, (8 + 4 * shared) / 8])
    assert (shrink_design_effects(effect, frames, np.zeros(3, bool)) == effect).all()


@pytest.mark.parametrize("degrees", [1, 2, 2.5, 3, 4, 5, 10, 100, 10_000])
def test_quantiles_of_t_are_scipys(degrees):
    assert t_quantile(degrees) == pytest.approx(student.ppf(0.975, degrees), rel=1e-12)
    expected = student.ppf(norm.cdf(2.394), degrees)
    assert t_quantile(degrees, 2.394) == pytest.approx(expected, rel=1e-12)
