"""What an operating point is to reach, checked at the door."""

from __future__ import annotations

import numpy as np

from ea_widgets.analysis.checks import as_number, check_fraction
from ea_widgets.core.counting.cutoffs import Goal
from ea_widgets.errors import InvalidInputError, shown


def check_goal(beta: object, min_precision: object, min_recall: object) -> Goal:
    """Check what is wanted at the door.

    Raises
    ------
    InvalidInputError
        If a number cannot be used, or both a precision and a recall are wanted.
    """
    weight = as_number(beta)
    if not 0 < weight < np.inf:
        raise InvalidInputError("beta", f"is {shown(beta)}", "Give a number above 0.")
    if min_precision is not None and min_recall is not None:
        raise InvalidInputError(
            "min_precision", "is given together with `min_recall`", "Give one of the two."
        )
    least = [
        None if value is None else check_fraction(field, value)
        for field, value in (("min_precision", min_precision), ("min_recall", min_recall))
    ]
    return Goal(weight, *least)
