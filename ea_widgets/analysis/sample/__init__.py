"""The rows that a question is about, with their outcomes, bins and counts."""

from ea_widgets.analysis.sample.all_cores import on_all_cores as on_all_cores
from ea_widgets.analysis.sample.categories import OTHER as OTHER
from ea_widgets.analysis.sample.curve_bins import CurveBins as CurveBins
from ea_widgets.analysis.sample.curve_bins import CurveCounts as CurveCounts
from ea_widgets.analysis.sample.given_bins import count_by as count_by
from ea_widgets.analysis.sample.object_table import MetricTable as MetricTable
from ea_widgets.analysis.sample.object_table import build_metric_table as build_metric_table
from ea_widgets.analysis.sample.query import Query as Query
from ea_widgets.analysis.sample.query import check_classes as check_classes
from ea_widgets.analysis.sample.query import check_query as check_query
from ea_widgets.analysis.sample.range_bins import BINS as BINS
from ea_widgets.analysis.sample.range_bins import RangeBins as RangeBins
from ea_widgets.analysis.sample.range_bins import bin_for_ranges as bin_for_ranges
from ea_widgets.analysis.sample.sample import Sample as Sample
from ea_widgets.analysis.sample.selection import Selection as Selection
