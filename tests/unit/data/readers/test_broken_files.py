"""One broken file among many, one odd item: left out and counted, and the rest is read."""

from __future__ import annotations

import copy
import gzip
import json

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.data.checks.problems import Problems
from ea_widgets.data.checks.refuse import Source
from tests.unit.data.readers.trees import write, write_images

N = 6
XML = (
    "<annotation><size><width>200</width><height>100</height></size><object><name>cat</name>"
    "<bndbox><xmin>10</xmin><ymin>20</ymin><xmax>60</xmax><ymax>70</ymax></bndbox></object>"
    "</annotation>"
)
SHARES = "0 0.175 0.45 0.25 0.5"
"""The same box."""

RESULTS = [
    {"image_id": f"{row}", "category_name": "cat", "bbox": [10, 20, 50, 50], "score": 0.5}
    for row in range(N)
]


@pytest.fixture
def voc(tmp_path):
    return write(tmp_path, {f"Annotations/{row}.xml": XML for row in range(N)})


@pytest.fixture
def yolo(tmp_path):
    write_images(tmp_path, *(f"images/{row}.png" for row in range(N)))
    files = {f"labels/{row}.txt": SHARES for row in range(N)}
    files |= {f"preds/{row}.txt": f"{SHARES} 0.5" for row in range(N)}
    return write(tmp_path, {**files, "classes.txt": "cat\ndog"})


KITTI = "Car 0.0 0 0 10 20 60 70 1 1 1 1 1 1 0"

BROKEN = {
    "cut": XML[:150].encode(),
    "empty": b"",
    "no text": b"\x00\x80\xff",
    "cut packed": gzip.compress(XML.encode() * 9)[:30],
}


@pytest.mark.parametrize("kind", BROKEN)
def test_an_image_of_voc_whose_labels_cannot_be_read_is_left_out(voc, kind):
    write(voc, {"Annotations/0.xml": BROKEN[kind], "Annotations/3.xml": BROKEN[kind]})
    dataset = ea.read(voc / "Annotations", RESULTS)
    assert dataset.images["image_id"].tolist() == ["1", "2", "4", "5"]
    assert len(dataset.labels) == len(dataset.predictions) == 4
    images = dataset.problems[dataset.problems["source"] == "images"]
    assert images["row"].tolist() == ["0.xml", "3.xml"]
    assert "2 images were left out: `file` cannot be read" in " ".join(dataset.notes)
    with pytest.raises(ea.InvalidInputError):
        ea.read(voc / "Annotations", RESULTS, on_problem="raise")


def test_more_broken_files_than_whole_ones_are_refused(voc):
    write(voc, {f"Annotations/{row}.xml": XML[:150] for row in range(4)})
    with pytest.raises(ea.InvalidInputError, match=r"is not XML in '0\.xml'"):
        ea.read_voc(voc / "Annotations", RESULTS)


PACKED = b"\x1f\x8bno gzip"


@pytest.mark.parametrize("text", [SHARES, KITTI], ids=["yolo", "kitti"])
def test_an_image_of_text_files_whose_labels_cannot_be_read_is_left_out(yolo, text):
    write(yolo, {f"labels/{row}.txt": text if row else PACKED for row in range(N)})
    results = [dict(one, category_name="Car" if text is KITTI else "cat") for one in RESULTS]
    dataset = ea.read(yolo / "labels", results)
    assert dataset.images["image_id"].tolist() == ["1", "2", "3", "4", "5"]
    assert len(dataset.labels) == len(dataset.predictions) == 5


def test_a_file_of_predictions_that_cannot_be_read_is_counted(yolo):
    write(yolo, {"preds/2.txt": PACKED})
    dataset = ea.read_yolo(yolo / "labels", yolo / "preds")
    assert len(dataset.labels) == N
    assert len(dataset.predictions) == N - 1
    assert dataset.problems[["row", "value"]].to_numpy().tolist() == [["2.txt:1", "'(unreadable)'"]]
    write(yolo, {f"preds/{row}.txt": PACKED for row in range(4)})
    with pytest.raises(ea.InvalidInputError, match="cannot be unpacked"):
        ea.read_yolo(yolo / "labels", yolo / "preds")


