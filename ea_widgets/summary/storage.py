"""From a summary to named arrays and back, for the file; what does not fit together is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.summary.counts.class_counts import (
    GROUP_HISTOGRAM,
    HISTOGRAM,
    ClassCounts,
    Entries,
)
from ea_widgets.summary.counts.clusters import SKETCH
from ea_widgets.summary.counts.kept_rows import KeptRows
from ea_widgets.summary.examples import Reservoir
from ea_widgets.summary.settings import N_GROUPS, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

SHARED = "shared."
"""Begins the names of the arrays of the rare classes together."""

EXAMPLES = "examples."
"""Begins the names of the arrays of the reservoir in the file."""

KEPT_ROWS = "kept."

KINDS: dict[str, Any] = {"confidence": np.float64, "image": np.uint64, "group": np.uint8}
"""Of the columns of entries; others are uint32."""


def arrays_of(
    counts: Mapping[str, ClassCounts], shared: ClassCounts | None, reservoir: Reservoir
) -> dict[str, NDArray[Any]]:
    """Name all arrays; classes go by their number among the sorted names."""
    arrays: dict[str, NDArray[Any]] = {}
    for number, name in enumerate(sorted(counts)):
        of_class = counts[name]
        parts = [("", of_class.sums), ("clusters.", of_class.clusters)]
        if of_class.entries is not None:
            parts.append(("entries.", of_class.entries.columns))
        for side, rows in of_class.kept.items():
            parts.append((f"{KEPT_ROWS}{side}.", rows.ordered().columns))
        for prefix, named in parts:
            arrays |= {f"{number:08}.{prefix}{kind}": part for kind, part in named.items()}
    if shared is not None:
        arrays |= {f"{SHARED}{kind}": part for kind, part in shared.sums.items()}
    kept = reservoir.to_arrays()
    return arrays | {f"{EXAMPLES}{name}": array for name, array in kept.items()}


def counts_of(
    names: list[str], arrays: Arrays, settings: Settings
) -> tuple[dict[str, ClassCounts], ClassCounts | None, Reservoir]:
    """Make counts, those of rare classes together, and examples of what :func:`arrays_of` gave.

    Raises
    ------
    ValueError, LookupError, TypeError
        If they are not counts of these settings.
    """
    parts: dict[int, dict[str, NDArray[Any]]] = {}
    kept: dict[str, NDArray[Any]] = {}
    together: dict[str, NDArray[Any]] = {}
    for name, array in arrays.items():
        number, _, kind = name.partition(".")
        if name.startswith(EXAMPLES):
            kept[kind] = array
        elif name.startswith(SHARED):
            together[kind] = array
        elif kind:
            parts.setdefault(int(number), {})[kind] = array
    if len(parts) != len(names):
        raise ValueError("classes")
    shapes = shapes_of(settings)
    of_metrics = {name for name in shapes if name[:2] in {"P.", "O."}}
    by_class = {name: shape for name, shape in shapes.items() if name not in of_metrics}
    counts = {
        name: class_of(parts[number], shapes if settings.has_own_bins(name) else by_class)
        for number, name in enumerate(names)
    }
    shared = None
    if not all(map(settings.has_own_bins, names)):
        check_sums(together, shapes, of_metrics)
        shared = ClassCounts(signed(together), None, {}, {})
    elif together:
        raise ValueError("shared")
    reservoir = Reservoir.from_arrays(kept)
    check_reservoir(reservoir, settings)
    return counts, shared, reservoir


def class_of(arrays: dict[str, NDArray[Any]], shapes: Mapping[str, tuple[int, ...]]) -> ClassCounts:
    """Make the counts of a class of its arrays."""
    clusters, columns, *kept = (
        {name.removeprefix(of): arrays.pop(name) for name in [*arrays] if name.startswith(of)}
        for of in ("clusters.", "entries.", f"{KEPT_ROWS}P.", f"{KEPT_ROWS}O.")
    )
    rows = {side: rows_of(own, side, shapes) for side, own in zip("PO", kept, strict=True) if own}
    hashes = {name: column.astype(np.uint64) for name, column in clusters.items()}
    if {*hashes} != {name for name in shapes if name[1:].isdigit()}:
        raise ValueError("clusters")
    if any(column.ndim != 1 or len(column) > SKETCH for column in hashes.values()):
        raise ValueError("clusters")
    histogram = {*HISTOGRAM, *GROUP_HISTOGRAM}
    wanted = {n for n in shapes if not n[1:].isdigit()} - (histogram if columns else {*()})
    check_sums(arrays, shapes, wanted)
    arrays = signed(arrays)
    if not columns:
        return ClassCounts(arrays, None, rows, hashes)
    entries = Entries(**{n: part.astype(KINDS.get(n, np.uint32)) for n, part in columns.items()})
    if any(part.shape != (len(entries),) for part in columns.values()):
        raise ValueError("lengths of columns")
    if entries.group.max(initial=0) >= N_GROUPS:
        raise ValueError("group")
    return ClassCounts(arrays, entries, rows, hashes)


def check_sums(arrays: Arrays, shapes: Mapping[str, tuple[int, ...]], wanted: set[str]) -> None:
    """Refuse sums of which some are missing, or of other shapes."""
    optional = {name for name in wanted if name.startswith(("P.excluded", "P.groups.excluded"))}
    if not wanted - optional <= {*arrays} <= wanted:
        raise ValueError("names of arrays")
    if any(
        part.shape != shapes[name] or part.dtype.kind not in "iu" for name, part in arrays.items()
    ):
        raise ValueError("shapes of arrays")


def signed(arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Give whole numbers that can be added to signed ones; numpy adds large ones as floats."""
    large = {
        name: part.astype(np.int64) for name, part in arrays.items() if part.dtype == np.uint64
    }
    return arrays | large


