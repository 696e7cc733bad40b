"""What is chosen, as a line of Python that chooses it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ea_widgets.analysis.slices import Condition
from ea_widgets.analysis.slices.condition import Both, Opposite, Where


def selection_code(choices: dict[str, Any]) -> str:
    """Write choices as a call that opens the page with them.

    Parameters
    ----------
    choices : dict of str to object
        Values by the name of the trait.

    Returns
    -------
    str
        Python, to be pasted into a cell with a `dataset`.

    Examples
    --------
    >>> print(selection_code({"iou_threshold": 0.5, "where": Where("weather", values=("night",))}))
    import ea_widgets as ea
    <BLANKLINE>
    page = ea.explore(
        dataset,
        iou_threshold=0.5,
        where=ea.where('weather', isin=['night']),
    )
    page
    <BLANKLINE>
    """
    lines = "".join(f"    {name}={_written(value)},\n" for name, value in choices.items())
    return f"import ea_widgets as ea\n\npage = ea.explore(\n    dataset,\n{lines})\npage\n"


def _written(value: Any) -> str:
    if isinstance(value, frozenset):
        return f"{{{', '.join(repr(one) for one in sorted(value, key=str))}}}"
    if isinstance(value, Mapping):
        return repr(dict(value))
    return condition_code(value) if isinstance(value, Condition) else repr(value)


def condition_code(condition: Condition) -> str:
    """Write a condition as a call of ``ea.where``."""
    if isinstance(condition, Both):
        return f"{condition_code(condition.first)} & {condition_code(condition.second)}"
    if isinstance(condition, Opposite):
        return f"~({condition_code(condition.of)})"
    assert isinstance(condition, Where)  # noqa: S101  # there is no other kind
    if condition.values is not None:
        return f"ea.where({condition.metric!r}, isin={list(condition.values)!r})"
    ends = {"low": condition.low, "high": condition.high}
    given = "".join(f", {name}={end!r}" for name, end in ends.items() if end is not None)
    return f"ea.where({condition.metric!r}{given})"
