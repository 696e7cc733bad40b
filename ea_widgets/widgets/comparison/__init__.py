"""Models side by side on one page: what changed, where, and which labels."""

from ea_widgets.widgets.comparison.page import ComparisonPage as ComparisonPage
from ea_widgets.widgets.comparison.prepare import with_metrics as with_metrics
