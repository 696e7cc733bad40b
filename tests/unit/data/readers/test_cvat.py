"""CVAT for images 1.1, as CVAT writes it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import ea_widgets as ea
from ea_widgets.data.masks.encoding import import_mask_library
from tests.unit.data.readers.mutations import mutated, reads_or_refuses

ANNOTATIONS = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><id>5</id><labels>
    <label><name>truck</name><color>#c06060</color><attributes>
      <attribute><name>plate</name><input_type>text</input_type></attribute></attributes></label>
    <label><name>person</name></label>
    <label><name>bus</name></label>
    <label><name>weather</name><type>tag</type></label>
  </labels></task></meta>
  <image id="3" name="street/a.jpg" subset="val" width="40" height="30">
    <tag label="weather" source="manual"><attribute name="kind">rain</attribute></tag>
    <box label="person" source="manual" occluded="1" xtl="1.50" ytl="2.00" xbr="11.50" ybr="22.00"
         z_order="2" group_id="7">
      <attribute name="age">31</attribute><attribute name="width">wide</attribute>
    </box>
    <polygon label="truck" source="auto" occluded="0" points="20.0,5.0;30.0,5.0;30.0,15.0"
             z_order="0"><attribute name="plate">B &amp; 1</attribute></polygon>
    <mask label="truck" source="manual" occluded="0" rle="1, 2, 2, 1" left="4" top="6" width="3"
          height="2" z_order="0"></mask>
    <polyline label="person" points="1,1;2,2"></polyline>
  </image>
  <image id="4" name="street/b.jpg" subset="val" width="40" height="30">
    <box label="dog" source="manual" occluded="0" xtl="1" ytl="1" xbr="9" ybr="9" rotation="30.0"
         z_order="0"></box>
  </image>
</annotations>
"""
PREDICTIONS = [
    {"image_id": 3, "category_name": "person", "bbox": [1, 2, 10, 20], "score": 0.9},
    {"image_id": 4, "category_name": "dog", "bbox": [1, 2, 10, 20], "score": 0.8},
]
BOX = ["x", "y", "width", "height"]


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "annotations.xml"
    file.write_text(ANNOTATIONS)
    return file


def test_everything_is_kept(path):
    data = ea.read_cvat(path, PREDICTIONS)
    assert data.class_names == ("truck", "person", "bus", "dog")
    images = data.images
    assert images["image_id"].tolist() == [3, 4]
    assert images["file_name"].tolist() == ["street/a.jpg", "street/b.jpg"]
    assert images[["width", "height"]].to_numpy().tolist() == [[40, 30], [40, 30]]
    assert images["subset"].tolist() == ["val", "val"]
    assert images["weather"].tolist() == [1, 0]
    assert images["weather kind"].tolist()[0] == "rain"
    labels = data.labels
    assert labels["class_name"].tolist() == ["person", "truck", "truck"]
    assert labels[BOX].to_numpy().tolist() == [[1.5, 2, 10, 20], [20, 5, 10, 10], [4, 6, 3, 2]]
    assert labels["occluded"].tolist() == [1, 0, 0]
    assert labels["z_order"].tolist() == [2, 0, 0]
    assert labels["source"].tolist() == ["manual", "auto", "manual"]
    assert labels["group_id"].tolist()[0] == 7
    assert labels["age"].tolist()[0] == 31
    assert labels["attribute width"].tolist()[0] == "wide"
    assert labels["plate"].tolist()[1] == "B & 1"
    assert labels["segmentation"].tolist()[1] == [[20, 5, 30, 5, 30, 15]]
    assert (
        "Shapes that are no boxes, polygons or masks are left out: 1 of type polyline."
        in data.notes
    )
    assert data.problems[["field", "value"]].to_numpy().tolist() == [["rotation", "'30.0'"]]


def test_mask_covers_the_pixels_that_its_runs_say(path):
    library = import_mask_library()
    runs = ea.read_cvat(path, PREDICTIONS).labels["segmentation"].tolist()[2]
    pixels = library.decode(library.frPyObjects(runs, 30, 40))
    expected = np.zeros((30, 40))
    expected[6, 5:7] = 1
    expected[7, 6] = 1
    assert (pixels == expected).all()


@pytest.mark.parametrize("rle", ["1,2", "9" * 30, "-1,7", "", "a", "3,3,0,0,0,0,0,0,0,0"])
def test_mask_that_is_broken_is_left_out(path, rle):
    path.write_text(ANNOTATIONS.replace("1, 2, 2, 1", rle))
    assert len(ea.read_cvat(path, PREDICTIONS).labels) == 2


def test_predictions_are_shapes_with_a_confidence(path, tmp_path):
    found = tmp_path / "found.xml"
    found.write_text(
        ANNOTATIONS.replace('name="age">31', 'name="score">0.25')
        .replace("</mask>", SCORE)
        .replace(
            '<attribute name="plate">',
            '<attribute name="score">0.5</attribute><attribute name="plate">',
        )
    )
    predictions = ea.read_cvat(path, found).predictions
    assert predictions["confidence"].tolist() == [0.25, 0.5, 1.0]
    assert predictions["class_name"].tolist() == ["person", "truck", "truck"]
    with pytest.raises(ea.InvalidInputError, match="whose shapes have no confidence"):
        ea.read_cvat(path, path)


SCORE = '<attribute name="score">1</attribute></mask>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<annotations><track id='1'/></annotations>", "is CVAT for video, with tracks"),
        ("<annotation/>", "has the root <annotation>, not <annotations>"),
        ("<annotations>", "is not XML"),
        (f"{'<annotations>' * 200}{'</annotations>' * 200}", "nested deeper than 100 levels"),
        (
            "<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;'>]><annotations>&c;</annotations>",
            "declares a document type",
        ),
    ],
)
def test_refusals(tmp_path, text, message):
    path = tmp_path / "a.xml"
    path.write_text(text)
    with pytest.raises(ea.InvalidInputError, match=message):
        ea.read_cvat(path, PREDICTIONS)


def test_utf16_is_read_although_its_head_says_so(tmp_path):
    path = tmp_path / "a.xml"
    path.write_bytes(ANNOTATIONS.replace("utf-8", "utf-16").encode("utf-16"))
    assert len(ea.read(path, PREDICTIONS).labels) == 3


@given(content=mutated(ANNOTATIONS.encode()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_odd_files_are_read_or_refused(content, tmp_path):
    path = tmp_path / "odd.xml"
    path.write_bytes(content)
    reads_or_refuses(ea.read_cvat, path, PREDICTIONS)
    reads_or_refuses(ea.read_cvat, path, path)


def test_a_folder_with_one_file_is_that_file(tmp_path, shared_data):
    folder = shared_data / "voc100-formats" / "gts" / "cvat_format"
    detections = shared_data / "voc100-formats" / "dets" / "coco_format"
    dataset = ea.read(folder, detections)
    assert (len(dataset.labels), len(dataset.predictions)) == (273, 452)
    with pytest.raises(ea.InvalidInputError, match="an empty folder"):
        ea.read(tmp_path, detections)
