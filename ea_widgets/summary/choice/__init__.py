"""A choice of thresholds and classes of a summary: checked, counted, and kept for a while."""

from ea_widgets.summary.choice.chosen_counts import ChosenCounts as ChosenCounts
from ea_widgets.summary.choice.recent_answers import RecentAnswers as RecentAnswers
from ea_widgets.summary.choice.summary_choice import SummaryChoice as SummaryChoice
from ea_widgets.summary.choice.summary_choice import choose as choose
