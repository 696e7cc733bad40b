"""What reading COCO refuses, in whole messages."""

from __future__ import annotations

import bz2
import copy
import json
import lzma

import pytest

from ea_widgets.data.read import read
from ea_widgets.data.read_formats import read_coco
from ea_widgets.errors import InvalidInputError

LABELS = {
    "images": [
        {"id": 1, "width": 640, "height": 480, "file_name": "a.jpg"},
        {"id": 2, "width": 640, "height": 480, "file_name": "b.jpg"},
    ],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "iscrowd": 0, "area": 12},
        {"id": 2, "image_id": 2, "category_id": 3, "bbox": [5, 6, 7, 8], "iscrowd": 0, "area": 56},
    ],
    "categories": [{"id": 1, "name": "cat"}, {"id": 3, "name": "dog"}],
}
PREDICTIONS = [
    {"image_id": 1 + row % 2, "category_id": 1, "bbox": [row, 2, 3, 4], "score": row / 10}
    for row in range(5)
]
LABELS_FORM = "COCO labels are an object with the lists 'images', 'annotations', 'categories'."
PREDICTIONS_FORM = (
    "COCO predictions are a list of objects with image_id, category_id, bbox and score."
)
NAN, INFINITY = float("nan"), float("inf")


def _labels(part, row, **fields):
    labels = copy.deepcopy(LABELS)
    for name, value in fields.items():
        if value is ...:
            del labels[part][row][name]
        else:
            labels[part][row][name] = value
    return labels


def _predictions(**fields):
    """Change these fields of the second prediction and the fourth."""
    predictions = copy.deepcopy(PREDICTIONS)
    for row in (1, 3):
        for name, value in fields.items():
            if value is ...:
                del predictions[row][name]
            else:
                predictions[row][name] = value
    return predictions


