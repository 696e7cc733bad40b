"""Categorical metrics from the frames to every answer, on planted data."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import adjusted_mutual_info_score

import ea_widgets as ea
from ea_widgets.core.importance.importance import BinCounts, categorical_importance
from ea_widgets.errors import InvalidInputError


def frames(seed=0, n_images=200, per_image=10):
    """At night 20 % of the predictions are right, else 70 %; other columns are noise."""
    rng = np.random.default_rng(seed)
    image, place = np.divmod(np.arange(n_images * per_image), per_image)
    n = len(image)
    images = pd.DataFrame({"image_id": np.arange(n_images), "width": 5_000, "height": 100})
    images["weather"] = rng.choice(["sun", "rain", "night"], n_images, p=[0.6, 0.3, 0.1])
    images["camera"] = [f"camera {number // 2}" for number in range(n_images)]
    images["taken"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n_images), unit="h")
    hit = rng.random(n) < np.where(images["weather"].to_numpy()[image] == "night", 0.2, 0.7)
    labels = pd.DataFrame({"image_id": image, "class_name": "a", "x": place * 100.0, "y": 0.0})
    labels = labels.assign(width=50.0, height=50.0)
    predictions = labels.assign(
        x=np.where(hit, labels["x"], labels["x"] + 50),
        confidence=rng.random(n),
        right=hit,
        letter=rng.choice(list("abcdefgh"), n),
        occluded=rng.random(n) < 0.3,
        decides=np.where(hit, rng.choice(["u", "v"], n), "w"),
        number=rng.random(n),
    )
    return images, labels.assign(occluded=rng.random(n) < 0.5), predictions


@pytest.fixture(scope="module")
def evaluation():
    return ea.Evaluation(ea.Dataset.from_frames(*frames()))


@pytest.fixture(scope="module")
def ranked(evaluation):
    return evaluation.importance(settled=True)


def test_categories_that_decide_are_found_and_noise_is_not(ranked):
    assert ranked.loc["decides (P)", "importance"] >= 0.99
    assert ranked.loc["right (P)", "importance"] >= 0.99
    noise = ["letter (P)", "occluded (P)", "camera (F)"]
    assert (ranked.loc[noise, "importance"] < 0.005).all()
    told = {"decides (P)", "right (P)", "weather (F)"}
    assert set(ranked.index[ranked["distinguishable"]]) == told
    kinds = ranked["kind"].to_dict()
    assert kinds.pop("number (P)") == kinds.pop("taken (F)") == "numeric"
    assert set(kinds.values()) == {"categorical"}


def test_importance_is_the_adjusted_mutual_information_of_scikit_learn(evaluation, ranked):
    matches = evaluation.matches().predictions
    hit = (matches["outcome"] == "true_positive").to_numpy()
    image = evaluation.dataset.predictions["image_id"]
    columns = {
        "weather (F)": evaluation.dataset.images["weather"].astype(str).to_numpy()[image],
        "letter (P)": evaluation.dataset.predictions["letter"].astype(str),
        "decides (P)": evaluation.dataset.predictions["decides"].astype(str),
    }
    for name, values in columns.items():
        # The outcome has the least entropy: scikit-learn then divides by it, as we do.
        wanted = adjusted_mutual_info_score(hit, values, average_method="min")
        assert ranked.loc[name, "importance"] == pytest.approx(max(wanted, 0), abs=1e-9)


def test_a_category_with_its_own_cluster_is_not_judged(ranked):
    # Each camera has two images: all of them are "other", and that tells nothing.
    assert ranked.loc["camera (F)", "importance"] == 0
    assert not ranked.loc["camera (F)", "distinguishable"]


@pytest.mark.parametrize("how", ["pearson", "spearman"])
def test_correlation_is_phi_for_two_categories_and_nan_for_more(evaluation, how):
    ranked = evaluation.importance(correlation=how)
    occluded = evaluation.dataset.predictions["occluded"].astype(bool)
    hit = evaluation.dataset.predictions["right"].astype(bool)
    phi = pearsonr(occluded, hit).statistic
    assert ranked.loc["occluded (P)", "correlation"] == pytest.approx(phi, abs=1e-12)
    assert ranked.loc["right (P)", "correlation"] == pytest.approx(1, abs=1e-12)
    assert np.isnan(ranked.loc[["weather (F)", "letter (P)"], "correlation"]).all()


def test_intervals_hold_what_they_are_about(ranked):
    weather, right = ranked.loc["weather (F)"], ranked.loc["right (P)"]
    assert weather["importance_low"] < weather["importance"] < weather["importance_high"]
    assert np.isnan(weather["correlation_low"])
    assert right["correlation_low"] == pytest.approx(1)


def test_numbers_are_what_they_are_without_categories(ranked):
    images, labels, predictions = frames()
    left = predictions.drop(columns=["right", "letter", "occluded", "decides"])
    alone = ea.Dataset.from_frames(images[["image_id", "width", "height", "taken"]], labels, left)
    table = ea.Evaluation(alone).importance(settled=True)
    columns = ["importance", "correlation", "n", "importance_high", "noise_floor"]
    names = ["number (P)", "taken (F)"]
    pd.testing.assert_frame_equal(table.loc[names, columns], ranked.loc[names, columns])


def test_a_curve_has_a_row_per_category_by_falling_count(evaluation):
    curve = evaluation.curve("weather")
    weather = evaluation.dataset.images["weather"].astype(str)
    hit = evaluation.dataset.predictions["right"].astype(bool).to_numpy()
    of_row = weather.to_numpy()[evaluation.dataset.predictions["image_id"]]
    for table, outcome in ((curve.predictions, hit), (curve.labels, ~hit)):
        assert table.columns.tolist() == [
            *("class_name", "category", "n", "rate", "rate_low", "rate_high")
        ]
        assert table["category"].tolist() == ["sun", "rain", "night"]
        assert table["n"].tolist() == [(of_row == name).sum() for name in table["category"]]
        rates = [outcome[of_row == name].mean() for name in table["category"]]
        np.testing.assert_allclose(table["rate"], rates, rtol=1e-12)
    assert evaluation.curve("letter").labels.columns.tolist() == table.columns.tolist()
    by_class = evaluation.curve("weather", by_class=True).predictions
    assert by_class["class_name"].tolist() == ["a"] * 3


def test_a_curve_shows_twenty_categories_and_the_others_together(evaluation):
    table = evaluation.curve("camera").predictions
    assert len(table) == 21
    assert table["category"].iloc[-1] == "other"
    assert table["n"].sum() == 2_000


def test_objects_rules_and_slices_take_a_set_of_categories(evaluation):
    dataset = evaluation.dataset
    weather = dataset.images["weather"].astype(str).to_numpy()[dataset.predictions["image_id"]]
    kinds = ("true_positive", "false_positive")
    found = evaluation.objects_in_range("weather", isin=["night", "rain"], kind=kinds, page_size=9)
    assert found.total == (weather != "sun").sum()
    assert set(found.rows["value"]) <= {"night", "rain"}
    rule = ea.Rule("weather (F)", equals="night")
    assert rule == ea.Rule("weather (F)", isin=("night",)) == ea.Rule.from_json(rule.to_json())
    assert evaluation.what_if([rule]).removed == (weather == "night").sum()
    left = rule.apply(dataset.predictions, dataset.images)
    names = {"predictions": dataset.predictions, "images": dataset.images}
    pd.testing.assert_frame_equal(left, eval(rule.to_pandas(), names))  # noqa: S307  # our own
    assert len(left) == (weather != "night").sum()
    unsure = ea.Rule("weather (F)", min_confidence=0.5, equals="night")
    dropped = (weather == "night") & (dataset.predictions["confidence"].to_numpy() < 0.5)
    assert evaluation.what_if([unsure]).removed == dropped.sum()
    best = evaluation.best_min_confidence("weather", isin=["night"])
    assert best.rule.isin == ("night",)
    night = evaluation.scores(where=ea.where("weather", equals="night")).precision
    rates = evaluation.curve("weather").predictions.set_index("category")["rate"]
    assert night == pytest.approx(rates["night"], abs=1e-12)


def test_a_rule_is_about_a_range_or_about_categories():
    with pytest.raises(InvalidInputError, match="more than one condition"):
        ea.Rule("weather", low=1, equals="night")


def test_the_worst_range_is_a_set_of_categories_and_is_said(evaluation):
    images, labels, predictions = frames()
    left = predictions.drop(columns=["right", "decides"])
    worst = ea.Evaluation(ea.Dataset.from_frames(images, labels, left)).worst_ranges()
    assert worst["metric"].tolist() == ["weather (F)"]
    assert worst["isin"].tolist() == [("night",)]
    assert worst[["low", "high"]].isna().all(axis=None)
    assert worst["sentence"].iloc[0].startswith("Predictions in images with weather = night: ")
    spoken = evaluation.at().sentences("weather", settled=True)
    assert spoken[0].facts["isin"] == ("night",)
    assert spoken[0].text.startswith("Predictions in images with weather = night: ")


def test_dates_are_seconds_for_conditions_and_written_as_dates(evaluation):
    row = evaluation.metrics.loc["taken (F)"]
    assert (row["kind"], row["unit"]) == ("numeric", "date")
    start = pd.Timestamp("2024-01-01").timestamp()
    found = evaluation.scores(where=ea.where("taken", high=start + 3600 * 99))
    assert found.predictions_used == 1_000
    table = evaluation.curve("taken", bins=2).predictions
    assert table["bin_low"].iloc[0] == start


def test_a_rule_on_dates_is_written_as_dates(evaluation):
    frames = {"predictions": evaluation.dataset.predictions, "images": evaluation.dataset.images}
    start = pd.Timestamp("2024-01-01").timestamp()
    for low, high in ((start, start + 3600 * 99), (start + 0.5, None), (None, start + 3600.5)):
        rule = ea.Rule("taken (F)", low, high, 0.5)
        left = eval(rule.to_pandas(dates=True), frames)  # noqa: S307  # our own
        pd.testing.assert_frame_equal(left, rule.apply(frames["predictions"], frames["images"]))
        assert evaluation.what_if([rule]).removed == 2_000 - len(left) > 0


def test_what_holds_a_category_fixed_leaves_nothing_to_it(evaluation):
    ranked = evaluation.importance(given="weather", include_class=True)
    assert ranked.loc["weather (F)", "importance"] == 0
    assert ranked.loc["decides (P)", "importance"] >= 0.99


@pytest.mark.parametrize("rate", [0.05, 0.5, 0.95])
def test_many_categories_of_noise_are_not_too_high(rate):
    rng = np.random.default_rng(0)
    category, hit = rng.integers(0, 50, (200, 1_000)), rng.random((200, 1_000)) < rate
    counts = [
        np.array([np.bincount(c[h], minlength=50) for c, h in zip(category, rows, strict=True)])
        for rows in (hit, np.ones_like(hit))
    ]
    found = categorical_importance(BinCounts(*counts))
    # Half of the time less than the mean of chance, which is clipped.
    assert 0.4 < (found == 0).mean() < 0.65
    assert found.mean() < 0.015  # 0.03 with the correction of Miller and Madow at 5 %
