"""Intervals and noise floors from counts in random groups of clusters."""

from ea_widgets.summary.uncertainty.group_tables import GroupTable as GroupTable
from ea_widgets.summary.uncertainty.group_tables import RateTable as RateTable
from ea_widgets.summary.uncertainty.group_tables import class_table as class_table
from ea_widgets.summary.uncertainty.group_tables import nothing_by_group as nothing_by_group
from ea_widgets.summary.uncertainty.group_tables import rates_of as rates_of
from ea_widgets.summary.uncertainty.metric_intervals import uncertainty as uncertainty
from ea_widgets.summary.uncertainty.rate_effects import shares as shares
from ea_widgets.summary.uncertainty.score_replicates import replicates as replicates
