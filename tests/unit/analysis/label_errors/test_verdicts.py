"""What was confirmed is mended, and written for other tools."""

import json

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.errors import InvalidInputError
from tests.unit.analysis.label_errors.planted import planted_errors

BOX = ["x", "y", "width", "height"]


def judged(dataset, truth):
    """Verdicts of somebody who knows the truth, on all errors."""
    errors = ea.Evaluation(dataset).label_errors()
    verdict = np.full(len(errors), "right", dtype=object)
    for kind, ids in truth.items():
        column = "prediction_id" if kind == "missing" else "label_id"
        verdict[(errors["kind"] == kind) & errors[column].isin(ids)] = "wrong"
    return ea.LabelVerdicts(dataset, errors.assign(verdict=verdict))


@pytest.fixture(scope="module")
def verdicts():
    return judged(*planted_errors(0, n_images=60))


def test_mending_what_was_planted_raises_map(verdicts):
    before, after = (
        ea.Evaluation(one).scores().mean_average_precision
        for one in (verdicts.dataset, verdicts.mended)
    )
    assert after > before + 0.1


def test_each_kind_is_mended_as_the_predictions_say(verdicts):
    dataset, mended, wrong = verdicts.dataset, verdicts.mended, verdicts.wrong
    old, new = (one.labels.set_index("label_id") for one in (dataset, mended))
    found = dataset.predictions.set_index("prediction_id")
    gone = wrong[wrong["kind"].isin(["duplicate", "not an object"])]
    added = wrong[wrong["kind"] == "missing"]
    assert len(new) == len(old) - gone["label_id"].nunique() + len(added)
    assert not new.index.isin(gone["label_id"]).any()
    for kind, columns in (("wrong class", ["class_name"]), ("badly placed", BOX)):
        rows = wrong[(wrong["kind"] == kind) & wrong["label_id"].isin(new.index)]
        assert len(rows)
        for label, prediction in zip(rows["label_id"], rows["prediction_id"], strict=True):
            assert new.loc[label, columns].tolist() == found.loc[prediction, columns].tolist()
    fresh = new.loc[~new.index.isin(old.index)]
    assert sorted(map(tuple, fresh[BOX].to_numpy())) == sorted(
        map(tuple, found.loc[added["prediction_id"], BOX].to_numpy())
    )
    untouched = old.index.difference(wrong["label_id"].dropna())
    pd.testing.assert_frame_equal(old.loc[untouched], new.loc[untouched])


def test_nothing_confirmed_changes_nothing(verdicts):
    table = verdicts.table.assign(verdict="skip")
    same = ea.LabelVerdicts(verdicts.dataset, table).mended
    pd.testing.assert_frame_equal(same.labels, verdicts.dataset.labels)


def test_metrics_of_changed_labels_are_missing():
    dataset, truth = planted_errors(0, n_images=40)
    n = len(dataset.labels)
    dataset = dataset.with_metrics(
        labels=pd.DataFrame({"Shade": np.arange(n, dtype=float), "hidden": np.arange(n) % 2 == 0})
    )
    verdicts = judged(dataset, truth)
    new = verdicts.mended.labels.set_index("label_id")
    wrong = verdicts.wrong
    moved = wrong.loc[wrong["kind"] == "badly placed", "label_id"]
    moved = new.index.intersection(moved)
    added = new.index.difference(dataset.labels["label_id"])
    touched = moved.union(added)
    assert new.loc[touched, ["Shade", "hidden"]].isna().all(axis=None)
    assert new.drop(touched)[["Shade", "hidden"]].notna().all(axis=None)
    assert set(verdicts.mended.metrics["name"]) == set(dataset.metrics["name"])
    assert ea.Evaluation(verdicts.mended).importance(outcome="missed")["n"].min() < len(new)


