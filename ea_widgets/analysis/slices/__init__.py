"""Conditions on metrics, and the parts of the data that they cut out."""

from ea_widgets.analysis.slices.columns import column_of as column_of
from ea_widgets.analysis.slices.condition import Condition as Condition
from ea_widgets.analysis.slices.condition import check_values as check_values
from ea_widgets.analysis.slices.condition import joined as joined
from ea_widgets.analysis.slices.condition import where as where
from ea_widgets.analysis.slices.named import check_slices as check_slices
from ea_widgets.analysis.slices.named import read_slices as read_slices
