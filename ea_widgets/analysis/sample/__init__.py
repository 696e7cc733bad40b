"""The rows that a question is about, with their outcomes, bins and counts."""

from ea_widgets.analysis.sample.query import Query as Query
from ea_widgets.analysis.sample.query import check_classes as check_classes
from ea_widgets.analysis.sample.query import check_query as check_query
from ea_widgets.analysis.sample.sample import Sample as Sample
from ea_widgets.analysis.sample.selection import Selection as Selection
