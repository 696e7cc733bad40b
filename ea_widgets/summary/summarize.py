"""Makes summaries of parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.analysis.importance import IOU_THRESHOLDS
from ea_widgets.analysis.matched_data import DETAILS
from ea_widgets.data.dataset import Dataset
from ea_widgets.errors import InvalidInputError, SummaryMismatchError, shown
from ea_widgets.summary.bottom_sample import BottomSample, binning_of
from ea_widgets.summary.counts import CountedImages, count_part, image_hashes, sides_of
from ea_widgets.summary.examples import Reservoir
from ea_widgets.summary.settings import (
    CONFIDENCE_TICKS,
    GROUP_TICK,
    MOST_IOU_TICKS,
    Settings,
    check_binning,
    check_ticks,
    nearest_tick,
)
from ea_widgets.summary.summary import Summary, span_of

if TYPE_CHECKING:
    from ea_widgets.core.counting.edges import Binning

Part = Dataset | Evaluation


def summarize(
    parts: Part | Iterable[Part],
    binning: Binning | None = None,
    classes: Iterable[str] | None = None,
    *,
    iou_thresholds: Iterable[float] = IOU_THRESHOLDS,
    confidence_thresholds: Iterable[float] = CONFIDENCE_TICKS,
    interval_thresholds: Iterable[float] | None = None,
    iou_type: str = "bbox",
    max_detections: int | None = None,
) -> Summary:
    """Count parts of the data, so that counts of any other parts can be added.

    Parameters
    ----------
    parts : Dataset, Evaluation, or iterable of them
        No image is in two of them. Read one by one: a generator needs memory for one part.
    binning : Binning, optional
        Edges of the bins of the metrics that are wanted, at most 64 each; ``summary.binning``
        gives those of another summary. By default 64 bins of about equally many objects,
        those from each confidence threshold on weighing as much as all, of 16,384 predictions and
        labels with the smallest hashes; `parts` are then read twice. Of more than 80 classes, the
        80 with the most objects among these have bins of their own, and all others share theirs.
    classes : iterable of str, optional
        All classes in display order. By default the classes of all parts, by name.
    iou_thresholds : iterable of float
        At which is counted; 0.05, 0.10, ... 0.95 by default, 32 at most.
    confidence_thresholds : iterable of float, default (0.1, 0.3, 0.5, 0.7)
        At which is counted, beside all predictions.
    interval_thresholds : iterable of float, optional
        IoU thresholds at which is counted by random groups of clusters, from which intervals of
        importance, correlation and curves are made; at others they go by the nearest of these. By
        default 0.5, or what is nearest to it. Each makes the file about a third larger.
    iou_type, max_detections
        See :class:`Evaluation`; of an Evaluation, its own count.

    Returns
    -------
    Summary
        The same bytes, however the images are split and in whatever order the parts come.

    Raises
    ------
    InvalidInputError
        If an argument cannot be used, there is no part, or `parts` can be read only once and there
        is no binning.
    SummaryMismatchError
        If parts have other metrics or classes, or were matched in another way.
    RepeatedImageError
        If an image is in two parts. A cluster of several images may be in many.
    NotAnswerableError
        If one of `interval_thresholds` is none of `iou_thresholds`.

    Notes
    -----
    Categorical metrics are counted by the 63 most frequent categories of the same samples; objects
    of all others are together "other". Sums of metric values are of whole numbers: steps of 2^-20
    of the width between the outer inner edges of the bins; what is 128 widths off the middle or
    more counts as that far.
    """
    checked = check_parts(parts, once=binning is not None)
    counting = check_counting(
        iou_thresholds, confidence_thresholds, interval_thresholds, classes, binning
    )

    def matched() -> Iterator[Evaluation]:
        for part in checked:
            if isinstance(part, Evaluation):
                yield part
            else:
                yield Evaluation(part, iou_type, max_detections)

    if binning is None:
        binning = edges_of(matched(), counting.confidence_thresholds)
    return merged(summarize_part(part, counting, binning) for part in matched())


@dataclass(frozen=True)
class Counting:
    """At which thresholds is counted, and the classes where they are given; all checked.

    Attributes
    ----------
    iou_thresholds, confidence_thresholds, interval_thresholds : tuple of float
    classes : tuple of str or None
    """

    iou_thresholds: tuple[float, ...]
    confidence_thresholds: tuple[float, ...]
    interval_thresholds: tuple[float, ...]
    classes: tuple[str, ...] | None


def check_counting(
    iou_thresholds: Iterable[float],
    confidence_thresholds: Iterable[float],
    interval_thresholds: Iterable[float] | None,
    classes: Iterable[str] | None,
    binning: object,
) -> Counting:
    """Return the arguments of :func:`summarize` checked, or refuse them."""
    ticks = check_ticks("iou_thresholds", iou_thresholds, (0.0, 1.0))
    if not 0 < len(ticks) <= MOST_IOU_TICKS:
        raise InvalidInputError(
            "iou_thresholds", f"has {len(ticks)} numbers", f"Give 1 to {MOST_IOU_TICKS}."
        )
    cuts = check_ticks("confidence_thresholds", confidence_thresholds, (-np.inf, np.inf))
    names = None if classes is None else check_names(classes)
    if binning is not None:
        check_binning(binning)
    return Counting(ticks, cuts, check_group_ticks(interval_thresholds, ticks), names)


def merged(summaries: Iterable[Summary]) -> Summary:
    """Add summaries up, in sums of about equally many: each is copied a few times only."""
    sums: list[tuple[int, Summary]] = []
    for one in summaries:
        size, total = 1, one
        while sums and sums[-1][0] <= size:
            before = sums.pop()
            size, total = size + before[0], before[1] + total
        sums.append((size, total))
    if not sums:
        raise InvalidInputError("parts", "is empty", "Give one Dataset at least.")
    total = sums.pop()[1]
    while sums:
        total = sums.pop()[1] + total
    return total


def check_parts(parts: object, *, once: bool) -> Iterable[Part]:
    """Return parts that can be read as often as needed, or refuse them."""
    if isinstance(parts, Dataset | Evaluation):
        return [parts]
    if not isinstance(parts, Iterable):
        raise InvalidInputError(
            "parts", f"is of type {type(parts).__name__}", "Give ea.Dataset, or a list of them."
        )
    if isinstance(parts, Iterator) and not once:
        raise InvalidInputError(
            "parts",
            "can be read once only, and is read twice where no binning is given",
            "Give a list, or a binning.",
        )
    return parts


def check_group_ticks(
    thresholds: Iterable[float] | None, ticks: tuple[float, ...]
) -> tuple[float, ...]:
    """Return the IoU thresholds of the groups, all of them among the ticks, or refuse them."""
    if thresholds is None:
        return (min(ticks, key=lambda tick: (abs(tick - GROUP_TICK), tick)),)
    given = check_ticks("interval_thresholds", thresholds, (0.0, 1.0))
    found = {ticks[nearest_tick("interval_thresholds", one, ticks)] for one in given}
    if not found:
        raise InvalidInputError("interval_thresholds", "is empty", "Give one number at least.")
    return tuple(sorted(found))


def check_names(classes: Iterable[str]) -> tuple[str, ...]:
    """Return names of classes, or refuse them."""
    if isinstance(classes, str):
        raise InvalidInputError("classes", f"is {shown(classes)}", "Give a list of names.")
    names = tuple(classes)
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise InvalidInputError("classes", f"is {shown(names)}", "Give each name once, as text.")
    return names


def edges_of(parts: Iterator[Evaluation], thresholds: tuple[float, ...]) -> Binning:
    """Read the parts once, and give the edges of the bins of all metrics."""
    samples: dict[str, BottomSample] = {}
    for part in parts:
        for level, own in zip(("O", "P"), sample_part(part), strict=True):
            samples[level] = samples[level] + own if level in samples else own
    if not samples:
        raise InvalidInputError("parts", "is empty", "Give one Dataset at least.")
    return binning_of(samples["O"], samples["P"], thresholds)


def sample_part(evaluation: Evaluation) -> tuple[BottomSample, BottomSample]:
    """Draw the labels and the predictions of a part that have the smallest hashes."""
    data = evaluation.at().matched_data
    return BottomSample.of(data, "O"), BottomSample.of(data, "P")


def summarize_part(evaluation: Evaluation, counting: Counting, binning: Binning) -> Summary:
    """Count one part; see :func:`summarize`."""
    data = evaluation.at().matched_data
    classes = counting.classes
    settings = Settings(
        counting.iou_thresholds,
        counting.confidence_thresholds,
        evaluation.iou_type,
        evaluation.max_detections,
        evaluation.class_agnostic,
        binning,
        classes,
        evaluation.dataset.cluster,
        counting.interval_thresholds,
    )
    unknown = sorted({*data.class_names} - {*classes}) if classes is not None else []
    if unknown:
        raise SummaryMismatchError(
            "classes", f"lacks {unknown[0]!r}, a class of a part", "Give all classes, or none."
        )
    images = CountedImages.of(image_hashes(data.dataset.images["image_id"]))
    metrics, names = data.metrics, {*settings.names("P"), *settings.names("O")}
    sides = sides_of(data, settings)
    counts, shared = count_part(data, settings, sides)
    details = {
        str(name): tuple(str(row[column]) for column in DETAILS)
        for name, row in metrics[metrics.index.isin(names)].iterrows()
    }
    confidence = data.engine.predictions.confidence
    return Summary(
        settings,
        images,
        tuple(sorted(data.class_names)),
        counts,
        details,
        data.n_predictions,
        int(np.isnan(confidence).sum()),
        *span_of(confidence),
        Reservoir.of(data, settings, sides),
        shared,
    )
