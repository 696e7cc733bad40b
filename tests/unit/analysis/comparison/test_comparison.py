import json

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from tests.unit.analysis.conftest import small_frames


def weaker(predictions, seed=3, share=0.45):
    """Predictions of a model that loses some, more of the small ones, and moves the others."""
    rng = np.random.default_rng(seed)
    lost = rng.random(len(predictions)) < np.where(predictions["Size"] < 1500, 2, 0.5) * share
    kept = predictions[~lost].copy()
    kept["x"] += rng.normal(0, 2, len(kept))
    kept["confidence"] = rng.random(len(kept))
    return kept


@pytest.fixture(scope="module")
def frames():
    return small_frames()


@pytest.fixture(scope="module")
def datasets(frames):
    images, labels, predictions = frames
    return {
        "old": ea.Dataset.from_frames(images, labels, predictions),
        "new": ea.Dataset.from_frames(images, labels, weaker(predictions)),
    }


@pytest.fixture(scope="module")
def comparison(datasets):
    return ea.compare(datasets)


def test_each_model_is_scored_for_itself(comparison, datasets):
    found = comparison.at(0.6, 0.2, ("ant", "bee")).scores()
    alone = {
        name: ea.Evaluation(d).scores(0.6, 0.2, ("ant", "bee")) for name, d in datasets.items()
    }
    for name, scores in alone.items():
        row = found.table.loc[name]
        assert row["mean_average_precision"] == scores.mean_average_precision
        assert row["false_negatives"] == scores.false_negatives
        for column in ("average_precision", "recall"):
            np.testing.assert_array_equal(
                found.per_class.loc[name, column], scores.per_class[column]
            )
    difference = alone["new"].f1 - alone["old"].f1
    assert found.table.loc["new", "f1_difference"] == difference
    assert np.isnan(found.table.loc["old", "f1_difference"])


def test_intervals_of_differences_are_paired(comparison):
    row = comparison.scores(settled=True).table.loc["new"]
    for name in ("mean_average_precision", "recall"):
        low, high = row[f"{name}_difference_low"], row[f"{name}_difference_high"]
        assert low <= row[f"{name}_difference"] <= high
        alone = comparison.scores(settled=True).table
        unpaired = np.hypot(*(alone[f"{name}_high"] - alone[f"{name}_low"]))
        assert high - low < unpaired
        assert row[f"{name}_p_value"] < 0.05


def test_a_model_compared_with_itself_changes_nothing(datasets):
    comparison = ea.compare({"a": datasets["old"], "b": datasets["old"]})
    settled = comparison.scores(settled=True).table.loc["b"]
    for name in ("mean_average_precision", "f1"):
        ends = [settled[f"{name}_difference{end}"] for end in ("", "_low", "_high")]
        assert ends == [0.0, 0.0, 0.0]
        assert settled[f"{name}_p_value"] == 1.0
    assert len(comparison.changes()) == 0
    curve = comparison.curve("Size")
    assert (curve.labels.loc[curve.labels["model"] == "b", "difference"] == 0).all()
    assert set(comparison.labels()["change_b"]) <= {"kept", "missed"}


def test_labels_tell_which_model_found_them(comparison, datasets):
    table = comparison.at(0.6, 0.3).labels()
    for name, dataset in datasets.items():
        matches = ea.Evaluation(dataset).matches(0.6, 0.3).labels
        matches = matches[matches["outcome"] != "ignored"].set_index("label_id")
        found = table.set_index("label_id")
        assert list(found.index) == list(matches.index)
        np.testing.assert_array_equal(found[f"found_{name}"], matches["outcome"] == "found")
        hits = found[f"found_{name}"]
        np.testing.assert_array_equal(found.loc[hits, f"iou_{name}"], matches.loc[hits, "iou"])
        assert found.loc[~hits, f"confidence_{name}"].isna().all()
    lost = table["found_old"] & ~table["found_new"]
    assert (table["change_new"] == "lost").equals(lost.rename("change_new"))


def test_the_order_of_the_other_models_labels_does_not_matter(frames, comparison):
    images, labels, predictions = frames
    shuffled = ea.Dataset.from_frames(
        images.sample(frac=1, random_state=0),
        labels.assign(label_id=np.arange(len(labels)) + 1).sample(frac=1, random_state=1),
        weaker(predictions).sample(frac=1, random_state=2),
    )
    first = comparison["old"].dataset
    other = ea.compare({"old": first, "new": shuffled})
    one, two = comparison.labels(), other.labels()
    pd.testing.assert_frame_equal(one, two)
    pd.testing.assert_frame_equal(comparison.changes(), other.changes())


