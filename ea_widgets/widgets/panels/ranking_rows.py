"""Which metrics of a ranking get a bar: the first ones, without those that stand apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ea_widgets.analysis.ranges import is_apart
from ea_widgets.data.catalogue import MetricName, made_from_labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MIRRORED = "Blur"
"""A metric that is another one turned round, and less known."""


@dataclass(frozen=True)
class RankingRows:
    """The metrics of a ranking, sorted into what is drawn and what is only named.

    Attributes
    ----------
    ranked : tuple of str
        Displayed names, by falling importance: one for each group of near-duplicates.
    folded : mapping of str to str
        Near-duplicates that stand behind another metric, and which.
    apart : tuple of str
        What is there for reference: the confidence itself, controls, and what is made from labels.
    """

    ranked: tuple[str, ...]
    folded: Mapping[str, str]
    apart: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every metric, those that stand apart last."""
        return (*self.ranked, *self.folded, *self.apart)


def stands_apart(metric: str) -> bool:
    """Tell whether a metric is ranked for reference only.

    Examples
    --------
    >>> [stands_apart(f"{name} (P)") for name in ("Model Confidence", "Sharpness")]
    [True, False]
    """
    of_objects = MetricName.parse(metric).level != "F"
    return is_apart(metric) or (of_objects and made_from_labels(metric))


def twins_of(evaluation: Any, outcome: str) -> dict[str, str]:
    """Find near-duplicates over all data: rows must not come and go while a slider moves.

    Returns
    -------
    dict of str to str
        Metrics that order the objects as another one does, and which; none where this cannot be
        asked.
    """
    if evaluation.cannot("twins") is not None:
        return {}
    table = evaluation.at().twins(outcome)
    return dict(zip(table["metric"], table["same_as"], strict=True))


def sort_rows(
    names: Sequence[str], twins: Mapping[str, str], chosen: str | None = None
) -> RankingRows:
    """Sort the metrics of a ranking.

    Parameters
    ----------
    names : sequence of str
        Displayed names, by falling importance.
    twins : mapping of str to str
        Metrics that order the objects as another one does, and which.
    chosen : str, optional
        The one that stands for its near-duplicates; else the one of the highest importance, and
        Sharpness rather than Blur.

    Returns
    -------
    RankingRows

    Examples
    --------
    >>> rows = sort_rows(["Blur (P)", "Size (P)", "Sharpness (P)"], {"Blur (P)": "Sharpness (P)"})
    >>> rows.ranked, rows.folded
    (('Sharpness (P)', 'Size (P)'), {'Blur (P)': 'Sharpness (P)'})
    """
    apart = tuple(name for name in names if stands_apart(name))
    groups: dict[str, list[str]] = {}
    for name in names:
        if name not in apart:
            groups.setdefault(twins.get(name, name), []).append(name)
    folded = {}
    ranked = []
    for group in groups.values():
        leader = _leader(group, chosen)
        ranked.append(leader)
        folded.update({name: leader for name in group if name != leader})
    return RankingRows(tuple(ranked), folded, apart)


def _leader(group: Sequence[str], chosen: str | None) -> str:
    """Choose who stands for near-duplicates: the chosen one, else the first that is no twin."""
    if chosen is not None and chosen in group:
        return chosen
    return next((n for n in group if MetricName.parse(n).name != MIRRORED), group[0])
