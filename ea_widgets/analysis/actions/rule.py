"""A rule: predictions of a metric's range are dropped unless they are sure enough."""

from __future__ import annotations

import json
import keyword
from dataclasses import InitVar, asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.actions.rule_parts import (
    check_metric,
    in_range,
    numbers,
    written_range,
)
from ea_widgets.analysis.checks import check_end, check_fraction, check_order
from ea_widgets.analysis.slices import check_values, where
from ea_widgets.data.catalogue import MetricName, made_from_labels
from ea_widgets.errors import InvalidInputError, shown, unknown_option

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIELDS = ("metric", "low", "high", "min_confidence", "isin")
OBJECT = f"Give a JSON object with the fields {', '.join(map(repr, FIELDS))}."


@dataclass(frozen=True)
class Rule:
    """Drop the predictions of a metric's range whose confidence is too low.

    Attributes
    ----------
    metric : str
        A metric of predictions or images, with the level ("Object Area - Relative (P)",
        "Brightness (F)") or without; without it, one of predictions comes first.
    low, high : float or None, default None
        The range ``low <= value <= high``, both ends included, in the metric's unit; None leaves
        that end open. Curves end at the smallest and largest value and have no value on an inner
        edge, so a bin taken from one holds the same predictions here. A missing value is in no
        range.
    min_confidence : float or None, default None
        Predictions of the range with a confidence below it are dropped, in [0, 1]; all of them
        where it is None.
    isin : tuple or None, default None
        Categories, in place of a range, of a categorical metric.
    equals : str, float or bool, optional
        Sets `isin` to this one category.

    Raises
    ------
    InvalidInputError
        If the metric is one of labels, both a range and categories are given, an end is not
        finite, the ends are swapped, or the confidence is outside [0, 1].

    Examples
    --------
    >>> rule = Rule("Object Area - Relative", high=0.24, min_confidence=0.6)
    >>> rule.to_json()
    '{"metric": "Object Area - Relative", "low": null, "high": 0.24, "min_confidence": 0.6}'
    >>> Rule.from_json(rule.to_json()) == rule
    True
    """

    metric: str
    low: float | None = None
    high: float | None = None
    min_confidence: float | None = None
    isin: tuple[Any, ...] | None = None
    equals: InitVar[Any] = None

    def __post_init__(self, equals: Any) -> None:
        """Check every field, and turn numbers of other types into floats."""
        check_metric(self.metric)
        set_field = object.__setattr__  # the dataclass is frozen
        set_field(self, "low", check_end("low", self.low))
        set_field(self, "high", check_end("high", self.high))
        check_order(self.low, self.high)
        if self.isin is not None or equals is not None:
            where(self.metric, self.low, self.high, equals, self.isin)  # refuses two of them
            set_field(self, "isin", check_values(self.isin if equals is None else (equals,)))
        if self.min_confidence is not None:
            set_field(self, "min_confidence", check_fraction("min_confidence", self.min_confidence))

    @property
    def needs_labels(self) -> bool:
        """Whether the metric is made from labels, as "Object Count (F)" is.

        Such a rule says where the errors are, and what it would gain cannot be had: there is no
        value to go by in images without labels. False for a column of the user's own.
        """
        return made_from_labels(self.metric)

    def to_json(self) -> str:
        """Write the rule as a JSON object of its fields."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def to_dict(self) -> dict[str, Any]:
        """Give the fields by name; `isin` only where it is given."""
        fields = asdict(self)
        if self.isin is None:
            del fields["isin"]
        return fields

    @classmethod
    def from_json(cls, text: str | bytes) -> Rule:
        """Read a rule that :meth:`to_json` wrote.

        Parameters
        ----------
        text : str or bytes
            A JSON object; `metric` is needed, the other fields are not.

        Returns
        -------
        Rule

        Raises
        ------
        InvalidInputError
            If it is not such an object.
        """
        fields = read_json("rule", text, OBJECT)
        if isinstance(fields, list):
            raise InvalidInputError(
                "rule", "is JSON of a list", "Read a list with `Rule.list_from_json`."
            )
        return cls(**check_fields("rule", fields))

    @classmethod
    def list_from_json(cls, text: str | bytes) -> list[Rule]:
        """Read the rules that the page gives as `rules.json`.

        Parameters
        ----------
        text : str or bytes
            A JSON array of objects as :meth:`from_json` reads them; may be empty.

        Returns
        -------
        list of Rule

        Raises
        ------
        InvalidInputError
            If it is not such an array; the first object that is no rule is named.

        Examples
        --------
        >>> Rule.list_from_json('[{"metric": "Blur (P)", "high": 0.5}]')
        [Rule(metric='Blur (P)', low=None, high=0.5, min_confidence=None, isin=None)]
        """
        remedy = f"Give a JSON array of objects with the fields {', '.join(map(repr, FIELDS))}."
        rules = read_json("rules", text, remedy)
        if not isinstance(rules, list):
            raise InvalidInputError("rules", f"is JSON of a {type(rules).__name__}", remedy)
        found = []
        for at, fields in enumerate(rules):
            place = f"rules[{at}]"
            checked = check_fields(place, fields)
            try:
                found.append(cls(**checked))
            except InvalidInputError as error:
                field = f"{place}.{error.field}"
                raise InvalidInputError(field, error.problem, error.remedy) from None
        return found

    def to_pandas(
        self, name: str = "predictions", images: str = "images", *, dates: bool = False
    ) -> str:
        """Write the rule as one line of pandas that gives the predictions left.

        Parameters
        ----------
        name : str, default "predictions"
            What the frame of predictions is called there.
        images : str, default "images"
            What the frame of images is called there; used for a metric of images only: one marked
            (F), or one without its level that is no column of the predictions.
        dates : bool, default False
            Whether the metric is one of dates, as which the ends are written then.

        Returns
        -------
        str
            An expression that needs the frames and nothing else.

        Raises
        ------
        InvalidInputError
            If a name is not one that Python knows.

        Examples
        --------
        >>> print(Rule("Blur (P)", 1, 2, 0.5).to_pandas())
        predictions[~(predictions['Blur'].astype(float).between(1.0, 2.0) & \
(predictions['confidence'].astype(float) < 0.5))]
        """
        for field, given in (("name", name), ("images", images)):
            if not isinstance(given, str) or not given.isidentifier() or keyword.iskeyword(given):
                raise InvalidInputError(field, f"is {shown(given)}", "Give the name of a variable.")
        metric = MetricName.parse(self.metric)
        column = repr(metric.name)
        own = f"{name}[{column}]"
        of_image = f"{name}['image_id'].map({images}.set_index('image_id')[{column}])"
        if metric.level == "F":
            own = of_image
        elif not metric.level:
            own = f"({own} if {column} in {name} else {of_image})"
        if self.isin is not None:
            dropped = f"{own}.isin({list(self.isin)!r})"
        else:
            dropped = written_range(own, self.low, self.high, dates=dates)
        if self.min_confidence is not None:
            unsure = f"{name}['confidence'].astype(float) < {self.min_confidence!r}"
            dropped = f"({dropped} & ({unsure}))"
        return f"{name}[~{dropped}]"

    def apply(self, frame: pd.DataFrame, images: pd.DataFrame | None = None) -> pd.DataFrame:
        """Leave the dropped predictions out of a frame.

        Parameters
        ----------
        frame : DataFrame
            Predictions, with a column named as the metric (without the level) and, where
            `min_confidence` is given, `confidence`.
        images : DataFrame, optional
            Needed for a metric of images, with `image_id` and a column named as the metric; an
            image that is not there has no value.

        Returns
        -------
        DataFrame
            The rows that stay, as they were, index included.

        Raises
        ------
        InvalidInputError
            If a column is missing or holds no numbers.
        """
        if not isinstance(frame, pd.DataFrame):
            raise InvalidInputError(
                "frame", f"is of type {type(frame).__name__}", "Give a DataFrame of predictions."
            )
        value = self._values(frame, images)
        confidence = None
        if self.min_confidence is not None:
            confidence = numbers(frame, "confidence", "frame")
        return frame[~self.drops(value, confidence)]

    def drops(
        self, value: NDArray[Any], confidence: NDArray[np.float64] | None
    ) -> NDArray[np.bool_]:
        """Tell which predictions the rule drops.

        Parameters
        ----------
        value : ndarray of float64, shape (n,); of object for categories
            Of the metric; NaN is missing.
        confidence : ndarray of float64, shape (n,), or None
            Not looked at where `min_confidence` is None.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        if self.isin is not None:
            dropped = pd.Series(value).isin(self.isin).to_numpy(bool)
        else:
            dropped = in_range(value, self.low, self.high)
        if self.min_confidence is not None and confidence is not None:
            return dropped & (confidence < self.min_confidence)
        return dropped

    def _values(self, frame: pd.DataFrame, images: pd.DataFrame | None) -> NDArray[Any]:
        name, level = MetricName.parse(self.metric).parts
        of_images = level == "F"
        if not of_images and name in frame.columns:
            return self._read(frame, name, "frame")
        if images is None:
            if of_images or not level:
                remedy = (
                    f"Give `images`, a frame with 'image_id' and {name!r}."
                    if of_images
                    else f"Give a frame with {name!r}, or `images` where it is one of images."
                )
                raise InvalidInputError("frame", f"has no column {name!r} to go by", remedy)
            raise unknown_option("frame", name, list(map(str, frame.columns)))
        if not of_images and self.metric != name:
            raise unknown_option("frame", name, list(map(str, frame.columns)))
        for field, table, column in (
            ("images", images, "image_id"),
            ("images", images, name),
            ("frame", frame, "image_id"),
        ):
            if column not in table.columns:
                raise unknown_option(field, column, list(map(str, table.columns)))
        ids = pd.Index(images["image_id"])
        if not ids.is_unique:
            raise InvalidInputError("images", "has an image twice", "Give each image one row.")
        place = ids.get_indexer(pd.Index(frame["image_id"]))
        values = np.append(self._read(images, name, "images"), np.nan)
        result: NDArray[Any] = values[place]  # place -1, an unknown image, is the NaN at the end
        return result

    def _read(self, frame: pd.DataFrame, column: str, field: str) -> NDArray[Any]:
        """Values of a column; as they are, where categories are asked for."""
        if self.isin is None:
            return numbers(frame, column, field)
        return frame[column].astype(object).to_numpy()


def read_json(field: str, text: str | bytes, remedy: str) -> object:
    """Read JSON."""
    try:
        return json.loads(text)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(field, f"is not JSON ({error})", remedy) from error


def check_fields(field: str, fields: object) -> dict[str, Any]:
    """Return the fields of a rule, or refuse what are none."""
    if not isinstance(fields, dict):
        raise InvalidInputError(field, f"is JSON of a {type(fields).__name__}", OBJECT)
    for name in fields:
        if name not in FIELDS:
            raise unknown_option(field, name, FIELDS)
    if "metric" not in fields:
        raise InvalidInputError(field, "lacks the field 'metric'", OBJECT)
    return fields
