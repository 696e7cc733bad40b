import time

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.analysis.importance.cluster_tables import counts_by_cluster, sums_by_cluster
from ea_widgets.analysis.importance.uncertainty import UNCERTAINTY_COLUMNS
from ea_widgets.core.statistics.resampling import ComputationStoppedError
from tests.statistics.simulate import evaluation_of


@pytest.fixture(scope="module")
def settled(evaluation):
    return evaluation.importance(settled=True)


def test_settling_adds_columns_and_changes_none(evaluation, settled):
    plain = evaluation.importance()
    pd.testing.assert_frame_equal(settled[list(plain.columns)], plain)
    assert set(settled.columns) - set(plain.columns) == {*UNCERTAINTY_COLUMNS, "same_as"}
    assert settled["distinguishable"].dtype == bool


def test_intervals_hold_their_estimates(settled):
    assert (settled["importance_low"] <= settled["importance"]).all()
    assert (settled["importance"] <= settled["importance_high"]).all()
    assert settled["importance_low"].ge(0).all()
    assert settled["importance_high"].le(1).all()
    known = settled.dropna(subset="correlation")
    assert (known["correlation_low"] < known["correlation"]).all()
    assert (known["correlation"] < known["correlation_high"]).all()


def test_what_matters_is_told_from_noise(settled):
    assert settled["distinguishable"].to_dict() == {
        "Size (P)": True,
        "Gaps (P)": True,
        "Fog (F)": False,
        "Noise (P)": False,
        "Constant (P)": False,
    }
    found = settled[settled["distinguishable"]]
    assert (found["importance"] > found["noise_floor"]).all()
    assert (found["p_value"] <= 0.05).all()
    assert (settled.loc[~settled["distinguishable"], "importance_low"] == 0).all()


def test_constant_metrics_are_defined(settled):
    constant = settled.loc["Constant (P)"]
    assert constant[["importance_low", "importance_high", "noise_floor"]].tolist() == [0, 0, 0]
    assert constant["p_value"] == 1
    assert np.isnan([constant["correlation_low"], constant["correlation_high"]]).all()


def test_the_number_of_threads_and_a_second_run_change_nothing(frames, settled, monkeypatch):
    for workers in (1, 3):
        monkeypatch.setattr(
            "ea_widgets.core.statistics.resampling.default_workers", lambda n=workers: n
        )
        again = ea.Evaluation(ea.Dataset.from_frames(*frames)).importance(settled=True)
        pd.testing.assert_frame_equal(again, settled, rtol=1e-12)


def test_the_order_of_rows_changes_nothing(frames, settled):
    images, labels, predictions = (frame.sample(frac=1, random_state=1) for frame in frames)
    # Predictions of one image, class and confidence are matched in input order: keep that.
    predictions["confidence"] = frames[2]["confidence"] + np.arange(len(frames[2])) * 1e-9
    straight = frames[2].assign(confidence=predictions["confidence"].sort_index())
    one = ea.Evaluation(ea.Dataset.from_frames(frames[0], frames[1], straight))
    other = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    for options in (
        {}, {"outcome": "missed"}, {"outcome": "missed", "given": "class", "include_class": True},
        {"correlation": "spearman"},
    ):  # fmt: skip
        tables = [side.importance(settled=True, **options) for side in (one, other)]
        pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_increasing_transforms_change_no_importance(frames):
    images, labels, predictions = frames
    bent = predictions.assign(Size=np.sqrt(predictions["Size"]), Noise=predictions["Noise"] ** 3)
    columns = [name for name in UNCERTAINTY_COLUMNS if not name.startswith("correlation")]
    one, other = (
        ea.Evaluation(ea.Dataset.from_frames(images, labels, frame)).importance(settled=True)
        for frame in (predictions, bent)
    )
    pd.testing.assert_frame_equal(one[columns].sort_index(), other[columns].sort_index())


