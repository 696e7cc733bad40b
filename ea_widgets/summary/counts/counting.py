"""Counts a part of the data: all thresholds, classes, metrics and bins at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.summary.counts.class_counts import KEPT, ClassCounts, Entries
from ea_widgets.summary.counts.clusters import cluster_hashes, groups_of, sketches
from ea_widgets.summary.counts.compact import compact
from ea_widgets.summary.counts.fixed_point import Scale
from ea_widgets.summary.counts.group_tally import GroupTally
from ea_widgets.summary.counts.hashes import order_keys
from ea_widgets.summary.counts.kept_rows import MISSING, KeptRows, rows_by_class
from ea_widgets.summary.counts.side_tally import SideTally
from ea_widgets.summary.counts.values import values_of
from ea_widgets.summary.settings import N_GROUPS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.summary.counts.sides import Side
    from ea_widgets.summary.settings import Settings


def count_part(
    data: MatchedData, settings: Settings, sides: tuple[Side, Side]
) -> tuple[dict[str, ClassCounts], ClassCounts | None]:
    """Count a part, class by class; classes without objects are left out.

    Returns
    -------
    counts : dict of str to ClassCounts
        By class.
    shared : ClassCounts or None
        What rare classes have together in the bins of metrics; None without such classes.
    """
    present = np.unique(np.concatenate([side.class_code for side in sides]))
    if not len(present):
        return {}, None
    own = np.array([settings.has_own_bins(data.class_names[code]) for code in present], bool)
    # Rare classes are one, behind all that have bins of their own.
    n_own = int(own.sum())
    bins_of = np.where(own, np.cumsum(own) - 1, n_own)
    n_counted = n_own + (n_own < len(present))
    hashes = cluster_hashes(data)
    group = groups_of(hashes)
    sums: dict[str, NDArray[Any]] = {}
    in_bins: dict[str, NDArray[Any]] = {}
    clusters: dict[str, list[NDArray[np.uint64]]] = {}
    kept: dict[str, list[KeptRows | None]] = {}
    ids = data.dataset.images["image_id"].iloc[data.engine.image_order]
    keys = order_keys(ids)
    for side in sides:
        code = np.searchsorted(present, side.class_code)
        of_side, values = count_side(
            data, settings, side, bins_of[code], group[side.image_code], n_counted
        )
        in_bins |= of_side
        kept[side.level] = rows_by_class(side, values, keys, code, len(present), KEPT)
        n_levels = settings.n_levels if side.level == "P" else 1
        cluster = hashes[side.image_code]
        clusters |= sketches(
            side.level, cluster, side.confidence_level, code, len(present), n_levels
        )
        if side.level == "O":
            base = code * N_GROUPS + group[side.image_code]
            labels = np.bincount(base, minlength=len(present) * N_GROUPS).reshape(-1, N_GROUPS)
            sums["labels"] = labels.sum(axis=1, keepdims=True)
            sums["groups.labels"] = labels
    entries = entries_of(data, sides[0], keys, group)
    ends = (
        np.searchsorted(sides[0].class_code, present),
        np.searchsorted(sides[0].class_code, present, side="right"),
    )
    result = {}
    for at, (of_class, start, stop) in enumerate(zip(present.tolist(), *ends, strict=True)):
        of_sums = {name: part[at] for name, part in sums.items()}
        of_kept = {}
        if own[at]:
            of_sums |= {name: part[bins_of[at]] for name, part in in_bins.items()}
            of_kept = {side: rows for side, of in kept.items() if (rows := of[at]) is not None}
        of_rows = entries[start:stop]
        of_clusters = {name: found[at] for name, found in clusters.items()}
        counts = ClassCounts(without_nothing(of_sums), of_rows.ordered(), of_kept, of_clusters)
        result[data.class_names[of_class]] = (
            counts.binned(settings) if len(of_rows) >= KEPT else counts
        )
    if n_counted == n_own:
        return result, None
    together = without_nothing({name: part[n_own] for name, part in in_bins.items()})
    return result, ClassCounts(together, None, {}, {})


def count_side(
    data: MatchedData,
    settings: Settings,
    side: Side,
    code: NDArray[np.intp],
    group: NDArray[np.intp],
    n_classes: int,
) -> tuple[dict[str, NDArray[Any]], NDArray[np.int32]]:
    """Count the rows of one side; see :class:`ClassCounts`.

    Parameters
    ----------
    data : MatchedData
    settings : Settings
    side : Side
    code, group : ndarray of intp, shape (n,)
        Number of the class among those that are present, and random group, of each row.
    n_classes : int

    Returns
    -------
    sums : dict of str to ndarray
        Each of shape (n_classes, ...).
    values : ndarray of int32, shape (n_metrics, n)
        In steps.
    """
    whole = SideTally(settings, side, code, n_classes)
    by_group = GroupTally(settings, side, code, group, n_classes)
    columns = settings.columns(side.level)
    steps = np.empty((len(columns), len(side.rows)), np.int32)
    for number, name in enumerate(columns):
        categories = settings.binning.categories.get(name)
        values = values_of(data, side.level, name, side.rows, categories)
        fixed = Scale.of(settings.binning.of(name)).fixed(values)
        whole.add(number, name, fixed)
        by_group.add(number, name, fixed)
        steps[number] = fixed
        steps[number, np.isnan(values)] = MISSING
    return whole.sums() | by_group.sums(), steps


def without_nothing(sums: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Leave out what counts nowhere, if nothing does, and make counts small.

    So what is kept does not depend on the split.
    """
    kept = {}
    for prefix in ("P.excluded", "P.groups.excluded"):
        parts = [name for name in sums if name.startswith(prefix)]
        if not any(sums[name].any() for name in parts):
            sums = {name: part for name, part in sums.items() if name not in parts}
    for name, part in sums.items():
        kept[name] = part if part.dtype == np.int64 and "labels" not in name else compact(part)
    return kept


def entries_of(
    data: MatchedData, side: Side, keys: NDArray[np.uint64], group: NDArray[np.intp]
) -> Entries:
    """Tell all that AP needs of each prediction, by class."""
    of_rows = data.engine.predictions
    assert side.excluded is not None  # noqa: S101  # predictions can be
    return Entries(
        of_rows.confidence[side.rows].astype(np.float64),
        keys[side.image_code],
        of_rows.place[side.rows].astype(np.uint32),
        group[side.image_code].astype(np.uint8),
        side.found.bits,
        side.excluded.bits,
    )
