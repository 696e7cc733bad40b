"""Pictures of single objects."""

from ea_widgets.widgets.examples.examples_panel import ANY as ANY
from ea_widgets.widgets.examples.examples_panel import Examples as Examples
from ea_widgets.widgets.examples.gallery import Tile as Tile
