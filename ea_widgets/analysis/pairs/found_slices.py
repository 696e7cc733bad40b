"""What a slice that was found is: its ends, its numbers, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.analysis.pairs.cells import CUTS, RUNS
from ea_widgets.analysis.pairs.words import say_slice
from ea_widgets.analysis.ranges import (
    RangeEnds,
    categories_of_bin,
    ends_of,
    rate_of,
)
from ea_widgets.analysis.slices import where
from ea_widgets.data.catalogue import MetricName
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.ranges import Group
    from ea_widgets.analysis.slices import Condition

FEWEST_CLUSTERS = 10

LEAST_NEW = 0.5
"""Share of its excess errors that a slice must hold outside of those named before."""


@dataclass(frozen=True)
class Scored:
    """A run of one metric, or a rectangle of two.

    Attributes
    ----------
    z, p_value : float
    metrics : tuple of int
        Numbers of the metrics of the table.
    runs : tuple of int
        Number of the run of each, in `RUNS`.
    """

    z: float
    p_value: float
    metrics: tuple[int, ...]
    runs: tuple[int, ...]


def describe_slices(
    group: Group,
    found: list[Scored],
    most: int,
    units: list[str],
    critical: float,
) -> list[dict[str, Any]]:
    """Describe the slices of the highest scores that do not name the same objects again."""
    known = np.zeros(len(group.rows), bool)
    rate = float(group.error.mean())
    rows: list[dict[str, Any]] = []
    for one in found:
        if len(rows) == most:
            break
        parts = [part_of(group, *part) for part in zip(one.metrics, one.runs, strict=True)]
        inside = np.logical_and.reduce([part for _, part in parts])
        if len(np.unique(group.bins.cluster_of_kept[inside])) < FEWEST_CLUSTERS:
            continue
        excess, new = (
            float(group.error[which].sum() - rate * which.sum())
            for which in (inside, inside & ~known)
        )
        if excess <= 0 or new < LEAST_NEW * excess:
            continue
        known |= inside
        rows.append(describe(group, one, parts, inside, units, critical))
    return rows


def part_of(group: Group, metric: int, run: int) -> tuple[RangeEnds, NDArray[np.bool_]]:
    """Give the ends of a run of a metric, or its category, and the rows inside."""
    first, last = RUNS[run].tolist()
    if metric in group.bins.sets:
        inside = group.bins.code_of(metric) == first
        names = categories_of_bin(group, metric, first)
        return RangeEnds(low=np.nan, high=np.nan, isin=names), inside
    return ends_of(group, metric, CUTS[first], CUTS[last + 1] - 1)


def describe(
    group: Group,
    one: Scored,
    parts: list[tuple[RangeEnds, NDArray[np.bool_]]],
    inside: NDArray[np.bool_],
    units: list[str],
    critical: float,
) -> dict[str, Any]:
    """Give the numbers of one slice, and its sentence."""
    names = [group.sample.names[metric] for metric in one.metrics]
    hit = group.error if group.sample.missed else ~group.error
    cluster, n_clusters = group.bins.cluster_of_kept, group.bins.n_clusters
    n, hits, n_of_all, hits_of_all = (
        np.bincount(cluster[which], minlength=n_clusters)
        for which in (inside, inside & hit, slice(None), hit)
    )
    rate, low, high = rate_of(hits, n, hits_of_all, n_of_all, critical)
    errors = int((group.error & inside).sum())
    row: dict[str, Any] = {
        "condition": condition_of(names, [ends for ends, _ in parts]),
        "metrics": tuple(names),
        "n": int(inside.sum()),
        "rate": rate,
        "rate_low": low,
        "rate_high": high,
        "average": float(hit.mean()),
        "rates_alone": tuple(float(hit[part].mean()) for _, part in parts),
        "errors": errors,
        "share_of_errors": errors / group.sample.n_errors,
        "excess_errors": errors - float(group.error.mean()) * int(inside.sum()),
        "z": one.z,
        "p_value": one.p_value,
    }
    ends = [(ends, units[metric]) for (ends, _), metric in zip(parts, one.metrics, strict=True)]
    return {**row, "sentence": say_slice(row, ends, missed=group.sample.missed)}


def condition_of(names: list[str], ends: list[RangeEnds]) -> Condition:
    """Give the condition that the objects of a slice fulfil, for ``at(where=...)``."""
    found: Condition | None = None
    for name, end in zip(names, ends, strict=True):
        metric, level = MetricName.parse(name).parts
        asked = name if level == "F" else metric
        if end.isin is not None:
            one = where(asked, isin=end.isin)
        else:
            one = where(
                asked,
                low=None if end.from_least else end.low,
                high=None if end.to_most else end.high,
            )
        found = one if found is None else found & one
    if found is None:
        raise InvalidInputError("metric", "is missing", "Name one at least.")
    return found