@pytest.mark.parametrize(
    "choice",
    [
        {"confidence_threshold": 1.0},
        {"classes": ("dog",)},
        {"iou_threshold": 1.0},
        {"iou_threshold": 0.0, "classes": ("ant", "bee"), "confidence_threshold": 0.4},
        {"outcome": "missed", "iou_threshold": 0.9},
    ],
    ids=str,
)
@pytest.mark.parametrize("given", [None, "class", "Size"])
@pytest.mark.filterwarnings("error")
def test_every_choice_is_defined(evaluation, choice, given):
    table = evaluation.importance(**choice, given=given, include_class=True, settled=True)
    assert len(table) == 6
    for name in ("importance", "importance_low", "importance_high", "noise_floor", "p_value"):
        assert table[name].between(0, 1).all(), name
    assert (table["n"] >= 0).all()


@pytest.mark.filterwarnings("error")
def test_no_rows_one_frame_and_no_metrics_are_defined(frames):
    images, labels, predictions = frames
    empty = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions.iloc[:0]))
    table = empty.importance(settled=True)
    assert (table["p_value"] == 1).all()
    assert not table["distinguishable"].any()
    bare = [frame[[c for c in frame if c.islower()]] for frame in frames]
    assert ea.Evaluation(ea.Dataset.from_frames(*bare)).importance(settled=True).empty
    one_image = [frame.assign(image_id=7).drop_duplicates("image_id") for frame in frames[:1]]
    alone = ea.Dataset.from_frames(
        *one_image, labels.assign(image_id=7), predictions.assign(image_id=7)
    )
    table = ea.Evaluation(alone).importance(settled=True)
    assert table.loc["Size (P)", "importance_high"] == 1
    assert table.loc["Fog (F)", "importance_high"] == 0  # one image: a constant


def test_ignored_predictions_count_nowhere(frames):
    images, labels, predictions = frames
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    ignored = (evaluation.matches(0.3).predictions["outcome"] == "ignored").to_numpy()
    assert ignored.any()
    changed = predictions.copy()
    changed.loc[ignored, ["Noise"]] = changed["Noise"].median()
    other = ea.Evaluation(ea.Dataset.from_frames(images, labels, changed))
    row = [e.importance(0.3, settled=True).loc["Noise (P)"] for e in (evaluation, other)]
    for name in ("correlation", "correlation_low", "correlation_high"):
        assert row[0][name] == pytest.approx(row[1][name], rel=1e-9)


def test_a_stopped_question_leaves_nothing_behind(evaluation):
    asked = []

    def should_stop():
        asked.append(time.monotonic())
        return len(asked) > 3

    with pytest.raises(ComputationStoppedError):
        evaluation.importance(0.55, settled=True, should_stop=should_stop)
    table = evaluation.importance(0.55, settled=True)
    assert table["p_value"].notna().all()


def test_settled_answers_are_kept(evaluation):
    evaluation.importance(0.6, settled=True)
    again = evaluation.importance(0.6, settled=True, should_stop=lambda: True)
    assert len(again) == 5


@pytest.mark.parametrize("level", ["P", "O"])
@pytest.mark.parametrize("classes", [(), ("ant", "dog")])
def test_sums_and_counts_per_frame_add_up_to_the_whole(evaluation, level, classes):
    query = evaluation.at(0.4, 0.2, classes)._query
    sample = evaluation._data.sample(level, query)
    counts, sums = sample.folded
    found = sums_by_cluster(sample)
    for name in ("n", "x", "xx", "y", "yy", "xy"):
        whole = getattr(found, name).sum(axis=0)
        assert whole.tolist() == pytest.approx(getattr(sums, name).tolist(), abs=1e-9), name
    each_bin = np.arange(sample.selection.n_bins)
    for metric in range(len(counts.totals)):
        hits, rows = counts_by_cluster(sample, metric, each_bin)
        assert (hits.sum(axis=0) == counts.successes[metric]).all()
        assert (rows.sum(axis=0) == counts.totals[metric]).all()


