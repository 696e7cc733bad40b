"""Do predictions and labels agree? Asked after reading, of what overlaps; nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.checks.agreement.box_forms import FORMS, BoxForm, parse_form
from ea_widgets.data.checks.agreement.evidence import LEAST_IOU, Evidence
from ea_widgets.data.checks.joining.classes import Category
from ea_widgets.data.checks.joining.join_classes import CLASS_IDS
from ea_widgets.data.checks.values import as_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Rows = NDArray[np.intp]
    Boxes = NDArray[np.float64]

ENOUGH = 10
"""Predictions from which on it is asked whether all of them mean something else."""

HARDLY_ANY = 0.15
"""Up to this share of predictions with an overlap it is asked what else their boxes could mean."""

WORST = 0.02
UNLIKELY = 0.01
"""That hardly any overlap is told, whatever the cause, where a model of this recall and precision
would have so few with this probability."""

CLOSE = 0.75
"""IoU of boxes that agree in shape too."""

CLEAR_SHARE = 0.3
CLEAR_FACTOR = 3.0
"""Another meaning is told if this share then agrees, and so many times what agrees now."""

_SIDES = (
    320,
    384,
    416,
    448,
    480,
    512,
    544,
    576,
    608,
    640,
    672,
    736,
    768,
    800,
    896,
    960,
    1024,
    1280,
)
"""Sides of the inputs of common networks."""


@dataclass(frozen=True)
class Agreement:
    """Labels and predictions to be compared.

    Parameters
    ----------
    evidence : Evidence
        With rows of images and classes for codes.
    width, height : ndarray of float64, shape (n_images,)
        Sizes of the images; NaN where they are not known.
    class_ids : tuple
        Number that the labels give each class; None where they give none.
    class_names : tuple of str
    image_ids : tuple
        Id of each image.
    """

    evidence: Evidence
    width: NDArray[np.float64]
    height: NDArray[np.float64]
    class_ids: tuple[Any, ...]
    class_names: tuple[str, ...]
    image_ids: tuple[Any, ...] = ()

    def sentence_on_boxes(self) -> str | None:
        """Say in which other form boxes would fit, where hardly any fits as it is."""
        evidence = self.evidence
        if len(evidence.rows) < ENOUGH or len(evidence.label_images) == 0:
            return None
        images = np.arange(len(self.width), dtype=np.intp)
        before = evidence.share_found(images)
        if before > HARDLY_ANY:
            return self._sentence_on_exchanged(images)
        best, share = "", before
        for argument, other in self._other_meanings(images):
            if other > share:
                best, share = argument, other
        if share < CLEAR_SHARE or share < CLEAR_FACTOR * before:
            return self._sentence_on_other_causes(images, before)
        whose, form = best.split(":")
        argument = repr(form) if whose == "predictions" else f"{{'labels': {form!r}}}"
        return (
            f"Of the {len(evidence.rows):,} most confident predictions {before:.0%} overlap a "
            f"label; if the boxes of the {whose} are {_in_words(parse_form(form))}, "
            f"{share:.0%} do. Give `boxes={argument}` if so."
        )

    def _sentence_on_other_causes(self, images: Rows, before: float) -> str | None:
        """Say if ids of images are shifted or y counts upwards; else only that nothing overlaps."""
        evidence = self.evidence
        boxes = evidence.boxes[:, evidence.rows]
        row_of = {id_: row for row, id_ in enumerate(self.image_ids)}
        ways = []
        for step, word in ((1, "lower"), (-1, "higher")):
            other = [
                row_of.get(id_ + step, -1) if isinstance(id_, int) else -1 for id_ in self.image_ids
            ]
            share = evidence.share_found(np.array(other, dtype=np.intp))
            means = f"their image ids are one {word} than those of the labels"
            ways.append((share, means, "Give the predictions the image ids of the labels if so."))
        height = self.height[evidence.image_codes[evidence.rows]]
        upwards = np.stack([boxes[0], height - boxes[1] - boxes[3], boxes[2], boxes[3]])
        means, remedy = "y counts upwards from the lower edge", "Turn y around if so."
        ways.append((evidence.share_found(images, upwards), means, remedy))
        share, means, remedy = max(ways, key=lambda way: way[0])
        start = f"Of the {len(evidence.rows):,} most confident predictions {before:.0%} overlap a"
        if share >= CLEAR_SHARE and share >= CLEAR_FACTOR * before:
            return f"{start} label; if {means}, {share:.0%} do. {remedy}"
        if not self._are_too_few(images):
            return None
        return (
            f"{start} label by half (IoU {LEAST_IOU}): are labels and predictions of the same "
            "images, and their boxes in the same pixels?"
        )

    def _are_too_few(self, images: Rows) -> bool:
        """Tell whether overlaps are fewer than those of a model that is merely bad."""
        from scipy.special import bdtr  # noqa: PLC0415  # takes long to load

        evidence = self.evidence
        rows, labels = (len(np.unique(found)) for found in evidence.pairs(images))
        n_rows, n_predictions = len(evidence.rows), max(len(evidence.confidence), 1)
        with_rows = np.isin(evidence.label_images, evidence.image_codes[evidence.rows])
        recall = WORST * n_rows / n_predictions  # of the predictions that are looked at
        return bool(
            bdtr(rows, n_rows, WORST) < UNLIKELY
            and bdtr(labels, int(with_rows.sum()), recall) < UNLIKELY
        )

    def _sentence_on_exchanged(self, images: Rows) -> str | None:
        """Say if width and height are exchanged: such boxes still overlap, but never closely."""
        evidence = self.evidence
        boxes = evidence.boxes[:, evidence.rows]
        before, share = (
            evidence.share_found(images, boxes[order], CLOSE)
            for order in ([0, 1, 2, 3], [0, 1, 3, 2])
        )
        if share < CLEAR_SHARE or share < CLEAR_FACTOR * before:
            return None
        return (
            f"Of the {len(evidence.rows):,} most confident predictions {before:.0%} overlap a "
            f"label closely (IoU above {CLOSE}); if the boxes of the predictions are "
            f"{FORMS['xyhw']}, {share:.0%} do. Give `boxes='xyhw'` if so."
        )

    def _other_meanings(self, images: Rows) -> Iterator[tuple[str, float]]:
        """Yield whose boxes in which form, and the share that then overlaps."""
        evidence = self.evidence
        rows = evidence.rows
        boxes = evidence.boxes[:, rows]
        at = evidence.image_codes[rows]
        small = np.abs(boxes).max(initial=0.0) <= SHARES_UP_TO
        names = (
            [f"{form}n" for form in FORMS] if small else [form for form in FORMS if form != "xywh"]
        )
        found = {}
        for name in names:
            form = parse_form(name)
            found[name] = evidence.share_found(
                images, form.to_pixels(boxes, self.width[at], self.height[at])
            )
            yield f"predictions:{name}", found[name]
        if not small and max(found.values()) < CLEAR_SHARE:
            for name in self._network_forms(boxes):
                form = parse_form(name)
                yield (
                    f"predictions:{name}",
                    evidence.share_found(
                        images, form.to_pixels(boxes, self.width[at], self.height[at])
                    ),
                )
        yield from self._labels_otherwise(images)

    def _network_forms(self, boxes: Boxes) -> Iterator[str]:
        """Pixels of a square input that all boxes lie in."""
        reach = float(np.quantile(np.maximum(boxes[0], boxes[1]), 0.99))
        for side in _SIDES:
            if side < reach:
                continue
            for order in ("xywh", "xyxy"):
                yield f"{order}@{side}"
                yield f"{order}@{side}x{side}"

    def _labels_otherwise(self, images: Rows) -> Iterator[tuple[str, float]]:
        evidence = self.evidence
        boxes = evidence.label_boxes
        at = np.maximum(evidence.label_images, 0)
        small = np.abs(boxes).max(initial=0.0) <= SHARES_UP_TO
        suffix = "n" if small else ""
        for form in ("xywh", "xyxy", "cxcywh", "yxyx"):
            name = f"{form}{suffix}"
            if name == "xywh":
                continue
            pixels = parse_form(name).to_pixels(boxes, self.width[at], self.height[at])
            other = Evidence(
                evidence.boxes,
                evidence.confidence,
                evidence.image_codes,
                evidence.class_codes,
                pixels,
                evidence.label_images,
                evidence.label_classes,
            )
            yield f"labels:{name}", other.share_found(images)

    def sentence_on_classes(self) -> str | None:
        """Say which other way to number classes would fit, where boxes agree and classes do not."""
        evidence = self.evidence
        images = np.arange(len(self.width), dtype=np.intp)
        found, truths = evidence.pairs(images)
        if len(np.unique(found)) < ENOUGH:
            return None
        predicted, real = evidence.class_codes[found], evidence.label_classes[truths]
        before = float((predicted == real).mean())
        ids = self.class_ids
        if all(id_ is None for id_ in ids):
            ids = tuple(as_id(name) for name in self.class_names)
        table = [Category(id_, name) for id_, name in zip(ids, self.class_names, strict=True)]
        code = {id_: row for row, id_ in enumerate(ids) if id_ is not None}
        best, share = "", before
        for way, (function, _) in CLASS_IDS.items():
            other = np.array([code.get(function(id_, table), -1) for id_ in ids], dtype=np.intp)
            agreeing = float((other[predicted] == real).mean()) if len(other) else 0.0
            if agreeing > share:
                best, share = way, agreeing
        if not best or share < 0.5 or share < CLEAR_FACTOR * before:
            return None
        return (
            f"Where predictions overlap a label, {before:.0%} have its class; if the category ids "
            f"of the predictions {CLASS_IDS[best][1]}, {share:.0%} do. "
            f"Give `class_ids={best!r}` if so."
        )


SHARES_UP_TO = 1.5
"""Numbers of boxes up to this may be shares of the image; in pixels they would be no boxes."""


def _in_words(form: BoxForm) -> str:
    words = FORMS[form.order]
    if form.shares:
        return f"{words}, as shares of the image"
    if form.network is not None:
        width, height, fitted = form.network
        how = "fitted into" if fitted else "stretched to"
        return f"{words}, in pixels of an input of {width:g} x {height:g} that images were {how}"
    return words
