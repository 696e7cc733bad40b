import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from tests.statistics.two_models import model, scene


@pytest.fixture(scope="module")
def planted():
    """Labels that are missed where two properties meet; neither matters alone."""
    rng = np.random.default_rng(0)
    images, labels, _ = scene(rng, n_images=120)
    images["weather"] = rng.choice(["sun", "rain"], len(images))
    low = labels["m1"] < 0.5
    meets = low == (labels["m3"] < 0.5)
    found = rng.random(len(labels)) < np.where(meets, 0.5, 0.85)
    return ea.Evaluation(model(images, labels, found, rng))


def test_a_conjunction_is_found_with_its_ends(planted):
    table = planted.worst_slices(outcome="missed")
    assert {tuple(m) for m in table["metrics"][:2]} == {("m1 (O)", "m3 (O)")}
    row = table.iloc[0]
    labels = planted.dataset.labels
    missed = planted.matches().labels["outcome"] == "missed"
    view = planted.at(where=row["condition"])
    assert view.scores().labels_used == row["n"]
    assert view.scores().false_negatives == row["errors"]
    assert row["rate"] == row["errors"] / row["n"]
    assert row["rate_low"] < row["rate"] < row["rate_high"]
    assert row["average"] == missed.sum() / len(labels)
    assert row["p_value"] <= 0.05
    np.testing.assert_allclose(row["rates_alone"], row["average"], atol=0.05)
    assert row["sentence"].startswith("Objects with m1 ")
    assert " and with m3 " in row["sentence"]
    assert "The first alone:" in row["sentence"]


def test_single_properties_alone_on_request(planted):
    assert all(len(m) == 1 for m in planted.worst_slices(depth=1, outcome="missed")["metrics"])
    with pytest.raises(ea.InvalidInputError, match=r"`depth` is 3\. Give 1 or 2\."):
        planted.worst_slices(depth=3)


def test_nothing_to_look_at_names_nothing(frames):
    images, labels, predictions = frames
    nothing = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions.iloc[:0]))
    assert len(nothing.worst_slices()) == 0
    assert len(nothing.worst_slices(outcome="missed")) == 0
    assert "condition" in nothing.worst_slices()


@pytest.mark.parametrize("outcome", ["true_positive", "missed"])
def test_cells_of_a_grid_are_counts_of_objects(evaluation, outcome):
    grid = evaluation.grid("Size", "Fog", bins=5, outcome=outcome)
    matches = evaluation.matches()
    table = matches.predictions if outcome == "true_positive" else matches.labels
    frame = (
        evaluation.dataset.predictions if outcome == "true_positive" else evaluation.dataset.labels
    )
    counted = ~table["outcome"].isin(["ignored", "left_out"])
    size = frame["Size"][table.index][counted]
    images = evaluation.dataset.images.set_index("image_id")["Fog"]
    fog = frame["image_id"][table.index][counted].map(images)
    hit = (table["outcome"] == outcome)[counted]
    assert grid["n"].sum() == counted.sum()
    for row in grid.itertuples():
        inside = size.between(row.x_low, row.x_high) & fog.between(row.y_low, row.y_high)
        assert inside.sum() == row.n
        assert hit[inside].mean() == pytest.approx(row.rate, abs=1e-12)
        assert row.rate_low <= row.rate <= row.rate_high


def test_a_grid_with_categories(planted):
    grid = planted.grid("weather", "m1", outcome="missed")
    assert set(grid["x_category"]) == {"sun", "rain"}
    assert grid["n"].sum() == len(planted.dataset.labels)


def test_a_grid_of_what_the_objects_do_not_have_is_refused(frames):
    images, labels, predictions = frames
    labels = labels.assign(Hidden=np.arange(len(labels)))
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    with pytest.raises(ea.InvalidInputError) as error:
        evaluation.grid("Fog", "Hidden")
    assert str(error.value) == (
        "`metric_y` is 'Hidden', which predictions do not have. Give another outcome."
    )
    assert isinstance(evaluation.grid("Fog", "Hidden", outcome="missed"), pd.DataFrame)
