"""The answer to `does confidence mean precision?`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Calibration:
    """How far the confidences of the predictions are from their precision.

    Attributes
    ----------
    error : float
        Expected calibration error (ECE): mean |precision - mean confidence| over at most 15 bins
        of about equally many predictions, weighted by these, less its bias. In [0, 1]; NaN
        without predictions, and where `problem` says why.
    error_low, error_high : float
        95 % interval of it, by inverting a test, since no bootstrap holds near 0; NaN with
        predictions in fewer than 30 clusters.
    plain_error : float
        The same before its bias is subtracted.
    noise_floor : float
        95 % point of `error` for a perfectly calibrated model of these confidences, whole clusters
        alike as they are here.
    overconfidence : float
        Mean confidence less precision, in [-1, 1]: above 0 where the model is too sure.
    overconfidence_low, overconfidence_high : float
        95 % interval of it, from how clusters differ; NaN with fewer than 10 clusters.
    n : int
        Predictions: TP + FP.
    bins : DataFrame
        One row per bin, by rising confidence: `confidence_low`, `confidence_high` (the closed range
        of its predictions), `confidence` (their mean), `precision`, `precision_low`,
        `precision_high` (95 %, Wilson on the effective number of predictions), `n`.
    per_class : DataFrame
        Index `class_name` (the chosen classes in display order); columns `error`, `plain_error`,
        `noise_floor`, `distinguishable`, `overconfidence`, `overconfidence_low`,
        `overconfidence_high`, `n`, each in bins of its own.
    problem : str
        Why there is no error: confidences are missing or outside of [0, 1]; else "".
    """

    error: float
    error_low: float
    error_high: float
    plain_error: float
    noise_floor: float
    overconfidence: float
    overconfidence_low: float
    overconfidence_high: float
    n: int
    bins: pd.DataFrame
    per_class: pd.DataFrame
    problem: str

    @property
    def distinguishable(self) -> bool:
        """Whether the error is more than a calibrated model would show in 95 %."""
        return self.error > self.noise_floor

    def to_dict(self) -> dict[str, float]:
        """Give the numbers as one flat mapping, for experiment trackers.

        Returns
        -------
        dict of str to float
            "ECE", "ECE noise floor", "overconfidence", and "ECE/<class>" of every chosen class.
        """
        own = {f"ECE/{name}": float(value) for name, value in self.per_class["error"].items()}
        return {
            "ECE": self.error,
            "ECE low": self.error_low,
            "ECE high": self.error_high,
            "ECE noise floor": self.noise_floor,
            "overconfidence": self.overconfidence,
            **own,
        }

    def __repr__(self) -> str:
        if math.isnan(self.error):
            return f"Calibration(none: {self.problem or 'no predictions'})"
        ends = f"{self.error_low:.3f} to {self.error_high:.3f}"
        interval = "" if math.isnan(self.error_low) else f" ({ends})"
        than = "more" if self.distinguishable else "no more"
        return (
            f"Calibration(error {self.error:.3f}{interval}, {than} than chance gives a calibrated "
            f"model ({self.noise_floor:.3f}); mean confidence - precision "
            f"{self.overconfidence:+.3f}, {self.n:,} predictions)"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.bins.to_html()}"
