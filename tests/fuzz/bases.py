"""Small data of every format, as its tools write it: what the changes begin with."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from PIL import Image

if TYPE_CHECKING:
    from numpy.random import Generator

NAMES = ("cat", "dog", "traffic light")
IMAGES = ("a", "b2", "street_c", "d", "e")
WIDTH, HEIGHT = 64, 48


def picture(seed: int = 0) -> bytes:
    """A small picture as a PNG file."""
    file = BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


PICTURES = [picture(seed) for seed in range(len(IMAGES))]


def objects(rng: Generator, n: int = 14) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Labels and predictions that meet some of them."""
    labels = pd.DataFrame(
        {
            "image": rng.integers(0, len(IMAGES), n),
            "class": rng.integers(0, len(NAMES), n),
            "x": rng.integers(0, 40, n),
            "y": rng.integers(0, 30, n),
            "width": rng.integers(1, 24, n),
            "height": rng.integers(1, 18, n),
        }
    )
    labels.loc[: len(NAMES) - 1, "class"] = range(len(NAMES))
    labels.loc[: len(IMAGES) - 1, "image"] = range(len(IMAGES))
    found = labels[rng.random(n) < 0.7].copy()
    found["x"] += 1
    wrong = labels.assign(y=labels["y"][::-1].to_numpy()).head(n // 3)
    predictions = pd.concat([found, wrong], ignore_index=True)
    predictions["score"] = rng.integers(1, 100, len(predictions)) / 100
    return labels, predictions


def pictures(folder: str) -> dict[str, bytes]:
    """Files of all images."""
    return {f"{folder}/{name}.png": data for name, data in zip(IMAGES, PICTURES, strict=True)}


def polygon(x: float, y: float, width: float, height: float) -> list[list[float]]:
    """A rectangle as a polygon."""
    return [[x, y, x + width, y, x + width, y + height, x, y + height]]


def rle(x: int, y: int, width: int, height: int) -> dict[str, Any]:
    """A rectangle as run lengths that are not packed."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[y : y + height, x : x + width] = True
    flat = np.concatenate([[False], mask.ravel(order="F"), [False]])
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    return {
        "size": [HEIGHT, WIDTH],
        "counts": np.diff(np.concatenate([[0], edges, [mask.size]])).tolist(),
    }


def mask(kind: int, box: list[int]) -> Any:
    """A mask of one of the kinds that files have."""
    if kind == 1:
        return polygon(*box)
    if kind == 2:
        return rle(*box)
    from pycocotools import mask as tools  # noqa: PLC0415

    packed = tools.frPyObjects(rle(*box), HEIGHT, WIDTH)
    return {"size": packed["size"], "counts": packed["counts"].decode()}


def coco(rng: Generator, *, masks: bool = False, lvis: bool = False) -> tuple[Any, Any]:
    """COCO's labels and results in memory."""
    labels, predictions = objects(rng)

    def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
        made = []
        for number, row in enumerate(frame.to_dict("records"), 1):
            box = [int(row[side]) for side in ("x", "y", "width", "height")]
            one: dict[str, Any] = {
                "image_id": int(row["image"]) + 1, "category_id": int(row["class"]) + 1,
                "bbox": box,
            }  # fmt: skip
            if "score" in row:
                one["score"] = row["score"]
            else:
                one |= {"id": number, "area": box[2] * box[3], "iscrowd": int(number % 9 == 0)}
                one["attributes"] = {"occluded": bool(number % 2), "colour": "red"}
            if masks and rng.random() < 0.9:
                one["segmentation"] = mask(int(rng.integers(1, 4)), box)
            made.append(one)
        return made

    images = [
        {"id": i, "width": WIDTH, "height": HEIGHT, "file_name": f"{name}.png", "weather": "rain"}
        for i, name in enumerate(IMAGES, 1)
    ]
    categories: list[dict[str, Any]] = [{"id": i, "name": n} for i, n in enumerate(NAMES, 1)]
    if lvis:
        for image in images:
            image |= {"neg_category_ids": [3], "not_exhaustive_category_ids": [1]}
        for category in categories:
            category |= {"frequency": "r", "synset": f"{category['name']}.n.01"}
    return {"images": images, "annotations": rows(labels), "categories": categories}, rows(
        predictions
    )


def coco_files(rng: Generator, **options: bool) -> dict[str, bytes]:
    """The same as files."""
    labels, results = coco(rng, **options)
    return {
        "labels.json": json.dumps(labels).encode(),
        "results.json": json.dumps(results).encode(),
        **pictures("images"),
    }


def _lines(frame: pd.DataFrame, line: Any) -> dict[str, str]:
    return {
        name: "".join(line(row) for row in frame[frame["image"] == i].to_dict("records"))
        for i, name in enumerate(IMAGES)
    }


def yolo(rng: Generator) -> dict[str, bytes]:
    """Ultralytics' folders."""

    def line(row: dict[str, Any]) -> str:
        x, y = (row["x"] + row["width"] / 2) / WIDTH, (row["y"] + row["height"] / 2) / HEIGHT
        tail = f" {row['score']}" if "score" in row else ""
        sides = f"{row['width'] / WIDTH:.6f} {row['height'] / HEIGHT:.6f}"
        return f"{row['class']:.0f} {x:.6f} {y:.6f} {sides}{tail}\n"

    labels, found = objects(rng)
    head = f"path: .\nval: images\nnames: {list(NAMES)}\n"
    files = {"data.yaml": head.encode(), **pictures("images")}
    files |= {f"labels/{n}.txt": t.encode() for n, t in _lines(labels, line).items()}
    files |= {f"found/{n}.txt": t.encode() for n, t in _lines(found, line).items()}
    return files


def voc(rng: Generator) -> dict[str, bytes]:
    """VOC's XML files and the lists of each class."""

    def entry(row: dict[str, Any]) -> str:
        x, y = row["x"], row["y"]
        return (
            f"<object><name>{NAMES[int(row['class'])]}</name><pose>Left</pose><truncated>0"
            f"</truncated><difficult>{row['x'] % 2}</difficult><bndbox><xmin>{x}</xmin>"
            f"<ymin>{y}</ymin><xmax>{x + row['width']}</xmax><ymax>{y + row['height']}</ymax>"
            "</bndbox></object>"
        )

    labels, found = objects(rng)
    size = f"<size><width>{WIDTH}</width><height>{HEIGHT}</height><depth>3</depth></size>"
    files = {
        f"labels/{name}.xml": (
            f"<annotation><filename>{name}.png</filename>{size}{text}</annotation>".encode()
        )
        for name, text in _lines(labels, entry).items()
    }
    for kind, name in enumerate(NAMES):
        files[f"found/comp4_det_test_{name}.txt"] = "".join(
            f"{IMAGES[int(row['image'])]} {row['score']} {row['x']} {row['y']} "
            f"{row['x'] + row['width']} {row['y'] + row['height']}\n"
            for row in found[found["class"] == kind].to_dict("records")
        ).encode()
    return {**files, **pictures("images")}


def results(found: pd.DataFrame) -> list[dict[str, Any]]:
    """COCO results that name images by their files' stems and classes by name."""
    return [
        {
            "image_id": IMAGES[int(row["image"])],
            "category_id": int(row["class"]),
            "category_name": NAMES[int(row["class"])],
            "bbox": [row["x"], row["y"], row["width"], row["height"]],
            "score": row["score"],
        }
        for row in found.to_dict("records")
    ]


def cvat(rng: Generator) -> dict[str, bytes]:
    """CVAT's XML file for images."""
    labels, found = objects(rng)

    def entry(row: dict[str, Any]) -> str:
        x, y, right, down = row["x"], row["y"], row["x"] + row["width"], row["y"] + row["height"]
        name = NAMES[int(row["class"])]
        if row["x"] % 3:
            shape = (
                f'<box label="{name}" occluded="1" xtl="{x}" ytl="{y}" xbr="{right}" ybr="{down}">'
            )
            end = "</box>"
        else:
            points = f"{x},{y};{right},{y};{right},{down}"
            shape, end = f'<polygon label="{name}" points="{points}">', "</polygon>"
        return f'{shape}<attribute name="colour">red</attribute>{end}'

    text = "".join(
        f'<image id="{i}" name="{name}.png" width="{WIDTH}" height="{HEIGHT}">{shapes}</image>'
        for i, (name, shapes) in enumerate(_lines(labels, entry).items())
    )
    return {
        "labels.xml": f"<annotations><version>1.1</version>{text}</annotations>".encode(),
        "results.json": json.dumps(results(found)).encode(),
        **pictures("images"),
    }


def open_images(rng: Generator) -> dict[str, bytes]:
    """Open Images' tables."""
    labels, found = objects(rng)

    def line(row: dict[str, Any], middle: str, end: str) -> str:
        box = (
            row["x"] / WIDTH, (row["x"] + row["width"]) / WIDTH,
            row["y"] / HEIGHT, (row["y"] + row["height"]) / HEIGHT,
        )  # fmt: skip
        sides = ",".join(f"{side:.6f}" for side in box)
        return f"{IMAGES[int(row['image'])]},{middle},{sides}{end}\n"

    head = (
        "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,"
        "IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside\n"
    )
    rows = "".join(
        line(row, f"xclick,/m/0{row['class']:.0f},1", f",0,1,{row['x'] % 2},0,0")
        for row in labels.to_dict("records")
    )
    guesses = "".join(
        line(row, f"/m/0{row['class']:.0f},{row['score']}", "") for row in found.to_dict("records")
    )
    return {
        "boxes.csv": (head + rows).encode(),
        "found.csv": f"ImageID,LabelName,Score,XMin,XMax,YMin,YMax\n{guesses}".encode(),
        "class-descriptions-boxable.csv": "".join(
            f"/m/0{i},{name}\n" for i, name in enumerate(NAMES)
        ).encode(),
        **pictures("images"),
    }


def kitti(rng: Generator) -> dict[str, bytes]:
    """KITTI's folders."""

    def line(row: dict[str, Any]) -> str:
        box = f"{row['x']} {row['y']} {row['x'] + row['width']} {row['y'] + row['height']}"
        tail = f" {row['score']}" if "score" in row else ""
        name = NAMES[int(row["class"])].replace(" ", "_")
        return f"{name} 0.00 1 -1.57 {box} 1.65 1.67 3.64 -0.65 1.71 46.7 -1.59{tail}\n"

    labels, found = objects(rng)
    files = {f"label_2/{n}.txt": t.encode() for n, t in _lines(labels, line).items()}
    files |= {f"results/{n}.txt": t.encode() for n, t in _lines(found, line).items()}
    return {**files, **pictures("image_2")}


def label_studio(rng: Generator) -> dict[str, bytes]:
    """Label Studio's export, with predictions in it."""
    labels, found = objects(rng)

    def item(number: int, row: dict[str, Any]) -> dict[str, Any]:
        value = {
            "x": row["x"] / WIDTH * 100, "y": row["y"] / HEIGHT * 100,
            "width": row["width"] / WIDTH * 100, "height": row["height"] / HEIGHT * 100,
            "rotation": 0, "rectanglelabels": [NAMES[int(row["class"])]],
        }  # fmt: skip
        extra = {"score": row["score"]} if "score" in row else {}
        return {
            "id": f"r{number}", "type": "rectanglelabels", "from_name": "label",
            "to_name": "image", "origin": "manual", "value": value, "original_width": WIDTH,
            "original_height": HEIGHT, "image_rotation": 0, **extra,
        }  # fmt: skip

    def items(frame: pd.DataFrame, image: int) -> list[dict[str, Any]]:
        rows = frame[frame["image"] == image].to_dict("records")
        return [item(number, row) for number, row in enumerate(rows)]

    tasks = [
        {
            "id": i,
            "data": {"image": f"/data/upload/1/1a2b3c4d-{name}.png", "weather": "rain", "speed": i},
            "annotations": [{"id": i, "was_cancelled": False, "result": items(labels, i)}],
            "predictions": [{"id": i, "model_version": "m", "result": items(found, i)}],
        }
        for i, name in enumerate(IMAGES)
    ]
    return {"tasks.json": json.dumps(tasks).encode(), **pictures("images")}


def frames(rng: Generator, *, masks: bool = False) -> list[pd.DataFrame]:
    """Frames of images, labels and predictions with metrics of every kind."""
    labels, predictions = objects(rng, 24)
    images = pd.DataFrame(
        {
            "image_id": range(len(IMAGES)), "width": WIDTH, "height": HEIGHT,
            "file_name": [f"{name}.png" for name in IMAGES],
            "Brightness": rng.random(len(IMAGES)), "weather": ["rain", "sun", "sun", "fog", None],
            "taken": pd.date_range("2020-01-01", periods=len(IMAGES)), "video": [0, 0, 1, 1, 2],
        }
    )  # fmt: skip
    made = [images]
    for frame in (labels, predictions):
        one = pd.DataFrame(
            {
                "image_id": frame["image"], "class_name": [NAMES[kind] for kind in frame["class"]],
                **{side: frame[side].astype(float) for side in ("x", "y", "width", "height")},
                "Size": (frame["width"] * frame["height"]).astype(float),
                "occluded": rng.random(len(frame)) < 0.5,
            }
        )  # fmt: skip
        if masks:
            boxes = frame[["x", "y", "width", "height"]].to_numpy().tolist()
            one["segmentation"] = pd.Series(
                [mask(int(rng.integers(1, 4)), box) for box in boxes], dtype=object
            )
        made.append(one)
    made[2]["confidence"] = predictions["score"]
    return made
