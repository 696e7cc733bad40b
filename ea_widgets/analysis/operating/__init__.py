"""Confidence thresholds: what they give, which is best, and what is left of it on other images."""

from ea_widgets.analysis.operating.find import FEWEST_JUDGED as FEWEST_JUDGED
from ea_widgets.analysis.operating.find import best_threshold as best_threshold
from ea_widgets.analysis.operating.find import find_operating_points as find_operating_points
from ea_widgets.analysis.operating.operating_points import OperatingPoints as OperatingPoints
from ea_widgets.analysis.operating.ranked import rank as rank
