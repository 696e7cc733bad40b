import numpy as np

from ea_widgets.core.counting.rectangles import members, pair_scores, runs_of, single_scores


def score(n, wrong, n_all, wrong_all, effect=1.0):
    """The same for one part, by hand."""
    rate = wrong_all / n_all
    variance = n * rate * (1 - rate) * (1 - n / n_all) * effect
    if n < 20 or n_all - n < 20 or not variance:
        return 0.0
    return (wrong - n * rate) / np.sqrt(variance)


def test_runs_are_all_pairs_of_ends():
    runs = runs_of(3)
    assert runs.tolist() == [[0, 0], [1, 1], [2, 2], [0, 1], [1, 2], [0, 2]]
    assert members(runs, 3)[3].tolist() == [1, 1, 0]


def test_every_rectangle_is_scored_as_one_by_one():
    rng = np.random.default_rng(0)
    rows = rng.integers(5, 40, (2, 4, 4)).astype(float)
    errors = np.floor(rows * rng.random((2, 4, 4)))
    runs = runs_of(4)
    inside = members(runs, 4)
    effect = np.full((2, len(runs), len(runs)), 1.7)
    found = pair_scores(rows, errors, inside, effect)
    for pair in range(2):
        for i, (a, b) in enumerate(runs):
            for j, (c, d) in enumerate(runs):
                part = np.s_[pair, a : b + 1, c : d + 1]
                first, second = np.s_[pair, a : b + 1], np.s_[pair, :, c : d + 1]
                expected = min(
                    score(
                        rows[part].sum(),
                        errors[part].sum(),
                        rows[side].sum(),
                        errors[side].sum(),
                        1.7,
                    )
                    for side in (first, second)
                )
                np.testing.assert_allclose(found[pair, i, j], expected, atol=1e-4)


def test_single_runs_are_scored_against_all_rows():
    rows, errors = np.array([[30.0, 50, 40]]), np.array([[3.0, 30, 10]])
    runs = runs_of(3)
    found = single_scores(rows, errors, members(runs, 3), np.ones((1, len(runs))))
    np.testing.assert_allclose(found[0, 1], score(50, 30, 120, 43))
    assert found[0, -1] == 0  # everything


def test_an_outcome_that_does_not_vary_scores_nothing():
    runs = runs_of(2)
    rows = np.full((1, 2, 2), 100.0)
    effect = np.ones((1, len(runs), len(runs)))
    assert not pair_scores(rows, rows, members(runs, 2), effect).any()
    assert not pair_scores(rows, 0 * rows, members(runs, 2), effect).any()
