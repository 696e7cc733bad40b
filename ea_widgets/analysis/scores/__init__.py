"""Average precision, recall, and the COCO numbers."""

from ea_widgets.analysis.scores.coco_grid import check_grid as check_grid
from ea_widgets.analysis.scores.coco_summary import coco_per_class as coco_per_class
from ea_widgets.analysis.scores.coco_summary import coco_summary_of as coco_summary_of
from ea_widgets.analysis.scores.error_counts import count_reasons as count_reasons
from ea_widgets.analysis.scores.froc import froc as froc
from ea_widgets.analysis.scores.per_image import per_image as per_image
from ea_widgets.analysis.scores.precision_recall import trace_precision as trace_precision
from ea_widgets.analysis.scores.replicates import Replicates as Replicates
from ea_widgets.analysis.scores.replicates import replicates_of as replicates_of
from ea_widgets.analysis.scores.replicates import with_intervals as with_intervals
from ea_widgets.analysis.scores.scores import Scores as Scores
from ea_widgets.analysis.scores.scores import plain_numbers as plain_numbers
from ea_widgets.analysis.scores.scoring import ratio as ratio
from ea_widgets.analysis.scores.scoring import score as score
from ea_widgets.analysis.scores.scoring import scores_from_counts as scores_from_counts
from ea_widgets.analysis.scores.slice_table import slice_table as slice_table
