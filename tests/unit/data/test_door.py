"""The one door: rows that cannot be used are left out and counted; meaning is never guessed."""

from __future__ import annotations

import copy
import gzip
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import ea_widgets as ea
from ea_widgets.data.checks.raw_frames import RawFrames
from ea_widgets.data.door import DoorOptions

N_IMAGES, PER_IMAGE = 12, 4


@pytest.fixture(scope="module")
def scene():
    """COCO labels, and predictions that are all right but for one in six."""
    rng = np.random.default_rng(7)
    images = [
        {"id": row + 1, "width": 640, "height": 480, "file_name": f"shots/{row + 1:06d}.jpg"}
        for row in range(N_IMAGES)
    ]
    labels, results = [], []
    for image in images:
        for column in range(PER_IMAGE):
            box = [150.0 * column + 5, float(rng.integers(5, 300)), 60.0, 90.0]
            entry = {
                "image_id": image["id"],
                "category_id": int(rng.integers(1, 4)),
                "bbox": [v + float(rng.integers(0, 5)) for v in box],
            }
            labels.append({"id": len(labels) + 1, **entry, "iscrowd": 0})
            far = rng.random() < 1 / 6
            shifted = [entry["bbox"][0] + 70.0 * far, *entry["bbox"][1:]]
            results.append({**entry, "bbox": shifted, "score": round(float(rng.random()), 3)})
    categories = [{"id": n, "name": name} for n, name in enumerate("abc", 1)]
    return {"images": images, "annotations": labels, "categories": categories}, results


def _changed(results, **fields):
    changed = copy.deepcopy(results)
    for name, value in fields.items():
        changed[5][name] = value
    return changed


NAN = float("nan")
LEFT_OUT = {
    "a box of NaN": ({"bbox": [NAN, 1, 2, 3]}, "bbox[0]"),
    "an infinite box": ({"bbox": [1, 1, float("inf"), 3]}, "bbox[2]"),
    "a huge box": ({"bbox": [1e308, 1, 1e308, 3]}, "bbox[0]"),
    "a box of text": ({"bbox": ["a", 1, 2, 3]}, "bbox[0]"),
    "five numbers": ({"bbox": [1, 2, 3, 4, 5]}, "bbox"),
    "a nested box": ({"bbox": [[1, 2, 3, 4]]}, "bbox"),
    "no box": ({"bbox": None}, "bbox"),
    "no score": ({"score": None}, "score"),
    "a score that is true": ({"score": True}, "score"),
    "an infinite score": ({"score": float("inf")}, "score"),
    "a number beyond print": ({"score": 10**5000}, "score"),
    "an unknown class": ({"category_id": 99}, "category_id"),
    "no class": ({"category_id": None}, "category_id"),
    "a list for a class": ({"category_id": [1]}, "category_id"),
    "an unknown image": ({"image_id": 99}, "image_id"),
    "an infinite image": ({"image_id": float("inf")}, "image_id"),
    "no image": ({"image_id": None}, "image_id"),
}


