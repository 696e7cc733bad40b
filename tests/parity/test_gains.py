"""What mending each kind of error is worth, against tidecv's dAP; quirks are in QUIRKS.md."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ea_widgets as ea
from tests.parity.test_tide import EVERYTHING, FILES, make_scene
from tests.parity.tide_oracle import NAMES, load_tidecv, run_tide

TOLERANCE = 1e-12
LEVELS = np.linspace(0, 1, 101)


def comparable(dataset):
    """No ignored labels (TIDE-IGNORED), a confidence of its own for each (TIDE-SCORE-TIES)."""
    labels, predictions = dataset.labels, dataset.predictions
    counted = ~(labels["is_crowd"] | labels["ignore"])
    place = predictions["confidence"].rank(method="first") / (len(predictions) + 1)
    return ea.Dataset.from_frames(
        dataset.images, labels[counted], predictions.assign(confidence=place)
    )


def average_precision(self):
    """AP in percent as tidecv computes it, at pycocotools' levels (TIDE-LEVELS)."""
    points = sorted(self.data_points.values(), key=lambda point: -point[0])
    right = np.array([point[1] for point in points], bool)
    if not self.num_gt_positives or not len(right):
        return 0
    found = np.cumsum(right)
    precision = found / np.arange(1, len(found) + 1)
    highest = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0)
    return 100 * highest[np.searchsorted(found / self.num_gt_positives, LEVELS)].mean()


def tide_gains(dataset, iou_threshold, *, masks=False):
    """Gains by name, from tidecv's own mending; means are over classes with labels."""
    errors = load_tidecv().errors.main_errors
    run = run_tide(dataset, iou_threshold, masks=masks)
    labelled = [name for name, data in run.ap_data.objs.items() if data.num_gt_positives]

    def mean(mended):  # TIDE-CLASSES
        left = [mended.objs[name] for name in labelled]
        with mock.patch.object(type(left[0]), "get_ap", average_precision):
            found = [data.get_ap() for data in left if not data.is_empty()]
        return np.mean(found) / 100 if found else np.nan

    kinds = {kind.short_name: kind for kind in load_tidecv().TIDE._error_types}
    mended = {
        name: run.fix_errors(lambda error, kind=kind: isinstance(error, kind))
        for name, kind in kinds.items()
    }
    mended["FalsePos"] = run.fix_errors(transform=errors.FalsePositiveError.fix)
    mended["FalseNeg"] = run.fix_errors(false_neg_dict=run.false_negatives)
    before = mean(run.ap_data)
    return {name: max(mean(data) - before, 0) for name, data in mended.items()}


def assert_same(dataset, iou_threshold, iou_type="bbox"):
    theirs = tide_gains(dataset, iou_threshold, masks=iou_type == "segm")
    reasons = ea.Evaluation(dataset, iou_type, EVERYTHING).at(iou_threshold).reasons(gain=True)
    predictions, labels = (
        table.set_index("reason")["gain"] for table in (reasons.predictions, reasons.labels)
    )
    ours = {name: predictions[reason] for name, reason in NAMES.items()}
    ours["Miss"] = labels["missed"]
    ours["FalsePos"], ours["FalseNeg"] = reasons.gains.false_positives, reasons.gains.missed
    assert ours == pytest.approx(theirs, abs=TOLERANCE, nan_ok=True)
    return ours


@pytest.mark.parametrize("name", FILES)
def test_shared_data(shared_data, name):
    labels, predictions, iou_type = FILES[name]
    dataset = comparable(ea.read_coco(shared_data / labels, shared_data / predictions))
    for iou_threshold in (0.3, 0.5, 0.75):
        gains = assert_same(dataset, iou_threshold, iou_type)
        assert max(gains.values()) > 0.01


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.25, 0.5, 0.75]))
def test_generated_scenes(seed, iou_threshold):
    dataset = comparable(make_scene(seed, crowds=False, whole=False))
    assert_same(dataset, iou_threshold)


def test_as_tidecv_prints_it(shared_data):
    """Nothing of tidecv's is replaced: levels differ (TIDE-LEVELS) by 1/101 of one class."""
    labels, predictions, _ = FILES["voc100"]
    dataset = comparable(ea.read_coco(shared_data / labels, shared_data / predictions))
    run = run_tide(dataset, 0.5)
    printed = {kind.short_name: worth / 100 for kind, worth in run.fix_main_errors().items()}
    table = ea.Evaluation(dataset, max_detections=EVERYTHING).reasons().predictions
    gains = ea.Evaluation(dataset, max_detections=EVERYTHING).at().reasons(gain=True)
    ours = dict(zip(table["reason"], gains.gains.predictions, strict=True))
    for name, reason in NAMES.items():
        assert ours[reason] == pytest.approx(printed[name], abs=1 / 101 / 20 + TOLERANCE)
