"""Objects that a summary keeps as examples."""

from ea_widgets.analysis.actions import KINDS as KINDS
from ea_widgets.analysis.actions import ExamplePage as ExamplePage
from ea_widgets.summary.examples.pages import Chosen as Chosen
from ea_widgets.summary.examples.pages import example_page as example_page
from ea_widgets.summary.examples.reservoir import Reservoir as Reservoir
from ea_widgets.summary.examples.reservoir import pictured_images as pictured_images
