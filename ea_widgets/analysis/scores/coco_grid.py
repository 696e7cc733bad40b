"""What the COCO numbers are averaged over: IoU thresholds, area ranges, detection limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.checks import as_number, check_count, check_fraction, check_order
from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    AreaRange = tuple[float | None, float | None]

IOU_THRESHOLDS = tuple(np.linspace(0.5, 0.95, 10).tolist())
"""AP@[.50:.95]; the very floats of pycocotools."""

ALL_AREAS = (0.0, 1e5**2)

AREA_RANGES = {"small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e5**2)}
"""Areas in square pixels that each range takes in, both ends included."""

MAX_DETECTIONS = (1, 10, 100)
"""Predictions per image and class of AR1, AR10 and AR100; all else takes the most."""

SINGLE = {0.5: "AP50", 0.75: "AP75"}
SHORT = {"small": "s", "medium": "m", "large": "l"}


@dataclass(frozen=True)
class CocoGrid:
    """What the numbers are about, checked, in a form that serves as a key.

    Attributes
    ----------
    iou_thresholds : tuple of float
        Ascending.
    area_ranges : tuple of (str, float, float)
        Name, and closed range in square pixels; "all" first.
    max_detections : tuple of int
        Predictions per image and class, ascending.
    """

    iou_thresholds: tuple[float, ...]
    area_ranges: tuple[tuple[str, float, float], ...]
    max_detections: tuple[int, ...]

    @property
    def sizes(self) -> tuple[str, ...]:
        """Names of the area ranges without "all"."""
        return tuple(name for name, _, _ in self.area_ranges[1:])

    @property
    def single_thresholds(self) -> tuple[float, ...]:
        """Thresholds of the grid that have an AP of their own."""
        return tuple(one for one in self.iou_thresholds if one in SINGLE)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the numbers, in COCO's order."""
        sizes = [SHORT.get(name, f"_{name}") for name in self.sizes]
        return (
            "AP",
            *(SINGLE[one] for one in self.single_thresholds),
            *(f"AP{size}" for size in sizes),
            *(f"AR{limit}" for limit in self.max_detections),
            *(f"AR{size}" for size in sizes),
        )


def check_grid(
    max_detections: Iterable[int] = MAX_DETECTIONS,
    area_ranges: Mapping[str, AreaRange] | None = None,
    iou_thresholds: Iterable[float] | None = None,
) -> CocoGrid:
    """Check a grid at the door; see :meth:`View.coco_summary`.

    Raises
    ------
    InvalidInputError
        If a number cannot be used, or nothing is given.
    """
    limits = [
        check_count("max_detections", one) for one in several("max_detections", max_detections)
    ]
    given = IOU_THRESHOLDS if iou_thresholds is None else iou_thresholds
    thresholds = [check_fraction("iou_thresholds", one) for one in several("iou_thresholds", given)]
    ranges = AREA_RANGES if area_ranges is None else area_ranges
    if not isinstance(ranges, Mapping):
        raise InvalidInputError(
            "area_ranges",
            f"is {shown(ranges)}",
            "Give a mapping from names to (low, high) in square pixels.",
        )
    checked = {"all": ALL_AREAS} | {
        str(name): check_area_range(str(name), ends) for name, ends in ranges.items()
    }
    return CocoGrid(
        tuple(sorted(set(thresholds))),
        tuple((name, low, high) for name, (low, high) in checked.items()),
        tuple(sorted(set(limits))),
    )


def several(field: str, values: object) -> tuple[object, ...]:
    """Return one or more values as a tuple, or refuse them."""
    found = tuple(values) if isinstance(values, Iterable) and not isinstance(values, str) else ()
    if not found:
        raise InvalidInputError(
            field, f"is {shown(values)}", "Give at least one number, in a tuple."
        )
    return found


def check_area_range(name: str, ends: object) -> tuple[float, float]:
    """Return the ends of an area range, or refuse them; None leaves an end open."""
    given = tuple(ends) if isinstance(ends, Iterable) and not isinstance(ends, str) else ()
    if len(given) == 2:
        low = 0.0 if given[0] is None else as_number(given[0])
        high = np.inf if given[1] is None else as_number(given[1])
        if not np.isnan([low, high]).any():
            check_order(low, high)
            return low, high
    raise InvalidInputError(
        "area_ranges", f"has {shown(ends)} for {name!r}", "Give (low, high) in square pixels."
    )


COCO_GRID = check_grid()
