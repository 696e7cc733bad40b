"""Files that number images and categories differently: joined and explained, or refused."""

from __future__ import annotations

import copy

import pandas as pd
import pytest

from ea_widgets.data.read_formats import read_coco
from ea_widgets.errors import InvalidInputError

LABELS = {
    "images": [
        {"id": 1, "width": 640, "height": 480, "file_name": "left/cat.one.jpg"},
        {"id": 2, "width": 640, "height": 480, "file_name": "right/000139.jpg"},
    ],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 0, "bbox": [1, 2, 30, 40]},
        {"id": 2, "image_id": 1, "category_id": 1, "bbox": [100, 2, 30, 40]},
        {"id": 3, "image_id": 2, "category_id": 2, "bbox": [5, 6, 70, 80]},
    ],
    "categories": [{"id": 0, "name": "owl"}, {"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
}
STEMS = (
    "The predictions name images by file name without its ending, as Ultralytics writes them; "
    "they were joined with the labels by that "
)
FILES = "The predictions name images by file name; they were joined with the labels by that "
SHIFTED = (
    "Category ids of the predictions are one higher than those of the labels, as Ultralytics "
    "writes them; 1 was subtracted "
)
NAMES = "Labels and predictions number images differently; they were joined by file name "


def _results(annotations=LABELS["annotations"], *, shift=0, ids=None):
    ids = ids or {}
    return [
        {
            "image_id": ids.get(entry["image_id"], entry["image_id"]),
            "category_id": entry["category_id"] + shift,
            "bbox": entry["bbox"],
            "score": 0.5,
        }
        for entry in annotations
    ]


EXPECTED = read_coco(LABELS, _results()).predictions


@pytest.mark.parametrize("file_name", [True, False])
def test_ultralytics_file_stems_and_shifted_categories(file_name):
    results = _results(shift=1, ids={1: "cat.one", 2: 139})
    if file_name:
        for entry, name in zip(results, ["cat.one.jpg"] * 2 + ["000139.jpg"], strict=True):
            entry["file_name"] = name
    dataset = read_coco(LABELS, results)
    pd.testing.assert_frame_equal(dataset.predictions, EXPECTED)
    assert dataset.notes == (
        f"{STEMS}('cat.one' is image 1).",
        f"{SHIFTED}(1 is 'owl').",
    )


def test_the_highest_class_may_be_missing_where_stems_and_boxes_speak_for_a_shift():
    results = _results(LABELS["annotations"][:2], shift=1, ids={1: "cat.one"})
    dataset = read_coco(LABELS, results)
    assert dataset.predictions["class_name"].tolist() == ["owl", "cat"]
    assert dataset.notes == (
        f"{STEMS}('cat.one' is image 1).",
        f"{SHIFTED}(1 is 'owl').",
    )


def test_known_categories_are_never_shifted_on_doubtful_evidence():
    plain_ids = read_coco(LABELS, _results(LABELS["annotations"][:2], shift=1))
    assert plain_ids.predictions["class_name"].tolist() == ["cat", "dog"]
    assert plain_ids.notes == ()
    stems = _results(LABELS["annotations"][1:2], ids={1: "cat.one"})
    assert read_coco(LABELS, stems).predictions["class_name"].tolist() == ["cat"]
    far_away = [entry | {"bbox": [600, 400, 5, 5]} for entry in stems]
    assert read_coco(LABELS, far_away).predictions["class_name"].tolist() == ["cat"]


def test_an_unknown_category_is_no_shift_where_boxes_speak_against_it():
    results = [entry for entry in _results() if entry["category_id"] > 0]
    results.append(results[0] | {"category_id": 3, "bbox": [600, 400, 5, 5]})
    dataset = read_coco(LABELS, results)
    assert dataset.predictions["class_name"].tolist() == ["cat", "dog"]
    (note,) = dataset.notes
    assert note == (
        "1 prediction was left out: `category_id` is not among the ids of `labels.categories` "
        "(3 in row 2)."
    )


def test_categories_that_count_from_zero_are_refused_with_a_hint():
    labels = copy.deepcopy(LABELS)
    for category in labels["categories"]:
        category["id"] += 1
    for annotation in labels["annotations"]:
        annotation["category_id"] += 1
    with pytest.raises(InvalidInputError) as error:
        read_coco(labels, _results())
    assert str(error.value) == (
        "`predictions.category_id` has numbers that no category of the labels has, such as 0; "
        "perhaps they count from 0, one lower than those of the labels: of the predictions that "
        "overlap a label, 100% then have its class, now 0%. Give `class_ids='from_zero'` if so, "
        "or `class_ids='as_given'` to leave out what nothing names. "
        "Known are 3 categories, such as 1 ('owl'), 2 ('cat'), 3 ('dog')."
    )
    shifted = read_coco(labels, _results(), class_ids="from_zero")
    pd.testing.assert_frame_equal(shifted.predictions, EXPECTED)
    as_given = read_coco(labels, _results(), class_ids="as_given")
    assert as_given.predictions["class_name"].tolist() == ["owl", "cat"]


@pytest.mark.parametrize(
    "ids",
    [
        {1: "left/cat.one.jpg", 2: "right/000139.jpg"},
        {1: "left/cat.one", 2: "right/000139"},
        {1: "cat.one.jpg", 2: "000139.jpg"},
        {1: "cat.one", 2: "000139"},
    ],
)
def test_file_names_as_image_ids(ids):
    dataset = read_coco(LABELS, _results(ids=ids))
    pd.testing.assert_frame_equal(dataset.predictions, EXPECTED)
    how = FILES if ids[1].endswith(".jpg") else STEMS
    assert dataset.notes == (f"{how}({ids[1]!r} is image 1).",)


def test_numbers_written_as_text():
    dataset = read_coco(LABELS, _results(ids={1: "1", 2: "00002"}))
    pd.testing.assert_frame_equal(dataset.predictions, EXPECTED)
    assert dataset.notes == (
        "Image ids of the predictions were read as whole numbers (1 is image 1).",
    )


def test_numbers_for_labels_with_text():
    labels = copy.deepcopy(LABELS)
    for image in labels["images"]:
        image["id"] = f"00{image['id']}"
        del image["file_name"]
    for annotation in labels["annotations"]:
        annotation["image_id"] = f"00{annotation['image_id']}"
    dataset = read_coco(labels, _results())
    assert dataset.predictions["image_id"].tolist() == ["001", "001", "002"]


def test_ids_with_two_meanings_are_refused():
    labels = copy.deepcopy(LABELS)
    labels["images"][0]["file_name"] = "02.jpg"
    labels["images"][1]["file_name"] = "01.jpg"
    with pytest.raises(InvalidInputError) as error:
        read_coco(labels, _results(ids={1: "01", 2: "02"}))
    assert str(error.value) == (
        "`predictions[0].image_id` is '01', which can mean image 1 as a number and image 2 as a "
        "file name. Give the predictions the image ids of the labels."
    )


def test_a_stem_of_two_files_is_refused():
    labels = copy.deepcopy(LABELS)
    labels["images"][1]["file_name"] = "right/cat.one.jpg"
    with pytest.raises(InvalidInputError) as error:
        read_coco(labels, _results(ids={1: "cat.one", 2: "cat.one"}))
    assert str(error.value) == (
        "`predictions.image_id` has names that mean more than one image of the labels (1), such "
        "as 'cat.one' (the labels have files such as 'left/cat.one.jpg'). Give the predictions "
        "the image ids of the labels, or file names with their folders."
    )


def test_only_what_stays_unknown_is_left_out():
    dataset = read_coco(LABELS, _results(ids={1: "cat.one", 2: "elsewhere"}))
    assert dataset.predictions["image_id"].tolist() == [1, 1]
    assert dataset.notes[-1] == (
        "1 prediction was left out: `image_id` is not among the ids of `labels.images` "
        "('elsewhere' in row 2)."
    )


def _numbered_files():
    """Ids 1 and 2 are the files 2.jpg and 1.jpg; results bear the numbers of the files."""
    labels = copy.deepcopy(LABELS)
    labels["images"][0]["file_name"] = "0002.jpg"
    labels["images"][1]["file_name"] = "0001.jpg"
    return labels, _results(ids={1: 2, 2: 1})


def test_numbers_of_files_are_recognised_where_boxes_say_so_clearly():
    labels, results = _numbered_files()
    dataset = read_coco(labels, results)
    pd.testing.assert_frame_equal(dataset.predictions, EXPECTED)
    assert dataset.notes == (f"{STEMS}(2 is image 1).",)


def test_ids_that_are_known_are_kept_where_boxes_do_not_speak_against_them():
    labels, _ = _numbered_files()
    pd.testing.assert_frame_equal(read_coco(labels, _results()).predictions, EXPECTED)
    far_away = [entry | {"bbox": [600, 400, 5, 5]} for entry in _results()]
    dataset = read_coco(labels, far_away)
    assert dataset.predictions["image_id"].tolist() == [1, 1, 2]
    assert dataset.notes == ()


def test_files_named_by_their_ids_need_no_note():
    labels = copy.deepcopy(LABELS)
    labels["images"][0]["file_name"] = "val/000000000001.jpg"
    labels["images"][1]["file_name"] = "val/000000000002.jpg"
    dataset = read_coco(labels, _results())
    pd.testing.assert_frame_equal(dataset.predictions, EXPECTED)
    assert dataset.notes == ()


def _own_data_set():
    """Predictions as a whole data set with other numbers for images and categories."""
    return {
        "images": [{"id": 2, "file_name": "cat.one.jpg"}, {"id": 1, "file_name": "000139.jpg"}],
        "categories": [
            {"id": 2, "name": "owl"},
            {"id": 1, "name": "dog"},
            {"id": 0, "name": "cat"},
        ],
        "annotations": [
            entry
            | {
                "image_id": 3 - entry["image_id"],
                "category_id": {0: 2, 1: 0, 2: 1}[entry["category_id"]],
            }
            for entry in _results()
        ],
    }


def test_a_data_set_of_predictions_is_joined_by_file_and_category_names():
    dataset = read_coco(LABELS, _own_data_set())
    pd.testing.assert_frame_equal(dataset.predictions, EXPECTED)
    assert dataset.notes == (
        f"{NAMES}(2 is image 1).",
        "Labels and predictions number categories differently; they were joined by name.",
    )


def test_a_data_set_of_predictions_with_the_same_ids_needs_no_note():
    same = LABELS | {"annotations": _results()}
    dataset = read_coco(LABELS, same)
    pd.testing.assert_frame_equal(dataset.predictions, EXPECTED)
    assert dataset.notes == ()


def test_an_unknown_file_name_is_not_joined_by_its_id():
    own = _own_data_set()
    own["images"][1]["file_name"] = "elsewhere.jpg"
    dataset = read_coco(LABELS, own)
    assert dataset.predictions["image_id"].tolist() == [1, 1]
    assert dataset.problems.to_dict("records") == [
        {
            "source": "predictions",
            "row": 2,
            "field": "image_id",
            "value": "1",
            "what_was_done": "left out: is not among the ids of `labels.images`",
        }
    ]


def test_an_unknown_category_name_is_a_class_of_its_own():
    own = _own_data_set()
    own["categories"][1]["name"] = "wolf"
    dataset = read_coco(LABELS, own)
    assert dataset.class_names == ("owl", "cat", "dog", "wolf")
    assert dataset.predictions["class_name"].tolist() == ["owl", "cat", "wolf"]


def test_file_names_in_results_outweigh_ids_that_would_fit():
    results = _results(ids={1: 2, 2: 1})
    for entry, name in zip(results, ["cat.one.jpg"] * 2 + ["000139.jpg"], strict=True):
        entry["file_name"] = name
    dataset = read_coco(LABELS, results)
    pd.testing.assert_frame_equal(dataset.predictions, EXPECTED)
    assert dataset.notes == (f"{NAMES}(2 is image 1).",)


def _people(used_by_labels, used_by_predictions=()):
    """Three categories of one name between two others."""
    box = {"image_id": 1, "bbox": [0, 0, 5, 5]}
    return (
        {
            "images": [{"id": 1, "width": 9, "height": 9}],
            "annotations": [box | {"category_id": id_} for id_ in used_by_labels],
            "categories": [
                {"id": id_, "name": name}
                for id_, name in enumerate(["cat", "Person", "Person", "Person", "dog"])
            ],
        },
        [box | {"category_id": id_, "score": 0.5} for id_ in used_by_predictions],
    )


LEFT_OUT = "named 'Person' beside another of that name"
NEITHER = "neither labels nor predictions; left out."


@pytest.mark.parametrize(
    ("labels", "predictions", "names", "notes"),
    [
        ([0], [], ("cat", "Person", "dog"), [f"2 categories {LEFT_OUT} have {NEITHER}"]),
        ([2], [2], ("cat", "Person", "dog"), [f"2 categories {LEFT_OUT} have {NEITHER}"]),
        (
            [3],
            [2],
            ("cat", "Person", "Person (id 3)", "dog"),
            [
                "Several categories share a name; some are shown with their id: 'Person (id 3)'.",
                f"1 category {LEFT_OUT} has {NEITHER}",
            ],
        ),
        (
            [1, 2],
            [3],
            ("cat", "Person", "Person (id 2)", "Person (id 3)", "dog"),
            [
                (
                    "Several categories share a name; some are shown with their id: "
                    "'Person (id 2)', 'Person (id 3)'."
                )
            ],
        ),
    ],
)
def test_categories_of_one_name_are_never_merged(labels, predictions, names, notes):
    dataset = read_coco(*_people(labels, predictions))
    assert dataset.class_names == names
    copies = [note for note in dataset.notes if "box" not in note]
    assert copies == notes
    ids = [1, 2, 3]
    people = [name for name in names if name.startswith("Person")]
    shown = dict(zip([id_ for id_ in ids if id_ in {*labels, *predictions}], people, strict=False))
    shown |= {0: "cat"}
    assert dataset.labels["class_name"].tolist() == [shown[id_] for id_ in labels]
    assert dataset.predictions["class_name"].tolist() == [shown[id_] for id_ in predictions]


def test_a_made_up_name_never_meets_a_real_one():
    labels, predictions = _people([1, 2], [])
    labels["categories"][4]["name"] = "Person (id 2)"
    dataset = read_coco(labels, predictions)
    assert dataset.class_names == ("cat", "Person", "Person (id 2) (id 2)", "Person (id 2)")
