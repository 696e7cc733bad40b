"""What is to be measured on pixels, with the labels that a cache keeps it under."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.data.cache.fingerprint import fingerprint, kept_label
from ea_widgets.data.metrics.embedding_run import embedding_quantities
from ea_widgets.data.metrics.pixel_metrics import Quantity

if TYPE_CHECKING:
    from ea_widgets.data.catalogue import MetricSpec
    from ea_widgets.data.metrics.embedding_sources import Embeddings
    from ea_widgets.data.metrics.requested import Chosen


Quantities = dict[str, tuple[Quantity, ...]]
"""By frame."""


def quantities_of(chosen: Chosen, vectors: Embeddings) -> Quantities:
    """List what is to be measured on pixels."""
    asked = {}
    for frame, specs in chosen.items():
        own = [_quantity(spec) for spec in specs if spec.needs == "pixels"]
        asked[frame] = (*own, *embedding_quantities(frame, chosen, vectors))
    return asked


def _quantity(spec: MetricSpec) -> Quantity:
    if spec.function is None:
        return Quantity(spec.name, f"{spec.name}@{spec.version}")
    # A cell that was edited and run again must not find the values of the old function.
    seen = fingerprint(spec.function)
    label = kept_label(spec.name, spec.version, seen)
    unseen = seen.unseen if label is None else ()
    return Quantity(spec.name, label, spec.function, unseen=unseen)
