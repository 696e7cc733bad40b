"""The widgets that answer a question."""

from ea_widgets.widgets.panels.importance_panel import ImportancePanel as ImportancePanel
from ea_widgets.widgets.panels.opening import opening_range as opening_range
from ea_widgets.widgets.panels.opening import opening_threshold as opening_threshold
from ea_widgets.widgets.panels.per_class import PerClass as PerClass
from ea_widgets.widgets.panels.performance_by_metric import (
    PerformanceByMetric as PerformanceByMetric,
)
from ea_widgets.widgets.panels.sweep_panel import ImportanceSweep as ImportanceSweep
from ea_widgets.widgets.panels.what_if_panel import WhatIf as WhatIf
from ea_widgets.widgets.panels.worst_ranges_panel import WorstRanges as WorstRanges
