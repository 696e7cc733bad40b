import numpy as np
import pytest
from scipy.stats import spearmanr

import ea_widgets as ea
from tests.statistics.simulate import evaluation_of, selection_of


@pytest.fixture(scope="module")
def metrics():
    rng = np.random.default_rng(0)
    size = rng.lognormal(size=900)
    return {
        "Size": size,
        "Bent": size**3,
        "Turned": 1 / size,
        "Near": size * rng.lognormal(0, 0.1, 900),
        "Far": size * rng.lognormal(0, 1, 900),
        "Gaps": np.where(rng.random(900) < 0.5, size, np.nan),
        "Constant": np.ones(900),
        "Coarse": np.floor(3 * rng.random(900)),
    }


def test_rank_correlations_are_scipys(metrics):
    frame = np.repeat(np.arange(90), 10)
    fog = np.random.default_rng(1).integers(0, 9, 90).astype(float)
    selection = selection_of(frame, {"Fog": fog}, metrics)
    found = selection.rank_correlations
    columns = [fog[frame], *metrics.values()]
    for i, one in enumerate(columns):
        for j, other in enumerate(columns):
            both = ~np.isnan(one) & ~np.isnan(other)
            if min(np.ptp(one[both]), np.ptp(other[both])) == 0:
                assert np.isnan(found[i, j])
            else:
                exact = spearmanr(one[both], other[both]).statistic
                # Ranks are taken before the rows without the other metric are left out.
                assert found[i, j] == pytest.approx(exact, abs=1e-9 if both.all() else 0.01)


def test_twins_name_the_first_metric_that_says_the_same(metrics):
    frame = np.repeat(np.arange(90), 10)
    evaluation = evaluation_of(frame, np.arange(900) % 3 == 0, object_metrics=metrics)
    table = evaluation.twins().set_index("metric")
    assert table["same_as"].to_dict() == dict.fromkeys(
        ("Bent (P)", "Turned (P)", "Near (P)", "Gaps (P)"), "Size (P)"
    )
    assert table.loc["Turned (P)", "rank_correlation"] == pytest.approx(-1)
    assert list(table.columns) == ["same_as", "rank_correlation"]


def test_settled_tables_name_the_twin_that_ranks_higher(metrics):
    rng = np.random.default_rng(2)
    frame = np.repeat(np.arange(90), 10)
    hit = rng.random(900) < 1 / (1 + np.exp(-2 * np.log(metrics["Size"])))
    evaluation = evaluation_of(frame, hit, object_metrics=metrics)
    table = evaluation.importance(settled=True)
    place = {name: number for number, name in enumerate(table.index)}
    for name, leader in table["same_as"].items():
        assert leader == "" or place[leader] < place[name]
        assert leader == "" or table.loc[leader, "same_as"] == ""
    assert (table["same_as"] != "").sum() == 4


def test_no_rows_have_no_twins(frames):
    images, labels, predictions = frames
    empty = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions.iloc[:0]))
    assert empty.twins().empty
    with pytest.raises(ea.InvalidInputError, match=r"^`outcome` has no option 'iou'"):
        empty.twins(outcome="iou")
