"""Models on the same labels: what changed, and whether it is real."""

from ea_widgets.analysis.comparison.comparison import Comparison as Comparison
from ea_widgets.analysis.comparison.comparison import compare as compare
from ea_widgets.analysis.comparison.comparison_view import ComparisonView as ComparisonView
from ea_widgets.analysis.comparison.history import History as History
from ea_widgets.analysis.comparison.history import TracedRange as TracedRange
from ea_widgets.analysis.comparison.models import Model as Model
from ea_widgets.analysis.comparison.models import check_models as check_models
from ea_widgets.analysis.comparison.paired_curve import ComparedCurve as ComparedCurve
from ea_widgets.analysis.comparison.paired_scores import ComparedScores as ComparedScores
from ea_widgets.analysis.comparison.paired_scores import compare_scores as compare_scores
