"""Metrics of the demo's pixels, shipped so that nobody waits for them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.data.catalogue import BUILT_IN, LEVEL_OF
from ea_widgets.data.dataset import Dataset
from ea_widgets.data.metrics.compute import compute_metrics, compute_metrics_of_models
from ea_widgets.data.read_formats import read_coco

if TYPE_CHECKING:
    from pathlib import Path

FILE = "metrics.npz"
OF_BOXES = tuple(spec.name for spec in BUILT_IN if spec.needs == "boxes")


MODELS = ("half", "full")
"""The same detector, given the pictures at half and at full resolution."""


def read_folder(folder: Path, model: str) -> Dataset:
    """Read labels, the predictions of a model, and pictures, without metrics."""
    return read_coco(folder / "labels.json", folder / f"{model}.json", images=folder / "images")


def write_metrics(folder: Path) -> None:
    """Compute what takes time and write it beside the pictures.

    Parameters
    ----------
    folder : Path
        With ``images/``, ``labels.json`` and the predictions; gets ``metrics.npz``.
    """
    datasets = compute_metrics_of_models({model: read_folder(folder, model) for model in MODELS})
    slow = {spec.name for spec in BUILT_IN} - {*OF_BOXES}
    columns = {}
    names: dict[str, list[str]] = {}
    for model, dataset in datasets.items():
        for frame in LEVEL_OF:
            metrics = getattr(dataset.frames, frame)
            names[frame] = [str(name) for name in metrics.columns if name in slow]
            columns[key_of(frame, model)] = metrics[names[frame]].to_numpy().T
    notes = {model: dataset.notes for model, dataset in datasets.items()}
    said = json.dumps({"names": names, "notes": notes})
    np.savez_compressed(folder / FILE, said=np.array(said), **columns)


def key_of(frame: str, model: str) -> str:
    """Name the columns of a frame in the file; models share all but their predictions."""
    return f"{frame} {model}" if frame == "predictions" else frame


def read_with_metrics(folder: Path, model: str) -> Dataset:
    """Read what :func:`write_metrics` wrote, and compute the rest, which takes no time.

    Parameters
    ----------
    folder : Path
        As it is shipped.
    model : {"half", "full"}

    Returns
    -------
    Dataset
        The same as ``compute_metrics`` gives.
    """
    dataset = compute_metrics(
        read_folder(folder, model), n_jobs=1, metrics=OF_BOXES, progress=False
    )
    with np.load(folder / FILE, allow_pickle=False) as kept:
        said = json.loads(str(kept["said"]))
        columns = {
            frame: pd.DataFrame(dict(zip(names, kept[key_of(frame, model)], strict=True)))
            for frame, names in said["names"].items()
        }
    dataset = dataset.with_metrics(**columns)
    frames = replace(dataset.frames, notes=tuple(said["notes"][model]))
    return Dataset.from_tidy(frames, dataset.pixels)
