"""The answer to `what would the scores be without these predictions?`, by matching again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.analysis.actions.rule import Rule
from ea_widgets.analysis.lru_cache import LruCache
from ea_widgets.analysis.scores import score, scores_from_counts
from ea_widgets.core.matching.average_precision import average_precision
from ea_widgets.core.matching.greedy import greedy_match
from ea_widgets.core.matching.pairs import Pairs
from ea_widgets.data.checks.kinds import values_of
from ea_widgets.errors import InvalidInputError, shown, unknown_option

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.matching import Engine
    from ea_widgets.analysis.sample import Query
    from ea_widgets.analysis.scores import Scores
    from ea_widgets.data.dataset import Dataset

COLUMNS_KEPT = 8
"""Metrics kept in the order of the predictions for the next rule."""


@dataclass(frozen=True, eq=False)
class RuleEffect:
    """Scores before and after rules drop predictions.

    Attributes
    ----------
    before, after : Scores
        `after` is what an Evaluation of the predictions left would score.
    removed : int
        Predictions of the chosen classes, at or above the confidence threshold, that the rules
        drop; also those beyond `max_detections`, which were not evaluated.
    true_positives_lost, false_positives_removed : int
        Before minus after. A label that loses its prediction can be found by another one, and
        beyond `max_detections` others move up, so the two need not add up to `removed`, and each
        can be negative.
    f1_before, f1_after : float
        Harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN); NaN without labels and
        predictions.
    """

    before: Scores
    after: Scores
    removed: int
    true_positives_lost: int
    false_positives_removed: int
    f1_before: float
    f1_after: float


def try_rules(data: MatchedData, query: Query, rules: object) -> RuleEffect:
    """Score the detector without what rules drop; see :meth:`View.what_if`."""
    before = score(data, query)
    return trials_of(data).what_if(check_rules(rules), query, before)


def trials_of(data: MatchedData) -> Trials:
    """Get ready to drop predictions; kept."""

    def make() -> Trials:
        engine = data.engine
        if len(engine.predictions.row) < data.n_predictions:  # dropping some lets others move up
            engine = data.engine_of(data.n_predictions)
        return Trials(data.dataset, engine, data.max_detections, data.metrics, data.class_index)

    return data.once("trials", make)


class Trials:
    """What rules do to the predictions of one evaluation; built when first asked for.

    Parameters
    ----------
    dataset : Dataset
    engine : Engine
        Of the predictions up to `max_detections`, or of all of them.
    max_detections : int
        Predictions evaluated per image and class.
    metrics : DataFrame
        Index: displayed names; columns `name`, `level`.
    class_index : Index
        All class names, by code.
    """

    def __init__(
        self,
        dataset: Dataset,
        engine: Engine,
        max_detections: int,
        metrics: pd.DataFrame,
        class_index: pd.Index,
    ) -> None:
        self.dataset = dataset
        self.engine = engine
        self.max_detections = max_detections
        self.class_index = class_index
        self._metrics = metrics[metrics["level"].isin(["P", "F"])].sort_values(
            "level", ascending=False, kind="stable"
        )
        self._columns: LruCache[str, NDArray[np.float64]] = LruCache(COLUMNS_KEPT)
        predictions = engine.predictions
        self.group = predictions.image_code * engine.n_classes + predictions.class_code
        beyond = predictions.place >= max_detections
        full = np.flatnonzero(np.isin(self.group, np.unique(self.group[beyond])))
        self.tight: NDArray[np.intp] = full[np.argsort(self.group[full], kind="stable")]
        """Predictions of the images and classes with too many of them, group after group."""
        grouped = self.group[self.tight]
        self.tight_first: NDArray[np.bool_] = np.append(True, grouped[1:] != grouped[:-1])[
            : len(grouped)
        ]

    def metric(self, name: str) -> str:
        """Find the displayed name of a metric; those of predictions come before those of images."""
        table = self._metrics
        named = np.flatnonzero((table.index == name) | (table["name"] == name))
        if not len(named):
            raise unknown_option("metric", name, list(table.index))
        return str(table.index[named[0]])

    def values(self, name: str) -> NDArray[Any]:
        """Value of a metric for each prediction of the engine."""
        displayed = self.metric(name)
        return self._columns.get(displayed, lambda: self._read(displayed))

    def _read(self, displayed: str) -> NDArray[Any]:
        row = self._metrics.loc[displayed]
        name, predictions = str(row["name"]), self.engine.predictions
        if row["level"] == "F":
            of_images = values_of(self.dataset.frames.images[name])
            return np.asarray(of_images[self.engine.image_order][predictions.image_code])
        return np.asarray(values_of(self.dataset.frames.predictions[name])[predictions.row])

    def dropped(self, rules: list[Rule]) -> NDArray[np.bool_]:
        """Mark the predictions that any of the rules drops."""
        dropped = np.zeros(len(self.group), bool)
        for rule in rules:
            dropped |= rule.drops(self.values(rule.metric), self.engine.predictions.confidence)
        return dropped

    def evaluated(self, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Leave out what lies beyond `max_detections` among the predictions kept."""
        if not len(self.tight):
            return kept
        among = kept[self.tight]
        before: NDArray[np.int64] = np.cumsum(among) - among
        at_start = np.maximum.accumulate(np.where(self.tight_first, before, 0))
        result = kept.copy()
        result[self.tight] = among & (before - at_start < self.max_detections)
        return result

    def what_if(self, rules: list[Rule], query: Query, before: Scores) -> RuleEffect:
        """Match again without the dropped predictions; see :meth:`Evaluation.what_if`."""
        dropped = self.dropped(rules)
        chosen = self.chosen(query)
        after = self.score(~dropped, chosen, query, int(np.count_nonzero(dropped)))
        return RuleEffect(
            before=before,
            after=after,
            removed=int(np.count_nonzero(dropped & chosen)),
            true_positives_lost=before.true_positives - after.true_positives,
            false_positives_removed=before.false_positives - after.false_positives,
            f1_before=before.f1,
            f1_after=after.f1,
        )

    def chosen(self, query: Query) -> NDArray[np.bool_]:
        """Mark the predictions of the chosen classes at or above the confidence threshold."""
        predictions = self.engine.predictions
        chosen = query.is_sure(predictions.confidence, predictions.class_code)
        if len(query.classes) < self.engine.n_classes:
            chosen &= self.engine.class_mask(query.classes)[predictions.class_code]
        return chosen

    def score(
        self, kept: NDArray[np.bool_], chosen: NDArray[np.bool_], query: Query, n_dropped: int
    ) -> Scores:
        """Score the predictions that are kept, as a fresh evaluation of them would.

        Parameters
        ----------
        kept, chosen : ndarray of bool, shape (n_predictions,)
        query : Query
        n_dropped : int
            Predictions of the dataset that are not kept.

        Returns
        -------
        Scores
        """
        engine, classes = self.engine, list(query.classes)
        predictions = engine.predictions
        counted = self.evaluated(kept) & chosen
        row, label, _ = greedy_match(take(engine.pairs, counted), query.iou_threshold)
        ignored = engine.labels.ignored[label]
        found = row[~ignored]
        # Predictions below the confidence threshold end their class, so no rank needs them.
        counts = counted & engine.counting(found, row[ignored])
        before = np.concatenate([[0], np.cumsum(counts)])
        class_code = predictions.class_code[found]
        precision = average_precision(
            before[found] - before[predictions.start[class_code]],
            class_code,
            engine.labels_per_class,
            engine.matches_needed,
        )
        if engine.lacks_confidences:
            precision[:] = np.nan
        return scores_from_counts(
            self.class_index[classes],
            found=np.bincount(class_code, minlength=engine.n_classes)[classes],
            counted=np.diff(before[predictions.start])[classes],
            labels=engine.labels_per_class[classes],
            average_precision=precision[classes],
            predictions_total=len(self.dataset.frames.predictions) - n_dropped,
        )


def take(pairs: Pairs, wanted: NDArray[np.bool_]) -> Pairs:
    """Pairs of the wanted predictions."""
    kept = np.flatnonzero(wanted[pairs.prediction])
    if len(kept) == len(pairs.prediction):
        return pairs
    return Pairs(
        pairs.prediction[kept],
        pairs.label[kept],
        pairs.iou[kept],
        pairs.reusable[kept],
        pairs.n_labels,
    )


def check_rules(rules: object) -> list[Rule]:
    """Return the rules as a list, or refuse what is none; a single one may stand alone."""
    given = [rules] if isinstance(rules, Rule) else rules
    if not isinstance(given, (list, tuple)) or not all(isinstance(rule, Rule) for rule in given):
        raise InvalidInputError("rules", f"is {shown(rules)}", "Give a list of ea.Rule.")
    return list(given)