CASES = {
    "labels are a list": (
        PREDICTIONS,
        LABELS,
        (
            f"`labels` is a list, as COCO predictions are. {LABELS_FORM} "
            "Were labels and predictions swapped?"
        ),
    ),
    "labels twice": (
        LABELS,
        LABELS,
        (
            "`predictions` is an object whose annotations have no score, as COCO labels are. "
            f"{PREDICTIONS_FORM} Were labels and predictions swapped?"
        ),
    ),
    "labels without categories": (
        {"images": [], "annotations": [], "info": {}},
        [],
        (
            f"`labels` lacks the key 'categories'. {LABELS_FORM} "
            "Its keys: 'images', 'annotations', 'info'."
        ),
    ),
    "an object of another kind as labels": (
        {},
        [],
        (
            f"`labels` lacks the keys 'images', 'annotations', 'categories'. {LABELS_FORM} "
            "Its keys: none."
        ),
    ),
    "an object of another kind as predictions": (
        LABELS,
        {"boxes": []},
        f"`predictions` lacks the key 'annotations'. {PREDICTIONS_FORM} Its keys: 'boxes'.",
    ),
    "annotations are no list": (
        LABELS | {"annotations": {"1": {}}},
        [],
        "`labels.annotations` is of type dict, not a list. Is the file in COCO's form?",
    ),
    "an entry is no object": (
        LABELS,
        [*PREDICTIONS, 5, None],
        (
            "`predictions[5]` is not an object in 2 entries: 5 (predictions[5]), "
            "None (predictions[6]). Every entry is an object, with its fields by name."
        ),
    ),
    "no score": (
        LABELS,
        _predictions(score=..., bbox=[0, 0, 1, 1]),
        (
            "`predictions[1].score` is missing in 2 entries: None (predictions[1]), None "
            "(predictions[3]). Give every prediction a confidence, a finite number."
        ),
    ),
    "a score that is true": (
        LABELS,
        _predictions(score=True),
        (
            "`predictions[1].score` is not a number in 2 entries: True (predictions[1]), True "
            "(predictions[3]). Give every prediction a confidence, a finite number."
        ),
    ),
    "a score that is not a number": (
        LABELS,
        _predictions(score=NAN),
        (
            "`predictions[1].score` is not a finite number in 2 entries: nan (predictions[1]), "
            "nan (predictions[3]). Give every prediction a confidence, a finite number."
        ),
    ),
    "three numbers": (
        LABELS,
        _predictions(bbox=[1, 2, 3]),
        (
            "`predictions[1].bbox` is not four numbers in 2 entries: [1, 2, 3] (predictions[1]), "
            "[1, 2, 3] (predictions[3]). Boxes are [x, y, width, height] in pixels."
        ),
    ),
    "no box": (
        LABELS,
        _predictions(bbox=...),
        (
            "`predictions[1].bbox` is missing, and there is no segmentation to take it from, in 2"
            " entries: None (predictions[1]), None (predictions[3]). Give every entry a bbox, [x,"
            " y, width, height] in pixels; of oriented boxes (rbox, poly, obb) that is the "
            "upright box around them."
        ),
    ),
    "a broken mask and no box": (
        LABELS,
        _predictions(bbox=..., segmentation={"size": [3, 3]}),
        (
            "`predictions[1].segmentation` is neither polygons nor run lengths, and there is no "
            "bbox, "
            "in 2 entries: {'size': [3, 3]} (predictions[1]), {'size': [3, 3]} (predictions[3]). "
            "Give polygons as [[x, y, x, y, x, y, ...], ...], run lengths as size and counts, "
            "or a bbox."
        ),
    ),
    "not a number in a box": (
        LABELS,
        _predictions(bbox=[1, NAN, 3, 4]),
        (
            "`predictions[1].bbox[1]` is not a finite number in 2 entries: nan (predictions[1]), "
            "nan (predictions[3]). "
            "Give boxes as finite numbers of pixels, or leave these rows out."
        ),
    ),
    "an infinite width": (
        _labels("annotations", 0, bbox=[0, 0, INFINITY, 1]),
        [],
        (
            "`labels.annotations[0].bbox[2]` is not a finite number in 1 entry: "
            "inf (labels.annotations[0]). "
            "Give boxes as finite numbers of pixels, or leave these rows out."
        ),
    ),
    "an unknown image": (
        LABELS,
        _predictions(image_id=9),
        (
            "`predictions[1].image_id` is not among the ids of `labels.images` in 2 entries: "
            "9 (predictions[1]), 9 (predictions[3]). Known are 2 ids, such as 1, 2 "
            "(nor do they match file names, such as 'a.jpg'). "
            "Are labels and predictions of the same images?"
        ),
    ),
    "an unknown category": (
        LABELS,
        _predictions(category_id=99),
        (
            "`predictions[1].category_id` is not among the ids of `labels.categories` in 2 "
            "entries: 99 (predictions[1]), 99 (predictions[3]). Known are 2 categories, such as 1"
            " ('cat'), 3 ('dog'). `class_ids` says how predictions number classes."
        ),
    ),
    "a label of an unknown category": (
        _labels("annotations", 1, category_id=2),
        [],
        (
            "`labels.annotations[1].category_id` is not among the ids of `labels.categories` in 1"
            " entry: 2 (labels.annotations[1]). Known are 2 categories, such as 1 ('cat'), 3 "
            "('dog')."
        ),
    ),
    "a category of text": (
        LABELS,
        _predictions(category_id="cow"),
        (
            "`predictions[1].category_id` is not among the ids of `labels.categories` in 2 "
            "entries: 'cow' (predictions[1]), 'cow' (predictions[3]). Known are 2 categories, "
            "such as 1 ('cat'), 3 ('dog'). `class_ids` says how predictions number classes."
        ),
    ),
    "an image id that is not whole": (
        LABELS,
        _predictions(image_id=1.5),
        (
            "`predictions[1].image_id` is neither a whole number nor text in 2 entries: "
            "1.5 (predictions[1]), 1.5 (predictions[3]). Ids are whole numbers or text."
        ),
    ),
    "an image id beyond 64 bits": (
        LABELS,
        _predictions(image_id=2**64),
        (
            "`predictions[1].image_id` is not among the ids of `labels.images` in 2 entries: "
            "18446744073709551616 (predictions[1]), 18446744073709551616 (predictions[3]). "
            "Known are 2 ids, such as 1, 2 (nor do they match file names, such as 'a.jpg'). "
            "Are labels and predictions of the same images?"
        ),
    ),
    "an image id of another kind": (
        LABELS,
        _predictions(image_id=[1]),
        (
            "`predictions[1].image_id` is neither a whole number nor text in 2 entries: "
            "[1] (predictions[1]), [1] (predictions[3]). Ids are whole numbers or text."
        ),
    ),
    "an image twice": (
        _labels("images", 1, id=1),
        [],
        (
            "`labels.images[1].id` repeats an earlier id in 1 entry: 1 (labels.images[1]). "
            "Ids must be unique; were two files joined?"
        ),
    ),
    "a label twice": (
        _labels("annotations", 1, id=1),
        [],
        (
            "`labels.annotations[1].id` repeats an earlier id in 1 entry: 1 "
            "(labels.annotations[1]). "
            "Ids must be unique; were two files joined?"
        ),
    ),
    "a category twice": (
        _labels("categories", 1, id=1),
        [],
        (
            "`labels.categories[1].id` repeats an earlier id in 1 entry: 1 (labels.categories[1]). "
            "Ids must be unique; were two files joined?"
        ),
    ),
    "a huge id": (
        _labels("images", 1, id=2**63),
        [],
        (
            "`labels.annotations[1].image_id` is not among the ids of `labels.images` in 1 entry:"
            " 2 (labels.annotations[1]). Known are 2 ids, such as 1, 9223372036854775808 (nor do "
            "they match file names, such as 'a.jpg'). Are labels and predictions of the same "
            "images?"
        ),
    ),
    "an image without width": (
        _labels("images", 1, width=...),
        [],
        (
            "`labels.images[1].width` is missing in 1 entry: None (labels.images[1]). Give the "
            "size of each image in pixels."
        ),
    ),
    "an image of no width": (
        _labels("images", 1, width=0),
        [],
        (
            "`labels.images[1].width` is not a finite number above 0 in 1 entry: "
            "0.0 (labels.images[1]). Give the size of each image in pixels."
        ),
    ),
    "a category without name": (
        _labels("categories", 0, name=None),
        [],
        (
            "`labels.categories[0].name` is missing in 1 entry: None (labels.categories[0]). Give"
            " every category a name."
        ),
    ),
    "a flag of two": (
        _labels("annotations", 0, iscrowd=2),
        [],
        (
            "`labels.annotations[0].iscrowd` is neither 0 nor 1 in 1 entry: "
            "2 (labels.annotations[0]). Give 1 for true, 0 for false."
        ),
    ),
    "a negative area": (
        _labels("annotations", 0, area=-1),
        [],
        (
            "`labels.annotations[0].area` is infinite or negative in 1 entry: "
            "-1.0 (labels.annotations[0]). Give areas in square pixels, or leave them out."
        ),
    ),
    "a file name of another kind": (
        _labels("images", 0, file_name=5),
        [],
        (
            "`labels.images[0].file_name` is not text in 1 entry: 5 (labels.images[0]). "
            "Give file names as text, or leave them out."
        ),
    ),
}


