"""What the demo data promises to those who learn the package with it."""

import json

import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.data.demo.build import FILES
from ea_widgets.data.demo.computed import MODELS, read_folder
from ea_widgets.data.demo.figures import error_kinds
from ea_widgets.data.images.sources import FolderSource
from ea_widgets.data.metrics.compute import compute_metrics_of_models
from ea_widgets.errors import InvalidInputError

RANDOM = ("Random Values on Images", "Random Values on Objects")


@pytest.fixture(scope="module", params=MODELS)
def dataset(request):
    return ea.load_demo(request.param)


@pytest.fixture(scope="module")
def evaluation(dataset):
    return ea.Evaluation(dataset)


@pytest.fixture(scope="module", params=["true_positive", "missed"])
def importance(request, evaluation):
    return evaluation.importance(outcome=request.param)


def test_it_is_large_enough_for_the_tutorial(dataset):
    assert len(dataset.images) >= 300
    assert len(dataset.labels) >= 2_000
    assert 2_500 <= len(dataset.predictions) <= 8_000
    assert dataset.class_names == (
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    )  # fmt: skip
    assert set(dataset.labels["class_name"]) == set(dataset.class_names)


def test_every_metric_of_boxes_and_pixels_is_there(dataset):
    computed = set(zip(dataset.metrics["name"], dataset.metrics["level"], strict=True))
    wanted = {("Area", "F"), ("Object Count", "F"), ("Brightness", "F"), ("Model Confidence", "P")}
    wanted |= {
        (name, level)
        for level in "OP"
        for name in ("Object Area - Relative", "Overlap with Others", "Contrast", "Sharpness")
    }
    assert wanted <= computed
    assert not dataset.images[["Brightness", "Sharpness", "Object Count"]].isna().any(axis=None)


def test_the_shipped_metrics_are_those_computed_anew():
    given = {model: read_folder(FILES, model) for model in MODELS}
    for model, anew in compute_metrics_of_models(given, progress=False).items():
        dataset = ea.load_demo(model)
        for frame in ("images", "labels", "predictions"):
            shipped, expected = getattr(dataset, frame), getattr(anew, frame)
            pd.testing.assert_frame_equal(shipped, expected, rtol=1e-12, atol=1e-12)
        assert dataset.notes == anew.notes
        assert dataset.class_names == anew.class_names
        pd.testing.assert_frame_equal(dataset.metrics, anew.metrics)


def test_the_models_share_images_and_labels():
    half, full = map(ea.load_demo, MODELS)
    pd.testing.assert_frame_equal(half.images, full.images)
    pd.testing.assert_frame_equal(half.labels, full.labels)
    assert ea.load_demo().predictions.equals(half.predictions)
    assert not half.predictions.equals(full.predictions)


def test_an_unknown_model_is_refused():
    with pytest.raises(InvalidInputError) as refused:
        ea.load_demo("hall")
    assert str(refused.value) == (
        "`model` has no option 'hall'. Did you mean 'half'? Options: 'half', 'full'."
    )


def test_half_the_resolution_misses_small_digits_and_full_resolution_is_the_remedy():
    curves = [
        ea.Evaluation(ea.load_demo(model)).curve("Object Area - Relative (O)") for model in MODELS
    ]
    half, full = (curve.labels for curve in curves)
    assert half["bin_low"].equals(full["bin_low"])
    left, right = half["bin_high"] < 0.24, half["bin_low"] > 0.5
    assert left.sum() == 3
    assert half["rate"][left].min() > 0.75
    assert half["rate"][0] > 0.95
    assert full["rate"][left].max() < 0.6
    assert (half["rate"] - full["rate"])[right].abs().max() < 0.1


def test_no_picture_is_read_to_load_it(monkeypatch):
    monkeypatch.setattr(FolderSource, "read", lambda *_: pytest.fail("a picture was read"))
    assert not ea.load_demo().images["Brightness"].isna().any()


def test_pictures_are_at_hand(dataset):
    first = dataset.images.iloc[0]
    assert dataset.pixels is not None
    assert dataset.pixels.read(first["image_id"], first["file_name"]).shape == (
        first["height"],
        first["width"],
        3,
    )


def test_the_detector_is_neither_useless_nor_perfect(evaluation):
    assert 0.35 <= evaluation.scores().mean_average_precision <= 0.75


@pytest.mark.parametrize("model", MODELS)
def test_errors_of_every_kind_occur(model):
    labels, predictions = (
        json.loads((FILES / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("labels", model)
    )
    kinds = error_kinds(labels["annotations"], predictions)
    kinds.pop("correct")
    kinds.pop("both")
    shares = {kind: n / kinds.total() for kind, n in kinds.items()}
    assert set(shares) == {"missed", "duplicate", "badly located", "wrong class", "background"}
    assert min(shares.values()) >= 0.03


def test_metrics_matter_visibly(evaluation):
    of_predictions = evaluation.importance().drop(index="Model Confidence (P)")
    assert of_predictions[of_predictions["level"] == "P"]["importance"].max() >= 0.05
    of_misses = evaluation.importance(outcome="missed")
    both = [*of_predictions[of_predictions["level"] == "F"]["importance"], *of_misses["importance"]]
    assert max(both) >= 0.03


def test_random_metrics_do_not_matter(importance):
    random = importance[importance["name"].isin(RANDOM)]
    assert len(random) == 2
    assert (random["importance"] <= 0.01).all()


def test_files_are_small_enough_for_the_wheel():
    files = [path for path in FILES.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 6e6
    assert {"README.txt", "labels.json", "half.json", "full.json"} <= {path.name for path in files}