def boxes_of(dataset):
    frame = dataset.labels
    rows = zip(
        frame["image_id"].tolist(),
        frame["class_name"].astype(str),
        frame[BOX].to_numpy().round(6).tolist(),
        strict=True,
    )
    return sorted((image, name, tuple(box)) for image, name, box in rows)


@pytest.mark.parametrize("form", ["coco", "cvat", "label_studio"])
def test_what_is_written_is_read_again(verdicts, tmp_path, form):
    predictions = tmp_path / "predictions.json"
    if form == "coco":
        verdicts.to_coco(tmp_path)
        read = ea.read_coco(tmp_path / "instances.json", predictions)
    else:
        found = [
            {"image_id": image, "category_id": name, "bbox": box, "score": score}
            for image, name, box, score in zip(
                verdicts.mended.predictions["image_id"].tolist(),
                verdicts.mended.predictions["class_name"].astype(str),
                verdicts.mended.predictions[BOX].to_numpy().tolist(),
                verdicts.mended.predictions["confidence"].tolist(),
                strict=True,
            )
        ]
        predictions.write_text(json.dumps(found))
        path = tmp_path / ("labels.xml" if form == "cvat" else "labels.json")
        getattr(verdicts, f"to_{form}")(path)
        read = ea.read(path, predictions)
    assert boxes_of(read) == boxes_of(verdicts.mended)
    said = read.labels["label_error"].value_counts()
    assert said["missing"] == (verdicts.wrong["kind"] == "missing").sum()


def test_names_from_data_are_escaped(tmp_path):
    images = pd.DataFrame({"image_id": ["<a>"], "width": 9, "height": 9, "file_name": "a&b.jpg"})
    labels = pd.DataFrame(
        {
            "image_id": ["<a>"],
            "class_name": ['"<cat>" & \x07'],
            "x": 1,
            "y": 1,
            "width": 2,
            "height": 2,
        }
    )
    dataset = ea.Dataset.from_frames(images, labels, labels.assign(confidence=0.5))
    table = pd.DataFrame(columns=["kind", "label_id", "prediction_id", "verdict"])
    ea.LabelVerdicts(dataset, table).to_cvat(tmp_path / "a.xml")
    (tmp_path / "none.json").write_text("[]")
    read = ea.read(tmp_path / "a.xml", tmp_path / "none.json")
    assert read.class_names == ('"<cat>" & \ufffd',)
    assert read.images["file_name"].tolist() == ["a&b.jpg"]


def test_the_table_is_written_as_csv(verdicts, tmp_path):
    verdicts.to_csv(tmp_path / "verdicts.csv")
    read = pd.read_csv(tmp_path / "verdicts.csv")
    assert read["verdict"].tolist() == verdicts.table["verdict"].tolist()
    again = ea.LabelVerdicts(verdicts.dataset, read)
    assert boxes_of(again.mended) == boxes_of(verdicts.mended)
    with pytest.raises(InvalidInputError, match="a folder"):
        verdicts.to_csv(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "wrnog"}, "`verdict` has no option 'wrnog'. Did you mean 'wrong'?"),
        ({"kind": "lost"}, "`kind` has no option 'lost'."),
        (
            {"kind": "duplicate", "label_id": 10**9},
            "`label_id` has 1000000000, which the dataset does not have.",
        ),
    ],
)
def test_bad_tables_are_refused(verdicts, change, message):
    table = verdicts.wrong.iloc[:1].astype(object).assign(**change)
    with pytest.raises(InvalidInputError) as caught:
        ea.LabelVerdicts(verdicts.dataset, table)
    assert str(caught.value).startswith(message)


def test_a_lacking_column_is_named(verdicts):
    with pytest.raises(InvalidInputError) as caught:
        ea.LabelVerdicts(verdicts.dataset, verdicts.table.drop(columns="verdict"))
    assert str(caught.value) == (
        "`table` lacks the column 'verdict'. Give what label_errors() returned, with a column "
        "'verdict'."
    )