@pytest.mark.parametrize("rest", ["0 0.175 0.4", "\x00garbage", "cat", "0 a b c d"])
def test_a_broken_line_leaves_the_classes_of_others_as_they_are(yolo, rest):
    write(yolo, {"labels/2.txt": f"{SHARES}\n{rest}", "preds/2.txt": f"{SHARES} 0.5\n{rest}"})
    dataset = ea.read_yolo(yolo / "labels", yolo / "preds")
    assert len(dataset.labels) == len(dataset.predictions) == N
    assert set(dataset.labels["class_name"]) == {"cat"}
    assert dataset.problems["row"].tolist() == ["2.txt:2", "2.txt:2"]


@pytest.mark.parametrize("number", [2, N])
def test_labels_of_yolo_in_pixels_are_read_as_such_and_it_is_said(yolo, number):
    pixels = "0 35 45 50 50"
    write(yolo, {f"labels/{row}.txt": pixels if row < number else "" for row in range(N)})
    for dataset in (
        ea.read_yolo(yolo / "labels", yolo / "preds"),
        ea.read(yolo / "labels", yolo / "preds"),
    ):
        assert dataset.labels[["x", "y", "width", "height"]].to_numpy().tolist() == (
            [[10.0, 20.0, 50.0, 50.0]] * number
        )
        assert ea.Evaluation(dataset).scores(0.5).true_positives == number
        assert "centre and size in pixels; `boxes={'labels': ...}`" in dataset.notes[0]


def test_what_is_not_there_is_named(yolo):
    with pytest.raises(ea.InvalidInputError) as error:
        ea.read_yolo(yolo / "lables", yolo / "preds")
    folder = str(yolo)
    assert str(error.value) == (
        f"`labels` is {folder + '/lables'!r}, which does not exist. The folder {folder!r} has no "
        "'lables'. Did you mean 'labels'?"
    )
    (yolo / "empty").mkdir()
    with pytest.raises(ea.InvalidInputError) as error:
        ea.read_yolo(yolo / "empty", yolo / "preds")
    assert f"a folder without label files ({folder + '/empty'!r})" in str(error.value)
    with pytest.raises(ea.InvalidInputError, match="an empty folder"):
        ea.read_yolo(yolo / "labels", yolo / "empty")


def exported(row):
    return f"{row}_jpg.rf.{(row + 1) * 0x1234567:032x}"


@pytest.mark.parametrize("given", [False, True])
def test_labels_exported_by_roboflow_find_the_images_before(tmp_path, given):
    write_images(tmp_path, *(f"images/{row}.jpg" for row in range(N)))
    files = {f"labels/{exported(row)}.txt": SHARES for row in range(N)}
    write(tmp_path, {**files, "classes.txt": "cat"})
    images = tmp_path / "images" if given else None
    dataset = ea.read_yolo(tmp_path / "labels", RESULTS, images)
    assert dataset.images["image_id"].tolist() == [exported(row) for row in range(N)]
    assert dataset.images["file_name"].tolist() == [f"{row}.jpg" for row in range(N)]
    assert len(dataset.predictions) == N


def test_of_several_exports_of_an_image_each_keeps_its_labels(tmp_path):
    names = [f"a_jpg.rf.{salt:032x}" for salt in (3, 1, 2)]
    write_images(tmp_path, *(f"images/{name}.jpg" for name in names))
    write(tmp_path, {f"labels/{name}.txt": SHARES for name in names[:2]})
    dataset = ea.read_yolo(tmp_path / "labels", [])
    with_labels = dataset.labels["image_id"].tolist()
    assert sorted(with_labels) == sorted(names[:2])
    assert dataset.images["file_name"].tolist() == [
        f"{name}.jpg" for name in dataset.images["image_id"]
    ]


def task(row, **size):
    rectangle = {
        "id": f"r{row}",
        "type": "rectanglelabels",
        "value": {"x": 5, "y": 20, "width": 25, "height": 50, "rectanglelabels": ["cat"]},
        **size,
    }
    data = {"image": f"/data/upload/1/1a2b3c4d-{row}.png"}
    return {"id": row, "data": data, "annotations": [{"id": row, "result": [rectangle]}]}


