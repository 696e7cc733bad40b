"""What mending errors would be worth."""

from ea_widgets.analysis.gains.of_ranges import worst_ranges_of as worst_ranges_of
from ea_widgets.analysis.gains.of_reasons import reasons_of as reasons_of
