"""What every widget shares: traits, links, background work, theme."""

from ea_widgets.widgets.base.background import REST as REST
from ea_widgets.widgets.base.control import STEP as STEP
from ea_widgets.widgets.base.control import Control as Control
from ea_widgets.widgets.base.control import share_slider as share_slider
from ea_widgets.widgets.base.control import to_step as to_step
from ea_widgets.widgets.base.folded import FoldedWidget as FoldedWidget
from ea_widgets.widgets.base.lifecycle import close_tree as close_tree
from ea_widgets.widgets.base.lifecycle import send as send
from ea_widgets.widgets.base.link import Link as Link
from ea_widgets.widgets.base.ranged import Extent as Extent
from ea_widgets.widgets.base.ranged import Range as Range
from ea_widgets.widgets.base.ranged import RangedWidget as RangedWidget
from ea_widgets.widgets.base.ranged import asked as asked
from ea_widgets.widgets.base.ranged import span as span
from ea_widgets.widgets.base.traits import Choice as Choice
from ea_widgets.widgets.base.traits import Count as Count
from ea_widgets.widgets.base.traits import Ends as Ends
from ea_widgets.widgets.base.traits import Flag as Flag
from ea_widgets.widgets.base.traits import Known as Known
from ea_widgets.widgets.base.traits import Option as Option
from ea_widgets.widgets.base.traits import Share as Share
from ea_widgets.widgets.base.traits import span_of as span_of
from ea_widgets.widgets.base.widget import SHARED as SHARED
from ea_widgets.widgets.base.widget import EvaluationWidget as EvaluationWidget
from ea_widgets.widgets.base.widget import on_screen as on_screen