def test_label_studio_without_sizes_takes_them_from_the_files(tmp_path):
    write_images(tmp_path, *(f"{row}.png" for row in range(N)))
    known = [task(row, original_width=200, original_height=100) for row in range(N)]
    unknown = [task(row) for row in range(N)]
    one, other = (ea.read_label_studio(tasks, RESULTS, tmp_path) for tasks in (known, unknown))
    assert one.labels["x"].tolist() == other.labels["x"].tolist() == [10.0] * N
    assert one.images["width"].tolist() == other.images["width"].tolist() == [200] * N
    with pytest.raises(ea.InvalidInputError, match="unknown size") as error:
        ea.read_label_studio(unknown, RESULTS)
    assert "Give `images=` the folder" in error.value.remedy
    mixed = ea.read_label_studio([known[0], known[1], known[2], unknown[3]], RESULTS[:4])
    assert len(mixed.labels) == 3


def test_broken_items_of_label_studio_are_left_out():
    tasks = [task(row, original_width=200, original_height=100) for row in range(N)]
    tasks = copy.deepcopy(tasks)
    tasks[0]["annotations"][0]["result"][0] = None
    tasks[1] = None
    tasks[2]["annotations"] = None
    tasks[3]["annotations"][0]["result"][0]["value"] = None
    dataset = ea.read_label_studio(tasks, [one for one in RESULTS if one["image_id"] != "1"])
    assert dataset.labels["image_id"].tolist() == [4, 5]
    assert "1 tasks have no data or no annotations; left out." in dataset.notes


CVAT = '<annotations>{}<image id="9" name="9.png" width="200" height="100"></image></annotations>'


def cvat(change=lambda row, text: text):  # noqa: ARG005
    image = (
        '<image id="{0}" name="{0}.png" width="200" height="100"><box label="cat" xtl="10" '
        'ytl="20" xbr="60" ybr="70"><attribute name="colour">red</attribute></box></image>'
    )
    return CVAT.format("".join(change(row, image.format(row)) for row in range(N)))


ODD_ITEMS = {
    "no label": (lambda text: text.replace(' label="cat"', ""), N - 1),
    "no corner": (lambda text: text.replace(' xtl="10"', ""), N - 1),
    "a corner of text": (lambda text: text.replace('xtl="10"', 'xtl="a"'), N - 1),
    "turned": (lambda text: text.replace('xtl="10"', 'xtl="10" rotation="30"'), N - 1),
    "no size": (lambda text: text.replace('width="200"', 'width=""'), N),
}


@pytest.mark.parametrize("kind", ODD_ITEMS)
def test_an_odd_item_of_cvat_is_left_out_or_mended(tmp_path, kind):
    change, left = ODD_ITEMS[kind]
    text = cvat(lambda row, text: change(text) if row == 2 else text)
    write(tmp_path, {"a.xml": text})
    dataset = ea.read_cvat(tmp_path / "a.xml", RESULTS)
    assert len(dataset.labels) == left
    assert len(dataset.images) == N + 1
    assert len(dataset.problems) == 1 or kind == "no size"


def test_a_size_that_is_no_number_is_refused(tmp_path):
    write(tmp_path, {"a.xml": cvat(lambda _, text: text.replace('width="200"', 'width="wide"'))})
    with pytest.raises(ea.InvalidInputError, match="width` is not a number"):
        ea.read_cvat(tmp_path / "a.xml", RESULTS)


@pytest.mark.parametrize("missing", ["", '<attribute name="colour"></attribute>'])
def test_what_an_item_does_not_say_is_missing_and_no_text(tmp_path, missing):
    whole = '<attribute name="colour">red</attribute>'
    write(tmp_path, {"a.xml": cvat(lambda row, t: t.replace(whole, missing) if row % 2 else t)})
    colours = ea.read_cvat(tmp_path / "a.xml", RESULTS).labels["colour"]
    assert colours.isna().tolist() == [False, True] * 3
    assert colours.cat.categories.tolist() == ["red"]
    said = XML.replace("</name>", "</name><pose>Left</pose>")
    write(tmp_path, {f"v/{row}.xml": XML if row % 2 else said for row in range(N)})
    poses = ea.read_voc(tmp_path / "v", RESULTS).labels["pose"]
    assert poses.isna().tolist() == [False, True] * 3
    assert poses.cat.categories.tolist() == ["Left"]


