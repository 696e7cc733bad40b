"""The built-in metrics: names, levels, units, one line of description each.

The text is what the widgets and ``dataset.metrics`` show; the formulas are in ``box_metrics``,
``pixel_metrics`` and ``embedding_metrics``.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ea_widgets.data.catalogue.names import LEVEL_OF, MetricName
from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable

Level = Literal["image", "object"]
Needs = Literal["boxes", "pixels", "embeddings", "sequences", "column"]

FRAMES: dict[Level, tuple[str, ...]] = {"image": ("images",), "object": ("labels", "predictions")}


def check_metric_name(source: str, name: str, noun: str = "column") -> None:
    """Refuse a name that ends in a level, " (F)", " (O)" or " (P)".

    Parameters
    ----------
    source : str
        What the name is of, for the error: a frame, or "metric".
    name : str
        The name.
    noun : str, default "column"
        What has it.

    Raises
    ------
    InvalidInputError
        If it does: names are shown with their level behind them.
    """
    bare = MetricName.parse(name).name
    if name != bare:
        raise InvalidInputError(
            f"{source}.{name}",
            "ends in a level, which is added when a metric is shown",
            f"Name the {noun} {bare!r}.",
        )


def check_version(field: str, version: Any, *, may_be_text: bool = False) -> int | str:
    """Return a version as int or str, or refuse what is neither a whole number nor text."""
    if may_be_text and isinstance(version, str):
        return str(version)
    try:
        return operator.index(version)
    except TypeError:
        remedy = "Give a whole number or text." if may_be_text else "Give a whole number."
        raise InvalidInputError(field, f"is {shown(version)}", remedy) from None


@dataclass(frozen=True)
class MetricSpec:
    """What is known of a metric.

    Parameters
    ----------
    name : str
        The column's name, without the level.
    level : {"image", "object"}
        What the number describes: a frame, or a label and a prediction.
    unit : str
        Unit or range; "1" for a plain ratio, "" when unknown.
    description : str
        One sentence for the screen.
    needs : {"boxes", "pixels", "embeddings", "sequences", "column"}
        What it is computed from; "column" is a numeric column of the user's own frame.
    frames : tuple of str
        The frames that get the column: "images", "labels", "predictions".
    version : int or None
        Raised when the formula changes, so that cached values are computed anew; None where the
        user gave none.
    from_labels : bool
        Whether the values of images or predictions are made from labels, so that there are none
        for images without labels.
    function : callable or None
        The user's own function from pixels (height, width, 3) uint8 to a number.
    """

    name: str
    level: Level
    unit: str
    description: str
    needs: Needs
    frames: tuple[str, ...]
    version: int | None = 1
    from_labels: bool = False
    function: Callable[..., Any] | None = None

    @property
    def letters(self) -> tuple[str, ...]:
        """Levels as shown behind the name: "F", "O", "P"."""
        return tuple(LEVEL_OF[frame] for frame in self.frames)


def _spec(
    needs: Needs, level: Level, name: str, unit: str, description: str, **more: Any
) -> MetricSpec:
    frames = more.pop("frames", FRAMES[level])
    return MetricSpec(name, level, unit, description, needs, frames, **more)


_UNIT = "[0, 1]"
_FALLBACK = "by thumbnail embedding (built-in fallback, no model)."


def _pixel_specs(level: Level, subject: str) -> list[MetricSpec]:
    hues = {
        "Red": "0 to 10 or 170 to 179",
        "Green": "35 to 75",
        "Blue": "90 to 130",
    }
    return [
        _spec(
            "pixels",
            level,
            "Brightness",
            _UNIT,
            f"Mean of {subject}'s pixels over all channels, divided by 255.",
        ),
        _spec(
            "pixels",
            level,
            "Contrast",
            _UNIT,
            f"Standard deviation of {subject}'s pixels over all channels, divided by 255.",
        ),
        _spec(
            "pixels",
            level,
            "Sharpness",
            _UNIT,
            f"Standard deviation of {subject}'s Laplacian, divided by 8 * 255: "
            "low is smooth or blurred, high is full of edges.",
        ),
        _spec(
            "pixels",
            level,
            "Blur",
            _UNIT,
            f"1 minus the Sharpness of {subject}: high is smooth or blurred.",
        ),
        *(
            _spec(
                "pixels",
                level,
                f"{colour} Values",
                _UNIT,
                f"Share of {subject}'s pixels with a {colour.lower()} hue ({span} of 0 to 179), "
                "saturation from 50 and value from 40 of 255.",
            )
            for colour, span in hues.items()
        ),
    ]


BUILT_IN: tuple[MetricSpec, ...] = (
    _spec("boxes", "image", "Area", "px²", "Width times height of the image."),
    _spec("boxes", "image", "Aspect Ratio", "1", "Width / height of the image."),
    _spec(
        "boxes",
        "image",
        "Object Count",
        "objects",
        "Number of labels in the image.",
        from_labels=True,
    ),
    _spec(
        "boxes",
        "image",
        "Frame Object Density",
        "%",
        "Share of the image that its labels cover together (masks where given).",
        from_labels=True,
    ),
    _spec(
        "boxes",
        "image",
        "Random Values on Images",
        _UNIT,
        "Random numbers from a fixed seed: the control that must come out as noise.",
    ),
    _spec(
        "boxes",
        "object",
        "Object Area - Absolute",
        "px²",
        "Area of the object inside the image (mask where given, else box).",
    ),
    _spec(
        "boxes",
        "object",
        "Object Area - Relative",
        "%",
        "Share of the image that the object covers (mask where given, else box).",
    ),
    _spec(
        "boxes",
        "object",
        "COCO Area",
        "px²",
        "What COCO's size ranges go by: the area that a label's file states, else that of the "
        "mask where given, else of the whole box.",
    ),
    _spec("boxes", "object", "Object Aspect Ratio", "1", "Width / height of the object's box."),
    _spec(
        "boxes",
        "object",
        "Border Closeness",
        _UNIT,
        "How near the box comes to the image's border; 1 touches it.",
    ),
    _spec(
        "boxes",
        "object",
        "Annotation Duplicates",
        _UNIT,
        "Highest IoU with another object of the same class and source in the image.",
    ),
    _spec(
        "boxes",
        "object",
        "Overlap with Others",
        _UNIT,
        "Highest IoU with any other object of the same source in the image: "
        "crowding and occlusion.",
    ),
    _spec(
        "boxes",
        "object",
        "Nearest Neighbour Distance",
        "% of image diagonal",
        "Distance from the box's centre to the nearest other centre of the same source.",
    ),
    _spec(
        "boxes",
        "object",
        "Model Confidence",
        _UNIT,
        "Confidence that the model gave the prediction.",
        frames=("predictions",),
    ),
    _spec(
        "boxes",
        "object",
        "Random Values on Objects",
        _UNIT,
        "Random numbers from a fixed seed: the control that must come out as noise.",
    ),
    *_pixel_specs("image", "the image"),
    *_pixel_specs("object", "the crop"),
    _spec(
        "embeddings",
        "image",
        "Image Singularity",
        _UNIT,
        "Cosine distance to the most similar other image; 0 for all but the first of "
        "exact duplicates. By the embeddings given, else " + _FALLBACK,
    ),
    _spec(
        "embeddings",
        "image",
        "Image Diversity",
        "rank",
        "Rank when images are taken in turn from clusters, nearest to the centre first: "
        "0 typical, high unusual. By the embeddings given, else " + _FALLBACK,
    ),
    _spec(
        "embeddings",
        "object",
        "Object Annotation Quality",
        _UNIT,
        "Share of the 9 most similar other labels that have the same class. "
        "By the embeddings given, else " + _FALLBACK,
        from_labels=True,
    ),
)
