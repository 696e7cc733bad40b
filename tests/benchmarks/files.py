"""Files of generated data: COCO's for evaluators that read files, and folders of YOLO's."""

from __future__ import annotations

import io

import msgspec
import numpy as np
from PIL import Image

BOX = ["x", "y", "width", "height"]


def write_files(folder, images, labels, predictions):
    """Write `labels.json` and `predictions.json`."""
    names = list(labels["class_name"].cat.categories)
    rows = zip(
        labels["image_id"].tolist(),
        labels["class_name"].cat.codes.tolist(),
        labels[BOX].to_numpy().tolist(),
        labels["is_crowd"].tolist(),
        strict=True,
    )
    truth = {
        "images": [
            {"id": image, "width": 640, "height": 480, "file_name": f"{image}.jpg"}
            for image in images["image_id"].tolist()
        ],
        "categories": [{"id": code + 1, "name": name} for code, name in enumerate(names)],
        "annotations": [
            {
                "id": row + 1,
                "image_id": image,
                "category_id": code + 1,
                "bbox": box,
                "area": box[2] * box[3],
                "iscrowd": int(crowd),
            }
            for row, (image, code, box, crowd) in enumerate(rows)
        ],
    }
    results = [
        {"image_id": image, "category_id": code + 1, "bbox": box, "score": score}
        for image, code, box, score in zip(
            predictions["image_id"].tolist(),
            predictions["class_name"].cat.codes.tolist(),
            predictions[BOX].to_numpy().tolist(),
            predictions["confidence"].tolist(),
            strict=True,
        )
    ]
    (folder / "labels.json").write_bytes(msgspec.json.encode(truth))
    (folder / "predictions.json").write_bytes(msgspec.json.encode(results))


def write_yolo(folder, n_images=5_000, per_image=7):
    """Write `images`, `labels` and `predictions`, a file of each for every image."""
    rng = np.random.default_rng(0)
    picture = io.BytesIO()
    Image.new("RGB", (640, 480)).save(picture, "JPEG")
    for name in ("images", "labels", "predictions"):
        (folder / name).mkdir()
    (folder / "classes.txt").write_text("\n".join(f"class {code}" for code in range(80)))
    for image in range(n_images):
        sizes = rng.uniform(0.02, 0.3, (per_image, 2))
        boxes = np.hstack([rng.uniform(sizes / 2, 1 - sizes / 2), sizes])
        lines = [
            f"{code} " + " ".join(f"{part:.6f}" for part in box)
            for code, box in zip(rng.integers(0, 80, per_image), boxes, strict=True)
        ]
        found = [
            f"{line} {score:.4f}" for line, score in zip(lines, rng.random(per_image), strict=True)
        ]
        (folder / "images" / f"{image:06d}.jpg").write_bytes(picture.getvalue())
        (folder / "labels" / f"{image:06d}.txt").write_text("\n".join(lines))
        (folder / "predictions" / f"{image:06d}.txt").write_text("\n".join(found))
