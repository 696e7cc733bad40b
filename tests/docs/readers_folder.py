"""Files as a reader of the documentation has them: COCO and YOLO, with two models' predictions."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pandas as pd

import ea_widgets as ea

if TYPE_CHECKING:
    from pathlib import Path

N_IMAGES = 60


def write_readers_folder(folder: Path) -> None:
    """Write the files that the blocks of the documentation name."""
    demo = ea.load_demo()
    dataset = demo.subset(images=demo.images["image_id"].iloc[:N_IMAGES])
    boxes_only = [
        frame[[name for name in names if name in frame]]
        for frame, names in (
            (dataset.images, ("image_id", "width", "height", "file_name")),
            (dataset.labels, (*OBJECT, "label_id")),
            (dataset.predictions, (*OBJECT, "confidence", "prediction_id")),
        )
    ]
    source = ea.Dataset.from_frames(*boxes_only)
    source.to_coco(folder)
    found = json.loads((folder / "predictions.json").read_text())
    for name in ("detections", "new"):
        (folder / f"{name}.json").write_text(json.dumps(found))
    worse = [one for one in found if one["bbox"][2] * one["bbox"][3] > 500 or one["score"] > 0.5]
    (folder / "old.json").write_text(json.dumps(worse))
    write_images(demo, dataset, folder)
    write_yolo(dataset, folder)


OBJECT = ("image_id", "class_name", "x", "y", "width", "height")


def write_images(demo: ea.Dataset, dataset: ea.Dataset, folder: Path) -> None:
    """Copy the images twice: beside COCO's labels and beside YOLO's."""
    for place in ("val2017", "images/val"):
        (folder / place).mkdir(parents=True)
        for name in dataset.images["file_name"]:
            shutil.copyfile(demo.pixels.folder / name, folder / place / name)


def write_yolo(dataset: ea.Dataset, folder: Path) -> None:
    """Write a data.yaml, labels, and predictions as `save_txt` and `save_conf` do."""
    names = dataset.class_names
    (folder / "data.yaml").write_text(
        f"path: .\ntrain: images/val\nval: images/val\nnames: {list(names)}\n"
    )
    for place, frame, more in (
        ("labels/val", dataset.labels, []),
        ("runs/detect/val/labels", dataset.predictions, ["confidence"]),
    ):
        (folder / place).mkdir(parents=True)
        sized = frame.merge(dataset.images[["image_id", "width", "height"]], on="image_id")
        rows = pd.DataFrame(
            {
                "class": [names.index(name) for name in sized["class_name"]],
                "x": (sized["x"] + sized["width_x"] / 2) / sized["width_y"],
                "y": (sized["y"] + sized["height_x"] / 2) / sized["height_y"],
                "width": sized["width_x"] / sized["width_y"],
                "height": sized["height_x"] / sized["height_y"],
                **{name: sized[name] for name in more},
            }
        )
        stems = dataset.images.set_index("image_id")["file_name"].str.rpartition(".")[0]
        for image, part in rows.groupby(sized["image_id"]):
            part.to_csv(folder / place / f"{stems[image]}.txt", sep=" ", header=False, index=False)
