"""A summary: counts that add up, and answers from them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.vocabulary import DETAILS, Facts
from ea_widgets.data.catalogue import MetricName
from ea_widgets.data.writers.output_file import write
from ea_widgets.errors import (
    InvalidInputError,
    NotAnswerableError,
    SummaryMismatchError,
)
from ea_widgets.summary.choice import RecentAnswers, choose
from ea_widgets.summary.counts import CountedImages
from ea_widgets.summary.examples import pictured_images
from ea_widgets.summary.file_format import contents, pack, unpack
from ea_widgets.summary.questions import why_not
from ea_widgets.summary.settings import Settings
from ea_widgets.summary.storage import arrays_of, counts_of
from ea_widgets.summary.summary_view import SummaryView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from ea_widgets.analysis.vocabulary import Binning, Dataset
    from ea_widgets.summary.counts import ClassCounts
    from ea_widgets.summary.examples import Reservoir


@dataclass(frozen=True, eq=False)
class Summary:
    """Counts of any number of parts of the data: they add up, and answer what they can, exactly.

    ``ea.summarize`` makes one. Equal data give equal bytes, however they were split into parts and
    in whatever order the parts were added. An image is never in two parts: the 64-bit hashes of
    the ids are kept, 8 bytes each, so that a repeated image is noticed; that two other ones are
    taken for the same has a chance of 3 in a million at ten million images. Whole numbers as ids
    have no such chance. Beyond 8,388,608 images those with the smallest hashes are kept only: a
    part that comes twice is noticed all the same, a single image if it is one of these.
    Of predictions with the same confidence, AP takes those of lower image ids first, as an
    evaluation does, where ids are whole numbers; where they are text, those of lower hashes.

    Attributes
    ----------
    settings : Settings
        Thresholds, bins and way of matching: the same in all parts.
    images : CountedImages
        How many, and hashes of their ids.
    all_classes : tuple of str
        Classes of all parts, sorted, those without objects too.
    counts : mapping of str to ClassCounts
        By class; only classes with objects.
    details : mapping of str to tuple of str
        Name, level, kind, unit and description of each metric.
    n_predictions : int
        All predictions of the data.
    n_unsure : int
        Predictions without a confidence.
    lowest, highest : float
        Smallest and largest confidence; 0 and 1, or beyond.
    reservoir : Reservoir
        Some objects of every bin, as examples.
    shared : ClassCounts or None
        Of more than 80 classes, what the rare ones have together in the bins of metrics.
    pixels : str, path, mapping or callable, optional
        Where their images are, see :meth:`with_pixels`.

    Examples
    --------
    >>> import pandas as pd
    >>> from ea_widgets.data.dataset import Dataset
    >>> from ea_widgets.summary.summarize import summarize
    >>> parts = []
    >>> for image in (7, 8):
    ...     images = pd.DataFrame({"image_id": [image], "width": [64], "height": [48]})
    ...     box = {"image_id": [image], "class_name": ["cat"], "x": 8, "y": 8,
    ...            "width": 9, "height": 9}
    ...     found = pd.DataFrame({**box, "confidence": 0.5})
    ...     parts.append(Dataset.from_frames(images, pd.DataFrame(box), found))
    >>> summary = summarize(parts)
    >>> summary.at(iou_threshold=0.75).scores().true_positives
    2
    """

    settings: Settings
    images: CountedImages
    all_classes: tuple[str, ...]
    counts: Mapping[str, ClassCounts]
    details: Mapping[str, tuple[str, ...]]
    n_predictions: int
    n_unsure: int
    lowest: float
    highest: float
    reservoir: Reservoir
    shared: ClassCounts | None = None
    pixels: Any = None

    def __repr__(self) -> str:
        return (
            f"Summary({self.images.n:,} images, {self.n_predictions:,} predictions, "
            f"{len(self.class_names):,} classes, {len(self.details):,} metrics)"
        )

    def __eq__(self, other: object) -> bool:
        """Whether all counts are the same."""
        if self is other:
            return True
        # As a rule that is enough: bytes take seconds.
        if not isinstance(other, Summary) or self.n_predictions != other.n_predictions:
            return False
        return self.to_bytes() == other.to_bytes()

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: Summary) -> Summary:
        """Add the counts of other images.

        Raises
        ------
        SummaryMismatchError
            If the other was made with other thresholds, bins, classes or another way of matching.
        RepeatedImageError
            If an image is in both.
        """
        if not isinstance(other, Summary):
            return NotImplemented
        check_same(self.settings, other.settings)
        images = self.images + other.images
        counts = dict(self.counts)
        for name, part in other.counts.items():
            counts[name] = counts[name].add(part, self.settings) if name in counts else part
        shared = [one.shared for one in (self, other) if one.shared is not None]
        if len(shared) > 1:
            shared = [shared[0].add(shared[1], self.settings)]
        details = dict(self.details)
        for name, found in other.details.items():
            details[name] = min(found, details.get(name, found))
        return Summary(
            self.settings,
            images,
            tuple(sorted({*self.all_classes, *other.all_classes})),
            counts,
            details,
            self.n_predictions + other.n_predictions,
            self.n_unsure + other.n_unsure,
            min(self.lowest, other.lowest),
            max(self.highest, other.highest),
            self.reservoir.add(other.reservoir, self.settings),
            next(iter(shared), None),
        )

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes in display order: as they were given, else by name."""
        return self.all_classes if self.settings.classes is None else self.settings.classes

    @property
    def binning(self) -> Binning:
        """Edges of every metric's bins."""
        return self.settings.binning

    @property
    def iou_thresholds(self) -> tuple[float, ...]:
        """IoU thresholds that can be asked for."""
        return self.settings.iou_thresholds

    @property
    def confidence_thresholds(self) -> tuple[float, ...]:
        """Confidence thresholds that can be asked for, beside None for all predictions."""
        return self.settings.confidence_thresholds

    @property
    def confidence_span(self) -> tuple[float, float]:
        """Smallest and largest confidence threshold: 0 and 1, or wider where confidences are."""
        return self.lowest, self.highest

    @property
    def ticks(self) -> Mapping[str, tuple[float, ...]]:
        """The only thresholds that can be asked for, by argument; the lowest keeps all."""
        return self.settings.ticks(self.lowest)

    @cached_property
    def recent(self) -> RecentAnswers:
        """What views asked for lately."""
        return RecentAnswers()

    @cached_property
    def rare_classes(self) -> tuple[str, ...]:
        """Classes with objects that share the bins of metrics: only all of them can be chosen."""
        return tuple(name for name in self.counts if not self.settings.has_own_bins(name))

    @cached_property
    def facts(self) -> Facts:
        """How much data was counted; of labels, those that are not ignored."""
        n_labels = sum(int(one.sums["labels"][0]) for one in self.counts.values())
        return Facts(self.images.n, n_labels, self.n_predictions, len(self.class_names))

    @cached_property
    def pictured(self) -> Dataset:
        """A data set of the images of the examples, without objects."""
        return pictured_images(self.reservoir, self.pixels)

    def with_pixels(self, pixels: Any) -> Summary:
        """Tell where the images of the examples are, so that a page can show them.

        Parameters
        ----------
        pixels : str, path, mapping or callable
            See ``ea.Dataset.from_frames``.

        Returns
        -------
        Summary
            The same counts. Neither adding nor saving keeps where the images are.
        """
        return replace(self, pixels=pixels)

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """One row per metric and level; index: the displayed name."""
        names = sorted(self.details, key=lambda name: ("FOP".index(self.details[name][1]), name))
        index = pd.Index([MetricName.parse(name) for name in names], name="metric")
        rows = [self.details[name] for name in names]
        return pd.DataFrame(rows, index=index, columns=list(DETAILS), dtype=object)

    def cannot(self, question: str) -> str | None:
        """Say why a question cannot be answered, in a sentence; None where it can.

        Parameters
        ----------
        question : str
            Name of the method of :class:`View`, or "where" or "settled".

        Raises
        ------
        InvalidInputError
            If there is no such question.
        """
        return why_not(question, self.iou_thresholds)

    def at(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: float | Mapping[str, float] | None = None,
        classes: Iterable[str] = (),
        where: Any = None,
    ) -> SummaryView:
        """Choose thresholds and classes; all questions are asked of what this gives.

        Parameters
        ----------
        iou_threshold : float, default 0.5
            One of `iou_thresholds`.
        confidence_threshold : float or mapping of str to float, optional
            One of `confidence_thresholds`, or one for each class; all predictions by default.
        classes : iterable of str, default ()
            Class names, in any order; empty = all.
        where : None
            There are no slices.

        Returns
        -------
        SummaryView

        Raises
        ------
        NotAnswerableError
            If was not counted at a threshold; the error names the nearest. If a slice is wanted.
        InvalidInputError
            If a threshold cannot be used or a class is unknown.
        """
        if where is not None:
            raise NotAnswerableError("where", "cannot be answered", str(self.cannot("where")))
        chosen = choose(self, iou_threshold, confidence_threshold, classes)
        return SummaryView(self, *chosen)

    def to_bytes(self) -> bytes:
        """Give all of it as bytes, compressed by zlib; equal summaries give equal ones."""
        arrays = arrays_of(self.counts, self.shared, self.reservoir)
        arrays["images"] = self.images.hashes
        header = {
            "settings": self.settings.to_dict(),
            "digest": self.settings.digest,
            "all_classes": list(self.all_classes),
            "counted_classes": sorted(self.counts),
            "details": {name: list(found) for name, found in self.details.items()},
            "images": [self.images.n, self.images.halvings],
            "n_predictions": self.n_predictions,
            "n_unsure": self.n_unsure,
            "span": [self.lowest, self.highest],
        }
        return pack(header, arrays)

    @classmethod
    def from_bytes(cls, data: bytes) -> Summary:
        """Make it again of what :meth:`to_bytes` gave.

        Raises
        ------
        SummaryFormatError
            If these are not the bytes of a summary, or not of this version, or damaged.
        """
        header, arrays = unpack(data)
        with contents():
            return cls._from_parts(header, arrays)

    @classmethod
    def _from_parts(cls, header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Summary:
        settings = Settings.from_dict(header["settings"])
        n_images, halvings = header["images"]
        counts, shared, reservoir = counts_of(header["counted_classes"], arrays, settings)
        return cls(
            settings,
            CountedImages(int(n_images), int(halvings), arrays["images"].astype(np.uint64)),
            tuple(header["all_classes"]),
            counts,
            {name: tuple(found) for name, found in header["details"].items()},
            header["n_predictions"],
            header["n_unsure"],
            lowest=header["span"][0],
            highest=header["span"][1],
            reservoir=reservoir,
            shared=shared,
        )

    def save(self, path: str | Path) -> None:
        """Write it to a file, which ``ea.load_summary`` reads."""
        write(path, self.to_bytes())


def load_summary(path: str | Path) -> Summary:
    """Read a summary from a file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Summary

    Raises
    ------
    SummaryFormatError
        If it is no summary, or not of this version, or damaged.
    """
    try:
        data = Path(path).read_bytes()
    except (OSError, TypeError, ValueError) as error:
        raise InvalidInputError(
            "path", f"is {str(path)[:300]!r}, which cannot be read", "Give a file of Summary.save."
        ) from error
    return Summary.from_bytes(data)


def check_same(one: Settings, other: Settings) -> None:
    """Refuse settings that differ, and name what does."""
    if one.digest == other.digest:
        return
    own, theirs = one.to_dict(), other.to_dict()
    differ = [name for name in own if own[name] != theirs[name]]
    shown = (
        "" if differ[0] in {"binning", "classes"} else f": {own[differ[0]]}, {theirs[differ[0]]}"
    )
    raise SummaryMismatchError(
        differ[0],
        f"is not the same in both summaries{shown}",
        "Make both with the same arguments of ea.summarize, the binning of the first among them.",
    )


def span_of(confidence: NDArray[np.float64]) -> tuple[float, float]:
    """Smallest and largest confidence threshold that make sense."""
    known = confidence[~np.isnan(confidence)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    return min(0.0, low), max(1.0, high) if math.isfinite(high) else 1.0
