"""Answers of Evaluation against pandas on its own table of matches, and against each other."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

import ea_widgets as ea
from tests.unit.analysis.conftest import small_frames

CHOICES = [
    {},
    {"iou_threshold": 0.7},
    {"classes": ("bee",)},
    {"classes": ("dog", "ant"), "confidence_threshold": 0.31},
    {"iou_threshold": 0.05, "confidence_threshold": 0.9},
]


def outcomes(evaluation, choice):
    """Metrics and outcome of each counted prediction and label, by pandas alone."""
    matches, dataset = evaluation.matches(**choice), evaluation.dataset
    tables = []
    for every, frame, kept in (
        (matches.predictions, dataset.predictions, ["true_positive", "false_positive"]),
        (matches.labels, dataset.labels, ["found", "missed"]),
    ):
        table = every[every["outcome"].isin(kept)]
        joined = frame.loc[table.index].merge(dataset.images[["image_id", "Fog"]], on="image_id")
        tables.append(joined.assign(hit=table["outcome"].isin(["true_positive", "missed"]).array))
    return tables


@pytest.mark.parametrize("choice", CHOICES)
def test_scores_count_the_matches(evaluation, choice):
    scores = evaluation.scores(**choice)
    predictions, labels = outcomes(evaluation, choice)
    assert scores.true_positives == predictions["hit"].sum()
    assert scores.false_positives == (~predictions["hit"]).sum()
    assert scores.false_negatives == labels["hit"].sum()
    assert scores.predictions_used == len(predictions)
    assert scores.labels_used == len(labels)
    assert scores.predictions_total == len(evaluation.dataset.predictions)
    assert scores.precision == pytest.approx(predictions["hit"].mean())
    assert scores.recall == pytest.approx(1 - labels["hit"].mean())
    shown = scores.per_class
    by_class = predictions.groupby(predictions["class_name"].astype(str))["hit"].mean()
    for name, rate in by_class.items():
        assert shown.loc[name, "precision"] == pytest.approx(rate)
    assert shown["predictions"].sum() == len(predictions)
    assert list(shown.index) == [
        name for name in evaluation.class_names if name in (choice.get("classes") or shown.index)
    ]
    assert scores.mean_average_precision == pytest.approx(shown["average_precision"].mean())
    assert scores.mean_average_recall == pytest.approx(shown["average_recall"].mean())


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("outcome", ["true_positive", "missed"])
def test_correlation_is_pandas_corrwith(evaluation, choice, outcome):
    table = outcomes(evaluation, choice)[outcome == "missed"]
    ours = evaluation.importance(**choice, outcome=outcome)
    hit = table["hit"].astype(float)
    for _, row in ours.iterrows():
        column = table[row["name"]]
        assert row["n"] == column.notna().sum()
        if column.nunique() < 2:
            assert np.isnan(row["correlation"])
            assert row["importance"] == 0
        else:
            assert row["correlation"] == pytest.approx(column.corr(hit), abs=1e-10)


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("metric", ["Size", "Gaps", "Fog", "Constant"])
@pytest.mark.parametrize("by_class", [False, True])
def test_curves_count_the_rows_between_their_edges(evaluation, choice, metric, by_class):
    curve = evaluation.curve(metric, **choice, bins=7, by_class=by_class)
    for shown, table, average in (
        (curve.predictions, outcomes(evaluation, choice)[0], curve.average_true_positive_rate),
        (curve.labels, outcomes(evaluation, choice)[1], curve.average_false_negative_rate),
    ):
        assert shown["n"].sum() == table[metric].notna().sum()
        assert average == pytest.approx(table["hit"][table[metric].notna()].mean())
        for _, row in shown.iterrows():
            inside = table[table[metric].between(row["bin_low"], row["bin_high"])]
            if by_class:
                inside = inside[inside["class_name"] == row["class_name"]]
            else:
                assert row["class_name"] == "all"
            assert row["n"] == len(inside) > 0
            assert row["rate"] == pytest.approx(inside["hit"].mean())
            assert row["bin_low"] <= row["center"] <= row["bin_high"]
            assert 0 <= row["rate_low"] <= row["rate"] <= row["rate_high"] <= 1


def test_a_curve_takes_the_name_with_or_without_its_level(evaluation):
    plain = evaluation.curve("Size")
    for name in ("Size (P)", "Size (O)"):
        other = evaluation.curve(name)
        pd.testing.assert_frame_equal(plain.predictions, other.predictions)
        pd.testing.assert_frame_equal(plain.labels, other.labels)
    assert plain.metric == "Size"


def test_a_metric_of_one_side_only_has_no_twin(frames):
    images, labels, predictions = frames
    evaluation = ea.Evaluation(
        ea.Dataset.from_frames(images, labels.drop(columns="Size"), predictions)
    )
    curve = evaluation.curve("Size (P)")
    assert len(curve.predictions)
    assert curve.labels.empty
    assert list(curve.labels.columns) == list(curve.predictions.columns)
    scores = evaluation.scores()
    assert curve.average_false_negative_rate == pytest.approx(1 - scores.recall)


@pytest.mark.parametrize("outcome", ["true_positive", "missed"])
def test_a_class_filter_is_the_dataset_without_the_other_classes(frames, outcome):
    images, labels, predictions = frames
    whole = ea.Evaluation(ea.Dataset.from_frames(*frames))
    for classes in (("bee",), ("ant", "dog")):
        alone = ea.Evaluation(
            ea.Dataset.from_frames(
                images,
                labels[labels["class_name"].isin(classes)],
                predictions[predictions["class_name"].isin(classes)],
            )
        )
        assert_same_answers(whole, alone, outcome, classes=classes)


def test_a_confidence_threshold_is_the_dataset_without_the_rest(frames):
    images, labels, predictions = frames
    whole = ea.Evaluation(ea.Dataset.from_frames(*frames))
    alone = ea.Evaluation(
        ea.Dataset.from_frames(images, labels, predictions[predictions["confidence"] >= 0.4])
    )
    assert_same_answers(whole, alone, "true_positive", confidence_threshold=0.4)


def assert_same_answers(whole, alone, outcome, **choice):
    pd.testing.assert_frame_equal(
        whole.importance(**choice, outcome=outcome), alone.importance(outcome=outcome)
    )
    for metric in ("Size", "Fog"):
        ours, theirs = whole.curve(metric, **choice), alone.curve(metric)
        pd.testing.assert_frame_equal(ours.predictions, theirs.predictions)
        pd.testing.assert_frame_equal(ours.labels, theirs.labels)


def test_a_caller_may_change_what_was_answered(evaluation):
    def ask():
        reasons = evaluation.reasons()
        curve = evaluation.curve("Fog (F)")
        return [
            evaluation.scores().per_class,
            *(reasons.predictions, reasons.labels),
            evaluation.importance(),
            *(curve.predictions, curve.labels),
            evaluation.coco_per_class(),
        ]

    first = ask()
    kept = [table.copy() for table in first]
    for table in first:
        table.iloc[:, -1] = table.iloc[::-1, -1].to_numpy() * 2
        table.insert(0, "mine", 1)
    for now, before in zip(ask(), kept, strict=True):
        pd.testing.assert_frame_equal(now, before)


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_changes_nothing(seed):
    images, labels, predictions = small_frames()
    # Equal confidences are decided by input order, as in COCO: there are none here.
    predictions["confidence"] = np.random.default_rng(1).permutation(len(predictions)) / 1e4
    rng = np.random.default_rng(seed)
    shuffled = [frame.iloc[rng.permutation(len(frame))] for frame in (images, labels, predictions)]
    one = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    two = ea.Evaluation(ea.Dataset.from_frames(*shuffled))
    for threshold in (0.3, 0.8):
        pd.testing.assert_frame_equal(
            one.scores(threshold).per_class, two.scores(threshold).per_class, check_exact=True
        )
        for options in ({}, {"outcome": "missed"}, {"correlation": "spearman"}):
            tables = [side.importance(threshold, **options) for side in (one, two)]
            pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_the_threads_of_matrix_products_change_nothing():
    n = 40_000
    rng = np.random.default_rng(0)
    images = pd.DataFrame({"image_id": range(n // 40), "width": 100, "height": 100})
    labels = pd.DataFrame(
        {"image_id": np.arange(n) // 40, "class_name": "ant", "x": 10 * rng.random(n), "y": 0.0}
    ).assign(width=10.0, height=10.0, Noise=rng.normal(size=n))
    predictions = labels.assign(x=10 * rng.random(n), confidence=rng.random(n))
    dataset = ea.Dataset.from_frames(images, labels, predictions)
    tables = []
    for threads in (1, 2, 4):
        with threadpool_limits(threads, user_api="blas"):
            evaluation = ea.Evaluation(dataset)
            tables.append(
                pd.concat(
                    evaluation.importance(**options)["correlation"]
                    for options in (
                        {}, {"correlation": "spearman"}, {"method": "mutual_info"},
                    )
                )
            )  # fmt: skip
    pd.testing.assert_series_equal(tables[1], tables[0], check_exact=True)
    pd.testing.assert_series_equal(tables[2], tables[0], check_exact=True)


def test_an_increasing_transform_changes_no_importance(frames):
    images, labels, predictions = (frame.copy() for frame in frames)
    plain = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions)).importance()
    predictions["Size"] = np.exp(predictions["Size"] / 1000)
    images["Fog"] = images["Fog"] ** 3
    bent = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions)).importance()
    pd.testing.assert_series_equal(
        plain["importance"].sort_index(), bent["importance"].sort_index(), check_exact=True
    )


def test_importance_is_sorted_and_described(evaluation):
    table = evaluation.importance()
    assert table["importance"].is_monotonic_decreasing
    assert set(table.index) == {
        "Fog (F)", "Size (P)", "Noise (P)", "Gaps (P)", "Constant (P)"
    }  # fmt: skip
    missed = evaluation.importance(outcome="missed")
    assert set(missed.index) == {"Fog (F)", "Size (O)", "Noise (O)", "Gaps (O)", "Constant (O)"}
    assert {"importance", "correlation", "n"} <= set(table.columns)


def test_answers_are_not_shared(evaluation):
    table = evaluation.importance()
    table["importance"] = 7.0
    assert (evaluation.importance()["importance"] <= 1).all()


NOTHING = [{"labels": 0}, {"predictions": 0}, {"labels": 0, "predictions": 0}, {"images": 1}]


@pytest.mark.parametrize("keep", NOTHING)
def test_little_or_no_data_is_answered(frames, keep):
    images, labels, predictions = frames
    images = images.iloc[: keep.get("images")]
    labels, predictions = (
        frame[frame["image_id"].isin(images["image_id"])].iloc[: keep.get(name)]
        for name, frame in (("labels", labels), ("predictions", predictions))
    )
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    scores = evaluation.scores()
    assert scores.true_positives + scores.false_positives == scores.predictions_used
    if not len(predictions):
        assert np.isnan(scores.precision)
        assert scores.true_positives == 0
    if not len(labels):
        assert np.isnan(scores.mean_average_precision)
    for outcome in ("true_positive", "missed"):
        table = evaluation.importance(outcome=outcome)
        assert table["importance"].between(0, 1).all()
    assert evaluation.curve("Size").predictions["n"].sum() == scores.predictions_used
    evaluation.curve("Fog", by_class=True)
    evaluation.matches()


def test_no_metrics_no_bars(frames):
    images, labels, predictions = frames
    own = ["Size", "Noise", "Gaps", "Constant"]
    evaluation = ea.Evaluation(
        ea.Dataset.from_frames(
            images.drop(columns="Fog"), labels.drop(columns=own), predictions.drop(columns=own)
        )
    )
    assert evaluation.importance().empty
    assert "importance" in evaluation.importance()
    with pytest.raises(ea.InvalidInputError) as error:
        evaluation.curve("Size")
    assert str(error.value) == "`metric` has no option 'Size'. There are none."


REFUSED = [
    (
        "scores",
        {"iou_threshold": 1.5},
        "`iou_threshold` is 1.5. Give a number from 0 to 1.",
    ),
    (
        "scores",
        {"iou_threshold": float("nan")},
        "`iou_threshold` is nan. Give a number from 0 to 1.",
    ),
    (
        "scores",
        {"confidence_threshold": True},
        "`confidence_threshold` is True. Give a number from 0 to 1.",
    ),
    (
        "scores",
        {"classes": "ant"},
        "`classes` is 'ant'. Give a tuple of class names; () takes all classes.",
    ),
    (
        "scores",
        {"classes": ("Ant",)},
        ("`classes` has no option 'Ant'. Did you mean 'ant'? Options: 'ant', 'bee', 'cat', 'dog'."),
    ),
    (
        "importance",
        {"outcome": "miss"},
        (
            "`outcome` has no option 'miss'. Did you mean 'missed'? "
            "Options: 'true_positive', 'missed'."
        ),
    ),
    (
        "curve",
        {"metric": "Size", "bins": 0},
        "`bins` is 0. Give a whole number from 1 up.",
    ),
    (
        "curve",
        {"metric": "Siez (P)"},
        (
            "`metric` has no option 'Siez (P)'. Did you mean 'Size (P)'? Options: 'Fog (F)', "
            "'Size (O)', 'Noise (O)', 'Gaps (O)', 'Constant (O)', 'Size (P)', 'Noise (P)', "
            "'Gaps (P)', 'Constant (P)'."
        ),
    ),
]


@pytest.mark.parametrize(("method", "arguments", "message"), REFUSED)
def test_bad_questions_are_refused_at_the_door(evaluation, method, arguments, message):
    with pytest.raises(ea.InvalidInputError) as error:
        getattr(evaluation, method)(**arguments)
    assert str(error.value) == message


def test_an_evaluation_is_of_a_dataset(frames):
    with pytest.raises(ea.InvalidInputError) as error:
        ea.Evaluation(frames[0])
    assert str(error.value) == (
        "`dataset` is of type DataFrame. "
        "Give an ea.Dataset, from ea.read_coco, ea.Dataset.from_frames or ea.load_demo."
    )


def test_a_metric_of_images_is_not_that_of_objects_with_the_same_name():
    images = pd.DataFrame({"image_id": [1, 2], "width": 99, "height": 99, "Blur": [0.0, 1.0]})
    box = {"image_id": [1, 1, 2], "class_name": "cat", "x": 0.0, "y": 0.0, "width": 9.0}
    labels = pd.DataFrame(box | {"height": 9.0, "Blur": [5.0, 6.0, 7.0]})
    predictions = labels.assign(confidence=0.5, Blur=[8.0, 9.0, 10.0])
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    of_images, of_objects = evaluation.curve("Blur (F)"), evaluation.curve("Blur (P)")
    for table in (of_images.predictions, of_images.labels):
        assert table["bin_high"].max() == 1.0
        assert table["n"].tolist() == [2, 1]
    assert of_objects.predictions["bin_low"].min() == 8.0
    assert of_objects.labels["bin_high"].max() == 7.0
    assert evaluation.objects_in_range("Blur (F)", 1.0, 1.0).rows["image_id"].tolist() == [2]
    assert evaluation.objects_in_range("Blur (P)", 1.0, 1.0).total == 0
    assert evaluation.objects_in_range("Blur", 9.0, 9.0).rows["image_id"].tolist() == [1]


@pytest.mark.parametrize("classes", [(["emu"],), ({},), (1,), (None,)])
def test_classes_that_are_no_names_are_refused(evaluation, classes):
    with pytest.raises(ea.InvalidInputError) as error:
        evaluation.scores(classes=classes)
    assert str(error.value) == (
        f"`classes` has no option {classes[0]!r}. Options: 'ant', 'bee', 'cat', 'dog'."
    )


def test_more_bins_than_rows_cost_nothing(evaluation):
    most = evaluation.curve("Size", bins=10**9).predictions
    assert most["n"].min() >= 1
    assert len(most) <= evaluation.scores().predictions_used + evaluation.scores().labels_used


def test_by_class_is_a_truth_value(evaluation):
    with pytest.raises(ea.InvalidInputError) as error:
        evaluation.curve("Size", by_class="yes")
    assert str(error.value) == "`by_class` is 'yes'. Give True or False."


@pytest.mark.parametrize("outlier", [1e9, 1e12, 1e300])
@pytest.mark.parametrize("of_images", [False, True])
def test_an_outlier_of_a_class_left_out_takes_no_digits(frames, outlier, of_images):
    images, labels, predictions = (frame.copy() for frame in frames)
    if of_images:
        alone = images["image_id"].iloc[0]
        predictions.loc[predictions["image_id"] == alone, "class_name"] = "dog"
        predictions = predictions[(predictions["class_name"] != "dog") | (
            predictions["image_id"] == alone)]  # fmt: skip
        images.loc[0, "Fog"] = outlier
    else:
        predictions.loc[predictions["class_name"] == "dog", "Size"] *= outlier
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    choice = {"classes": ("ant", "bee", "cat")}
    table = evaluation.importance(**choice, settled=True)
    counted = outcomes(evaluation, choice)[0]
    for name, column in (("Size (P)", "Size"), ("Fog (F)", "Fog"), ("Noise (P)", "Noise")):
        expected = np.corrcoef(counted[column], counted["hit"])[0, 1]
        assert table.loc[name, "correlation"] == pytest.approx(expected, abs=1e-9)
        low, high = table.loc[name, ["correlation_low", "correlation_high"]]
        assert low < expected < high
        assert high - low < 0.5
