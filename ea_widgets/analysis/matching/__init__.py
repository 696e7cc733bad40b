"""Predictions paired with labels, and what came of it."""

from ea_widgets.analysis.matching.arrays import BOX as BOX
from ea_widgets.analysis.matching.class_agnostic import as_one_class as as_one_class
from ea_widgets.analysis.matching.engine import Engine as Engine
from ea_widgets.analysis.matching.engine import Outcome as Outcome
from ea_widgets.analysis.matching.match_tables import ids_of as ids_of
from ea_widgets.analysis.matching.match_tables import match_tables as match_tables
from ea_widgets.analysis.matching.matches import Matches as Matches
from ea_widgets.analysis.matching.measure import IOU_TYPES as IOU_TYPES
from ea_widgets.analysis.matching.measure import measure as measure
from ea_widgets.analysis.matching.object_tables import ObjectTables as ObjectTables
from ea_widgets.analysis.matching.reasons import LABEL_REASONS as LABEL_REASONS
from ea_widgets.analysis.matching.reasons import ReasonCounter as ReasonCounter
from ea_widgets.analysis.matching.reasons import Reasons as Reasons
from ea_widgets.analysis.matching.reasons import (
    describe_false_positives as describe_false_positives,
)
from ea_widgets.analysis.matching.reasons import describe_missed_labels as describe_missed_labels
from ea_widgets.analysis.matching.reasons import labels_with_wrong_class as labels_with_wrong_class
from ea_widgets.analysis.matching.slice import Slice as Slice
