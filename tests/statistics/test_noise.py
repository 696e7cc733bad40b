"""How often noise is taken for something, where difficulty differs by frame."""

import numpy as np
import pytest

from ea_widgets.analysis.settled import noise
from ea_widgets.analysis.settled_rows import SettledRows
from ea_widgets.core.importance import importance
from ea_widgets.core.nulls import LEVEL, adjusted_p_values
from tests.statistics.simulate import (
    NOTHING,
    correlated_metric,
    evaluation_of,
    objects_in_frames,
    outcomes,
    selection_of,
)

pytestmark = pytest.mark.slow


def p_values(seed, *, vary):
    rng, frame, difficulty = objects_in_frames(seed, vary=vary)
    hit = outcomes(rng, difficulty[frame] - 0.5)
    images = {"frame": rng.normal(size=len(difficulty))}
    objects = {f"share {share}": correlated_metric(rng, frame, share) for share in (0.4, 0.8)}
    selection = selection_of(frame, images, objects)
    data = SettledRows.of(selection, np.flatnonzero(hit), NOTHING)
    return noise(data.null, importance(data.counts), None, 1)[1]


# Of 60 data sets, the limit lies three standard errors above 5 %.
@pytest.mark.parametrize(("seeds", "vary", "most"), [(200, False, 0.08), (60, True, 0.135)])
def test_noise_is_told_from_noise_in_few_data_sets(seeds, vary, most):
    """400 frames of 20 objects; a metric per frame, and two that are alike within frames."""
    found = np.array([p_values(seed, vary=vary) for seed in range(seeds)])
    # By themselves at 5 %, and among others after the adjustment.
    assert ((found <= LEVEL).mean(axis=0) <= most).all()
    adjusted = np.array([adjusted_p_values(row) for row in found])
    assert ((adjusted <= LEVEL).mean(axis=0) <= 0.08).all()


def test_a_weak_but_real_metric_is_found_among_noise():
    found = []
    for seed in range(10):
        rng, frame, difficulty = objects_in_frames(seed, 200)
        metric = rng.normal(size=len(frame))
        hit = outcomes(rng, 0.4 * metric + difficulty[frame])
        others = {f"noise {number}": rng.normal(size=len(frame)) for number in range(29)}
        evaluation = evaluation_of(frame, hit, object_metrics={"real": metric, **others})
        table = evaluation.importance(settled=True)
        found.append(table["distinguishable"].to_dict())
    assert all(row["real (P)"] for row in found)
    assert sum(sum(row.values()) for row in found) <= 10 + 5