def test_curves_share_their_bins(comparison):
    curve = comparison.curve("Size")
    for side in (curve.predictions, curve.labels):
        by_model = [frame.reset_index(drop=True) for _, frame in side.groupby("model", sort=False)]
        pd.testing.assert_series_equal(by_model[0]["bin_low"], by_model[1]["bin_low"])
        np.testing.assert_allclose(
            by_model[1]["difference"], by_model[1]["rate"] - by_model[0]["rate"], atol=1e-12
        )
        inside = by_model[1]["difference_low"] <= by_model[1]["difference"]
        assert inside.all()
        n = by_model[0]["n"] + (by_model[1]["n"] if side is curve.predictions else 0)
        assert n.max() - n.min() <= 2  # equal counts, of both models together


def test_categories_are_compared_too(frames):
    images, labels, predictions = frames
    rng = np.random.default_rng(0)
    images = images.assign(weather=rng.choice(["sun", "rain", "fog"], len(images)))
    rainy = predictions["image_id"].isin(images["image_id"][images["weather"] == "rain"])
    lost = rainy & (rng.random(len(predictions)) < 0.6)
    comparison = ea.compare(
        {
            "old": ea.Dataset.from_frames(images, labels, predictions),
            "new": ea.Dataset.from_frames(images, labels, predictions[~lost]),
        }
    )
    curve = comparison.curve("weather").labels
    row = curve[(curve["model"] == "new") & (curve["category"] == "rain")].iloc[0]
    assert row["difference"] > 0.2
    changes = comparison.changes()
    beyond = changes[changes["metric"] != "All"]
    assert beyond["metric"].iloc[0] == "weather (F)"
    assert beyond["category"].iloc[0] == "rain"
    assert "with weather = rain are missed" in beyond["sentence"].iloc[0]


def test_thresholds_by_model_and_by_class(comparison):
    view = comparison.at(confidence_threshold={"new": 0.5})
    assert view["old"].confidence_threshold is None
    assert view["new"].confidence_threshold == 0.5
    view = comparison.at(confidence_threshold={"ant": 0.5})
    assert view["old"].confidence_threshold == {"ant": 0.5}
    with pytest.raises(ea.InvalidInputError, match="names models and classes"):
        comparison.at(confidence_threshold={"ant": 0.5, "new": 0.1})
    with pytest.raises(ea.InvalidInputError, match="'nwe'"):
        comparison.at(confidence_threshold={"nwe": 0.5})


def test_a_class_that_one_model_alone_predicts(frames):
    images, labels, predictions = frames
    other = predictions.assign(
        class_name=predictions["class_name"].mask(predictions.index < 5, "yak")
    )
    comparison = ea.compare(
        {
            "old": ea.Dataset.from_frames(images, labels, predictions),
            "new": ea.Dataset.from_frames(images, labels, other),
        }
    )
    assert "yak" in comparison.class_names
    table = comparison.scores(classes=("yak",)).table
    assert list(table["false_positives"]) == [0, 5]


def test_other_images_or_labels_are_refused_with_counts_or_left_out(frames, datasets):
    images, labels, predictions = frames
    fewer = labels.iloc[30:]
    less = ea.Dataset.from_frames(images, fewer, predictions)
    with pytest.raises(ea.InvalidInputError) as error:
        ea.compare({"a": datasets["old"], "b": less})
    assert str(error.value) == (
        "`models` are not on the same data: 30 labels are of 'a' only and 0 of 'b' only. "
        'Give on="shared" to compare on the images and labels that all have.'
    )
    shared = ea.compare({"a": datasets["old"], "b": less}, on="shared")
    assert len(shared["a"].dataset.labels) == len(fewer)
    half = datasets["old"].subset(images["image_id"][:30])
    with pytest.raises(ea.InvalidInputError, match="30 images are of 'a' only and 0 of 'b' only"):
        ea.compare({"a": datasets["old"], "b": half})
    shared = ea.compare({"a": datasets["old"], "b": half}, on="shared")
    assert len(shared["a"].dataset.images) == 30
    assert len(shared.changes()) == 0


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ({}, "`models` is {}. Give two or more"),
        ({"a": 1, "b": 2}, "`models` has int under 'a'. Give ea.Dataset or ea.Evaluation objects."),
        ({"a": 1, "": 2}, "`models` has int under 'a'"),
    ],
)
def test_what_is_no_model_is_refused(models, message):
    with pytest.raises(ea.InvalidInputError) as error:
        ea.compare(models)
    assert str(error.value).startswith(message)


