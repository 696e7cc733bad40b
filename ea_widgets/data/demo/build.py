"""Rebuild the demo data: ``python -m ea_widgets.data.demo.build``.

Takes some ten minutes on one core. ``--check`` only prints the figures of what is shipped.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm.auto import tqdm

from ea_widgets.data.demo.computed import MODELS, write_metrics
from ea_widgets.data.demo.digits import CLASS_NAMES
from ea_widgets.data.demo.scenes import SCENES_SHIPPED, build_scene, from_jpeg, to_jpeg
from ea_widgets.data.demo.training import train

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ea_widgets.data.demo.detector import Detections, Detector

FILES = Path(__file__).parent / "files"

RESOLUTION = {"half": 0.5, "full": 1.0}
"""Sides of what the detector is given over those of the picture, by model."""


def file_name(index: int) -> str:
    """Name the picture of a scene.

    Examples
    --------
    >>> file_name(7)
    'scene_008.jpg'
    """
    return f"scene_{index + 1:03d}.jpg"


def build(
    folder: Path, *, n_scenes: int = SCENES_SHIPPED, detector: Detector | None = None
) -> None:
    """Write pictures, labels, predictions at both resolutions, and what takes time to compute.

    Parameters
    ----------
    folder : Path
        Gets ``images/``, ``labels.json``, ``half.json`` and ``full.json`` with the predictions of
        both models, and ``metrics.npz``; old ones are replaced.
    n_scenes : int, default 460
        Number of scenes, from the first.
    detector : Detector, optional
        Default: a newly trained one.
    """
    detector = detector or train()
    shutil.rmtree(folder / "images", ignore_errors=True)
    (folder / "images").mkdir(parents=True)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    predictions: dict[str, list[dict[str, Any]]] = {model: [] for model in MODELS}
    for index in tqdm(range(n_scenes), desc="Shipped scenes"):
        scene = build_scene("shipped", index)
        data = to_jpeg(scene.pixels)
        (folder / "images" / file_name(index)).write_bytes(data)
        image_id = index + 1
        height, width = scene.pixels.shape[:2]
        images.append(
            {"id": image_id, "width": width, "height": height, "file_name": file_name(index)}
        )
        for box, digit in zip(scene.boxes.tolist(), scene.digits.tolist(), strict=True):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": digit + 1,
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": 0,
                }
            )
        seen = from_jpeg(data)
        for model, rows in predictions.items():
            rows.extend(rows_of(detector.detect(seen, RESOLUTION[model]), image_id))
    categories = [{"id": digit + 1, "name": name} for digit, name in enumerate(CLASS_NAMES)]
    labels = {"images": images, "annotations": annotations, "categories": categories}
    for name, content in {"labels": labels, **predictions}.items():
        text = json.dumps(content, separators=(",", ":"))
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    write_metrics(folder)


def rows_of(found: Detections, image_id: int) -> list[dict[str, Any]]:
    """Write detections as COCO's results."""
    columns = (found.boxes.tolist(), found.digits.tolist(), found.confidences.tolist())
    return [
        {
            "image_id": image_id,
            "category_id": digit + 1,
            "bbox": [round(value, 2) for value in box],
            "score": round(confidence, 4),
        }
        for box, digit, confidence in zip(*columns, strict=True)
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only print the figures")
    parser.add_argument("--metrics", action="store_true", help="only compute the metrics anew")
    parser.add_argument("--folder", type=Path, default=FILES, help="where to; default: in place")
    chosen = parser.parse_args(arguments)
    if chosen.metrics:
        write_metrics(chosen.folder)
    elif not chosen.check:
        build(chosen.folder)
    # The figures need pycocotools, which is optional.
    from ea_widgets.data.demo.figures import figures  # noqa: PLC0415

    for model in MODELS:
        print(f"{model} resolution\n{figures(chosen.folder, model)}")  # noqa: T201  # the answer


if __name__ == "__main__":
    main()
