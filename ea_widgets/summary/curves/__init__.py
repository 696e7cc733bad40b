"""Curves of the rates, from counts per bin."""

from ea_widgets.summary.curves.precision_curves import trace_precision as trace_precision
from ea_widgets.summary.curves.tracing import TracedSide as TracedSide
from ea_widgets.summary.curves.tracing import find_metric as find_metric
from ea_widgets.summary.curves.tracing import trace as trace
