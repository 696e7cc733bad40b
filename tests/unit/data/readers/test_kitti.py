"""KITTI's label and result files."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import ea_widgets as ea
from tests.unit.data.readers.trees import write, write_images

BOX = ["x", "y", "width", "height"]
CAR = "Car 0.00 1 -1.57 80.00 30.00 120.00 70.00 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59"
IGNORED = "DontCare -1 -1 -10 10.00 10.00 20.00 40.00 -1 -1 -1 -1000 -1000 -1000 -10"
FOUND = "Car -1 -1 -10 80 30 120 70 -1 -1 -1 -1000 -1000 -1000 -10 0.9"


@pytest.fixture
def folder(tmp_path):
    write_images(tmp_path, "image_2/000000.png", "image_2/000001.png")
    return write(
        tmp_path,
        {
            "label_2/000000.txt": f"{CAR}\n{IGNORED}\n",
            "label_2/000001.txt": f"{CAR.replace('Car', 'Van')}\n",
            "results/000000.txt": f"{FOUND}\n{FOUND.replace('80 30 120 70', '10 10 20 40')}\n",
            "results/000001.txt": f"{FOUND.replace('Car', 'Van')}\n",
        },
    )


def test_labels_and_results(folder):
    found = ea.read(folder / "label_2", folder / "results")
    assert found.images["image_id"].tolist() == ["000000", "000001"]
    assert found.images[["width", "height"]].to_numpy().tolist() == [[200, 100]] * 2
    assert found.labels[BOX].to_numpy().tolist() == [
        [80, 30, 40, 40],
        [10, 10, 10, 30],
        [80, 30, 40, 40],
    ]
    assert found.class_names == ("Car", "Van")
    assert found.labels["ignore"].tolist() == [False, True, False]
    np.testing.assert_array_equal(found.labels["truncated"], [0, np.nan, 0])
    np.testing.assert_array_equal(found.labels["location_z"], [46.7, np.nan, 46.7])
    assert found.predictions["confidence"].tolist() == [0.9] * 3
    assert found.predictions[BOX].to_numpy().tolist()[0] == [80, 30, 40, 40]
    assert "alpha" not in found.predictions
    assert len(found.problems) == 0


def test_what_nobody_cares_for_is_ignored_for_every_class(folder):
    found = ea.read_kitti(folder / "label_2", folder / "results")
    assert found.labels["class_name"].isna().tolist() == [False, True, False]
    scores = ea.Evaluation(found).scores()
    assert scores.true_positives == 2
    assert scores.false_positives == 0
    assert scores.false_negatives == 0


def test_results_without_scores_are_said(folder):
    write(folder, {"results/000000.txt": FOUND.rpartition(" ")[0], "results/000001.txt": ""})
    found = ea.read(folder / "label_2", folder / "results", format="kitti")
    assert found.predictions["confidence"].isna().all()
    assert any(note.startswith("The predictions have no confidences") for note in found.notes)


def test_short_lines_are_left_out_and_named(folder):
    write(folder, {"label_2/000001.txt": f"{CAR}\nCar 0.0 1\n"})
    found = ea.read_kitti(folder / "label_2", [])
    assert found.problems[["row", "field", "value"]].to_numpy().tolist() == [
        ["000001.txt:2", "line", "'Car 0.0 1'"]
    ]


odd = st.one_of(
    st.binary(max_size=60),
    st.integers(0, len(CAR)).map(lambda end: CAR[:end].encode()),
    st.tuples(st.integers(0, len(CAR)), st.text("0123456789e- ", max_size=6)).map(
        lambda cut: (CAR[: cut[0]] + cut[1] + CAR[cut[0] :]).encode()
    ),
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=20,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(odd, odd)
def test_mutated_files_give_a_result_or_an_input_error(folder, label, result):
    write(folder, {"label_2/000000.txt": label, "results/000000.txt": result + b" 0.5"})
    with contextlib.suppress(ea.InvalidInputError):
        ea.read_kitti(folder / "label_2", folder / "results")
