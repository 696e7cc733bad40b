"""YOLO's text files as Ultralytics, Roboflow and darknet write them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import ea_widgets as ea
from ea_widgets.data.readers.yolo.config import class_names, parse_config
from tests.unit.data.readers.trees import write, write_images

BOX = ["x", "y", "width", "height"]


@pytest.fixture
def dataset(tmp_path):
    """A data set of three images: two labels, none in an empty file, no file at all."""
    write_images(tmp_path, "images/val/a.png", "images/val/b.png", "images/val/c.png")
    return write(
        tmp_path,
        {
            "data.yaml": "path: .\ntrain: images/train\nval: images/val\nnames: [cat, 'dog']\n",
            "labels/val/a.txt": "1 0.5 0.5 0.2 0.4\n0 0.25 0.25 0.123456 0.1\n",
            "labels/val/b.txt": "",
            "preds/a.txt": "1 0.5 0.5 0.2 0.4 0.9\n0 0.25 0.25 0.1 0.1 0.75\n",
            "preds/c.txt": "0 0.4 0.4 0.2 0.2 0.5\n",
        },
    )


def test_a_data_yaml_with_saved_predictions(dataset):
    found = ea.read_yolo(dataset / "data.yaml", dataset / "preds")
    assert found.images["image_id"].tolist() == ["a", "b", "c"]
    assert found.images[["width", "height"]].to_numpy().tolist() == [[200, 100]] * 3
    assert found.labels["class_name"].tolist() == ["dog", "cat"]
    np.testing.assert_allclose(
        found.labels[BOX], [[80, 30, 40, 40], [37.6544, 20, 24.6912, 10]], atol=1e-9
    )
    assert found.predictions["confidence"].tolist() == [0.9, 0.75, 0.5]
    assert found.predictions["image_id"].tolist() == ["a", "a", "c"]
    assert found.pixels.read("a", found.images["file_name"][0]).shape == (100, 200)
    assert len(found.problems) == 0


def test_a_folder_of_labels_with_names_beside(dataset):
    write(dataset, {"labels/val/classes.txt": "chat\nchien\n"})
    found = ea.read(dataset / "labels/val", dataset / "preds", dataset / "images/val")
    assert found.class_names == ("chat", "chien")
    assert found.images["image_id"].tolist() == ["a", "b", "c"]


def test_names_can_be_given(dataset):
    found = ea.read_yolo(dataset / "labels/val", dataset / "preds", names=["x", "y"])
    assert found.class_names == ("x", "y")


def test_images_may_lie_elsewhere(dataset, tmp_path_factory):
    other = tmp_path_factory.mktemp("pictures")
    (dataset / "images").rename(other / "deep")
    refused = pytest.raises(ea.InvalidInputError, match=r"`images` is not given, and there are no")
    with refused:
        ea.read_yolo(dataset / "labels/val", dataset / "preds")
    found = ea.read_yolo(dataset / "data.yaml", dataset / "preds", other)
    assert found.labels["x"].tolist() == pytest.approx([80, 37.6544])
    assert found.pixels.read("c", found.images["file_name"][2]).shape == (100, 200)


def test_folders_that_moved_are_found_beside_and_it_is_said(dataset):
    write(dataset, {"data.yaml": "val: ../../home/me/set/images/val\nnames: {0: cat, 1: dog}\n"})
    found = ea.read_yolo(dataset / "data.yaml", dataset / "preds")
    assert len(found.labels) == 2
    assert found.notes[0] == (
        "The split 'val' is not in '../../home/me/set/images/val', as data.yaml says; "
        "'images/val' beside that file was read."
    )


def test_an_unknown_split_is_refused_with_the_known(dataset):
    with pytest.raises(ea.InvalidInputError, match=r"`split` .*'tset'.*'train', 'val'"):
        ea.read_yolo(dataset / "data.yaml", dataset / "preds", split="tset")


def test_several_folders_and_a_list_of_images(dataset):
    write_images(dataset, "more/images/a.png")
    write(dataset, {"more/labels/a.txt": "0 0.5 0.5 1 1\n", "val.txt": "./images/val/a.png\n"})
    write(dataset, {"both.yaml": "val:\n  - images/val\n  - more/images\nnames: [cat, dog]\n"})
    found = ea.read(dataset / "both.yaml", [], options={"split": "val"})
    assert found.images["image_id"].tolist() == [
        *("images/val/a", "images/val/b", "images/val/c", "more/images/a"),
    ]
    assert found.labels["image_id"].tolist() == ["images/val/a"] * 2 + ["more/images/a"]
    write(dataset, {"list.yaml": "val: val.txt\nnames: [cat, dog]\n"})
    found = ea.read_yolo(dataset / "list.yaml", [])
    assert found.images["image_id"].tolist() == ["a"]
    assert len(found.labels) == 2


def test_polygons_are_masks_and_their_boxes(dataset):
    write(
        dataset,
        {
            "labels/val/a.txt": "0 0.1 0.1 0.3 0.1 0.2 0.5\n1 0.1 0.2 0.3 0.2 0.3 0.4 0.1 0.4\n",
            "preds/a.txt": "0 0.1 0.1 0.3 0.1 0.2 0.5 0.25\n",
            "preds/c.txt": "",
        },
    )
    found = ea.read_yolo(dataset / "data.yaml", dataset / "preds")
    np.testing.assert_allclose(found.labels[BOX], [[20, 10, 40, 40], [20, 20, 40, 20]])
    np.testing.assert_allclose(found.labels["segmentation"][0], [[20, 10, 60, 10, 40, 50]])
    assert found.predictions["confidence"].tolist() == [0.25]
    np.testing.assert_allclose(found.predictions["segmentation"][0], [[20, 10, 60, 10, 40, 50]])


def test_oriented_boxes_are_refused_in_words(dataset):
    write(dataset, {"labels/val/a.txt": "0 0.1 0.1 0.3 0.2 0.2 0.5 0.1 0.4\n"})
    with pytest.raises(ea.InvalidInputError) as refused:
        ea.read_yolo(dataset / "data.yaml", dataset / "preds")
    assert str(refused.value) == (
        "`labels` has an oriented box (a class and four corners) in every line, such as "
        "'0 0.1 0.1 0.3 0.2 0.2 0.5 0.1 0.4' (a.txt:1). Oriented boxes are not evaluated. Give "
        "upright ones: the smallest and largest x and y of the corners."
    )


def test_keypoints_behind_boxes_are_left_out_and_said(dataset):
    write(
        dataset,
        {
            "data.yaml": "val: images/val\nnames: [cat, dog]\nkpt_shape: [2, 3]\n",
            "labels/val/a.txt": "1 0.5 0.5 0.2 0.4 0.1 0.1 2 0.3 0.3 1\n",
        },
    )
    found = ea.read_yolo(dataset / "data.yaml", [])
    assert found.labels[BOX].to_numpy().tolist() == [[80, 30, 40, 40]]
    assert "Keypoints of the labels are not evaluated, and were left out." in found.notes


def test_tracks_are_kept(dataset):
    write(dataset, {"preds/a.txt": "1 0.5 0.5 0.2 0.4 0.9 7\n", "preds/c.txt": ""})
    found = ea.read_yolo(dataset / "data.yaml", dataset / "preds")
    assert found.predictions["confidence"].tolist() == [0.9]
    assert found.predictions["track_id"].tolist() == [7]


def test_without_confidences_ap_is_missing_and_it_is_said(dataset):
    write(dataset, {"preds/a.txt": "1 0.5 0.5 0.2 0.4\n", "preds/c.txt": ""})
    found = ea.read_yolo(dataset / "data.yaml", dataset / "preds")
    assert found.predictions["confidence"].isna().tolist() == [True]
    assert (
        "The predictions have no confidences: AP and what else needs their order are missing (NaN)."
    ) in found.notes
    scores = ea.Evaluation(found).scores()
    assert np.isnan(scores.mean_average_precision)
    assert (scores.true_positives, scores.precision, scores.recall) == (1, 1.0, 0.5)
    assert np.isnan(ea.Evaluation(found).coco_summary()["AP"])


def test_odd_lines_are_left_out_and_named_by_file_and_line(dataset):
    odd = "1 0.5 0.5 0.2 0.4\n0 0.5 0.5\n0 0.5 0.5 oops 0.1\n\n0 0.1 0.1 0.1 0.1\n# x\n"
    write(dataset, {"labels/val/a.txt": f"{odd}1 0.3 0.3 0.1 0.1\n"})
    found = ea.read_yolo(dataset / "data.yaml", dataset / "preds")
    assert len(found.labels) == 3
    assert found.problems[["row", "field", "value"]].to_numpy().tolist() == [
        ["a.txt:2", "line", "'0 0.5 0.5'"],
        ["a.txt:3", "line", "'0 0.5 0.5 oops 0.1'"],
    ]


def test_real_shares_stay_and_whole_pixels_come_back(dataset):
    third = 67 / 200
    write(dataset, {"labels/val/a.txt": f"0 {third:.6f} 0.5 {1 / 3:.6f} 0.1\n"})
    found = ea.read_yolo(dataset / "data.yaml", [])
    assert found.labels["width"][0] == pytest.approx(200 * 0.333333, abs=1e-12)
    write(
        dataset, {"data.yaml": "val: wide\nnames: [cat]\n", "wide/a.txt": "0 .142857 .5 .2857 .5"}
    )
    write_images(dataset, "wide/a.png", size=(7, 2))
    write(dataset, {"wide/a.txt": "0 0.142857 0.500000 0.285714 1.000000"})
    assert ea.read_yolo(dataset / "data.yaml", []).labels[BOX].to_numpy().tolist() == [[0, 0, 2, 2]]


def test_shared_dental_photos_in_one_line(shared_data):
    folder = shared_data / "tooth32-yolo"
    found = ea.read_yolo(folder / "data.yaml", folder / "predictions.json", split="test")
    assert (len(found.images), len(found.labels), len(found.predictions)) == (51, 1_485, 8_742)
    assert ea.Evaluation(found).coco_summary()["AP50"] == pytest.approx(0.9449, abs=5e-5)
    first = found.images.iloc[0]
    assert found.pixels.read(first["image_id"], first["file_name"]).shape[:2] == (640, 640)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names:\n- a\n- 'b c'\n- \"d\\te\"\n", ["a", "b c", "d\te"]),
        ("names: ['it''s', \"x, y\", z # no]\n", ["it's", "x, y", "z"]),
        ("names:\n  [a,\n   b]\nnc: 2", ["a", "b"]),
        ("names: {0: a, 1: 'b: c'}", ["a", "b: c"]),
        ("names:\n    0: a   # first\n    1: b#c\n", ["a", "b#c"]),
        ("nc: 2\n", ["0", "1"]),
        ("names: [don't, can't]", ["don't", "can't"]),
    ],
)
def test_names_as_yaml_writes_them(text, names):
    found = class_names(parse_config(text))
    assert found is not None
    assert [name for _, name in found] == names


def test_numbers_of_a_mapping_count():
    assert class_names(parse_config("names:\n  3: a\n  1: b\n")) == [(3, "a"), (1, "b")]


odd_text = st.one_of(
    st.binary(max_size=60),
    st.text("0123456789. -e\n\tnaif", max_size=80).map(str.encode),
    st.sampled_from([b"0 1e999 0.5 0.5 0.5 0.5", b"99999999999999999999999 .1 .1 .1 .1 .5"]),
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=20,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(label=odd_text, prediction=odd_text, config=odd_text)
def test_mutated_files_give_a_result_or_an_input_error(dataset, label, prediction, config):
    write(dataset, {"labels/val/a.txt": label, "preds/a.txt": prediction})
    for labels in (dataset / "labels/val", dataset / "data.yaml", dataset / "odd.yaml"):
        write(dataset, {"odd.yaml": b"names: [a]\nval: images/val\n" + config})
        try:
            ea.read_yolo(labels, dataset / "preds")
        except ea.InvalidInputError:
            continue


def test_endings_of_label_files_may_be_in_capitals(dataset):
    (dataset / "labels/val/a.txt").rename(dataset / "labels/val/a.TXT")
    assert len(ea.read_yolo(dataset / "data.yaml", dataset / "preds").labels) == 2


@pytest.mark.parametrize("folder", ["runs/labels", "runs"])
def test_results_of_images_in_folders_are_named_by_their_joined_path(tmp_path, folder):
    """As Ultralytics 8.4.190 writes them; a/x.png and b/x.png have one name without the folder."""
    images = ("a/x", "b/x", "c_d/y")
    write_images(tmp_path, *(f"images/val/{name}.png" for name in images))
    files = {f"labels/val/{name}.txt": "0 0.5 0.5 0.2 0.4\n" for name in images}
    files |= {
        f"runs/labels/{name.replace('/', '_')}.txt": f"0 0.5 0.5 0.2 0.4 0.{at + 1}\n"
        for at, name in enumerate(images)
    }
    write(tmp_path, {"data.yaml": "path: .\nval: images/val\nnames: [cat]\n", **files})
    found = ea.read_yolo(tmp_path / "data.yaml", tmp_path / folder)
    names = found.images.set_index("image_id")["file_name"]
    assert names[found.predictions["image_id"]].tolist() == [f"{name}.png" for name in images]
    assert found.predictions["confidence"].tolist() == [0.1, 0.2, 0.3]
    assert len(found.problems) == 0
