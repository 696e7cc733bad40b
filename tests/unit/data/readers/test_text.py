"""Plain text detections, and the layouts of text files told apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import ea_widgets as ea
from tests.unit.data.readers.trees import write

BOX = ["x", "y", "width", "height"]
LABELS = {
    "images": [{"id": 1, "file_name": "a.jpg", "width": 200, "height": 100}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [80, 30, 40, 40]}],
    "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
}


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("dog 0.75 80 30 40 40", None),
        ("dog 80 30 40 40 0.75", None),
        ("1 0.75 80 30 40 40", None),
        ("dog 0.75 0.5 0.5 0.2 0.4", None),
        ("1 0.5 0.5 0.2 0.4 0.75", None),
        ("dog 0.75 80 30 120 70", "xyxy"),
        ("dog 0.75 0.4 0.3 0.6 0.7", "xyxyn"),
    ],
)
def test_forms_of_a_line(tmp_path, line, form):
    write(tmp_path, {"dets/a.txt": line, "dets/classes.txt": "cat\ndog"})
    found = ea.read(LABELS, tmp_path / "dets", boxes=form).predictions
    np.testing.assert_allclose(found[BOX], [[80, 30, 40, 40]])
    assert found["confidence"].tolist() == [0.75]
    assert found["class_name"].tolist() == ["dog"]


def test_many_corners_are_seen_and_said(tmp_path):
    write(tmp_path, {"dets/a.txt": "cat 0.5 80 30 120 70\n" * 20})
    found = ea.read(LABELS, tmp_path / "dets")
    assert found.predictions[BOX].drop_duplicates().to_numpy().tolist() == [[80, 30, 40, 40]]
    assert found.notes[0] == (
        "Boxes of the predictions were read as corners (x1, y1, x2, y2) in pixels, as their "
        "numbers allow; `boxes` says it otherwise."
    )


def test_labels_cannot_be_plain_text(tmp_path):
    write(tmp_path, {"a.txt": "cat 0.5 80 30 120 70\n"})
    with pytest.raises(ea.InvalidInputError, match=r"`labels` is .*whose format is not recognised"):
        ea.read(tmp_path, [])


odd_text = st.one_of(
    st.binary(max_size=60),
    st.text("0123456789. -e\n\tnaifcat", max_size=80).map(str.encode),
    st.sampled_from([b"cat 0.5 1e999 0 1 1", b"cat 0.5 1 2", b"cat .5 nan nan nan nan"]),
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=20,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(odd_text, odd_text)
def test_mutated_files_give_a_result_or_an_input_error(tmp_path, one, other):
    write(tmp_path, {"dets/a.txt": one, "dets/b.txt": other, "dets/c.txt": "cat 0.5 1 2 3 4\n" * 3})
    for name in (None, {"predictions": "text"}):
        try:
            ea.read(LABELS, tmp_path / "dets", format=name)
        except ea.InvalidInputError:
            continue
