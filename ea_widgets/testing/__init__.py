"""Act on widgets as a browser does: for tests of notebooks that use this package."""

from ea_widgets.testing.front_end import FrontEnd as FrontEnd
from ea_widgets.testing.front_end import front_end as front_end
from ea_widgets.testing.shown import Shown as Shown

__all__ = ["FrontEnd", "Shown", "front_end"]