def test_models_have_one_way_of_matching(datasets):
    one = ea.Evaluation(datasets["old"], max_detections=10)
    with pytest.raises(ea.InvalidInputError, match="evaluated in different ways"):
        ea.compare({"a": one, "b": ea.Evaluation(datasets["new"])})
    comparison = ea.compare({"a": one, "b": datasets["new"]})
    assert comparison["a"] is one
    assert comparison["b"].max_detections == 10


def test_trackers_get_plain_numbers(comparison):
    flat = comparison.to_dict()
    assert flat["new/mAP"] == comparison["new"].scores().mean_average_precision
    assert (
        flat["old/AP/ant"] == comparison["old"].scores().per_class.loc["ant", "average_precision"]
    )
    assert flat["new/mAP difference"] == flat["new/mAP"] - flat["old/mAP"]
    assert {type(value) for value in flat.values()} == {int, float}
    assert json.loads(json.dumps(flat, allow_nan=False)) == flat
    assert "old/mAP difference" not in flat
    assert np.isnan(comparison.scores().to_dict(undefined=True)["old/mAP difference"])
    settled = comparison.to_dict(0.6, settled=True)
    row = comparison.scores(0.6, settled=True).table.loc["new"]
    assert settled["new/mAP difference low"] == row["mean_average_precision_difference_low"]
    assert settled["new/mAP p value"] == row["mean_average_precision_p_value"]
    json.dumps(settled, allow_nan=False)


def test_reasons_importance_and_precision_recall_of_all_models(comparison):
    reasons = comparison.at().reasons()
    assert reasons["count_old"].iloc[:5].sum() == comparison["old"].scores().false_positives
    difference = reasons["count_new"] - reasons["count_old"]
    np.testing.assert_array_equal(reasons["difference_new"], difference)
    ranking = comparison.at().importance()
    alone = comparison["new"].importance()["importance"]
    assert ranking.loc["Size (P)", "importance_new"] == alone["Size (P)"]
    traced = comparison.at().precision_recall()
    assert set(traced["model"]) == {"old", "new"}


def test_models_from_coco_files(frames, tmp_path):
    images, labels, predictions = frames
    ea.Dataset.from_frames(images, labels, predictions).to_coco(tmp_path / "old")
    ea.Dataset.from_frames(images, labels, weaker(predictions)).to_coco(tmp_path / "new")
    comparison = ea.compare_coco(
        tmp_path / "old" / "instances.json",
        {name: tmp_path / name / "predictions.json" for name in ("old", "new")},
    )
    assert comparison.names == ("old", "new")
    assert comparison.scores().table.loc["new", "mean_average_recall_difference"] < 0


def test_three_models_are_each_compared_with_the_first(datasets):
    three = ea.compare({**datasets, "same": datasets["old"]})
    changes = three.changes()
    assert set(changes["model"]) == {"new"}
    assert list(three.labels().filter(like="change_").columns) == ["change_new", "change_same"]


def test_sentences_name_the_models_unless_one_came_before_the_other(datasets):
    said = ea.compare(datasets).changes()["sentence"].iloc[0]
    assert " of the time, " in said
    assert "points more than before (" in said
    assert said.endswith("lost.")
    other = ea.compare({"large": datasets["old"], "tiny": datasets["new"]})
    said = other.changes()["sentence"].iloc[0]
    assert " of the time with tiny, " in said
    assert "points more than with large (" in said
    assert said.endswith(" by large only.")
    three = ea.compare({**datasets, "tiny": datasets["new"]}).changes()
    assert all(f"with {row.model}, " in row.sentence for row in three.itertuples())


def test_the_ranges_of_a_part_have_their_unit(datasets):
    whole = {name: ea.compute_metrics(dataset) for name, dataset in datasets.items()}
    parts = ea.compare(whole).at().parts(["Object Area - Relative"], bins=3)
    assert len(parts) == 4
    assert parts["part"].iloc[1].startswith("≤ ")
    assert parts["part"].iloc[1:].str.endswith(" %").all()


def test_the_best_threshold_of_each_model_is_that_of_its_operating_points(comparison):
    for query in ((0.5, ()), (0.7, ("ant",))):
        found = comparison.best_thresholds(*query)
        assert list(found) == ["old", "new"]
        for name, threshold in found.items():
            view = comparison[name].at(query[0], None, query[1])
            assert threshold == view.operating_points(by_class=False).threshold


def test_a_model_without_a_right_prediction_has_no_best_threshold(frames, datasets):
    images, labels, predictions = frames
    moved = predictions.assign(x=predictions["x"] + 5000.0)
    nothing = ea.Dataset.from_frames(images, labels, moved)
    comparison = ea.compare({"old": datasets["old"], "blind": nothing})
    assert list(comparison.best_thresholds()) == ["old"]
