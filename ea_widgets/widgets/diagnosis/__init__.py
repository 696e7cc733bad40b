"""The widgets that take an error apart: classes, images, thresholds; folded until opened."""

from ea_widgets.widgets.diagnosis.calibration_panel import Reliability as Reliability
from ea_widgets.widgets.diagnosis.coco_panel import CocoTable as CocoTable
from ea_widgets.widgets.diagnosis.confusion_panel import Confusion as Confusion
from ea_widgets.widgets.diagnosis.images_panel import ImageTable as ImageTable
from ea_widgets.widgets.diagnosis.kinds_panel import ErrorKinds as ErrorKinds
from ea_widgets.widgets.diagnosis.label_errors_panel import LabelErrors as LabelErrors
from ea_widgets.widgets.diagnosis.operating_panel import OperatingPoint as OperatingPoint
from ea_widgets.widgets.diagnosis.pairs_panel import Pairs as Pairs
from ea_widgets.widgets.diagnosis.slices_panel import Slices as Slices
