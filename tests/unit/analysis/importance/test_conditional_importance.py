import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from tests.statistics.simulate import evaluation_of, objects_in_frames, outcomes


@pytest.fixture(scope="module")
def chain():
    """Class decides area, area the outcome."""
    rng, frame, difficulty = objects_in_frames(0, n_frames=300)
    code = rng.integers(0, 8, len(frame))
    area = 0.4 * code + rng.normal(size=len(frame))
    hit = outcomes(rng, -2 + area + 0.5 * difficulty[frame])
    metrics = {"Area": np.exp(area), "Code": code.astype(float), "Twin": -area}
    return evaluation_of(frame, hit, code, {"Fog": rng.normal(size=300)}, metrics)


def test_class_matters_by_itself_and_falls_to_its_floor_given_area(chain):
    alone = chain.importance(settled=True, include_class=True)
    given = chain.importance(settled=True, include_class=True, given="Area (P)")
    for name in ("Class (P)", "Code (P)"):
        assert alone.loc[name, "distinguishable"]
        assert alone.loc[name, "importance"] > 0.05
        assert not given.loc[name, "distinguishable"]
        assert given.loc[name, "importance"] <= given.loc[name, "noise_floor"]


def test_area_stays_given_class(chain):
    alone = chain.importance().loc["Area (P)", "importance"]
    for held in ("class", "Code (P)", "Code"):
        row = chain.importance(settled=True, given=held).loc["Area (P)"]
        assert row["distinguishable"]
        assert row["importance_low"] > 0.4 * alone


def test_nothing_is_left_of_a_metric_given_itself_or_its_twin(chain):
    given = chain.importance(settled=True, given="Area")
    assert given.loc["Area (P)", "importance"] == 0
    # What is left lies within strata.
    assert given.loc["Twin (P)", "importance"] < 0.01
    row = chain.importance(given="class", include_class=True).loc["Class (P)"]
    assert row["importance"] == 0


def test_noise_stays_noise_whatever_is_held_fixed(chain):
    for held in ("class", "Area"):
        assert not chain.importance(settled=True, given=held).loc["Fog (F)", "distinguishable"]


def test_what_is_held_fixed_leaves_correlation_as_it_is(chain):
    plain, given = chain.importance(), chain.importance(given="class", include_class=True)
    metrics = given.drop("Class (P)")
    assert metrics["correlation"].to_dict() == plain["correlation"].to_dict()
    assert np.isnan(given.loc["Class (P)", "correlation"])


def test_class_importance_is_the_plug_in_less_chance(chain):
    from sklearn.metrics import mutual_info_score  # noqa: PLC0415  # the oracle of this test only

    matches = chain.matches().predictions
    hit = matches["outcome"] == "true_positive"
    nats = mutual_info_score(matches["class_name"], hit)
    entropy = -(hit.mean() * np.log(hit.mean()) + (1 - hit.mean()) * np.log(1 - hit.mean()))
    found = chain.importance(include_class=True).loc["Class (P)", "importance"]
    assert found == pytest.approx((nats - 7 / 2 / len(hit)) / entropy, rel=0.01)


def test_labels_can_be_asked_likewise(evaluation):
    table = evaluation.importance(outcome="missed", given="Size", include_class=True)
    assert set(table.index) >= {"Class (O)", "Size (O)", "Fog (F)"}
    assert table.loc["Size (O)", "importance"] == 0


def test_rows_without_the_held_metric_are_left_out(evaluation, frames):
    table = evaluation.importance(given="Gaps")
    counted = evaluation.matches().predictions["outcome"] != "ignored"
    present = frames[2].loc[counted[counted].index, "Gaps"].notna()
    assert table.loc["Size (P)", "n"] == present.sum()
    assert table.loc["Size (P)", "importance"] < 0.05


def test_the_class_alone_joins_the_others_unchanged(evaluation):
    plain = evaluation.importance(settled=True)
    joined = evaluation.importance(settled=True, include_class=True)
    columns = ["importance", "correlation", "n", "importance_high", "noise_floor", "p_value"]
    pd.testing.assert_frame_equal(
        joined.loc[plain.index, columns], plain[columns], check_dtype=False
    )


def test_a_metric_of_the_other_side_is_refused(evaluation):
    with pytest.raises(ea.InvalidInputError, match=r"^`given` has no option 'Size \(O\)'"):
        evaluation.importance(given="Size (O)")
