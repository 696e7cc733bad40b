"""Operating points against a loop over every threshold, on the data and on what was held out."""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ea_widgets as ea
from ea_widgets.analysis.operating.find import FOLDS, folds
from ea_widgets.errors import InvalidInputError
from tests.parity.scenes import scenes
from tests.unit.analysis.conftest import small_frames

GOALS = [{}, {"beta": 2.0}, {"beta": 0.5}, {"min_precision": 0.5}, {"min_recall": 0.3}]


def naive_counts(evaluation, threshold, classes):
    scores = evaluation.at(0.5, threshold, classes).scores()
    return np.array([scores.true_positives, scores.predictions_used, scores.labels_used])


def naive_f(counts, beta):
    found, counted, labels = counts
    return (1 + beta**2) * found / (counted + beta**2 * labels) if labels else math.nan


def naive_best(evaluation, classes, beta=1.0, min_precision=None, min_recall=None):
    """The best threshold, found by trying each confidence in turn; NaN where there is none."""
    predictions = evaluation.at(classes=classes).matches().predictions
    outcome, confidence = predictions["outcome"].to_numpy(), predictions["confidence"].to_numpy()
    labels = naive_counts(evaluation, None, classes)[2]
    best, most, recall = math.nan, -math.inf, 0
    for threshold in np.sort(np.unique(confidence))[::-1]:
        found = ((outcome == "true_positive") & (confidence >= threshold)).sum()
        counted = found + ((outcome == "false_positive") & (confidence >= threshold)).sum()
        if not found or not labels:
            continue
        if min_precision is not None:
            worth = found if found / counted >= min_precision else -math.inf
        elif min_recall is not None:
            worth = found / counted if found / labels >= min_recall else -math.inf
        else:
            worth = naive_f((found, counted, labels), beta)
        better = worth > most or (min_recall is not None and worth == most and found > recall)
        if better and worth > -math.inf:
            best, most, recall = threshold, worth, found
    return best


def assert_is(row, counts, beta, prefix=""):
    found, counted, labels = counts
    expected = [
        found / counted if counted else math.nan,
        found / labels if labels else math.nan,
        naive_f(counts, beta),
    ]
    names = [prefix + name for name in ("precision", "recall", "f_beta")]
    np.testing.assert_allclose([row[name] for name in names], expected, rtol=1e-12)


@given(scenes, st.sampled_from(GOALS))
def test_equals_a_loop_over_every_threshold(scene, goal):
    evaluation = ea.Evaluation(ea.Dataset.from_frames(*scene))
    names = evaluation.dataset.class_names
    points = evaluation.operating_points(**goal)
    assert list(points.table.index) == ["all", *names]
    for (name, row), classes in zip(
        points.table.iterrows(), [names, *((n,) for n in names)], strict=True
    ):
        threshold = naive_best(evaluation, classes, **goal)
        np.testing.assert_equal(row["threshold"], threshold, err_msg=name)
        assert (row["problem"] == "") == (not math.isnan(threshold))
        if not math.isnan(threshold):
            counts = naive_counts(evaluation, threshold, classes)
            assert_is(row, counts, goal.get("beta", 1.0))
            assert row["n"] == counts[1]


@pytest.mark.parametrize("goal", [{}, {"min_precision": 0.6}], ids=str)
def test_held_out_is_chosen_on_four_fifths_and_judged_on_the_fifth(goal):
    dataset = ea.Dataset.from_frames(*small_frames(3, 25, 150, 250))
    names, evaluation = dataset.class_names, ea.Evaluation(dataset)
    ids = np.sort(dataset.images["image_id"].to_numpy())
    fold = folds(len(ids))
    parts = [
        [
            ea.Evaluation(dataset.subset(ids[fold != k])),
            ea.Evaluation(dataset.subset(ids[fold == k])),
        ]
        for k in range(FOLDS)
    ]
    points = evaluation.operating_points(**goal)
    together = np.zeros(3)
    for name, classes in [("all", names), *((n, (n,)) for n in names)]:
        pooled = np.zeros(3)
        for chosen_on, judged_on in parts:
            threshold = naive_best(chosen_on, classes, **goal)
            counts = naive_counts(judged_on, None if math.isnan(threshold) else threshold, classes)
            pooled += [0, 0, counts[2]] if math.isnan(threshold) else counts
            if name != "all":
                fallback = naive_best(chosen_on, names, **goal)
                used = fallback if math.isnan(threshold) else threshold
                together += naive_counts(judged_on, used, classes)
        row = points.table.loc[name]
        assert_is(row, [0, 0, 0] if row["problem"] else pooled, 1.0, "held_out_")
    assert_is(points.together, together, 1.0, "held_out_")
    at_own = evaluation.at(confidence_threshold=points.thresholds()).scores()
    assert points.together["f_beta"] == pytest.approx(at_own.f1, rel=1e-12)


