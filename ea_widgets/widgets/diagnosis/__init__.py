"""The widgets that take an error apart: classes, images, thresholds; folded until opened."""

from ea_widgets.widgets.diagnosis.confusion_panel import Confusion as Confusion
from ea_widgets.widgets.diagnosis.images_panel import ImageTable as ImageTable
from ea_widgets.widgets.diagnosis.operating_panel import OperatingPoint as OperatingPoint
