"""Rates by a metric, and sentences about them."""

from ea_widgets.analysis.curves.curve import Curve as Curve
from ea_widgets.analysis.curves.sentences import Sentence as Sentence
from ea_widgets.analysis.curves.sentences import sentences_on as sentences_on
from ea_widgets.analysis.curves.trace import bin_edges as bin_edges
from ea_widgets.analysis.curves.trace import trace as trace
