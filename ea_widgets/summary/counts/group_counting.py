"""Counts a part of the data in random groups of clusters, class by class."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.summary.counts.clusters import cluster_hashes, groups_of, sketch
from ea_widgets.summary.counts.compact import compact
from ea_widgets.summary.counts.counting import squared, tally, values_of
from ea_widgets.summary.counts.fixed_point import Scale
from ea_widgets.summary.settings import N_GROUPS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.summary.counts.class_counts import ClassCounts
    from ea_widgets.summary.counts.counting import Event, Side
    from ea_widgets.summary.settings import Settings


def with_groups(
    counts: dict[str, ClassCounts], data: MatchedData, settings: Settings, sides: tuple[Side, Side]
) -> dict[str, ClassCounts]:
    """Add what is counted by group of clusters to the counts of a part; see :class:`ClassCounts`.

    Counts of predictions, and of labels that were found, are of those whose highest confidence
    level is that one, not of those from there on: smaller numbers, for a smaller file.
    """
    hashes = cluster_hashes(data)
    group = groups_of(hashes)
    code_of = {name: code for code, name in enumerate(data.class_names)}
    present = np.array(sorted(code_of[name] for name in counts), np.intp)
    sums: dict[str, NDArray[Any]] = {}
    clusters: dict[str, list[NDArray[np.uint64]]] = {}
    for side in sides:
        of_rows = data.engine.predictions if side.level == "P" else data.engine.labels
        image = of_rows.image_code[side.rows]
        code = np.searchsorted(present, side.class_code)
        base = code * N_GROUPS + group[image]
        sums |= count_side(data, settings, side, base, len(present))
        if side.level == "O":
            labels = np.bincount(base, minlength=len(present) * N_GROUPS)
            sums["groups.labels"] = compact(labels.reshape(-1, N_GROUPS))
        clusters |= sketches(side, hashes[image], len(present), code, settings.n_levels)
    result = {}
    for at, of_class in enumerate(present.tolist()):
        name = data.class_names[of_class]
        own = {key: compact_bins(key, part[at]) for key, part in sums.items()}
        # Not kept where all are 0, so that what is kept does not depend on the split.
        if "P.groups.excluded" in own and not own["P.groups.excluded"].any():
            own = {key: part for key, part in own.items() if "excluded" not in key}
        of_clusters = {key: found[at] for key, found in clusters.items()}
        sums_of = {**counts[name].sums, **own}
        result[name] = replace(counts[name], sums=sums_of, clusters=of_clusters)
    return result


def compact_bins(name: str, part: NDArray[Any]) -> NDArray[Any]:
    """Make counts small; sums of values may be below 0 and stay as they are."""
    return part.copy() if "values" in name or "squares" in name else compact(part).copy()


def sketches(
    side: Side, cluster: NDArray[np.uint64], n_classes: int, code: NDArray[np.intp], n_levels: int
) -> dict[str, list[NDArray[np.uint64]]]:
    """Sketch the clusters of the rows of each class: of labels, and of predictions by level."""
    levels = range(n_levels) if side.level == "P" else range(1)
    found: dict[str, list[NDArray[np.uint64]]] = {}
    # Rows stand by class.
    ends = np.searchsorted(code, np.arange(n_classes + 1))
    for level in levels:
        there = side.confidence_level >= level
        found[f"{side.level}{level}"] = [
            sketch(cluster[start:stop][there[start:stop]]) for start, stop in pairwise(ends)
        ]
    return found


def count_side(
    data: MatchedData,
    settings: Settings,
    side: Side,
    base: NDArray[np.intp],
    n_classes: int,
) -> dict[str, NDArray[Any]]:
    """Count rows by class, group, level of confidence, and few bins of each metric.

    Parameters
    ----------
    data : MatchedData
    settings : Settings
    side : Side
    base : ndarray of intp, shape (n,)
        Class times groups plus group, of each row of the side.
    n_classes : int

    Returns
    -------
    dict of str to ndarray
        Each of shape (n_classes, n_groups, ...); see :class:`ClassCounts`.
    """
    columns, n_levels, ticks = (
        settings.displayed(side.level),
        settings.n_levels,
        len(settings.group_ticks),
    )
    n_bins = max((where.stop for where in columns.values()), default=0)
    # No label has a confidence: all of them are at one level.
    own_levels = n_levels if side.level == "P" else 1
    row_cell = base * own_levels + (side.confidence_level if side.level == "P" else 0)
    events: list[tuple[str, int, Event]] = []
    for number, tick in enumerate(settings.group_ticks):
        events.append(("found", number, side.found[tick]))
        if side.excluded:
            events.append(("excluded", number, side.excluded[tick]))
    event_cells = [base[event.rows] * n_levels + event.level for _, _, event in events]
    whole, by_tick = (n_classes, N_GROUPS, own_levels), (n_classes, N_GROUPS, ticks, n_levels)
    kind = np.uint16 if len(side.rows) < 1 << 16 else np.uint32
    sums: dict[str, NDArray[Any]] = {
        "rows": np.zeros((*whole, n_bins), kind),
        "values": np.zeros((*whole, len(columns)), np.int64),
        "squares": np.zeros((*whole, len(columns), 2), np.int64),
    }
    for name in dict.fromkeys(name for name, _, _ in events):
        sums[name] = np.zeros((*by_tick, n_bins), kind)
        sums[f"{name}_values"] = np.zeros((*by_tick, len(columns)), np.int64)
    if side.excluded:
        sums["excluded_squares"] = np.zeros((*by_tick, len(columns), 2), np.int64)
    for number, (name, where) in enumerate(columns.items()):
        values = values_of(data, side.level, name, side.rows)
        edges, width = settings.binning.of(name), where.stop - where.start
        code = np.searchsorted(edges[1:-1][settings.display_starts(name)[1:] - 1], values, "right")
        known = ~np.isnan(values)
        fixed = Scale.of(edges).fixed(values)
        n_cells = int(np.prod(whole))
        cell = (row_cell * width + code)[known]
        sums["rows"][..., where] = tally(cell, n_cells * width).reshape(*whole, width)
        sums["values"][..., number] = tally(row_cell, n_cells, fixed).reshape(whole)
        sums["squares"][..., number, :] = squared(row_cell, n_cells, fixed).reshape(*whole, 2)
        shape = (n_classes, N_GROUPS, n_levels)
        n_cells = int(np.prod(shape))
        for (kind_of, tick, event), at in zip(events, event_cells, strict=True):
            own, there = fixed[event.rows], known[event.rows]
            cell = (at * width + code[event.rows])[there]
            counted = tally(cell, n_cells * width).reshape(*shape, width)
            sums[kind_of][:, :, tick, :, where] = counted
            of_values = tally(at, n_cells, own).reshape(shape)
            sums[f"{kind_of}_values"][:, :, tick, :, number] = of_values
            if kind_of == "excluded":
                of_squares = squared(at, n_cells, own).reshape(*shape, 2)
                sums["excluded_squares"][:, :, tick, :, number] = of_squares
    return {f"{side.level}.groups.{name}": of for name, of in sums.items()}
