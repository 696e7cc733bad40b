"""Conditions on metrics: what a slice is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_end, check_order
from ea_widgets.analysis.formatting import number
from ea_widgets.data.checks.kinds import kind_of, numbers_of
from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Column = Callable[[str], "pd.Series | None"]
    """Gives the values of a metric for each object; None where objects have no such metric."""


class Condition:
    """A condition on metrics; combine conditions with ``&`` and turn one round with ``~``."""

    def __and__(self, other: Condition) -> Condition:
        """Join two conditions that both must hold."""
        if not isinstance(other, Condition):
            return NotImplemented
        return Both(self, other)

    def __invert__(self) -> Condition:
        """Turn the condition round; missing values are outside of the opposite too."""
        return Opposite(self)

    def __bool__(self) -> bool:
        """Refuse ``and``, ``or`` and ``not``, which would forget one of two conditions."""
        raise InvalidInputError(
            "where", "is joined by `and`, `or` or `not`", "Use `&` and `~` between conditions."
        )

    def masks(self, column: Column) -> tuple[Mask, Mask] | None:
        """Mark the objects that fulfil the condition, and those that fulfil its opposite.

        Parameters
        ----------
        column : callable
            Gives the values of a metric.

        Returns
        -------
        tuple of ndarray of bool, shape (n,), or None
            Objects with a missing value are in neither. None where a metric is lacking.
        """
        raise NotImplementedError

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that are asked for, as they were named."""
        raise NotImplementedError

    @property
    def parts(self) -> tuple[Condition, ...]:
        """The conditions that are joined by ``&``, in their order; itself where none are."""
        return (self,)

    def to_dict(self) -> dict[str, Any]:
        """Write the condition as plain values, for JSON."""
        raise NotImplementedError

    @staticmethod
    def from_dict(fields: Mapping[str, Any]) -> Condition:
        """Read what :meth:`to_dict` wrote.

        Raises
        ------
        InvalidInputError
            If it is not of that form.
        """
        try:
            if set(fields) == {"both"}:
                first, *others = map(Condition.from_dict, fields["both"])
                for other in others:
                    first = first & other
                return first
            if set(fields) == {"not"}:
                return ~Condition.from_dict(fields["not"])
            return where(**fields)
        except (TypeError, ValueError) as error:
            if isinstance(error, InvalidInputError):
                raise
            raise InvalidInputError(
                "where",
                f"is {shown(fields)}",
                "Give an object with `metric` and `low`, `high` or `isin`; or `both`; or `not`.",
            ) from error


@dataclass(frozen=True)
class Where(Condition):
    """A metric in a closed range, or equal to one of some values.

    Attributes
    ----------
    metric : str
        With or without the level.
    low, high : float or None
        Ends of the range, both included; None leaves that end open.
    values : tuple or None
        The values, in place of a range.
    """

    metric: str
    low: float | None = None
    high: float | None = None
    values: tuple[Any, ...] | None = None

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metric."""
        return (self.metric,)

    def masks(self, column: Column) -> tuple[Mask, Mask] | None:
        """See :meth:`Condition.masks`."""
        series = column(self.metric)
        if series is None:
            return None
        known = series.notna().to_numpy(bool)
        if self.values is not None:
            inside = series.isin(self.values).to_numpy(bool)
        else:
            numbers = in_numbers(self.metric, series)
            inside = known.copy()
            if self.low is not None:
                inside &= numbers >= self.low
            if self.high is not None:
                inside &= numbers <= self.high
        return inside & known, known & ~inside

    def to_dict(self) -> dict[str, Any]:
        """See :meth:`Condition.to_dict`."""
        if self.values is not None:
            return {"metric": self.metric, "isin": list(self.values)}
        return {"metric": self.metric, "low": self.low, "high": self.high}

    def __str__(self) -> str:
        if self.values is not None:
            if len(self.values) == 1:
                return f"{self.metric} = {self.values[0]}"
            return f"{self.metric} in {', '.join(map(str, self.values))}"
        if self.low is None:
            return f"{self.metric} ≤ {number(self.high or 0.0)}"
        if self.high is None:
            return f"{self.metric} ≥ {number(self.low)}"
        return f"{self.metric} {number(self.low)} to {number(self.high)}"


@dataclass(frozen=True)
class Both(Condition):
    """Two conditions that hold together."""

    first: Condition
    second: Condition

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics of both."""
        return tuple(dict.fromkeys(self.first.metrics + self.second.metrics))

    @property
    def parts(self) -> tuple[Condition, ...]:
        """See :attr:`Condition.parts`."""
        return self.first.parts + self.second.parts

    def masks(self, column: Column) -> tuple[Mask, Mask] | None:
        """See :meth:`Condition.masks`."""
        first, second = self.first.masks(column), self.second.masks(column)
        if first is None or second is None:
            return None
        return first[0] & second[0], first[1] | second[1]

    def to_dict(self) -> dict[str, Any]:
        """See :meth:`Condition.to_dict`."""
        return {"both": [self.first.to_dict(), self.second.to_dict()]}

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"


