"""Open Images' CSV files."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

import ea_widgets as ea
from tests.unit.data.readers.mutations import mutated, reads_or_refuses

HEAD = (
    "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,"
    "IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside\n"
)
BOXES = (
    f"{HEAD}"
    "0001eeaf4aed83f9,xclick,/m/0cmf2,1,0.25,0.75,0.5,1,0,1,0,0,0\n"
    "0001eeaf4aed83f9,xclick,/m/04yx4,1,0,0.5,0,0.5,-1,0,1,0,0\n"
    "000595fe6fee6369,activemil,/m/04yx4,1,0.5,1,0,1,1,0,-1,0,0\n"
)
CLASSES = "/m/0cmf2,Airplane\n/m/04yx4,Man\n/m/01g317,Person\n"
FOUND = (
    "ImageID,LabelName,Score,XMin,XMax,YMin,YMax\n"
    "0001eeaf4aed83f9,/m/0cmf2,0.75,0.25,0.75,0.5,1\n"
    "000595fe6fee6369,/m/04yx4,0.5,0.5,1,0.25,1\n"
)
BOX = ["x", "y", "width", "height"]


@pytest.fixture
def folder(tmp_path):
    from PIL import Image  # noqa: PLC0415

    (tmp_path / "boxes.csv").write_text(BOXES)
    (tmp_path / "found.csv").write_text(FOUND)
    for name in ("0001eeaf4aed83f9", "000595fe6fee6369"):
        Image.new("RGB", (40, 20)).save(tmp_path / f"{name}.jpg")
    return tmp_path


def test_everything_is_kept(folder):
    (folder / "class-descriptions-boxable.csv").write_text(CLASSES)
    data = ea.read_open_images(folder / "boxes.csv", folder / "found.csv", folder)
    assert data.class_names == ("Airplane", "Man", "Person")
    assert data.images["image_id"].tolist() == ["0001eeaf4aed83f9", "000595fe6fee6369"]
    assert data.images[["width", "height"]].to_numpy().tolist() == [[40, 20], [40, 20]]
    labels = data.labels
    assert labels["class_name"].tolist() == ["Airplane", "Man", "Man"]
    assert labels[BOX].to_numpy().tolist() == [[10, 10, 20, 10], [0, 0, 20, 10], [20, 0, 20, 20]]
    assert labels["is_crowd"].tolist() == [False, True, False]
    assert labels["IsTruncated"].tolist() == [1, 0, 0]
    assert labels["IsOccluded"].isna().tolist() == [False, True, False]
    assert labels["Source"].tolist() == ["xclick", "xclick", "activemil"]
    predictions = data.predictions
    assert predictions["class_name"].tolist() == ["Airplane", "Man"]
    assert predictions["confidence"].tolist() == [0.75, 0.5]
    assert predictions[BOX].to_numpy().tolist() == [[10, 10, 20, 10], [20, 5, 20, 15]]


def test_classes_without_descriptions_keep_their_ids(folder):
    data = ea.read(folder / "boxes.csv", folder / "found.csv", folder)
    assert set(data.class_names) == {"/m/0cmf2", "/m/04yx4"}
    assert len(data.predictions) == 2


def test_descriptions_by_option_with_a_head(folder):
    path = folder / "classes.csv"
    path.write_text(f"LabelName,DisplayName\n{CLASSES}")
    given = [
        {
            "image_id": "000595fe6fee6369",
            "category_name": "Man",
            "bbox": [20, 0, 20, 20],
            "score": 1.0,
        }
    ]
    data = ea.read_open_images(folder / "boxes.csv", given, folder, class_descriptions=path)
    assert data.predictions["class_name"].tolist() == ["Man"]
    assert data.class_names == ("Airplane", "Man", "Person")


def test_semicolons_and_decimal_commas(folder):
    text = BOXES.replace(",", ";").replace(".", ",")
    (folder / "boxes.csv").write_text(text)
    labels = ea.read(folder / "boxes.csv", folder / "found.csv", folder).labels
    assert labels[BOX].to_numpy().tolist()[0] == [10, 10, 20, 10]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOXES.replace("XMax", "Xmax"), "`labels` lacks the column XMax"),
        ("", "`labels` is not a CSV file"),
    ],
)
def test_labels_of_another_form_are_refused(folder, text, message):
    (folder / "odd.csv").write_text(text)
    with pytest.raises(ea.InvalidInputError, match=message):
        ea.read_open_images(folder / "odd.csv", folder / "found.csv", folder)


def test_predictions_without_scores_are_refused(folder):
    (folder / "odd.csv").write_text(FOUND.replace("Score", "Sureness"))
    with pytest.raises(ea.InvalidInputError, match="neither a column Score nor Confidence"):
        ea.read(folder / "boxes.csv", folder / "odd.csv", folder)


@given(content=mutated(BOXES.encode()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_odd_files_are_read_or_refused(content, folder):
    (folder / "odd.csv").write_bytes(content)
    reads_or_refuses(ea.read_open_images, folder / "odd.csv", folder / "found.csv", folder)
    reads_or_refuses(ea.read_open_images, folder / "boxes.csv", folder / "odd.csv", folder)


@given(content=mutated(CLASSES.encode()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_odd_descriptions_are_read_or_refused(content, folder):
    path = folder / "odd.csv"
    path.write_bytes(content)
    arguments = folder / "boxes.csv", folder / "found.csv", folder
    reads_or_refuses(ea.read_open_images, *arguments, class_descriptions=path)