@pytest.mark.parametrize("as_files", [True, False])
@pytest.mark.parametrize(("labels", "predictions", "message"), CASES.values(), ids=CASES)
def test_refusals_name_place_value_and_remedy(labels, predictions, message, as_files, tmp_path):
    if as_files:
        for name, content in (("gt.json", labels), ("dt.json", predictions)):
            (tmp_path / name).write_text(json.dumps(content))
        labels, predictions = tmp_path / "gt.json", tmp_path / "dt.json"
    with pytest.raises(InvalidInputError) as error:
        read_coco(labels, predictions, on_problem="raise")
    assert str(error.value) == message


@pytest.mark.parametrize(
    "mask",
    [
        {"size": [2, 2], "counts": [1, 2]},
        {"size": [2, 2], "counts": [5, -1]},
        {"size": 4, "counts": [4]},
        {"size": [0, 0], "counts": "Z1::00000000000000000V;"},  # pycocotools divides by zero
        {"size": [-1, 5], "counts": "04"},
        {"size": [240, 320], "counts": "o" * 24},
        {"size": [240, 320], "counts": "1"},
        {"size": [240, 320], "counts": ""},
        {"size": ["240", "320"], "counts": [76_800]},
        {"size": [1 << 20, 1 << 20], "counts": [1 << 40]},
        [[1, 2, 3]],
        [["a", "b"]],
        [[]],
        "mask",
        5,
    ],
)
def test_a_broken_mask_gives_no_box(mask):
    with pytest.raises(InvalidInputError) as error:
        read_coco(LABELS, _predictions(bbox=None, segmentation=mask), on_problem="raise")
    assert error.value.field == "predictions[1].segmentation"
    assert error.value.problem.startswith(
        "is neither polygons nor run lengths, and there is no bbox, in 2 entries: "
    )


def test_a_data_set_of_predictions_names_its_own_list():
    broken = LABELS | {"annotations": [PREDICTIONS[1] | {"score": NAN}]}
    with pytest.raises(InvalidInputError) as error:
        read_coco(LABELS, broken, on_problem="raise")
    assert error.value.field == "predictions.annotations[0].score"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '[{"image_id": 1,',
            (
                "`predictions` is not JSON: Expecting property name enclosed in double quotes in "
                "line 1, column 17. Was the file written completely?"
            ),
        ),
        ("5", f"`predictions` is a number, not a list. {PREDICTIONS_FORM}"),
        ('"5"', f"`predictions` is text, not a list. {PREDICTIONS_FORM}"),
        ("null", f"`predictions` is null, not a list. {PREDICTIONS_FORM}"),
    ],
)
def test_files_that_are_no_results(content, message, tmp_path):
    path = tmp_path / "dt.json"
    path.write_text(content)
    with pytest.raises(InvalidInputError) as error:
        read_coco(LABELS, path)
    assert str(error.value) == message