def test_few_frames_make_wide_intervals():
    rng = np.random.default_rng(0)
    metric, widths = rng.normal(size=1200), []
    hit = rng.random(1200) < 1 / (1 + np.exp(-metric))
    for n_frames in (4, 400):
        frame = np.arange(1200) * n_frames // 1200
        table = evaluation_of(frame, hit, object_metrics={"m": metric}).importance(settled=True)
        widths.append(table["importance_high"].iloc[0] - table["importance_low"].iloc[0])
    assert widths[0] > 1.3 * widths[1]


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"settled": 1}, "`settled` is 1. Give True or False."),
        ({"method": "mutual_info", "settled": True}, "`method` is 'mutual_info', which has no"),
        ({"outcome": "iou"}, "`outcome` has no option 'iou'."),
        ({"given": "size (p)"}, "`given` has no option 'size (p)'. Did you mean 'Size (P)'?"),
        ({"correlation": "kendall"}, "`correlation` has no option 'kendall'."),
    ],
)
def test_options_are_checked(evaluation, argument, message):
    with pytest.raises(ea.InvalidInputError) as error:
        evaluation.importance(**argument)
    assert str(error.value).startswith(message)


def test_two_images_tell_nothing_of_a_correlation():
    frame, hit = np.repeat([0, 1], 10), np.arange(20) % 3 > 0
    table = evaluation_of(frame, hit, image_metrics={"m": [0.0, 1.0]}).importance(settled=True)
    assert table[["correlation_low", "correlation_high"]].to_numpy().tolist() == [[-1.0, 1.0]]


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_perfect_correlation_lies_in_its_interval(sign):
    hit = np.arange(40) % 2 > 0
    evaluation = evaluation_of(np.arange(40) // 4, hit, object_metrics={"m": sign * hit})
    row = evaluation.importance(settled=True).iloc[0]
    assert row["correlation"] == pytest.approx(sign, abs=1e-12)
    assert row["correlation_low"] <= row["correlation"] <= row["correlation_high"]


def objects_of_videos(n_images=300):
    rng = np.random.default_rng(0)
    image = np.repeat(np.arange(n_images), 10)
    metric = rng.normal(size=n_images // 5)[image // 5] + rng.normal(size=len(image))
    hit = rng.random(len(image)) < 1 / (1 + np.exp(1 - metric - rng.normal(size=n_images)[image]))
    return image, hit, {"m": metric}


def test_clusters_of_images_are_what_one_image_of_all_their_objects_is():
    image, hit, metrics = objects_of_videos()
    by_video = evaluation_of(image, hit, object_metrics=metrics, video=np.arange(300) // 5)
    one_image = evaluation_of(image // 5, hit, object_metrics=metrics)
    columns = ["importance", "importance_high", "correlation_low", "correlation_high"]
    tables = [e.importance(settled=True)[columns] for e in (by_video, one_image)]
    pd.testing.assert_frame_equal(*tables, check_exact=True)
    curves = [e.curve("m").predictions for e in (by_video, one_image)]
    pd.testing.assert_frame_equal(*curves)
    pd.testing.assert_frame_equal(by_video.worst_ranges(), one_image.worst_ranges())
    said = [[dict(s.facts) for s in e.sentences("m", settled=True)] for e in (by_video, one_image)]
    assert said[0] == said[1]
    alone = evaluation_of(image, hit, object_metrics=metrics)
    assert not alone.curve("m").predictions.equals(curves[0])


def test_clusters_of_one_image_each_change_nothing():
    image, hit, metrics = objects_of_videos()
    tables = [
        evaluation_of(image, hit, object_metrics=metrics, video=video).importance(settled=True)
        for video in (None, np.arange(300))
    ]
    pd.testing.assert_frame_equal(*tables, check_exact=True)


@pytest.mark.parametrize(("n_clusters", "judged"), [(9, False), (10, True)])
@pytest.mark.parametrize("given", [None, "class"])
def test_fewer_than_ten_clusters_judge_nothing(n_clusters, judged, given):
    image, hit, _ = objects_of_videos()
    video = np.arange(300) * n_clusters // 300
    evaluation = evaluation_of(image, hit, object_metrics={"m": hit.astype(float)}, video=video)
    row = evaluation.importance(settled=True, given=given).iloc[0]
    assert row["importance"] > 0.95
    assert row["distinguishable"] == judged
    assert (row["p_value"] < 1) == judged
