"""Which classes are taken for which."""

from ea_widgets.analysis.confusion.objects import confused_objects as confused_objects
from ea_widgets.analysis.confusion.tables import confused_pairs as confused_pairs
from ea_widgets.analysis.confusion.tables import confusion_matrix as confusion_matrix
