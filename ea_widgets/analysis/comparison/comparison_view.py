"""A comparison under one choice of thresholds and classes: every question, paired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_count, check_flag, check_option
from ea_widgets.analysis.comparison.changes import asked_of, changes_of
from ea_widgets.analysis.comparison.label_table import label_table
from ea_widgets.analysis.comparison.new_false_positives import new_false_positives
from ea_widgets.analysis.comparison.paired_curve import ComparedCurve, compare_curves
from ea_widgets.analysis.comparison.paired_precision import precision_table
from ea_widgets.analysis.comparison.paired_scores import ComparedScores, compare_scores
from ea_widgets.analysis.comparison.paired_tables import (
    calibration_table,
    importance_differences,
    reason_table,
)
from ea_widgets.analysis.comparison.parts import part_table
from ea_widgets.analysis.scores import replicates_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ea_widgets.analysis.comparison.paired_curve import Scales
    from ea_widgets.analysis.scores import Replicates
    from ea_widgets.analysis.view import View


class ComparisonView:
    """A comparison under one choice of thresholds and classes: ask it as often as you like.

    ``comparison.at(...)`` makes one. It never changes.

    Parameters
    ----------
    names : tuple of str
        The first is the baseline.
    views : tuple of View
        Of each model, under the same choice.
    scales : LruCache
        Of the comparison: the values of the last metrics that were asked for.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        views: tuple[View, ...],
        scales: Scales,
    ) -> None:
        self.names, self.views, self._scales = names, views, scales
        self._replicates: list[Replicates] | None = None
        self._changes: pd.DataFrame | None = None
        self._new_false_positives: dict[str, pd.DataFrame] = {}

    def __repr__(self) -> str:
        return f"ComparisonView({', '.join(self.names)}; {self.views[0]!r})"

    def __getitem__(self, name: str) -> View:
        """Give the view of one model."""
        return self.views[self.names.index(name)]

    def scores(
        self, *, settled: bool = False, should_stop: Callable[[], bool] | None = None
    ) -> ComparedScores:
        """Score all models.

        Parameters
        ----------
        settled : bool, default False
            Add 95 % intervals and p-values; the same clusters are drawn for all models.
        should_stop : callable, optional
            See :meth:`View.importance`.

        Returns
        -------
        ComparedScores
        """
        settled = check_flag("settled", settled)
        replicates = self.resampled(should_stop) if settled else None
        return compare_scores(self.names, [view.scores() for view in self.views], replicates)

    def curve(self, metric: str, bins: int = 20) -> ComparedCurve:
        """Show how the rates of all models change with a metric, in the same bins.

        Parameters
        ----------
        metric : str
            With or without the level.
        bins : int, default 20
            Of equal count: of labels, or of the predictions of all models together.

        Returns
        -------
        ComparedCurve
        """
        n_bins = check_count("bins", bins)
        return compare_curves(self.names, self.views, metric, n_bins, self._scales)

    def changes(self, should_stop: Callable[[], bool] | None = None) -> pd.DataFrame:
        """Find what changed: overall, and in which ranges, categories and classes beyond that.

        Parameters
        ----------
        should_stop : callable, optional
            See :meth:`View.importance`.

        Returns
        -------
        DataFrame
            One row per change; none where nothing did. First `metric` "All", what changed
            overall, then by falling `errors_more`, whatever its sign. Columns `model`; `outcome`
            ("missed", of labels, or "false_positive", of predictions); `metric` (displayed name,
            "All" or "Class"); `low`, `high` (the closed range; NaN else), `category`; `n` (labels
            or predictions of the model in it); `baseline_rate`, `rate` (of that error, in
            [0, 1]), `difference` with `difference_low` and `difference_high` (95 %, paired;
            wider where the range was found by looking at many); `p_value` (family-wise: over all
            that is looked at); `errors_more` (n times the difference); `sentence`.

        Notes
        -----
        Ranges are runs of 20 equal-count bins. What each cluster adds to the difference of the
        error rates in a range, less its share of the overall difference, is summed; the score is
        that sum over the root of the sum of its squares. Alike everywhere can mean that the
        difference comes with each object, with each error or with each success, and the range must
        have changed by itself too: the least score of the four counts. From it goes
        0.5 sqrt(2 log(all rows / rows in the range)), since there are many more short ranges than
        long ones (Dümbgen & Spokoiny 2001). The null distribution swaps the models at random within
        whole clusters, and p comes from the largest of these of all (Westfall & Young 1993).
        """
        if self._changes is None:
            asked = asked_of(self.names, self.views)
            self._changes = changes_of(asked, self.views[0].class_names, should_stop)
        return self._changes.copy()

    def parts(
        self,
        by: Iterable[str] = (),
        bins: int = 5,
        should_stop: Callable[[], bool] | None = None,
    ) -> pd.DataFrame:
        """Compare mAP, on all data and in parts of them.

        Parameters
        ----------
        by : iterable of str
            Metrics, with or without the level, whose ranges or categories are the parts; "Class"
            gives the AP of each class.
        bins : int, default 5
            Ranges of a numeric metric, of equally many labels.
        should_stop : callable, optional
            See :meth:`View.importance`.

        Returns
        -------
        DataFrame
            One row per model and part, all data first. Columns `model`, `by`, `part` (in words),
            `baseline`, `value` (mAP of the baseline and of the model), `difference` with
            `difference_low` and `difference_high`: 95 % intervals that hold for all parts at once
            (the 95 % point of the largest studentised deviation, from the same resampled
            clusters); NaN where labels are in fewer than 30 clusters.

        Raises
        ------
        InvalidInputError
            If a metric is unknown.
        """
        if isinstance(by, str):
            by = (by,)
        bins, everything = check_count("bins", bins), self.resampled(should_stop)
        return part_table(self.names, self.views, by, bins, everything, should_stop)

    def labels(self) -> pd.DataFrame:
        """Tell which models found each label.

        Returns
        -------
        DataFrame
            One row per label of the chosen classes that is not ignored: `image_id`, `label_id`,
            `class_name`, its box, then by model `found_<model>`, `confidence_<model>`,
            `iou_<model>` (NaN where it was missed), and `change_<model>` of each further model:
            "kept", "lost", "gained" or "missed", compared with the baseline.
        """
        return label_table(self.names, self.views)

    def new_false_positives(self, model: str | None = None) -> pd.DataFrame:
        """Find the false positives of a model at which the baseline has none.

        Parameters
        ----------
        model : str, optional
            By default the last one.

        Returns
        -------
        DataFrame
            The surest first; index: the row in that model's ``dataset.predictions``. Columns
            `image_id`, `prediction_id`, `class_name`, its box, `confidence`, `reason` (see
            :class:`Matches`). New is what no false positive of the baseline, of that image and
            class, overlaps by the IoU threshold or more.
        """
        model = check_option("model", model or self.names[-1], self.names[1:])
        found = self._new_false_positives
        if model not in found:  # asked again for each page of pictures
            found[model] = new_false_positives(self.views[0], self[model])
        return found[model].copy()

    def reasons(self) -> pd.DataFrame:
        """Count why predictions are wrong and labels missed, by model.

        Returns
        -------
        DataFrame
            Columns `objects` ("predictions" or "labels"), `reason` (see :class:`Reasons`),
            `count_<model>` of each; and of each further model `difference_<model>` from the
            baseline's, `difference_low_<model>`, `difference_high_<model>` (95 %, paired: over
            what each cluster adds) and `p_value_<model>`; NaN for fewer than 10 clusters.
        """
        return reason_table(self.names, self.views)

    def calibration(self) -> pd.DataFrame:
        """Tell how far the confidences of each model are from its precision.

        Returns
        -------
        DataFrame
            Index `model`; columns `error`, `noise_floor`, `overconfidence`, `n` (see
            :class:`Calibration`), `error_difference` and `overconfidence_difference` from the
            baseline's, the latter with `overconfidence_difference_low`,
            `overconfidence_difference_high` (95 %, paired) and `overconfidence_p_value`. The
            difference of the errors has none: resamples of it are biased, and cover nothing.
        """
        return calibration_table(self.names, self.views)

    def importance(
        self,
        outcome: str = "true_positive",
        *,
        settled: bool = False,
        should_stop: Callable[[], bool] | None = None,
        **options: Any,
    ) -> pd.DataFrame:
        """Rank the metrics by model, the baseline's order first.

        Parameters
        ----------
        outcome, options
            See :meth:`View.importance`.
        settled : bool, default False
            Add the paired intervals of the differences.
        should_stop : callable, optional
            See :meth:`View.importance`.

        Returns
        -------
        DataFrame
            Index: the displayed name. Columns `importance_<model>`, `correlation_<model>`, and
            `difference_<model>` of the importance from the baseline's; settled also
            `difference_low_<model>`, `difference_high_<model>` (95 %, from the same resampled
            clusters for both) and `p_value_<model>`.
        """
        settled = check_flag("settled", settled)
        tables = [view.importance(outcome, **options) for view in self.views]
        first = tables[0]
        frame = pd.DataFrame(index=first.index)
        for name, table in zip(self.names, tables, strict=True):
            for column in ("importance", "correlation"):
                frame[f"{column}_{name}"] = table[column].reindex(first.index)
        for name, view in zip(self.names[1:], self.views[1:], strict=True):
            difference = frame[f"importance_{name}"] - frame[f"importance_{self.names[0]}"]
            frame[f"difference_{name}"] = difference
            if settled:
                ends = importance_differences([self.views[0], view], outcome, should_stop)
                ends = ends.reindex(first.index)
                low = np.fmin(ends["difference_low"], difference)
                high = np.fmax(ends["difference_high"], difference)
                frame[f"difference_low_{name}"] = low
                frame[f"difference_high_{name}"] = high
                frame[f"p_value_{name}"] = ends["p_value"]
        return frame

    def precision_recall(
        self, *, settled: bool = False, should_stop: Callable[[], bool] | None = None
    ) -> pd.DataFrame:
        """Trace precision over recall of all models.

        Parameters
        ----------
        settled : bool, default False
            Add the paired intervals of the differences.
        should_stop : callable, optional
            See :meth:`View.importance`.

        Returns
        -------
        DataFrame
            A column `model` before those of :meth:`View.precision_recall`, and `difference`: at
            each recall level of the rows of kind "interpolated", the precision less the baseline's
            of that class. Settled also `difference_low`, `difference_high` (95 %, from the same
            resampled clusters for both) and `p_value` (two-sided, of that level alone); NaN for a
            class with labels in fewer than 30 clusters. NaN for the baseline and in "raw" rows.
        """
        settled = check_flag("settled", settled)
        return precision_table(self.names, self.views, should_stop, settled=settled)

    def resampled(self, should_stop: Callable[[], bool] | None = None) -> list[Replicates]:
        """Score the resampled clusters of each model; kept for the next question."""
        if self._replicates is None:
            self._replicates = [
                replicates_of(view.matched_data, view.query, should_stop) for view in self.views
            ]
        return self._replicates
