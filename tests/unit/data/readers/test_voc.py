"""Pascal VOC's XML files, and result files as its devkit writes them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import ea_widgets as ea
from tests.unit.data.readers.trees import write, write_images

BOX = ["x", "y", "width", "height"]
XML = """<annotation>
  <folder>VOC</folder><filename>a.jpg</filename><segmented>1</segmented>
  <size><width>{width}</width><height>100</height><depth>3</depth></size>
  <object>
    <name>car</name><pose>Left</pose><truncated>1</truncated><difficult>0</difficult>
    <bndbox><xmax>120</xmax><xmin>80</xmin><ymin>30</ymin><ymax>70.5</ymax></bndbox>
    <part><name>wheel</name><bndbox><xmin>1</xmin></bndbox></part>
  </object>
  <object>
    <name>traffic_light</name><difficult>1</difficult><occluded>1</occluded>
    <attributes><attribute><name>colour</name><value>red</value></attribute></attributes>
    <bndbox><xmin>10</xmin><ymin>10</ymin><xmax>20</xmax><ymax>40</ymax></bndbox>
    <polygon><x1>10</x1><y1>10</y1><x2>20</x2><y2>10</y2><x3>15</x3><y3>40</y3></polygon>
  </object>
</annotation>"""


@pytest.fixture
def folder(tmp_path):
    """Two images, of which one has no labels, and the results of two classes."""
    return write(
        tmp_path,
        {
            "Annotations/a.xml": XML.format(width=200),
            "Annotations/000012.xml": (
                "<annotation><filename>000012.jpg</filename>"
                "<size><width>50</width><height>40</height></size></annotation>"
            ),
            "results/comp4_det_test_car.txt": "a 0.9 80 30 120 70\n000012 0.5 1 2 3 4\n",
            "results/comp4_det_test_traffic_light.txt": "a 0.25 10 10 20 40\n",
        },
    )


def test_labels_and_results_of_the_devkit(folder):
    found = ea.read_voc(folder / "Annotations", folder / "results")
    assert found.images[["image_id", "width", "height"]].to_numpy().tolist() == [
        ["000012", 50, 40],
        ["a", 200, 100],
    ]
    assert found.labels[BOX].to_numpy().tolist() == [[80, 30, 40, 40.5], [10, 10, 10, 30]]
    assert found.predictions[
        ["image_id", "class_name", "confidence", *BOX]
    ].to_numpy().tolist() == [
        ["a", "car", 0.9, 80, 30, 40, 40],
        ["000012", "car", 0.5, 1, 2, 2, 2],
        ["a", "traffic_light", 0.25, 10, 10, 10, 30],
    ]
    assert len(found.problems) == 0


def test_attributes_are_kept(folder):
    labels = ea.read_voc(folder / "Annotations", []).labels
    assert labels["difficult"].tolist() == [0, 1]
    assert labels["truncated"].tolist()[0] == 1
    assert labels["occluded"].tolist()[1] == 1
    assert labels["pose"].tolist()[0] == "Left"
    assert labels["colour"].tolist()[1] == "red"
    assert labels["segmentation"].tolist()[1] == [[10, 10, 20, 10, 15, 40]]


def test_difficult_labels_count_as_in_other_formats_or_are_ignored(folder):
    counted = ea.read_voc(folder / "Annotations", [])
    assert counted.labels["ignore"].tolist() == [False, False]
    assert counted.notes[0] == (
        "1 of 2 labels are marked as difficult; they count as any other. `difficult='ignore'` of "
        "`ea.read_voc` leaves them out, as VOC's own evaluation does."
    )
    ignored = ea.read_voc(folder / "Annotations", [], difficult="ignore")
    assert ignored.labels["ignore"].tolist() == [False, True]
    with pytest.raises(ea.InvalidInputError, match=r"`difficult` .*'ignored'.*'ignore'"):
        ea.read_voc(folder / "Annotations", [], difficult="ignored")


def test_sizes_that_are_not_stated_come_from_the_images_beside(folder):
    write(folder, {"Annotations/a.xml": XML.format(width=0)})
    write_images(folder, "JPEGImages/a.png", size=(300, 100))
    found = ea.read_voc(folder / "Annotations", [])
    assert found.images["width"].tolist() == [50, 300]
    assert found.images["file_name"].tolist() == ["000012.jpg", "a.png"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(folder, encoding):
    bomb = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE annotation ['
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><annotation><filename>&b;</filename></annotation>'
    )
    write(folder, {"Annotations/b.xml": bomb.encode(encoding)})
    with pytest.raises(ea.InvalidInputError) as refused:
        ea.read_voc(folder / "Annotations", [])
    assert str(refused.value) == (
        "`labels` declares a document type (DOCTYPE) in 'b.xml', which can hide entity bombs. "
        "Remove the line; annotation tools do not write it."
    )


def test_a_label_without_a_box_is_left_out_and_named(folder):
    broken = XML.format(width=200).replace("<xmin>80</xmin>", "")
    write(folder, {"Annotations/a.xml": broken})
    found = ea.read_voc(folder / "Annotations", [])
    assert len(found.labels) == 1
    assert found.problems[["row", "field"]].to_numpy().tolist()[0] == [
        "a.xml, object 1",
        "bndbox.xmin",
    ]


def test_shared_labels_of_hundred_images(shared_data):
    folder = shared_data / "voc100-formats"
    found = ea.read_voc(folder / "gts/pascalvoc_format", folder / "dets/coco_format/coco_dets.json")
    assert (len(found.images), len(found.labels), len(found.predictions)) == (100, 273, 452)
    assert found.labels["difficult"].sum() == 38
    first = found.images.iloc[0]
    assert found.pixels.read(first["image_id"], first["file_name"]).ndim == 3


odd = st.one_of(
    st.binary(max_size=60),
    st.tuples(st.integers(0, len(XML)), st.text("<>/&0123456789e-", max_size=6)).map(
        lambda cut: (XML[: cut[0]] + cut[1] + XML[cut[0] + len(cut[1]) :]).encode()
    ),
    st.integers(0, len(XML)).map(lambda end: XML[:end].encode()),
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=20,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(odd, st.binary(max_size=40))
def test_mutated_files_give_a_result_or_an_input_error(folder, xml, line):
    write(folder, {"Annotations/a.xml": xml, "results/comp4_det_test_car.txt": line})
    with contextlib.suppress(ea.InvalidInputError):
        ea.read_voc(folder / "Annotations", folder / "results")


def test_a_file_of_another_encoding_or_with_attributes_of_its_root_is_read(tmp_path):
    text = XML.format(width=200).replace("traffic_light", "猫")
    text = text.replace("<annotation>", '<annotation verified="yes">')
    head = '<?xml version="1.0" encoding="gbk"?>'
    write(tmp_path, {"Annotations/a.xml": (head + text).encode("gbk")})
    found = ea.read(tmp_path / "Annotations", [])
    assert found.class_names == ("car", "猫")


def test_xml_files_of_something_else_are_left_out_and_named(folder):
    write(folder, {"Annotations/0.xml": "<project/>"})
    found = ea.read(folder / "Annotations", [])
    assert found.images["image_id"].tolist() == ["000012", "a"]
    assert "1 XML files that hold no `annotation` are left out, such as '0.xml'." in found.notes
    with pytest.raises(ea.InvalidInputError, match="has no Pascal VOC annotations"):
        ea.read_voc(write(folder / "other", {"0.xml": "<project/>"}), [])
