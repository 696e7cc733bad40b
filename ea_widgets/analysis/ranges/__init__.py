"""Ranges of metrics that hold more errors than average: found, judged and put into words."""

from ea_widgets.analysis.ranges.facts import RangeEnds as RangeEnds
from ea_widgets.analysis.ranges.facts import RangeFacts as RangeFacts
from ea_widgets.analysis.ranges.facts import categories_of_bin as categories_of_bin
from ea_widgets.analysis.ranges.facts import describe as describe
from ea_widgets.analysis.ranges.facts import ends_of as ends_of
from ea_widgets.analysis.ranges.facts import rate_of as rate_of
from ea_widgets.analysis.ranges.finder import FoundRange as FoundRange
from ea_widgets.analysis.ranges.finder import FoundRanges as FoundRanges
from ea_widgets.analysis.ranges.finder import find_ranges as find_ranges
from ea_widgets.analysis.ranges.finder import is_apart as is_apart
from ea_widgets.analysis.ranges.finder import ranges_of_all_classes as ranges_of_all_classes
from ea_widgets.analysis.ranges.groups import Group as Group
from ea_widgets.analysis.ranges.groups import groups_of as groups_of
from ea_widgets.analysis.ranges.null_scores import rows_of_others as rows_of_others
from ea_widgets.analysis.ranges.null_scores import some_of as some_of
from ea_widgets.analysis.ranges.words import RATE_WORDS as RATE_WORDS
from ea_widgets.analysis.ranges.words import range_ends as range_ends
from ea_widgets.analysis.ranges.words import say_range as say_range
