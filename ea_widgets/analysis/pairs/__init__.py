"""Two properties at once: rates in their cells, and conjunctions that are worse than either."""

from ea_widgets.analysis.pairs.grid import cross_tabulate as cross_tabulate
from ea_widgets.analysis.pairs.worst_slices import find_worst_slices as find_worst_slices
