"""Whether confidence means precision."""

from ea_widgets.analysis.calibration.calibration import Calibration as Calibration
from ea_widgets.analysis.calibration.measure import measure_calibration as measure_calibration