def test_every_cause_that_is_asked_about_ends_with_a_remedy():
    for column, what in (
        ("image_id", "is not among the ids of `images`"),
        ("image_id", "is missing"),
        ("image_id", "is an image of unknown size"),
        ("class_id", "is not among the ids of `categories`"),
        ("confidence", "is not a finite number"),
        ("line", "has another number of parts"),
    ):
        problems, keep = Problems(), np.ones(3, dtype=bool)
        bad = np.array([True, True, False])
        problems.leave_out(
            Source("labels"), column, bad, [1, 2, 3], keep, what=what, remedy="Do this."
        )
        with pytest.raises(ea.InvalidInputError) as error:
            problems.check_share(Source("labels"), keep)
        assert error.value.remedy.endswith("Do this.")
        of_images = column == "image_id" and what.startswith("is not among")
        assert ("another split" in error.value.remedy) == of_images


RESULT = {"image_id": 1, "category_id": 1, "bbox": [1.0, 2.0, 3.0, 4.0], "score": 0.5}
LABELS = {
    "images": [{"id": 1, "width": 200, "height": 100, "file_name": "1.jpg"}],
    "annotations": [{**RESULT, "id": 1}],
    "categories": [{"id": 1, "name": "cat"}],
}


@pytest.mark.parametrize(
    ("usual", "other"),
    [
        ("score", "confidence"),
        ("score", "conf"),
        ("bbox", "box"),
        ("category_id", "class_id"),
        ("category_id", "label"),
        ("image_id", "file_name"),
        ("image_id", "image"),
    ],
)
def test_other_names_of_fields_of_results_are_read_and_it_is_said(usual, other):
    result = {other if name == usual else name: value for name, value in RESULT.items()}
    if usual == "image_id":
        result[other] = "1.jpg"
    dataset = ea.read_coco(LABELS, [result])
    assert ea.Evaluation(dataset).scores(0.5).true_positives == 1
    assert f"The predictions have no `{usual}`; `{other}` was read for it." in dataset.notes


def test_a_field_that_is_there_is_never_replaced():
    results = [{**RESULT, "confidence": 0.9}, {"confidence": 0.1, **RESULT}]
    dataset = ea.read_coco(LABELS, results)
    assert dataset.predictions["confidence"].tolist() == [0.5, 0.5]
    assert dataset.predictions["attribute confidence"].tolist() == [0.9, 0.1]


def test_angles_are_said_and_counted():
    labels = copy.deepcopy(LABELS)
    labels["annotations"] = [
        {**RESULT, "id": id_, "attributes": {"rotation": angle}}
        for id_, angle in enumerate([0.0, 30.0, 360.0, -5.0])
    ]
    notes = ea.read_coco(labels, [RESULT]).notes
    assert any(note.startswith("2 labels have a `rotation` that is not 0") for note in notes)


BOXES_WRITTEN = {
    "a text": "1.0 2.0 3.0 4.0",
    "a list as text": "[1.0, 2, 3.0, 4.0]",
    "sides": {"x": 1, "y": 2, "width": 3, "height": 4},
    "short sides": {"x": "1", "y": 2, "w": 3, "h": 4, "angle": 0},
}


@pytest.mark.parametrize("box", BOXES_WRITTEN.values(), ids=BOXES_WRITTEN)
def test_boxes_may_be_texts_or_objects_by_side(box):
    dataset = ea.read_coco(LABELS, [{**RESULT, "bbox": box}])
    box = dataset.predictions[["x", "y", "width", "height"]]
    assert box.to_numpy().tolist() == [[1.0, 2.0, 3.0, 4.0]]


@pytest.mark.parametrize("box", ["1 2 3", "a b c d", {"x": 1, "y": 2}, {}])
def test_other_boxes_are_left_out(box):
    dataset = ea.read_coco(LABELS, [RESULT, RESULT, {**RESULT, "bbox": box}])
    assert len(dataset.predictions) == 2
    assert dataset.problems["row"].tolist() == [2]


@pytest.mark.parametrize("key", ["predictions", "results", "detections"])
def test_results_under_a_key_are_read(key, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({key: [RESULT], "model": "m"}))
    for given in ({key: [RESULT]}, tmp_path / "a.json"):
        for dataset in (ea.read(LABELS, given), ea.read_coco(LABELS, given)):
            assert ea.Evaluation(dataset).scores(0.5).true_positives == 1