@dataclass(frozen=True)
class Opposite(Condition):
    """The opposite of a condition."""

    of: Condition

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics of the condition."""
        return self.of.metrics

    def masks(self, column: Column) -> tuple[Mask, Mask] | None:
        """See :meth:`Condition.masks`."""
        found = self.of.masks(column)
        return None if found is None else (found[1], found[0])

    def to_dict(self) -> dict[str, Any]:
        """See :meth:`Condition.to_dict`."""
        return {"not": self.of.to_dict()}

    def __str__(self) -> str:
        return f"not ({self.of})"


def where(
    metric: str,
    low: float | None = None,
    high: float | None = None,
    equals: str | float | bool | None = None,
    isin: Iterable[str | float | bool] | None = None,
) -> Condition:
    """Say which part of the data is meant.

    Parameters
    ----------
    metric : str
        Name, with or without the level. A metric of images (F) takes or leaves whole images;
        one of objects goes by the labels' own value for labels, and by the predictions' own for
        predictions.
    low, high : float, optional
        The closed range, in the metric's unit; None leaves that end open.
    equals : str, float or bool, optional
        The value that is meant, in place of a range.
    isin : iterable, optional
        Several such values.

    Returns
    -------
    Condition
        For ``at(where=...)``. Combine conditions with ``&``, turn one round with ``~``. An
        object without a value is outside of a condition and of its opposite.

    Raises
    ------
    InvalidInputError
        If neither a range nor a value is given, or both, or the ends are swapped.

    Examples
    --------
    >>> small = where("Object Area - Relative", high=0.24)
    >>> print(small & where("weather", equals="night"))
    Object Area - Relative ≤ 0.24 and weather = night
    """
    if not isinstance(metric, str) or not metric:
        raise InvalidInputError("metric", f"is {shown(metric)}", "Give the name of a metric.")
    in_range = low is not None or high is not None
    given = in_range + (equals is not None) + (isin is not None)
    if given != 1:
        raise InvalidInputError(
            "where",
            f"of {metric!r} has {'more than one' if given else 'no'} condition",
            "Give `low` and `high` (or one of them), or `equals`, or `isin`.",
        )
    if in_range:
        low, high = check_end("low", low), check_end("high", high)
        check_order(low, high)
        return Where(str(metric), low, high)
    return Where(str(metric), values=check_values((equals,) if isin is None else isin))


def joined(parts: Iterable[Condition]) -> Condition | None:
    """Join conditions that must all hold; None without any.

    Examples
    --------
    >>> print(joined([where("Size", high=4), where("weather", equals="night")]))
    Size ≤ 4 and weather = night
    """
    whole: Condition | None = None
    for part in parts:
        whole = part if whole is None else whole & part
    return whole


def check_values(values: object) -> tuple[Any, ...]:
    """Return distinct values as a tuple, or refuse what can equal nothing."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InvalidInputError("isin", f"is {shown(values)}", "Give a list of values.")
    given = [value for value in values if value is not None]
    for value in given:
        if (
            not isinstance(value, (str, bool, int, float, np.number, np.bool_))
            or (isinstance(value, (float, np.floating)) and np.isnan(value))  # equals nothing
            or (isinstance(value, int) and abs(value) >= 1 << 64)  # no column holds such a number
        ):
            raise InvalidInputError(
                "isin", f"has {shown(value)}", "Give text, numbers or truth values."
            )
    if not given:
        raise InvalidInputError("isin", "is empty", "Give at least one value.")
    return tuple(dict.fromkeys(given))


def in_numbers(metric: str, series: pd.Series) -> NDArray[np.float64]:
    """Values as floats, NaN where missing; refuse a column that holds none."""
    if kind_of(series.dtype) != "numeric" and not pd.api.types.is_numeric_dtype(series.dtype):
        raise InvalidInputError(
            "where", f"asks for a range of {metric!r}, which holds no numbers", "Use `equals`."
        )
    return numbers_of(series)
