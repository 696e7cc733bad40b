"""What the tidecv package says of a Dataset, prediction by prediction and label by label."""

from __future__ import annotations

import contextlib
import functools
import io
import sys
from unittest import mock

import pandas as pd
from pycocotools import mask as coco_mask

from ea_widgets.data.masks.encoding import encode_mask

NAMES = {
    "Cls": "wrong_class",
    "Loc": "badly_located",
    "Both": "wrong_class_and_badly_located",
    "Dupe": "duplicate",
    "Bkg": "background",
}


@functools.cache
def load_tidecv():
    """Import tidecv without what it draws with, which takes seconds and is not used here."""
    drawing = ("cv2", "seaborn", "matplotlib", "matplotlib.lines", "matplotlib.pyplot")
    with mock.patch.dict(sys.modules, {name: mock.MagicMock() for name in drawing}):
        import tidecv  # noqa: PLC0415  # in the midst of the stand-ins
    return tidecv


def run_tide(dataset, iou_threshold, *, masks=False):
    """Run tidecv, and give its run."""
    tidecv = load_tidecv()
    truth, found = (tidecv.Data(name, max_dets=10**9) for name in ("truth", "found"))  # TIDE-MAX
    sizes = dataset.images.set_index("image_id")[["height", "width"]].astype(int)
    for image in dataset.images["image_id"].tolist():
        truth.add_image(image, "")  # TIDE-IMAGES
    add = {
        "labels": lambda row, **shape: (
            truth.add_ignore_region if row.is_crowd or row.ignore else truth.add_ground_truth
        )(row.image_id, row.class_name, **shape),
        "predictions": lambda row, **shape: found.add_detection(
            row.image_id, row.class_name, row.confidence, **shape
        ),
    }
    for name, add_one in add.items():
        for row in getattr(dataset, name).itertuples():
            shape = {"box": [row.x, row.y, row.width, row.height]}
            if masks:
                size = sizes.loc[row.image_id].tolist()
                shape = {"mask": encode_mask(coco_mask, row.segmentation, *size)}
            add_one(row, **shape)
    with contextlib.redirect_stdout(io.StringIO()):
        return tidecv.TIDE(mode=tidecv.TIDE.MASK if masks else tidecv.TIDE.BOX).evaluate(
            truth, found, pos_threshold=iou_threshold
        )


def tide(dataset, iou_threshold, *, masks=False):
    """Run tidecv.

    Returns three Series, indexed by row of the dataset's frames: the reason of each false
    positive, that of each ignored prediction (quirk TIDE-IGNORED), and that of each label that
    nobody took: "missed", "wrong_class" or "badly_located" (quirk TIDE-MISSED).
    """
    run = run_tide(dataset, iou_threshold, masks=masks)
    wrong, ignored, labels = {}, {}, {}
    for error in run.errors:
        if hasattr(error, "pred"):
            group = ignored if error.pred["used"] is None else wrong
            group[error.pred["_id"]] = NAMES[error.short_name]
        else:
            labels[error.gt["_id"]] = "missed"
    for name in ("Loc", "Cls"):  # a label that both explain has the wrong class
        for error in run.errors:
            if error.short_name == name and error.match is not None:
                labels[error.gt["_id"]] = NAMES[name]
    return tuple(
        pd.Series(reasons, dtype=object).sort_index() for reasons in (wrong, ignored, labels)
    )
