"""The answer to `which confidence threshold?`."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from ea_widgets.analysis.operating.code_lines import LIBRARIES, code_lines
from ea_widgets.data.writers.output_file import write
from ea_widgets.errors import unknown_option

if TYPE_CHECKING:
    import os

    import pandas as pd


@dataclass(frozen=True, eq=False)
class OperatingPoints:
    """The best confidence threshold of all classes together, and of each.

    Attributes
    ----------
    beta : float
        Recall weighs beta² times as much as precision in F-beta; 1 gives F1.
    min_precision, min_recall : float or None
        What was wanted; without either, the highest F-beta.
    iou_threshold : float
        Smallest IoU that counts as a match.
    table : DataFrame
        Index `class_name`: "all" first, one threshold for all classes; then each class with its
        own, unless only all were asked for. Columns `threshold` (the confidence from which on
        predictions are kept; NaN where there is none, and `problem` says why); `precision`,
        `recall`, `f_beta` there, each with `_low` and `_high` (95 %, resampled clusters at that
        threshold; NaN where labels are in fewer than 30 clusters); `held_out_precision`,
        `held_out_recall`, `held_out_f_beta` (chosen on four fifths of the clusters, judged on the
        fifth, five times, from pooled counts; where four fifths have no such point, nothing is
        kept in the fifth; NaN with fewer than 10 clusters); `n` (predictions kept, TP + FP),
        `labels`; `problem` ("" where there is a threshold).
    curve : DataFrame
        Rates over confidence: columns `class_name` ("all", then the classes), `confidence`, `n`
        (predictions kept), `precision`, `recall`, `f_beta`, each with `_low` and `_high` (95 %
        Wilson intervals on the effective number of objects). At falling confidences of
        predictions, about 120 at most per class, the best among them.
    together : dict of str to float
        `precision`, `recall`, `f_beta` of all classes, each with its own threshold (where a class
        has none, that of all), and the same held out, as `held_out_...`: to be set beside the row
        "all".
    by_class : dict of str to float
        What :meth:`thresholds` gives, NaN where there is none.
    """

    beta: float
    min_precision: float | None
    min_recall: float | None
    iou_threshold: float
    table: pd.DataFrame
    curve: pd.DataFrame
    together: dict[str, float]
    by_class: dict[str, float]

    @property
    def threshold(self) -> float:
        """The one threshold for all classes; NaN where there is none."""
        return float(self.table["threshold"].iloc[0])

    @property
    def goal(self) -> str:
        """What the points are best at, in words."""
        if self.min_precision is not None:
            return f"highest recall at precision >= {self.min_precision:g}"
        if self.min_recall is not None:
            return f"highest precision at recall >= {self.min_recall:g}"
        return f"highest F{self.beta:g}"

    def thresholds(self) -> dict[str, float]:
        """Give a threshold for each class, as ``confidence_threshold=`` takes it.

        Returns
        -------
        dict of str to float
            By class name, in display order. A class without a point of its own has that of all
            classes; if there is none either, it is left out, and so keeps all its predictions.
        """
        return {name: value for name, value in self.by_class.items() if math.isfinite(value)}

    def to_dict(self) -> dict[str, float]:
        """Give the points as one flat mapping, for experiment trackers.

        Returns
        -------
        dict of str to float
            "threshold", "precision", "recall", "f_beta", and the latter three held out, of one
            threshold for all; "threshold/<class>" of every class that has one.
        """
        first = self.table.iloc[0]
        rates = ("precision", "recall", "f_beta")
        names = ("threshold", *rates, *(f"held_out_{name}" for name in rates))
        own = {f"threshold/{name}": value for name, value in self.thresholds().items()}
        return {**{name: float(first[name]) for name in names}, **own}

    def to_json(self, path: str | os.PathLike[str]) -> None:
        """Write the thresholds, and what they were chosen for, as a JSON file.

        Parameters
        ----------
        path : path
            Replaced if it is there.

        Raises
        ------
        InvalidInputError
            If it cannot be written to.
        """
        first = self.table.iloc[0]
        content = {
            "goal": self.goal,
            "iou_threshold": self.iou_threshold,
            "threshold": _finite(self.threshold),
            "thresholds": self.thresholds(),
            "precision": _finite(first["precision"]),
            "recall": _finite(first["recall"]),
            "f_beta": _finite(first["f_beta"]),
        }
        write(path, json.dumps(content, indent=2, allow_nan=False) + "\n")

    def code(self, library: str = "numpy") -> str:
        """Give lines of Python that keep the predictions from these thresholds on.

        Parameters
        ----------
        library : {"numpy", "supervision", "ultralytics"}, default "numpy"

        Returns
        -------
        str
            Plain text, to be pasted.

        Raises
        ------
        InvalidInputError
            If the library is none of these.
        """
        if library not in LIBRARIES:
            raise unknown_option("library", library, LIBRARIES)
        return code_lines(library, self.thresholds())

    def __repr__(self) -> str:
        own = self.table["threshold"].iloc[1:]
        if math.isnan(self.threshold):
            said = f"no threshold for all: {self.table['problem'].iloc[0]}"
        else:
            row = self.table.iloc[0]
            said = (
                f"threshold {self.threshold:.3g} for all: precision {row['precision']:.3f}, "
                f"recall {row['recall']:.3f}, F{self.beta:g} {row['f_beta']:.3f}, "
                f"held out {row['held_out_f_beta']:.3f}"
            )
        lines = [f"OperatingPoints({self.goal}", f"  {said}"]
        if len(own):
            held_out = self.together["held_out_f_beta"]
            lines.append(
                f"  own thresholds for {own.notna().sum():,} of {len(own):,} classes: "
                f"F{self.beta:g} {self.together['f_beta']:.3f}, held out {held_out:.3f}"
            )
        return "\n".join(lines) + ")"

    def _repr_html_(self) -> str:
        columns = ["threshold", "precision", "recall", "f_beta", "held_out_f_beta", "n", "problem"]
        return f"<pre>{escape(repr(self))}</pre>{self.table[columns].to_html(max_rows=30)}"


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
