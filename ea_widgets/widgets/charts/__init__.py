"""bqplot figures."""

from ea_widgets.widgets.charts.axis import SCALES as SCALES
from ea_widgets.widgets.charts.axis import XAxis as XAxis
from ea_widgets.widgets.charts.axis import lay_out as lay_out
from ea_widgets.widgets.charts.axis import lay_out_categories as lay_out_categories
from ea_widgets.widgets.charts.bars import MARKED as MARKED
from ea_widgets.widgets.charts.bars import BarRows as BarRows
from ea_widgets.widgets.charts.bars import RankedBars as RankedBars
from ea_widgets.widgets.charts.curve_lines import as_bins as as_bins
from ea_widgets.widgets.charts.curve_lines import by_count as by_count
from ea_widgets.widgets.charts.curve_lines import read_lines as read_lines
from ea_widgets.widgets.charts.curve_lines import worst_classes as worst_classes
from ea_widgets.widgets.charts.heat_map import HeatMap as HeatMap
from ea_widgets.widgets.charts.legend import LOOKS as LOOKS
from ea_widgets.widgets.charts.legend import name_lines as name_lines
from ea_widgets.widgets.charts.pr_chart import FreeResponseChart as FreeResponseChart
from ea_widgets.widgets.charts.pr_chart import PrecisionRecallChart as PrecisionRecallChart
from ea_widgets.widgets.charts.rate_chart import FEW as FEW
from ea_widgets.widgets.charts.rate_chart import RateChart as RateChart
from ea_widgets.widgets.charts.ticks import round_ticks as round_ticks
from ea_widgets.widgets.charts.zoom import part as part
from ea_widgets.widgets.charts.zoom import step as step
from ea_widgets.widgets.charts.zoom import zoomed as zoomed