def test_whole_clusters_are_held_out_and_resampled(frames):
    """Copies of an image in its cluster change nothing but the counts."""
    images, labels, predictions = (frame.copy() for frame in frames)
    images["scene"] = images["image_id"].astype(str)
    twice = [
        pd.concat([frame, frame.assign(image_id=frame["image_id"] + 10_000)])
        for frame in (images, labels, predictions)
    ]
    one = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions)).operating_points()
    both = ea.Evaluation(ea.Dataset.from_frames(*twice, cluster="scene")).operating_points()
    columns = [c for c in one.table if c not in {"n", "labels", "problem"}]
    pd.testing.assert_frame_equal(one.table[columns], both.table[columns], rtol=1e-12)
    assert (2 * one.table["n"] == both.table["n"]).all()


@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_the_curve_is_the_scores_at_each_confidence(evaluation, beta):
    curve = evaluation.operating_points(beta).curve
    assert curve["class_name"].unique().tolist() == ["all", "ant", "bee", "cat", "dog"]
    for row in curve.iloc[::17].to_dict("records"):
        classes = () if row["class_name"] == "all" else (row["class_name"],)
        counts = naive_counts(evaluation, row["confidence"], classes)
        assert_is(row, counts, beta)
        assert row["n"] == counts[1]
    for name in ("precision", "recall", "f_beta"):
        assert (curve[f"{name}_low"] <= curve[name]).all()
        assert (curve[name] <= curve[f"{name}_high"]).all()


def test_the_best_point_is_on_the_curve(evaluation):
    points = evaluation.operating_points()
    for name, row in points.table.iterrows():
        mine = points.curve[points.curve["class_name"] == name]
        on_curve = mine[mine["confidence"] == row["threshold"]]
        assert on_curve["f_beta"].item() == row["f_beta"] == mine["f_beta"].max()


def test_follows_classes_confidence_iou_and_slice(evaluation):
    where = ea.where("Size", low=800)
    view = evaluation.at(0.7, 0.4, ("bee", "ant"), where)
    points = view.operating_points()
    assert points.table.index.tolist() == ["all", "ant", "bee"]
    assert points.table["threshold"].min() >= 0.4
    again = evaluation.at(0.7, points.threshold, ("ant", "bee"), where).scores()
    assert points.table.loc["all", "f_beta"] == pytest.approx(again.f1, rel=1e-12)
    assert points.table.loc["all", "labels"] == again.labels_used


def test_one_threshold_for_all_serves_every_class(evaluation):
    points = evaluation.operating_points(by_class=False)
    assert points.table.index.tolist() == ["all"]
    assert points.thresholds() == dict.fromkeys(("ant", "bee", "cat", "dog"), points.threshold)
    assert evaluation.at(confidence_threshold=points.thresholds()) == evaluation.at(
        confidence_threshold=points.threshold
    )


def test_what_cannot_be_reached_is_said(evaluation):
    points = evaluation.operating_points(min_precision=1.0, beta=2.0)
    table = points.table
    unreached = table["threshold"].isna()
    assert unreached.any()
    assert set(table["problem"][unreached]) == {"precision 1 is never reached"}
    rates = [c for c in table if "precision" in c or "recall" in c or "f_beta" in c]
    assert table.loc[unreached, rates].isna().all(axis=None)
    nothing = evaluation.operating_points(min_recall=1.0)
    assert nothing.thresholds() == {}
    assert all(math.isnan(value) for value in nothing.together.values())
    assert repr(nothing).splitlines()[1] == "  no threshold for all: recall 1 is never reached"


def odd_dataset():
    box = {"x": 5.0, "y": 5.0, "width": 10.0, "height": 10.0}
    images = pd.DataFrame({"image_id": range(12), "width": 100, "height": 100})
    labels = pd.DataFrame(
        [{"image_id": i, "class_name": name, **box} for i in range(12) for name in ("a", "never")]
    )
    predictions = pd.DataFrame(
        [
            {"image_id": i, "class_name": name, **box, "confidence": 0.5 + i / 100}
            for i in range(12)
            for name in ("a", "extra")
        ]
    )
    return ea.Dataset.from_frames(images, labels, predictions)


def test_classes_without_labels_or_predictions_are_said():
    points = ea.Evaluation(odd_dataset()).operating_points()
    assert points.table["problem"].to_dict() == {
        "all": "",
        "a": "",
        "extra": "no labels",
        "never": "no predictions",
    }
    assert points.table["threshold"].to_dict() == pytest.approx(
        {"all": 0.5, "a": 0.5, "extra": math.nan, "never": math.nan}, nan_ok=True
    )
    assert points.thresholds() == dict.fromkeys(("a", "extra", "never"), 0.5)


def test_missing_confidences_are_said():
    frames = odd_dataset().frames
    unsure = replace(frames, predictions=frames.predictions.assign(confidence=np.nan))
    points = ea.Evaluation(ea.Dataset.from_tidy(unsure)).operating_points()
    assert set(points.table["problem"]) == {"predictions have no confidences"}
    assert points.table["threshold"].isna().all()
    assert points.curve.empty
    assert points.thresholds() == {}


