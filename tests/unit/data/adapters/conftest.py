"""A scene as arrays per image, the Dataset that it is, and stand-ins for tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea

NAMES = ("ant", "bee", "cow")


class Tensor:
    """A tensor of torch 2.13.0 as far as we look at it: numpy() fails while it has gradients."""

    def __init__(self, values: Any, *, attached: bool = True) -> None:
        self._values, self._attached = np.asarray(values), attached
        self.dtype = f"torch.{self._values.dtype}"
        self.shape = self._values.shape

    def detach(self) -> Tensor:
        return Tensor(self._values, attached=False)

    def cpu(self) -> Tensor:
        return self

    def numel(self) -> int:
        return self._values.size

    def __len__(self) -> int:
        return len(self._values)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:  # numpy's own signature
        if self._attached:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return self._values if dtype is None else self._values.astype(dtype)


@dataclass
class Scene:
    """Five images of 500 x 400 pixels; the third has no labels, the fourth no predictions."""

    truths: list[tuple[np.ndarray, np.ndarray]]
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
    size: tuple[int, int] = (500, 400)

    def dataset(self, keys: list[Any] | None = None) -> ea.Dataset:
        """The same by way of frames."""
        keys = list(range(len(self.truths))) if keys is None else keys
        frames = []
        for parts in (self.truths, self.found):
            rows = [
                pd.DataFrame(part[0], columns=["x", "y", "width", "height"]).assign(
                    image_id=key,
                    class_name=np.array(NAMES)[part[1]],
                    **({"confidence": part[2]} if len(part) == 3 else {}),
                )
                for key, part in zip(keys, parts, strict=True)
            ]
            frame = pd.concat(rows, ignore_index=True)
            frame["width"] -= frame["x"]
            frame["height"] -= frame["y"]
            frames.append(frame)
        images = pd.DataFrame({"image_id": keys, "width": self.size[0], "height": self.size[1]})
        return ea.Dataset.from_frames(images, *frames)


@pytest.fixture
def scene() -> Scene:
    rng = np.random.default_rng(5)
    truths, found = [], []
    for row in range(5):
        corners = rng.integers(0, 300, (4, 2)).astype(np.float64)
        boxes = np.concatenate([corners, corners + rng.integers(20, 90, (4, 2))], axis=1)
        classes = rng.integers(0, 3, 4)
        n_truths, n_found = (0 if row == 2 else 4), (0 if row == 3 else 4)
        truths.append((boxes[:n_truths], classes[:n_truths]))
        moved = boxes + rng.integers(-4, 5, boxes.shape)
        found.append((moved[:n_found], classes[:n_found], rng.random(4)[:n_found].round(3)))
    return Scene(truths, found)


@pytest.fixture
def tensor() -> type[Tensor]:
    return Tensor


@pytest.fixture
def assert_same():
    """Compare images, boxes, classes and confidences of two Datasets."""

    def compare(got: ea.Dataset, wanted: ea.Dataset) -> None:
        shared = ["image_id", "class_name", "x", "y", "width", "height"]
        for name, columns in (
            ("images", ["image_id", "width", "height"]),
            ("labels", shared),
            ("predictions", [*shared, "confidence"]),
        ):
            one, other = (getattr(dataset, name)[columns] for dataset in (got, wanted))
            for frame in (one, other):
                if "class_name" in frame:
                    frame["class_name"] = frame["class_name"].astype(str)
            pd.testing.assert_frame_equal(one, other, check_dtype=False)

    return compare
