"""The types that every question takes or gives, for the files that ask all of them."""

from ea_widgets.analysis.curves.curve import Curve
from ea_widgets.analysis.facts import Facts
from ea_widgets.analysis.matched_data import DETAILS, MatchedData
from ea_widgets.analysis.sample import Query
from ea_widgets.analysis.scores import Scores
from ea_widgets.analysis.slices import Condition
from ea_widgets.core.counting.edges import Binning
from ea_widgets.data.dataset import Dataset

__all__ = [
    "DETAILS",
    "Binning",
    "Condition",
    "Curve",
    "Dataset",
    "Facts",
    "MatchedData",
    "Query",
    "Scores",
]