def test_results_as_a_table_are_read():
    dataset = ea.read(LABELS, pd.DataFrame([RESULT, RESULT]))
    assert dataset.predictions["confidence"].tolist() == [0.5, 0.5]


def test_hidden_files_are_not_read(yolo):
    write(
        yolo,
        {
            "labels/._0.txt": b"\x00\x05\x16\x07",
            "labels/.ipynb_checkpoints/1-checkpoint.txt": SHARES,
            "images/._0.png": b"\x00\x05",
            "preds/._0.txt": f"{SHARES} 0.5",
        },
    )
    dataset = ea.read_yolo(yolo / "labels", yolo / "preds")
    assert len(dataset.images) == len(dataset.labels) == len(dataset.predictions) == N
    assert not len(dataset.problems)


def test_lines_of_yolo_with_other_white_space_and_encodings_are_read(yolo):
    lines = f"{SHARES}\n1 0.5 0.5 0.1 0.1"
    write(
        yolo,
        {
            "labels/0.txt": lines.replace("\n", "\r\n"),
            "labels/1.txt": lines.replace(" ", "\t"),
            "labels/2.txt": lines.encode("utf-16"),
            "labels/3.txt": lines.encode("utf-8-sig"),
            "labels/4.txt": f"\n \n# a note\n{lines}\n",
            "labels/5.txt": gzip.compress(lines.encode()),
        },
    )
    dataset = ea.read_yolo(yolo / "labels", yolo / "preds")
    assert dataset.labels["class_name"].tolist() == ["cat", "dog"] * N
    assert not len(dataset.problems)


LINES = [json.dumps(one) for one in RESULTS]


@pytest.mark.parametrize(
    "lines",
    [[*LINES[:-1], LINES[-1][:-20]], [LINES[0], LINES[1].replace(":", ",", 1), *LINES[2:]]],
    ids=["the last is cut", "one is broken"],
)
def test_a_broken_line_of_json_lines_is_left_out(voc, lines):
    write(voc, {"results.jsonl": "\n".join(lines)})
    dataset = ea.read(voc / "Annotations", voc / "results.jsonl")
    assert len(dataset.predictions) == N - 1
    assert "1 prediction was left out: the entry is not an object" in " ".join(dataset.notes)
    with pytest.raises(ea.InvalidInputError, match="is not an object"):
        ea.read(voc / "Annotations", voc / "results.jsonl", on_problem="raise")


def test_json_lines_that_are_mostly_broken_are_refused(voc):
    write(voc, {"results.jsonl": "\n".join([*LINES[:2], *(line[:20] for line in LINES[2:])])})
    with pytest.raises(ea.InvalidInputError, match=r"is not JSON: .* Was the file written c"):
        ea.read(voc / "Annotations", voc / "results.jsonl")


ONE_FILE = {
    "cvat.xml": (
        '<annotations><version>1.1</version><image id="0" name="0.jpg" width="200" height="100">'
        '<box label="cat" xtl="10" ytl="20" xbr="60" ybr="70" occluded="0"/></image></annotations>'
    ),
    "coco.json": json.dumps({"images": [], "annotations": [], "categories": []}),
    "label_studio.json": json.dumps([{"id": 1, "data": {"image": "0.jpg"}, "annotations": []}]),
}


@pytest.mark.parametrize("name", ONE_FILE)
def test_a_file_that_is_cut_is_refused_as_a_whole(tmp_path, name):
    (tmp_path / name).write_text(ONE_FILE[name][:-9])
    with pytest.raises(ea.InvalidInputError) as error:
        ea.read(tmp_path / name, RESULTS)
    assert error.value.field == "labels"
    assert error.value.remedy == "Was the file written completely?"


@pytest.mark.parametrize("name", ONE_FILE)
def test_a_folder_of_several_data_sets_names_a_file(tmp_path, name):
    for row in range(5):
        (tmp_path / f"{row}-{name}").write_text(ONE_FILE[name])
    with pytest.raises(ea.InvalidInputError) as error:
        ea.read(tmp_path, RESULTS)
    assert error.value.problem == (
        f"is {str(tmp_path)!r}, a folder of several files (0-{name}, 1-{name}, 2-{name}, ...) "
        "that are no data set together"
    )
    assert error.value.remedy == f"Give one of them: {str(tmp_path / f'0-{name}')!r}."
