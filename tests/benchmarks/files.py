"""The COCO files of generated data, for evaluators that read files."""

from __future__ import annotations

import msgspec

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
