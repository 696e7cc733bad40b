"""Some of the images of a Dataset, with their labels and predictions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.catalogue import MetricName
from ea_widgets.data.checks.refuse import Source, refuse
from ea_widgets.errors import InvalidInputError, unknown_option

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.data.frames import TidyFrames


def take_images(frames: TidyFrames, images: Any) -> TidyFrames:
    """Keep some images, and what is on them.

    Parameters
    ----------
    frames : TidyFrames
        Not changed.
    images : array-like of bool, of ids, or a condition
        One truth value per image; ids of images; or a condition on metrics of images, as
        ``ea.where`` makes it.

    Returns
    -------
    TidyFrames
        Rows in their order, with their ids; all classes.

    Raises
    ------
    InvalidInputError
        If an id is unknown, there are more or fewer truth values than images, or the condition
        is on what images do not have.
    """
    keep = _chosen(frames.images, images)
    kept = frames.images[keep].reset_index(drop=True)
    ids = kept["image_id"]
    objects: dict[str, Any] = {
        name: frame[frame["image_id"].isin(ids)].reset_index(drop=True)
        for name, frame in (("labels", frames.labels), ("predictions", frames.predictions))
    }
    note = f"A subset: {len(kept):,} of {len(frames.images):,} images."
    suspicions = frames.suspicions
    if suspicions is not None:
        suspicions = replace(suspicions, images=kept, **objects)
    return replace(
        frames, images=kept, **objects, suspicions=suspicions, notes=(*frames.notes, note)
    )


def _chosen(images: pd.DataFrame, given: Any) -> NDArray[np.bool_]:
    """Mark the images that were chosen."""
    if hasattr(given, "masks") and hasattr(given, "metrics"):
        return _fulfilling(images, given)
    if isinstance(given, str | bytes) or not hasattr(given, "__iter__"):
        raise InvalidInputError(
            "images",
            f"is of type {type(given).__name__}",
            "Give ids of images, one truth value per image, or a condition such as "
            "ea.where('Brightness', high=0.2).",
        )
    given = list(given)
    values = pd.Series(given, dtype=None if given else object)
    if values.dtype == np.bool_:
        if len(values) != len(images):
            raise InvalidInputError(
                "images",
                f"has {len(values):,} truth values for {len(images):,} images",
                "Give one per image, in the order of `dataset.images`.",
            )
        return values.to_numpy(np.bool_)
    known = images["image_id"]
    refuse(
        Source("images"),
        "image_id",
        np.flatnonzero(~values.isin(known).to_numpy()),
        values.tolist(),
        what="is not an id of the dataset's images",
        remedy=f"Known are {len(known):,} ids, such as {', '.join(map(repr, known[:3].tolist()))}.",
    )
    return known.isin(values).to_numpy()


def _fulfilling(images: pd.DataFrame, condition: Any) -> NDArray[np.bool_]:
    def column(name: str) -> pd.Series | None:
        parsed = MetricName.parse(name)
        if parsed.level not in {"", "F"} or parsed.name not in images:
            return None
        return images[parsed.name]

    masks = condition.masks(column)
    if masks is None:
        missing = next(name for name in condition.metrics if column(name) is None)
        known = [str(name) for name in images.columns if name != "image_id"]
        raise unknown_option("images", missing, known)
    inside: NDArray[np.bool_] = masks[0]
    return inside
