"""The confusion matrix against hotcoco, which matches all classes at once (quirk HOT-CONFUSION)."""

import contextlib
import io

import hotcoco
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import ea_widgets as ea

CLASSES = ("ant", "bee", "cat", "dog")


def far_apart(seed):
    """Labels on a grid, each with one prediction at most: both ways of matching agree."""
    rng = np.random.default_rng(seed)
    n = 60
    cell = rng.permutation(100)[:n]
    frame = pd.DataFrame(
        {
            "image_id": rng.integers(1, 4, n),
            "class_name": rng.choice(CLASSES, n),
            "x": cell % 10 * 50.0,
            "y": cell // 10 * 50.0,
            "width": 40.0,
            "height": 40.0,
        }
    )
    images = pd.DataFrame({"image_id": [1, 2, 3], "width": 500, "height": 500})
    predictions = frame.iloc[rng.permutation(n)[:50]].reset_index(drop=True)
    predictions["x"] += rng.choice([0.0, 5.0, 15.0], len(predictions))
    wrong = rng.random(len(predictions)) < 0.4
    predictions.loc[wrong, "class_name"] = rng.choice(CLASSES, wrong.sum())
    predictions["confidence"] = rng.permutation(len(predictions)) / len(predictions)
    labels = frame.iloc[rng.permutation(n)[:50]].reset_index(drop=True)
    kind = pd.CategoricalDtype(CLASSES)
    for objects in (labels, predictions):
        objects["class_name"] = objects["class_name"].astype(kind)
    return ea.Dataset.from_frames(images, labels, predictions)


def hotcoco_matrix(dataset, iou_threshold):
    """Matrix of label class by predicted class; the last of each is the margin."""
    code = {name: n + 1 for n, name in enumerate(dataset.class_names)}

    def entries(frame):
        for n, row in enumerate(frame.itertuples()):
            yield {
                "id": n + 1,
                "image_id": int(row.image_id),
                "category_id": code[row.class_name],
                "bbox": [row.x, row.y, row.width, row.height],
                "area": row.width * row.height,
                "iscrowd": 0,
                "score": getattr(row, "confidence", 1.0),
            }

    with contextlib.redirect_stdout(io.StringIO()):
        truth = hotcoco.COCO(
            {
                "images": [{"id": int(i)} for i in dataset.images["image_id"]],
                "categories": [{"id": n, "name": name} for name, n in code.items()],
                "annotations": list(entries(dataset.labels)),
            }
        )
        run = hotcoco.COCOeval(truth, truth.load_res(list(entries(dataset.predictions))), "bbox")
        return run.confusion_matrix(iou_thr=iou_threshold)["matrix"].astype(int)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.3, 0.5, 0.8]))
def test_far_apart(seed, iou_threshold):
    dataset = far_apart(seed)
    ours = ea.Evaluation(dataset).at(iou_threshold).confusion()
    np.testing.assert_array_equal(ours, hotcoco_matrix(dataset, iou_threshold))


def test_quirk_hot_confusion():
    """A surer prediction of another class takes the label in hotcoco, before that of its class."""
    box = {"image_id": [1, 1], "x": 0.0, "y": 0.0, "width": 10.0, "height": [10.0, 9.0]}
    images = pd.DataFrame({"image_id": [1], "width": 50, "height": 50})
    predictions = pd.DataFrame({**box, "class_name": ["bee", "ant"], "confidence": [0.9, 0.8]})
    labels = pd.DataFrame({**box, "class_name": ["ant", "bee"]}).iloc[:1]
    kind = pd.CategoricalDtype(["ant", "bee"])
    for frame in (labels, predictions):
        frame["class_name"] = frame["class_name"].astype(kind)
    dataset = ea.Dataset.from_frames(images, labels, predictions)
    ours = ea.Evaluation(dataset).at(0.5).confusion()
    assert ours.to_numpy().tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 0]]
    assert hotcoco_matrix(dataset, 0.5).tolist() == [[0, 1, 0], [0, 0, 0], [1, 0, 0]]
