"""Metrics that say the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.data.twins import twins


@pytest.mark.parametrize("sizes", [[20, 20], [20, 30]])
def test_blur_and_areas(sizes):
    images = pd.DataFrame({"image_id": [0, 1], "width": sizes, "height": 20})
    box = {"image_id": [0, 1], "class_name": "a", "x": 1, "y": 1, "width": 5, "height": 5}
    pixels = {0: np.eye(20), 1: np.eye(20, sizes[1])}
    labels = pd.DataFrame(box)
    dataset = ea.Dataset.from_frames(images, labels, labels.assign(confidence=1.0), pixels=pixels)
    assert twins(dataset) == {}
    names = ["Blur", "Sharpness", "Object Area - Absolute", "Object Area - Relative"]
    found = twins(ea.compute_metrics(dataset, metrics=names, progress=False))
    expected = {f"Blur ({level})": f"Sharpness ({level})" for level in "FOP"}
    if sizes[0] == sizes[1]:
        for level in "OP":
            expected[f"Object Area - Absolute ({level})"] = f"Object Area - Relative ({level})"
    assert found == expected
    assert twins(ea.compute_metrics(dataset, metrics=["Blur"], progress=False)) == {}
