"""Raw mutual information as other tools show it, for those who compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample import Sample

RANDOM_STATE = 42
"""As Encord Active used it."""

FEWEST = 4
"""One row and its three neighbours."""


def mutual_information(
    sample: Sample, outcome: NDArray[np.float64], *, discrete: bool
) -> NDArray[np.float64]:
    """Estimate mutual information from nearest neighbours, with scikit-learn.

    Parameters
    ----------
    sample : Sample
    outcome : ndarray of float64, shape (n_counted,)
    discrete : bool
        ``mutual_info_classif`` for an outcome that is yes or no; ``mutual_info_regression``
        otherwise.

    Returns
    -------
    ndarray of float64, shape (n_metrics,)
        Nats, from 0 up, without an upper end; 0 where fewer than four rows have a value.

    Notes
    -----
    Kraskov et al. (2004) and Ross (2014), with three neighbours and ``random_state=42``; metrics
    are taken as continuous, in the order of the dataset's rows. All metrics without gaps are
    given in one call, one with gaps is estimated alone, on its rows.

    Why this is not the default: nats of a yes-or-no outcome end at ln 2 = 0.69 at most, so an axis
    from 0 to 1 never fills; metrics with many ties, and metrics of images above all, come out too
    high (0.07 to 0.12 for random numbers per image); it changes with increasing transforms, and by
    the order of the rows and the other metrics of the call, since random noise breaks ties (up
    to 0.02 at 1,000 rows); and it takes minutes on 500,000 predictions.
    """
    from sklearn.feature_selection import (  # noqa: PLC0415  # a second, for those who ask
        mutual_info_classif,
        mutual_info_regression,
    )

    estimate = mutual_info_classif if discrete else mutual_info_regression
    rows = sample.rows
    order = np.argsort(sample.source_row[rows], kind="stable")
    target = outcome[order].astype(np.int64) if discrete else outcome[order]
    columns = [column.take(rows) for column in sample.selection.side.metrics.values()]
    result = np.zeros(len(columns))
    kinds = sample.selection.side.categorical
    categorical = np.zeros(len(columns), bool) if kinds is None else kinds
    if len(rows) < FEWEST:
        return result
    values = [column.spread(np.append(column.values, np.nan))[order] for column in columns]
    complete = [number for number, value in enumerate(values) if not np.isnan(value).any()]
    if complete:
        table = np.column_stack([values[number] for number in complete])
        result[complete] = estimate(
            table, target, discrete_features=categorical[complete], random_state=RANDOM_STATE
        )
    for number in set(range(len(columns))) - set(complete):
        present = ~np.isnan(values[number])
        if present.sum() >= FEWEST:
            table = values[number][present][:, None]
            result[number] = estimate(
                table,
                target[present],
                discrete_features=categorical[[number]],
                random_state=RANDOM_STATE,
            )[0]
    return result
