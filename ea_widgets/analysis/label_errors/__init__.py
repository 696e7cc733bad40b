"""Labels that are likely wrong, ranked, and what people said of them."""

from ea_widgets.analysis.label_errors.find import find_label_errors as find_label_errors
from ea_widgets.analysis.label_errors.verdicts import LabelVerdicts as LabelVerdicts
