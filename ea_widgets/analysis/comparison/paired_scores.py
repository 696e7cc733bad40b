"""Scores of several models, with their differences from the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from ea_widgets.analysis.scores import plain_numbers
from ea_widgets.analysis.scores.replicates import SCORES, interval_fields, interval_of
from ea_widgets.analysis.tabulate import tabulate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ea_widgets.analysis.scores import Scores

OF_CLASSES = ("average_precision", "average_recall", "precision", "recall")

SHORT = {
    "mean_average_precision": "mAP",
    "mean_average_recall": "mAR",
    "f1": "F1",
    "average_precision": "AP",
    "average_recall": "AR",
}


class Drawn(Protocol):
    """Scores of the data and of resampled clusters; see :class:`Replicates`."""

    @property
    def of_all(self) -> dict[str, NDArray[np.float64]]:
        """By score; each of shape (1 + n_resamples,)."""

    @property
    def of_classes(self) -> dict[str, NDArray[np.float64]]:
        """By score; each of shape (1 + n_resamples, n_classes)."""

    @property
    def labelled_clusters(self) -> NDArray[np.int64]:
        """Clusters with labels, by class."""

    @property
    def n_clusters(self) -> int:
        """Clusters with labels of any class."""


@dataclass(frozen=True, eq=False)
class ComparedScores:
    """Scores of models on the same labels.

    Attributes
    ----------
    table : DataFrame
        One row per model, the baseline first; index `model`. Columns `mean_average_precision`,
        `mean_average_recall`, `precision`, `recall`, `f1`, `true_positives`, `false_positives`,
        `false_negatives`; each score again with `_difference` behind its name: the model less the
        baseline. Settled also `_low`, `_high`, `_difference_low`, `_difference_high` (95 %
        intervals, from the same resampled clusters for all models) and `_p_value` (two-sided, of
        the difference). The baseline has no differences (NaN).
    per_class : DataFrame
        The same by `model` and `class_name`, with `average_precision`, `average_recall`,
        `precision`, `recall`, `labels`, `predictions`.
    """

    table: pd.DataFrame
    per_class: pd.DataFrame

    def to_dict(self, *, undefined: bool = False) -> dict[str, float]:
        """Give the scores as one flat mapping, for experiment trackers.

        Parameters
        ----------
        undefined : bool, default False
            Whether to give what is undefined too, such as the differences of the baseline, as
            NaN: trackers and JSON take numbers only.

        Returns
        -------
        dict of str to float
            "<model>/mAP", "<model>/mAP difference", ..., "<model>/AP/<class>"; settled also
            "<model>/mAP difference low", "<model>/mAP p value", ....
        """
        flat: dict[str, float] = {}
        for column in self.table:
            for model, value in self.table[column].items():
                flat[f"{model}/{short_name(str(column))}"] = value
        for column in ("average_precision", "average_recall"):
            values = self.per_class[column]
            for key, value in zip(values.index.to_flat_index(), values, strict=True):
                model, name = tuple(key)
                flat[f"{model}/{SHORT[column]}/{name}"] = value
        return plain_numbers(flat, undefined=undefined)

    def __repr__(self) -> str:
        parts = []
        for model, row in self.table.iterrows():
            said = f"{model}: mAP {row['mean_average_precision']:.3f}"
            difference = row["mean_average_precision_difference"]
            if not np.isnan(difference):
                said += f" ({difference:+.3f})"
            parts.append(said)
        return f"ComparedScores({', '.join(parts)})"

    def _repr_html_(self) -> str:
        shown = [f"{name}{end}" for name in SCORES for end in ("", "_difference")]
        return f"<p>{escape(repr(self))}</p>{self.table[shown].to_html(max_rows=30)}"


def short_name(column: str) -> str:
    """Name a column as trackers do: "mAP difference low"."""
    for name, short in SHORT.items():
        if column.startswith(name):
            column = column.replace(name, short, 1)
            break
    return column.replace("_", " ")


def compare_scores(
    names: Sequence[str],
    scores: Sequence[Scores],
    replicates: Sequence[Drawn] | None,
) -> ComparedScores:
    """Put scores side by side.

    Parameters
    ----------
    names : sequence of str
    scores : sequence of Scores
        Of each model; the baseline first.
    replicates : sequence of Drawn, optional
        Of each model, from the same resampled clusters.

    Returns
    -------
    ComparedScores
    """
    rows, by_class = [], []
    for number, one in enumerate(scores):
        pair = None if replicates is None else (replicates[0], replicates[number])
        rows.append(row_of(scores[0], one, pair, is_baseline=not number))
        by_class.append(class_rows(scores[0], one, pair, is_baseline=not number))
    table = pd.DataFrame(rows, index=pd.Index(list(names), name="model", dtype=object))
    columns = [np.concatenate([one[name] for one in by_class]) for name in by_class[0]]
    index: list[Any] = [list(names), scores[0].per_class.index]
    of_classes = pd.MultiIndex.from_product(index, names=["model", "class_name"])
    return ComparedScores(table, tabulate([*by_class[0]], columns, of_classes))


def row_of(
    baseline: Scores,
    other: Scores,
    replicates: tuple[Drawn, Drawn] | None,
    *,
    is_baseline: bool,
) -> dict[str, Any]:
    """Give the scores of one model, and their differences."""
    row: dict[str, Any] = {name: getattr(other, name) for name in SCORES}
    counts = ("true_positives", "false_positives", "false_negatives")
    row |= {name: getattr(other, name) for name in counts}
    for name in SCORES:
        difference = np.nan if is_baseline else row[name] - getattr(baseline, name)
        row[f"{name}_difference"] = difference
        if replicates is not None:
            first, mine = replicates
            n_clusters = min(first.n_clusters, mine.n_clusters)
            drawn, known = mine.of_all[name], not np.isnan(row[name])
            row |= interval_fields(name, drawn, n_clusters, known=known)
            apart, known = drawn - first.of_all[name], not np.isnan(difference)
            of_difference = f"{name}_difference"
            row |= interval_fields(of_difference, apart, n_clusters, known=known, rates=False)
            judged = not np.isnan(row[f"{of_difference}_low"])
            row[f"{name}_p_value"] = float(p_values(apart[:, None])[0]) if judged else np.nan
    return row


def class_rows(
    baseline: Scores,
    other: Scores,
    replicates: tuple[Drawn, Drawn] | None,
    *,
    is_baseline: bool,
) -> dict[str, NDArray[Any]]:
    """Give the scores of one model by class, and their differences; the classes are the same."""
    table = other.per_class
    columns: dict[str, NDArray[Any]] = {str(name): table[name].to_numpy() for name in table}
    for name in OF_CLASSES:
        value = columns[name]
        difference = value - baseline.per_class[name].to_numpy()
        if is_baseline:
            difference = np.full(len(table), np.nan)
        columns[f"{name}_difference"] = difference
        if replicates is None:
            continue
        first, mine = replicates
        limits = interval_of(mine.of_classes[name], mine.labelled_clusters)
        drawn = mine.of_classes[name] - first.of_classes[name]
        apart = interval_of(drawn, mine.labelled_clusters, rates=False)
        p_value = np.where(np.isnan(apart[0]), np.nan, p_values(drawn))
        for column, values, known in (
            *((end, one, value) for end, one in zip(("low", "high"), limits, strict=True)),
            ("difference_low", apart[0], difference),
            ("difference_high", apart[1], difference),
            ("p_value", p_value, difference),
        ):
            columns[f"{name}_{column}"] = np.where(np.isnan(known), np.nan, values)
    return columns


def p_values(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """How often resamples are on the other side of 0, two-sided.

    Parameters
    ----------
    drawn : ndarray of float64, shape (1 + n_resamples, k)
        Differences of the data, then of the resamples.

    Returns
    -------
    ndarray of float64, shape (k,)
        1 where neither the data nor any resample differ.
    """
    resamples = drawn[1:]
    sides = np.minimum((resamples <= 0).sum(axis=0), (resamples >= 0).sum(axis=0))
    same = (np.nan_to_num(drawn) == 0).all(axis=0)
    p_value: NDArray[np.float64] = np.minimum(2 * (1 + sides) / len(drawn), 1.0)
    return np.where(same, 1.0, p_value)
