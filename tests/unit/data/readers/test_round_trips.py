"""What every format can hold comes out as it went in, and stays so as COCO."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import ea_widgets as ea
from tests.unit.data.readers.trees import write, write_images

NAMES = ("car", "person", "tram")
IMAGES = ("a", "b2", "street_c")
WIDTH, HEIGHT = 200, 100

boxes = st.tuples(st.integers(0, 150), st.integers(0, 70), st.integers(1, 50), st.integers(1, 30))
objects = st.lists(
    st.tuples(st.sampled_from(IMAGES), st.sampled_from(NAMES), boxes, st.integers(1, 99)),
    min_size=3,
    max_size=8,
    unique=True,
).filter(lambda found: {name for _, name, _, _ in found} == set(NAMES))


def lines_by_image(found, line):
    return {
        image: "".join(line(name, box, score) for i, name, box, score in found if i == image)
        for image in IMAGES
    }


def yolo(folder, labels, predictions):
    def line(name, box, score=None):
        x, y, width, height = box
        numbers = [
            (x + width / 2) / WIDTH,
            (y + height / 2) / HEIGHT,
            width / WIDTH,
            height / HEIGHT,
        ]
        tail = "" if score is None else f" {score / 100}"
        return f"{NAMES.index(name)} {' '.join(map(repr, numbers))}{tail}\n"

    files = {"data.yaml": f"path: .\nval: images\nnames: {list(NAMES)}\n"}
    for image, text in lines_by_image(labels, lambda n, b, _: line(n, b)).items():
        files[f"labels/{image}.txt"] = text
    for image, text in lines_by_image(predictions, line).items():
        files[f"found/{image}.txt"] = text
    write(folder, files)
    write_images(folder, *(f"images/{image}.png" for image in IMAGES), size=(WIDTH, HEIGHT))
    return ea.read_yolo(folder / "data.yaml", folder / "found", split="val")


def voc(folder, labels, predictions):
    def entry(name, box, _):
        x, y, width, height = box
        return (
            f"<object><name>{name}</name><difficult>0</difficult><bndbox><xmin>{x}</xmin>"
            f"<ymin>{y}</ymin><xmax>{x + width}</xmax><ymax>{y + height}</ymax></bndbox></object>"
        )

    size = f"<size><width>{WIDTH}</width><height>{HEIGHT}</height></size>"
    files = {
        f"labels/{image}.xml": (
            f"<annotation><filename>{image}.jpg</filename>{size}{text}</annotation>"
        )
        for image, text in lines_by_image(labels, entry).items()
    }
    for name in NAMES:
        files[f"found/comp4_det_test_{name}.txt"] = "".join(
            f"{image} {score / 100} {x} {y} {x + width} {y + height}\n"
            for image, known, (x, y, width, height), score in predictions
            if known == name
        )
    write(folder, files)
    return ea.read_voc(folder / "labels", folder / "found")


def kitti(folder, labels, predictions):
    def line(name, box, score=None):
        x, y, width, height = box
        tail = "" if score is None else f" {score / 100}"
        corners = f"{x} {y} {x + width} {y + height}"
        return f"{name} 0 0 -10 {corners} -1 -1 -1 -1000 -1000 -1000 -10{tail}\n"

    files = {}
    for image, text in lines_by_image(labels, lambda n, b, _: line(n, b)).items():
        files[f"label_2/{image}.txt"] = text
    for image, text in lines_by_image(predictions, line).items():
        files[f"found/{image}.txt"] = text
    write(folder, files)
    write_images(folder, *(f"image_2/{image}.png" for image in IMAGES), size=(WIDTH, HEIGHT))
    return ea.read_kitti(folder / "label_2", folder / "found")


def results(predictions):
    return [
        {"image_id": image, "category_name": name, "bbox": list(box), "score": score / 100}
        for image, name, box, score in predictions
    ]


def cvat(folder, labels, predictions):
    def entry(name, box, score):
        x, y, width, height = box
        return (
            f'<box label="{name}" occluded="{score % 2}" xtl="{x}" ytl="{y}" xbr="{x + width}" '
            f'ybr="{y + height}"><attribute name="age">{score}</attribute></box>'
        )

    inside = "".join(
        f'<image id="{number}" name="{image}.jpg" width="{WIDTH}" height="{HEIGHT}">{text}</image>'
        for number, (image, text) in enumerate(lines_by_image(labels, entry).items())
    )
    write(folder, {"a.xml": f"<annotations><version>1.1</version>{inside}</annotations>"})
    return ea.read_cvat(folder / "a.xml", results(predictions))


def open_images(folder, labels, predictions):
    def row(image, name, box):
        x, y, width, height = box
        sides = (x / WIDTH, (x + width) / WIDTH, y / HEIGHT, (y + height) / HEIGHT)
        return ",".join([image, name, *map(repr, sides)])

    head = "ImageID,LabelName,XMin,XMax,YMin,YMax"
    write(
        folder,
        {
            "labels.csv": f"{head},IsOccluded\n"
            + "".join(f"{row(i, n, b)},{s % 2}\n" for i, n, b, s in labels),
            "found.csv": f"{head},Score\n"
            + "".join(f"{row(i, n, b)},{s / 100}\n" for i, n, b, s in predictions),
        },
    )
    write_images(folder, *(f"images/{image}.jpg" for image in IMAGES), size=(WIDTH, HEIGHT))
    return ea.read_open_images(folder / "labels.csv", folder / "found.csv", folder / "images")


def label_studio(folder, labels, predictions):
    def region(number, name, box, **fields):
        x, y, width, height = box
        value = {
            "x": 100 * x / WIDTH,
            "y": 100 * y / HEIGHT,
            "width": 100 * width / WIDTH,
            "height": 100 * height / HEIGHT,
            "rotation": 0,
            "rectanglelabels": [name],
        }
        size = {"original_width": WIDTH, "original_height": HEIGHT}
        return {"id": f"r{number}", "type": "rectanglelabels", "value": value, **size, **fields}

    tasks = []
    for number, image in enumerate(IMAGES):
        tasks.append(
            {
                "id": number + 1,
                "data": {"image": f"/data/{image}.jpg"},
                "annotations": [
                    {
                        "result": [
                            region(k, n, b) for k, (i, n, b, _) in enumerate(labels) if i == image
                        ]
                    }
                ],
                "predictions": [
                    {
                        "result": [
                            region(k, n, b, score=s / 100)
                            for k, (i, n, b, s) in enumerate(predictions)
                            if i == image
                        ]
                    }
                ],
            }
        )
    write(folder, {"export.json": json.dumps(tasks)})
    return ea.read_label_studio(folder / "export.json")


BOX = ["x", "y", "width", "height"]


def told(dataset, frame):
    """What stands in a frame, with the stems of the images, sorted."""
    images = dataset.images
    names = images["file_name"] if "file_name" in images else images["image_id"]
    stems = {key: Path(str(name)).stem for key, name in zip(images["image_id"], names, strict=True)}
    table = getattr(dataset, frame)
    rows = [
        (
            stems[row["image_id"]],
            str(row["class_name"]),
            tuple(round(float(row[side]), 6) for side in BOX),
            *([round(float(row["confidence"]), 9)] if frame == "predictions" else []),
        )
        for row in table.to_dict("records")
    ]
    return sorted(rows)


@pytest.mark.parametrize("reader", [yolo, voc, kitti, cvat, open_images, label_studio])
@settings(max_examples=4)
@given(labels=objects, predictions=objects)
def test_what_a_format_holds_comes_out_and_stays(reader, labels, predictions):
    if reader is open_images:  # an image without labels is in no row of its file
        known = {image for image, *_ in labels}
        predictions = [found for found in predictions if found[0] in known]
        assume(predictions)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dataset = reader(folder, labels, predictions)
        assert told(dataset, "labels") == sorted(
            (image, name, tuple(map(float, box))) for image, name, box, _ in labels
        )
        assert told(dataset, "predictions") == sorted(
            (image, name, tuple(map(float, box)), score / 100)
            for image, name, box, score in predictions
        )
        if reader is cvat:
            ages = sorted(
                zip(dataset.labels["age"], dataset.labels["occluded"].astype(str), strict=True)
            )
            assert ages == sorted((score, str(bool(score % 2))) for *_, score in labels)
        dataset.to_coco(folder / "coco")
        again = ea.read_coco(
            folder / "coco" / "instances.json", folder / "coco" / "predictions.json"
        )
    for frame in ("images", "labels", "predictions"):
        one, other = getattr(dataset, frame), getattr(again, frame)
        assert set(one) <= set(other)
        for column in one:
            if one[column].dtype.kind == "f":
                np.testing.assert_allclose(other[column], one[column], rtol=0, atol=1e-12)
            else:
                pd.testing.assert_series_equal(
                    other[column].astype(object), one[column].astype(object), check_names=False
                )
    assert ea.Evaluation(again).scores().to_dict() == pytest.approx(
        ea.Evaluation(dataset).scores().to_dict(), nan_ok=True
    )
