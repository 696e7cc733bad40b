import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.analysis.sample.selection import Selection
from ea_widgets.analysis.sample.tally import LastTally
from ea_widgets.core.statistics.intervals import borrow_effects, design_effect


def fresh(selection):
    return Selection(selection.side, selection.rows)


@given(data=st.data())
def test_what_was_added_up_step_by_step_equals_the_whole_to_the_last_bit(evaluation, data):
    level = data.draw(st.sampled_from(["P", "O"]))
    classes = data.draw(st.sampled_from([(), ("ant", "dog")]))
    selection = fresh(evaluation._data.selection(level, evaluation.at(classes=classes)._query))
    n = len(selection.rows)
    for _ in range(4):
        # Few rows change at one step, many at another; none at all may be left.
        marked = np.random.default_rng(data.draw(st.integers(0, 99))).random(n)
        rows = selection.rows[marked < data.draw(st.sampled_from([0.0, 0.3, 0.31, 0.9]))]
        counts, sums = selection.fold(rows, rows[:0])
        whole, whole_sums = fresh(selection).fold(rows, rows[:0])
        assert (counts.successes == whole.successes).all()
        assert sums.xy.tolist() == whole_sums.xy.tolist()


def test_only_what_changed_is_tallied_again():
    seen = []

    def tally(rows):
        seen.append(rows.tolist())
        return np.bincount(rows, minlength=10)

    last = LastTally()
    assert last.of(np.array([1, 2, 3, 8]), tally).tolist() == [0, 1, 1, 1, 0, 0, 0, 0, 1, 0]
    assert last.of(np.array([1, 2, 3, 9]), tally).tolist() == [0, 1, 1, 1, 0, 0, 0, 0, 0, 1]
    assert last.of(np.array([0, 4]), tally).tolist() == [1, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    assert seen == [[1, 2, 3, 8], [9], [8], [0, 4]]


@given(data=st.data())
def test_curve_counts_equal_those_of_all_cells(evaluation, data):
    metric = data.draw(st.sampled_from(["Size (P)", "Gaps (P)", "Noise (P)", "Fog (F)"]))
    selection = evaluation._data.selection("P", evaluation.at()._query)
    by_class, bins = data.draw(st.booleans()), data.draw(st.sampled_from([1, 5, 400]))
    binned = selection.curve_bins(metric, bins, by_class=by_class)
    luck = np.random.default_rng(data.draw(st.integers(0, 99))).random(len(selection.rows))
    limit = data.draw(st.sampled_from([0.0, 0.1, 0.6, 1.0]))
    successes = np.flatnonzero(luck < limit)
    excluded = np.flatnonzero((luck >= limit) & (luck < limit + 0.1))
    found = binned.fold(successes, excluded)

    n_cells = len(binned.cell_rows)
    hits, out = (
        np.bincount(binned.cell[rows], minlength=n_cells + 1)[:n_cells].astype(float)
        for rows in (successes, excluded)
    )
    rows, group = binned.cell_rows - out, binned.cell_group[:n_cells]
    start = np.searchsorted(group, np.arange(len(binned.bin_code)))
    s, n, frames = (np.add.reduceat(part, start) for part in (hits, rows, (rows > 0) * 1))
    known = (s > 0) & (s < n) & (frames > 1)
    effect = design_effect(hits, rows, start)
    if not known.any():
        effect[:] = design_effect(hits, rows, np.array([0]))
    assert found.successes.tolist() == s.tolist()
    assert found.totals.tolist() == n.tolist()
    np.testing.assert_allclose(found.effect, borrow_effects(effect, frames, known), rtol=1e-9)