def test_a_slice_that_predictions_or_labels_lack_is_said():
    images, labels, predictions = small_frames()
    labels["hand"], predictions["gpu"] = 1.0, 1.0
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    for metric, lacking in (("hand", "predictions"), ("gpu", "labels")):
        points = evaluation.operating_points(where=ea.where(metric, low=0))
        assert set(points.table["problem"]) == {f"{lacking} lack the metric of the slice"}
        assert points.table["threshold"].isna().all()


def test_no_interval_of_few_clusters():
    table = ea.Evaluation(odd_dataset()).operating_points().table
    assert table["f_beta_low"].isna().all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"beta": 0}, "`beta` is 0. Give a number above 0."),
        ({"beta": math.inf}, "`beta` is inf. Give a number above 0."),
        ({"min_precision": 2}, "`min_precision` is 2. Give a number from 0 to 1."),
        (
            {"min_precision": 0.5, "min_recall": 0.5},
            "`min_precision` is given together with `min_recall`. Give one of the two.",
        ),
        ({"by_class": 1}, "`by_class` is 1. Give True or False."),
    ],
)
def test_bad_arguments_are_refused(evaluation, arguments, message):
    with pytest.raises(InvalidInputError) as caught:
        evaluation.operating_points(**arguments)
    assert str(caught.value) == message


def test_tables_are_the_callers_to_change(evaluation):
    points = evaluation.operating_points()
    points.table.loc["all", "threshold"] = 7.0
    points.curve["confidence"] = 7.0
    assert evaluation.operating_points().threshold < 1
    assert evaluation.operating_points().curve["confidence"].max() < 1


def test_export(evaluation, tmp_path):
    points = evaluation.operating_points()
    points.to_json(tmp_path / "points.json")
    read = json.loads((tmp_path / "points.json").read_text())
    assert read["thresholds"] == points.thresholds()
    assert read["threshold"] == points.threshold
    assert read["goal"] == "highest F1"
    flat = points.to_dict()
    assert flat["threshold"] == points.threshold
    assert flat["threshold/ant"] == points.thresholds()["ant"]
    with pytest.raises(InvalidInputError, match="a folder"):
        points.to_json(tmp_path)


def run(code, **given):
    exec(code, given)  # noqa: S102  # what it writes for users, run as they would
    return given


def test_lines_for_numpy_keep_what_the_thresholds_keep(evaluation):
    points = evaluation.operating_points()
    predictions = evaluation.dataset.predictions
    for dtype in (np.float64, np.float32):
        kept = run(
            points.code(),
            class_names=list(predictions["class_name"].cat.categories),
            class_id=predictions["class_name"].cat.codes.to_numpy(),
            confidence=predictions["confidence"].to_numpy(dtype),
        )["keep"]
        expected = evaluation.at(confidence_threshold=points.thresholds()).scores()
        assert kept.sum() >= expected.predictions_used
        least = predictions["class_name"].map(points.thresholds()).astype(float)
        assert kept.tolist() == (predictions["confidence"] >= least).tolist()


class Detections:
    """What the lines use of supervision.Detections."""

    def __init__(self, names, confidence):
        self.data, self.confidence = {"class_name": names}, confidence

    def __getitem__(self, index):
        if isinstance(index, str):
            return self.data[index]
        return Detections(self.data["class_name"][index], self.confidence[index])


class Tensors:
    """What the lines use of ultralytics' Results and Boxes."""

    def __init__(self, conf, cls):
        self.conf, self.cls = conf, cls
        self.boxes = self

    def cpu(self):
        return self

    numpy = cpu

    def __getitem__(self, index):
        return Tensors(self.conf[index], self.cls[index])


def test_lines_for_other_libraries_keep_the_same():
    points = ea.Evaluation(odd_dataset()).operating_points(min_precision=0.3)
    points.by_class.update({"a": 0.7, 'it\'s "odd"': 0.2})
    names = np.array(["a", "a", 'it\'s "odd"', "free"])
    confidence = np.float32([0.7, 0.69, 0.1, 0.01])
    points.by_class.pop("extra"), points.by_class.pop("never")
    kept = run(points.code("supervision"), detections=Detections(names, confidence))["detections"]
    assert kept["class_name"].tolist() == ["a", "free"]

    class Model:
        def __init__(self):
            self.names = {0: "a", 1: 'it\'s "odd"', 2: "free"}

        def predict(self, source, conf):
            assert (source, conf) == ("photo.jpg", 0.001)  # "free" keeps everything
            return [Tensors(confidence, np.float32([0, 0, 1, 2]))]

    results = run(points.code("ultralytics"), model=Model(), source="photo.jpg")["results"]
    assert results[0].cls.tolist() == [0, 2]
    with pytest.raises(InvalidInputError, match="Did you mean 'ultralytics'"):
        points.code("ultralytic")


def test_repr(evaluation):
    first, second, third = repr(evaluation.operating_points()).splitlines()
    assert first == "OperatingPoints(highest F1"
    assert second.startswith("  threshold ")
    assert third.startswith("  own thresholds for 4 of 4 classes: F1 ")
    assert "<table" in evaluation.operating_points()._repr_html_()