@pytest.mark.parametrize("on_disk", [True, False])
@pytest.mark.parametrize(("fields", "field"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_one_odd_prediction_is_left_out_and_shown(scene, fields, field, on_disk, tmp_path):
    labels, results = scene
    given = _changed(results, **fields)
    expected = ea.read_coco(labels, results[:5] + results[6:])
    if on_disk and fields.get("score") != 10**5000:
        (tmp_path / "p.json").write_text(json.dumps(given))
        given = tmp_path / "p.json"
    dataset = ea.read_coco(labels, given)
    pd.testing.assert_frame_equal(
        dataset.predictions.drop(columns="prediction_id"),
        expected.predictions.drop(columns="prediction_id"),
    )
    assert dataset.predictions["prediction_id"].tolist() == [*range(5), *range(6, len(results))]
    (problem,) = dataset.problems.to_dict("records")
    assert (problem["source"], problem["row"], problem["field"]) == ("predictions", 5, field)
    assert problem["what_was_done"].startswith("left out: ")
    assert len(problem["value"]) <= 80
    assert any(f"`{field}`" in note for note in dataset.notes)
    with pytest.raises(ea.InvalidInputError):
        ea.read_coco(labels, given, on_problem="raise")


def test_negative_sizes_are_kept_and_count_nowhere(scene):
    labels, results = scene
    dataset = ea.read_coco(labels, [*results, dict(results[0], bbox=[5, 5, -1e-3, 4], score=0.99)])
    assert len(dataset.predictions) == len(results) + 1
    assert "1 prediction has a box of negative width or height" in " ".join(dataset.notes)
    scores, plain = (
        ea.Evaluation(data).scores(0.5) for data in (dataset, ea.read_coco(labels, results))
    )
    assert scores.mean_average_precision == plain.mean_average_precision
    assert scores.false_positives == plain.false_positives


def test_numbers_as_text_and_any_finite_scores_are_read(scene):
    labels, results = scene
    texts = [
        dict(
            entry,
            score=str(entry["score"] * 100),
            bbox=[str(v) for v in entry["bbox"]],
            image_id=str(entry["image_id"]),
            category_id=float(entry["category_id"]),
        )
        for entry in results
    ]
    dataset, plain = ea.read_coco(labels, texts), ea.read_coco(labels, results)
    assert not len(dataset.problems)
    np.testing.assert_allclose(
        dataset.predictions["confidence"], plain.predictions["confidence"] * 100
    )
    pd.testing.assert_frame_equal(
        dataset.predictions.drop(columns="confidence"), plain.predictions.drop(columns="confidence")
    )


def test_over_half_is_refused_with_the_likely_cause(scene):
    labels, results = scene
    others = [dict(entry, image_id=entry["image_id"] + 6) for entry in results]
    kept = ea.read_coco(labels, others)
    assert len(kept.predictions) == len(results) / 2
    others[0]["image_id"] = 999
    with pytest.raises(ea.InvalidInputError, match="another split") as error:
        ea.read_coco(labels, others)
    assert "25 of 48 entries" in error.value.problem


def test_repeated_labels(scene):
    labels, results = scene
    twice = dict(labels, annotations=[*labels["annotations"], labels["annotations"][3]])
    dataset = ea.read_coco(twice, results)
    assert len(dataset.labels) == len(labels["annotations"])
    assert dataset.problems["row"].tolist() == [len(labels["annotations"])]
    restarting = [
        dict(entry, id=row % PER_IMAGE) for row, entry in enumerate(labels["annotations"])
    ]
    dataset = ea.read_coco(dict(labels, annotations=restarting), results)
    assert dataset.labels["label_id"].tolist() == list(range(len(restarting)))
    assert set(dataset.problems["field"]) == {"id"}


def test_images_listed_twice(scene):
    labels, results = scene
    same = dict(labels, images=[*labels["images"], dict(labels["images"][0])])
    assert len(ea.read_coco(same, results).images) == N_IMAGES
    other = dict(labels, images=[*labels["images"], dict(labels["images"][0], width=9)])
    with pytest.raises(ea.InvalidInputError, match="repeats an earlier id"):
        ea.read_coco(other, results)


@pytest.mark.parametrize("kind", [np.uint64, object, str])
def test_ids_mean_nothing_but_equality(kind):
    ids = pd.Series([2**63 + 5, 7, 2**63 + 6]).astype(kind)
    images = pd.DataFrame({"image_id": ids, "width": 10, "height": 10})
    box = pd.DataFrame(
        {"image_id": ids.astype(str), "class_name": "a", "x": 1, "y": 1, "width": 5, "height": 5}
    )
    dataset = ea.Dataset.from_frames(images, box, box.assign(confidence=0.5))
    assert ea.Evaluation(dataset).scores(0.5).mean_average_precision == 1.0


def test_sizes_come_from_the_image_files(scene, tmp_path):
    labels, results = scene
    bare = copy.deepcopy(labels)
    (tmp_path / "shots").mkdir()
    for image in bare["images"]:
        Image.new("RGB", (image.pop("width"), image.pop("height"))).save(
            tmp_path / image["file_name"]
        )
    dataset = ea.read_coco(bare, results, images=tmp_path)
    assert dataset.images[["width", "height"]].to_numpy().tolist() == [[640, 480]] * N_IMAGES
    unknown = ea.read_coco(bare, results)
    assert unknown.images["width"].isna().all()
    computed = ea.compute_metrics(unknown, progress=False)
    assert computed.labels["Object Area - Relative"].isna().all()
    got, want = (ea.Evaluation(data).scores(0.5) for data in (unknown, ea.read_coco(*scene)))
    assert got.mean_average_precision == want.mean_average_precision


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gzip", "lines", "joined"])
def test_files_as_tools_write_them(scene, encoding, tmp_path):
    labels, results = scene
    path = tmp_path / "p.json"
    if encoding == "gzip":
        path.write_bytes(gzip.compress(json.dumps(results).encode()))
    elif encoding == "lines":
        path.write_text("\n".join(map(json.dumps, results)))
    elif encoding == "joined":
        path.write_text(json.dumps(results[:9]) + json.dumps(results[9:]))
    else:
        path.write_text(json.dumps(results), encoding=encoding)
    for read in (ea.read_coco, ea.read):
        pd.testing.assert_frame_equal(
            read(labels, path).predictions, ea.read_coco(labels, results).predictions
        )


WRITTEN = {
    "xyxy": lambda x, y, w, h: [x, y, x + w, y + h],
    "cxcywh": lambda x, y, w, h: [x + w / 2, y + h / 2, w, h],
    "xyhw": lambda x, y, w, h: [x, y, h, w],
    "yxyx": lambda x, y, w, h: [y, x, y + h, x + w],
    "yxhw": lambda x, y, w, h: [y, x, h, w],
    "xywhn": lambda x, y, w, h: [x / 640, y / 480, w / 640, h / 480],
    "cxcywhn": lambda x, y, w, h: [(x + w / 2) / 640, (y + h / 2) / 480, w / 640, h / 480],
    "xywh@320": lambda x, y, w, h: [x / 2, y / 2 + 40, w / 2, h / 2],
    "xyxy@416x416": lambda x, y, w, h: [
        x * 0.65, y * 416 / 480, (x + w) * 0.65, (y + h) * 416 / 480
    ],
}  # fmt: skip


@pytest.mark.parametrize("form", WRITTEN)
def test_boxes_of_another_form_are_asked_about_and_the_argument_mends_them(scene, form):
    labels, results = scene
    given = [dict(entry, bbox=WRITTEN[form](*entry["bbox"])) for entry in results]
    asked = [note for note in ea.read_coco(labels, given).notes if "`boxes=" in note]
    assert len(asked) == 1
    assert f"`boxes='{form}'`" in asked[0]
    mended = ea.read_coco(labels, given, boxes=form)
    assert not any("`boxes=" in note for note in mended.notes)
    np.testing.assert_allclose(
        mended.predictions[["x", "y", "width", "height"]],
        ea.read_coco(labels, results).predictions[["x", "y", "width", "height"]],
        atol=1e-9,
    )


OTHER_CAUSES = {
    "ids one lower": (
        lambda entry: dict(entry, image_id=entry["image_id"] - 1),
        "image ids are one lower than those of the labels, 8",
    ),
    "ids one higher": (
        lambda entry: dict(entry, image_id=entry["image_id"] + 1),
        "image ids are one higher than those of the labels, 8",
    ),
    "y upwards": (
        lambda entry: dict(
            entry,
            bbox=[entry["bbox"][0], 480 - sum(entry["bbox"][1::2]), *entry["bbox"][2:]],
        ),
        "y counts upwards from the lower edge, 8",
    ),
}


@pytest.mark.parametrize("cause", OTHER_CAUSES)
def test_if_nothing_overlaps_other_causes_are_named(scene, cause):
    labels, results = scene
    change, words = OTHER_CAUSES[cause]
    results = [entry for row, entry in enumerate(results * 2) if row % 7]
    notes = [
        note
        for note in ea.read_coco(labels, [change(entry) for entry in results]).notes
        if "most confident predictions" in note
    ]
    assert len(notes) == 1
    assert words in notes[0]
    assert not any("most confident" in note for note in ea.read_coco(labels, results).notes)


def test_an_entry_that_is_no_object_is_named_in_words(scene):
    labels, results = scene
    assert ea.read_coco(labels, [*results, None]).notes[0] == (
        "1 prediction was left out: the entry is not an object (None in row 48)."
    )


@pytest.mark.parametrize(("way", "shift"), [("from_zero", -1), ("from_one", 1)])
def test_classes_that_agree_after_a_shift_are_asked_about(scene, way, shift):
    labels, results = scene
    known = {1, 2, 3}
    given = [dict(entry, category_id=entry["category_id"] + shift) for entry in results]
    given = [entry for entry in given if entry["category_id"] in known]
    (note,) = [note for note in ea.read_coco(labels, given).notes if "`class_ids=" in note]
    assert f"`class_ids='{way}'`" in note
    assert "0% have its class" in note
    mended = ea.read_coco(labels, given, class_ids=way)
    assert not any("`class_ids=" in note for note in mended.notes)


def test_a_bad_model_is_no_other_form(scene):
    labels, results = scene
    for seed in range(20):
        rng = np.random.default_rng(seed)
        given = [
            dict(entry, bbox=[float(v) for v in rng.integers(0, 300, 2)] + [60.0, 90.0])
            if rng.random() > 0.02
            else entry
            for entry in results
        ]
        notes = " ".join(ea.read_coco(labels, given).notes)
        assert "boxes=" not in notes
        assert "class_ids=" not in notes


def test_names_outweigh_numbers(scene):
    labels, results = scene
    names = {one["id"]: one["name"] for one in labels["categories"]}
    given = [
        dict(entry, category_name=names[entry["category_id"]], category_id=entry["category_id"] - 1)
        for entry in results
    ]
    dataset = ea.read_coco(labels, given)
    pd.testing.assert_series_equal(
        dataset.predictions["class_name"], ea.read_coco(labels, results).predictions["class_name"]
    )
    assert "joined by name" in " ".join(dataset.notes)


def test_readers_of_different_formats_meet_at_the_door():
    """Labels by file name and class name, predictions by stem and number, in shares."""
    labels = RawFrames(
        images=pd.DataFrame({"image_id": ["a/1.jpg", "a/2.jpg"],
                             "file_name": ["a/1.jpg", "a/2.jpg"], "width": 100, "height": 50}),
        labels=pd.DataFrame({"image_id": ["a/1.jpg", "a/2.jpg"], "class_name": ["dog", "cat"],
                             "x": 10, "y": 20, "width": 20, "height": 20}),
    )  # fmt: skip
    predictions = RawFrames(
        predictions=pd.DataFrame({"image_id": ["1", "2", "3"], "class_id": ["0", "1", "0"],
                                  "x": 0.2, "y": 0.6, "width": 0.2, "height": 0.4,
                                  "confidence": 0.5, "speed": [1.0, 2.0, 3.0]}),
        categories=[(0, "dog"), (1, "cat")],
        boxes="cxcywhn",
    )  # fmt: skip
    dataset = ea.Dataset.from_raw(labels, predictions, None, DoorOptions())
    assert dataset.predictions["image_id"].tolist() == ["a/1.jpg", "a/2.jpg"]
    assert dataset.predictions["speed"].tolist() == [1.0, 2.0]
    scores = ea.Evaluation(dataset).scores(0.5)
    assert scores.mean_average_precision == pytest.approx(1.0, abs=1e-12)
    assert pickle.loads(pickle.dumps(dataset)).notes == dataset.notes  # noqa: S301  # our own


def test_an_unknown_option_is_refused(scene):
    for option in ({"on_problem": "ignore"}, {"boxes": "wxyz"}, {"class_ids": "zero"}):
        with pytest.raises(ea.InvalidInputError):
            ea.read_coco(*scene, **option)
    with pytest.raises(ea.InvalidInputError, match="format"):
        ea.read(*scene, format="cocoa")


def test_names_of_classes_may_stand_where_their_ids_belong(scene):
    labels, results = scene
    given = [dict(entry, category_id=" abc"[entry["category_id"]]) for entry in results]
    pd.testing.assert_frame_equal(
        ea.read_coco(labels, given).predictions, ea.read_coco(labels, results).predictions
    )


def test_an_upload_of_label_studio_is_known_by_its_own_name(scene, tmp_path):
    labels, results = copy.deepcopy(scene)
    for image in labels["images"]:
        name = f"cam{image['id']}.png"
        image["file_name"] = f"/data/upload/1/0a1b2c{image['id']:02d}-{name}"
        del image["width"]
        Image.new("L", (640, 480)).save(tmp_path / name)
    given = [dict(entry, image_id=f"cam{entry['image_id']}.png") for entry in results]
    found = ea.read_coco(labels, given, images=tmp_path)
    assert len(found.problems) == 0
    assert found.predictions["image_id"].tolist() == [entry["image_id"] for entry in results]
    assert found.images["width"].tolist() == [640] * N_IMAGES


def test_ids_that_are_paths_are_found_by_the_ends_of_their_names():
    box = {"x": [1.0], "y": 1.0, "width": 3.0, "height": 3.0, "class_name": "a"}
    images = pd.DataFrame({"image_id": ["day/1.jpg", "day/2.jpg"], "width": 9, "height": 9})
    found = ea.Dataset.from_frames(
        images,
        pd.DataFrame({"image_id": ["day/2.jpg"], **box}),
        pd.DataFrame({"image_id": ["2.jpg"], **box, "confidence": 0.5}),
    )
    assert found.predictions["image_id"].tolist() == ["day/2.jpg"]


def test_floats_too_large_to_be_exact_are_no_ids(scene):
    labels, results = copy.deepcopy(scene)
    for image in labels["images"]:
        image["id"] += 2**53
    for entry in labels["annotations"]:
        entry["image_id"] += 2**53
    given = [dict(entry, image_id=float(entry["image_id"] + 2**53)) for entry in results]
    with pytest.raises(ea.InvalidInputError, match="is neither a whole number nor text in 48 of"):
        ea.read_coco(labels, given)


def test_file_names_of_another_case_are_known_where_one_file_can_be_meant(scene):
    labels, results = copy.deepcopy(scene)
    for image in labels["images"]:
        image["file_name"] = f"Shots/IMG_{image['id']}.JPG"
    given = [dict(entry, image_id=f"img_{entry['image_id']}.jpg") for entry in results]
    found = ea.read_coco(labels, given)
    assert found.predictions["image_id"].tolist() == [entry["image_id"] for entry in results]
    labels["images"][1]["file_name"] = "other/Img_1.JPG"
    with pytest.raises(ea.InvalidInputError, match="mean more than one image"):
        ea.read_coco(labels, given)
