"""Which metrics to compute: what the user names, or all that the data allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.data.catalogue import LEVELS, MetricName, known_metrics
from ea_widgets.errors import InvalidInputError, unknown_option

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ea_widgets.data.catalogue import MetricSpec

Chosen = dict[str, tuple["MetricSpec", ...]]
"""Metrics to compute, by frame."""

_REMEDY = {
    "pixels": "Give images: `ea.read_coco(..., images=folder)` or "
    "`Dataset.from_frames(..., pixels=folder)`.",
    "embeddings": "Give `embeddings`, or images for the built-in fallback.",
}


def select_metrics(
    metrics: Iterable[str] | str | None, *, has_pixels: bool, embedded: frozenset[str]
) -> Chosen:
    """Choose what to compute for each frame.

    Parameters
    ----------
    metrics : iterable of str, or None
        Names, with or without the level behind them; None for all that the data allows.
    has_pixels : bool
        Whether images are given.
    embedded : frozenset of str
        Frames that have embeddings: "images", "labels", "predictions".

    Returns
    -------
    dict of str to tuple of MetricSpec
        For "images", "labels" and "predictions", in the order of the catalogue.

    Raises
    ------
    InvalidInputError
        If a name is unknown, or the data for it is not there.
    """
    chosen: Chosen = {}
    wanted = None if metrics is None else _wanted(metrics)
    for frame in LEVELS.values():
        specs = [spec for spec in known_metrics() if frame in spec.frames]
        if wanted is not None:
            specs = [spec for spec in specs if (spec.name, frame) in wanted]
        possible = []
        for spec in specs:
            if _possible(spec, frame, has_pixels, embedded):
                possible.append(spec)
            elif wanted is not None:
                raise InvalidInputError(
                    "metrics",
                    f"asks for {spec.name!r}, which needs {spec.needs}",
                    _REMEDY[spec.needs],
                )
        chosen[frame] = tuple(possible)
    return chosen


def _possible(spec: MetricSpec, frame: str, has_pixels: bool, embedded: frozenset[str]) -> bool:
    if spec.needs == "pixels":
        return has_pixels
    if spec.needs == "embeddings":
        # Predictions are compared with labels, so labels must be embedded in the same way.
        return frame in embedded and (frame == "images" or "labels" in embedded)
    return spec.needs == "boxes"


def _wanted(metrics: Iterable[str] | str) -> set[tuple[str, str]]:
    names = [metrics] if isinstance(metrics, str) else list(metrics)
    known: dict[str, set[tuple[str, str]]] = {}
    for spec in known_metrics():
        for frame, letter in zip(spec.frames, spec.letters, strict=True):
            known.setdefault(spec.name, set()).add((spec.name, frame))
            known[MetricName(spec.name, letter)] = {(spec.name, frame)}
    plain = list(dict.fromkeys(spec.name for spec in known_metrics()))
    for name in names:
        if name not in known:
            raise unknown_option("metrics", name, plain)
    return set().union(*(known[name] for name in names))