def rows_of(arrays: Arrays, side: str, shapes: Mapping[str, tuple[int, ...]]) -> KeptRows:
    """Make the rows of a side of their columns."""
    kinds = {"image": np.uint64, "place": np.uint32, "values": np.int32}
    rows = KeptRows(
        **{name: part.astype(kinds.get(name, np.int8)) for name, part in arrays.items()}
    )
    n, n_ticks = len(rows), shapes["P.found"][0]
    wide = {
        "found": (n, n_ticks),
        "excluded": (n, n_ticks if side == "P" else 0),
        "values": (n, shapes[f"{side}.squares"][1]),
    }
    if any(part.shape != wide.get(name, (n,)) for name, part in arrays.items()):
        raise ValueError("kept rows")
    return rows


def shapes_of(settings: Settings) -> dict[str, tuple[int, ...]]:
    """Tell the shapes of all arrays of a class, see :class:`ClassCounts`; sketches have none."""
    ticks, levels = len(settings.iou_thresholds), settings.n_levels
    group_ticks = len(settings.group_iou_thresholds)
    fine, coarse = len(settings.confidence_edges) + 1, len(settings.coarse_edges) + 1
    shapes: dict[str, tuple[int, ...]] = {
        "labels": (1,),
        "groups.labels": (N_GROUPS,),
        "histogram.counted": (fine,),
        "histogram.groups.counted": (N_GROUPS, coarse),
        "O0": (),
        **{f"P{level}": () for level in range(levels)},
    }
    for kind in ("found", "excluded"):
        shapes[f"histogram.{kind}"] = (ticks, fine)
        shapes[f"histogram.groups.{kind}"] = (N_GROUPS, ticks, coarse)
    for side, own_levels in (("P", levels), ("O", 1)):
        columns, few = settings.columns(side), settings.displayed(side)
        n_bins, n_few = (max((at.stop for at in of.values()), default=0) for of in (columns, few))
        n = len(columns)
        shapes |= {
            f"{side}.totals": (levels, n_bins),
            f"{side}.values": (levels, n_bins),
            f"{side}.squares": (levels, n, 2),
            f"{side}.groups.rows": (n_few, own_levels, N_GROUPS),
            f"{side}.groups.values": (own_levels, N_GROUPS, n),
            f"{side}.groups.squares": (own_levels, N_GROUPS, n, 2),
        }
        for kind in ("found", "excluded") if side == "P" else ("found",):
            shapes |= {
                f"{side}.{kind}": (ticks, levels, n_bins),
                f"{side}.{kind}_values": (ticks, levels, n),
                f"{side}.groups.{kind}": (group_ticks, n_few, levels, N_GROUPS),
                f"{side}.groups.{kind}_values": (group_ticks, levels, N_GROUPS, n),
            }
    shapes["P.excluded_squares"] = (*shapes["P.excluded_values"], 2)
    shapes["P.groups.excluded_squares"] = (*shapes["P.groups.excluded_values"], 2)
    return shapes


def check_reservoir(reservoir: Reservoir, settings: Settings) -> None:
    """Refuse examples whose columns do not belong together."""
    n_ticks = len(settings.iou_thresholds)
    for level, columns in reservoir.sides.items():
        n = len(columns["hash"])
        wide = {
            "found": (n, n_ticks),
            "excluded": (n, n_ticks),
            "values": (n, len(settings.columns(level))),
        }
        if any(column.shape != wide.get(name, (n,)) for name, column in columns.items()):
            raise ValueError("examples")
        ends = {"image": (0, len(reservoir.images)), "class_code": (0, len(reservoir.classes))}
        ends["other_class_code"] = (-1, len(reservoir.classes))
        for name, (low, high) in ends.items():
            codes = columns[name]
            if len(codes) and not low <= codes.min() <= codes.max() < high:
                raise ValueError("codes of examples")
