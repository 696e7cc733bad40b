"""Menus, buttons and fields."""

from ea_widgets.widgets.controls.class_picker import ClassPicker as ClassPicker
from ea_widgets.widgets.controls.class_thresholds import ThresholdControl as ThresholdControl
from ea_widgets.widgets.controls.class_thresholds import (
    confidence_in_words as confidence_in_words,
)
from ea_widgets.widgets.controls.class_thresholds import (
    thresholds_in_words as thresholds_in_words,
)
from ea_widgets.widgets.controls.export import Export as Export
from ea_widgets.widgets.controls.export import link_html as link_html
from ea_widgets.widgets.controls.export import write_new as write_new
from ea_widgets.widgets.controls.export_menu import ExportMenu as ExportMenu
from ea_widgets.widgets.controls.filter_chips import CROSS as CROSS
from ea_widgets.widgets.controls.filter_chips import FilterChips as FilterChips
from ea_widgets.widgets.controls.filter_chips import in_words as in_words
from ea_widgets.widgets.controls.more import More as More
from ea_widgets.widgets.controls.name_field import NameField as NameField
from ea_widgets.widgets.controls.range_controls import RangeControls as RangeControls
from ea_widgets.widgets.controls.range_controls import rounded as rounded
from ea_widgets.widgets.controls.range_controls import to_minutes as to_minutes
from ea_widgets.widgets.controls.selection_code import selection_code as selection_code
from ea_widgets.widgets.controls.tabs import Tabs as Tabs
from ea_widgets.widgets.controls.text_files import TextFile as TextFile
from ea_widgets.widgets.controls.text_files import TextFiles as TextFiles
from ea_widgets.widgets.controls.zoom_controls import ZoomControls as ZoomControls
