"""Objects whose masks cannot be used are left out of the evaluation of masks, and counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ea_widgets.analysis.matching.mask_overlap import MaskOverlap, UnusableMasksError
from ea_widgets.data.checks.problems import Problem
from ea_widgets.data.dataset import Dataset
from ea_widgets.errors import shown

if TYPE_CHECKING:
    import pandas as pd


def measure_masks(dataset: Dataset) -> tuple[Dataset, MaskOverlap]:
    """Get ready to measure overlaps of masks.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    dataset : Dataset
        Without the objects whose masks are missing or broken; its notes and problems say so.
    overlap : MaskOverlap

    Raises
    ------
    InvalidInputError
        If pycocotools is not installed, there are no masks, or more than half of the labels or of
        the predictions have none that can be used.
    """
    whole = dataset
    while True:
        try:
            return dataset, MaskOverlap(dataset)
        except UnusableMasksError as error:
            n_rows = len(getattr(whole.frames, error.frame))
            n_left = len(getattr(dataset.frames, error.frame)) - len(error.rows)
            if 2 * n_left < n_rows or not error.rows:
                raise
            dataset = _leave_out(dataset, error)


def _leave_out(dataset: Dataset, error: UnusableMasksError) -> Dataset:
    frames = dataset.frames
    frame: pd.DataFrame = getattr(frames, error.frame)
    values = frame["segmentation"].iloc[error.rows]
    problem = Problem(
        error.frame,
        "segmentation",
        error.what,
        "left out, since masks are evaluated",
        tuple(error.rows),
        tuple(map(shown, values)),
        error.remedy,
    )
    kept = frame.drop(index=error.rows).reset_index(drop=True)
    left = replace(
        frames,
        labels=kept if error.frame == "labels" else frames.labels,
        predictions=kept if error.frame == "predictions" else frames.predictions,
        notes=(*frames.notes, problem.sentence()),
        problems=(*frames.problems, problem),
    )
    return Dataset.from_tidy(left, dataset.pixels)
