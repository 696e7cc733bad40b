"""The page on a summary."""

from ea_widgets.summary.comparison import SummaryComparison as SummaryComparison
from ea_widgets.summary.summary import Summary as Summary
from ea_widgets.widgets.summary.comparison_page import (
    SummaryComparisonPage as SummaryComparisonPage,
)
from ea_widgets.widgets.summary.page import SummaryPage as SummaryPage