def test_a_picture_is_not_json(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0" * 10)
    for labels, predictions, field in ((path, [], "labels"), (LABELS, path, "predictions")):
        with pytest.raises(InvalidInputError) as error:
            read_coco(labels, predictions)
        assert error.value.field == field
        assert error.value.problem.startswith("is not JSON: ")
        assert error.value.remedy == "Give a COCO JSON file, encoded as UTF-8."


def test_a_very_deep_file_is_refused_without_a_crash(tmp_path):
    path = tmp_path / "dt.json"
    path.write_text("[" * 200_000)
    with pytest.raises(InvalidInputError, match=r"^`predictions` is not JSON: "):
        read_coco(LABELS, path)


def test_no_file_a_folder_and_other_types(tmp_path):
    folder = repr(str(tmp_path))
    absent = f"which does not exist. The folder {folder} has no 'no.json'."
    a_folder = (
        "which is a folder. Give the path of a file of labels or predictions, or the folder of "
        "such files."
    )
    cases = [
        (tmp_path / "no.json", f"is {str(tmp_path / 'no.json')!r}, {absent}"),
        (tmp_path, f"is {folder}, {a_folder}"),
    ]
    for path, problem in cases:
        with pytest.raises(InvalidInputError) as error:
            read_coco(path, [])
        assert str(error.value) == f"`labels` {problem}"
    with pytest.raises(InvalidInputError) as error:
        read_coco(LABELS, 5)
    assert str(error.value) == (
        "`predictions` is of type int. "
        "Give the path of a COCO JSON file, or the object that json.load makes of one."
    )
    with pytest.raises(InvalidInputError, match=r"^`labels` is .*, which cannot be read"):
        read_coco("a\0b", [])


def test_a_json_text_in_place_of_a_path_is_not_repeated_whole():
    with pytest.raises(InvalidInputError) as error:
        read_coco(LABELS, "[" + "{}, " * 10_000 + "]")
    assert error.value.problem.startswith("is '[{}, {}, ")
    assert len(str(error.value)) < 500


@pytest.mark.parametrize("whose", ["labels.annotations", "predictions"])
@pytest.mark.parametrize(
    "mask",
    [
        {"counts": "x"},
        {"size": [20, 20, 3], "counts": "x"},
        {"size": None, "counts": "x"},
        {"size": ["a", 1], "counts": "x"},
    ],
)
def test_a_size_that_is_none_is_refused_as_a_broken_mask(whose, mask):
    labels, predictions = copy.deepcopy(LABELS), copy.deepcopy(PREDICTIONS)
    entries = labels["annotations"] if whose.startswith("labels") else predictions
    entries[1].pop("bbox")
    entries[1]["segmentation"] = mask
    with pytest.raises(InvalidInputError) as error:
        read_coco(labels, predictions, on_problem="raise")
    assert str(error.value) == (
        f"`{whose}[1].segmentation` is neither polygons nor run lengths, and there is no bbox, in "
        f"1 entry: {mask} ({whose}[1]). Give polygons as [[x, y, x, y, x, y, ...], ...], run "
        "lengths as size and counts, or a bbox."
    )


@pytest.mark.parametrize("whose", ["labels.annotations", "predictions"])
def test_a_box_is_taken_from_no_mask_of_another_size(whose):
    labels, predictions = copy.deepcopy(LABELS), copy.deepcopy(PREDICTIONS)
    entries = labels["annotations"] if whose.startswith("labels") else predictions
    entries[1].pop("bbox")
    entries[1]["segmentation"] = {"size": [40, 60], "counts": [0, 2400]}
    with pytest.raises(InvalidInputError) as error:
        read_coco(labels, predictions, on_problem="raise")
    assert str(error.value) == (
        f"`{whose}[1].segmentation` is not of the size of its image, and there is no bbox, in 1 "
        f"entry: [40, 60] ({whose}[1]). Give masks of the whole image, as height and width, or a "
        "bbox."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is an empty file. Was it written completely?"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n",
            "is a pointer of Git LFS, not the file itself. Fetch the file: `git lfs pull`.",
        ),
        (b"<!DOCTYPE html><html></html>", "is a web page, not a data file. Was it downloaded"),
        (b"PK\x03\x04\x00\xff", "is a zip archive. Unpack it"),
        (bz2.compress(b"[]"), "is packed by bzip2. Unpack it"),
        (lzma.compress(b"[]"), "is packed by xz. Unpack it"),
    ],
)
def test_a_file_that_holds_no_annotations_is_named_for_what_it_is(content, message, tmp_path):
    path = tmp_path / "file.json"
    path.write_bytes(content)
    for reads in (read_coco, read):
        with pytest.raises(InvalidInputError) as error:
            reads({"images": [], "annotations": [], "categories": []}, path)
        assert f"`predictions` {message}" in str(error.value)
