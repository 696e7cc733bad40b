"""Files for the command, and what it printed."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """Labels, predictions and images as COCO files: mAP 0.5, since one of two classes is found."""
    folder = tmp_path_factory.mktemp("coco")
    (folder / "images").mkdir()
    rng = np.random.default_rng(0)
    images, labels, predictions = [], [], []
    for number in range(1, 31):
        name = f"{number}.png"
        pixels = rng.integers(0, 255, (60, 80, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "images" / name)
        images.append({"id": number, "width": 80, "height": 60, "file_name": name})
        for category in (1, 2):
            box = [10.0 * category, 5.0, 12.0, 12.0]
            labels.append(
                {
                    "id": len(labels) + 1,
                    "image_id": number,
                    "category_id": category,
                    "bbox": box,
                    "area": 144.0,
                    "iscrowd": 0,
                }
            )
            moved = [box[0] + 30 * (category == 2), *box[1:]]
            predictions.append(
                {"image_id": number, "category_id": category, "bbox": moved, "score": 0.5}
            )
    categories = [{"id": 1, "name": "ant"}, {"id": 2, "name": "bee"}]
    truth = {"images": images, "annotations": labels, "categories": categories}
    (folder / "labels.json").write_text(json.dumps(truth))
    (folder / "predictions.json").write_text(json.dumps(predictions))
    return folder


@pytest.fixture
def last_line(capsys):
    """Give the only line on standard error, where nothing else was printed."""

    def read():
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "Traceback" not in printed.err
        assert printed.err.count("\n") == 1
        return printed.err

    return read
