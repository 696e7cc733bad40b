"""How strongly each metric and the outcome depend on each other."""

from ea_widgets.analysis.importance.ranking import rank as rank
from ea_widgets.analysis.importance.ranking_options import OUTCOMES as OUTCOMES
from ea_widgets.analysis.importance.redundancy import REDUNDANT as REDUNDANT
from ea_widgets.analysis.importance.redundancy import redundant_metrics as redundant_metrics
from ea_widgets.analysis.importance.threshold_sweep import IOU_THRESHOLDS as IOU_THRESHOLDS
from ea_widgets.analysis.importance.threshold_sweep import sweep as sweep
