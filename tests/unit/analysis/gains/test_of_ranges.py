"""What mending ranges of metrics is worth, against a naive twin."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from tests.unit.analysis.gains.naive import Naive


@pytest.fixture(scope="module")
def planted():
    """Narrow objects fail, and those of one camera."""
    rng = np.random.default_rng(7)
    n_images, n = 60, 600
    images = pd.DataFrame({"image_id": np.arange(n_images), "width": 900, "height": 900})
    images["Camera"] = pd.Categorical(rng.choice(["north", "south", "west"], n_images))
    images["Fog"] = rng.random(n_images)
    labels = pd.DataFrame(
        {
            "image_id": rng.integers(0, n_images, n),
            "class_name": rng.choice(["ant", "bee"], n),
            "x": np.arange(n) % 20 * 45.0,
            "y": np.arange(n) // 20 * 14.0,
            "width": rng.uniform(5, 25, n),
            "height": 10.0,
        }
    )
    camera = images["Camera"].to_numpy()[labels["image_id"]]
    fails = (labels["width"] < 9) | ((camera == "west") & (rng.random(n) < 0.8))
    predictions = labels.copy()
    predictions.loc[fails, "y"] += 440
    predictions["confidence"] = rng.random(n)
    for frame in (labels, predictions):
        frame["Width of Box"] = frame["width"]
    predictions["Only Mine"] = predictions["width"] + rng.random(n)
    return ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))


def marker(row, images):
    """Function that marks what of a frame is in the range of a row."""
    name = row["metric"].rpartition(" (")[0]

    def mark(frame):
        if name in frame:
            values = frame[name]
        elif name in images:
            values = images.set_index("image_id")[name].loc[frame["image_id"]]
        else:
            return np.zeros(len(frame), bool)
        isin = row["isin"]
        within = values.isin(isin) if isin else values.between(row["low"], row["high"])
        of_class = (frame["class_name"] == row["class_name"]) | (row["class_name"] == "all")
        return within.to_numpy() & of_class.to_numpy()

    return mark


@pytest.mark.parametrize("outcome", ["true_positive", "missed"])
@pytest.mark.parametrize("by_class", [False, True])
@pytest.mark.parametrize("where", [None, ea.where("Fog (F)", high=0.7)])
def test_every_range(planted, outcome, by_class, where):
    view = planted.at(0.5, 0.1, where=where)
    ranges = view.worst_ranges(8, outcome, by_class=by_class, gain=True)
    plain = view.worst_ranges(8, outcome, by_class=by_class)
    pd.testing.assert_frame_equal(ranges[list(plain)], plain)
    assert len(ranges) >= 2
    naive = Naive(view, view)
    for _, row in ranges.iterrows():
        mark = marker(row, view.dataset.images)
        gain, n = naive.of_range(mark, mark)
        assert row["gain"] == pytest.approx(gain, abs=1e-12)
        assert row["gain_per_100"] == pytest.approx(100 * gain / n)
    assert ranges["gain"].max() > 0.02


def test_no_ranges_have_the_columns_too(planted):
    table = planted.at(0.5, 1.0).worst_ranges(gain=True)
    assert len(table) == 0
    assert list(table)[-2:] == ["gain", "gain_per_100"]


def test_a_class_named_all_is_not_taken_for_all_classes(planted):
    dataset = planted.dataset
    frames = [
        frame.assign(class_name=frame["class_name"].astype(object).replace("ant", "all"))
        for frame in (dataset.labels, dataset.predictions)
    ]
    renamed = ea.Evaluation(ea.Dataset.from_frames(dataset.images, *frames))
    ours, theirs = (one.at().worst_ranges(gain=True) for one in (renamed, planted))
    np.testing.assert_allclose(ours["gain"], theirs["gain"], atol=1e-12)
