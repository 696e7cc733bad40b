"""The objects of one cell of the confusion matrix."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.actions.examples import ExamplePage, gallery_of
from ea_widgets.analysis.actions.object_kinds import KINDS
from ea_widgets.analysis.checks import check_count, check_option
from ea_widgets.analysis.confusion.tables import NOT_FOUND, NOTHING_THERE, OTHER_CLASSES, assign

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.confusion.second_pass import Assignment
    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample.query import Query


def confused_objects(
    data: MatchedData,
    query: Query,
    label_class: str,
    predicted_class: str,
    page: int = 0,
    page_size: int = 24,
) -> ExamplePage:
    """Look at the objects of a cell; see :meth:`View.confused_objects`."""
    further = () if len(query.classes) == data.engine.n_classes else (OTHER_CLASSES,)
    names = (*data.class_names, *further)
    check_option("label_class", label_class, (*names, NOTHING_THERE))
    check_option("predicted_class", predicted_class, (*names, NOT_FOUND))
    page, page_size = check_count("page", page, least=0), check_count("page_size", page_size)
    every = replace(query, classes=tuple(range(data.engine.n_classes)))
    assigned, gallery = assign(data, query), gallery_of(data)
    found = gallery.kinds(every)
    if predicted_class == NOT_FOUND:
        number, rows = 1, not_found_rows(data, query, assigned, label_class)
    else:
        number, (rows, label, iou) = (
            0,
            prediction_rows(data, query, assigned, label_class, predicted_class),
        )
    kinds = found[number]
    if number == 0 and len(label):
        other, overlap = kinds.other.copy(), kinds.iou.copy()
        other[rows], overlap[rows] = label, iou
        kinds = replace(kinds, other=other, iou=overlap)
    start = page * page_size
    counts = np.bincount(kinds.kind[rows], minlength=len(KINDS)).tolist()
    return ExamplePage(
        rows=gallery.table(number, rows[start : start + page_size], kinds),
        total=len(rows),
        counts=dict(zip(KINDS, counts, strict=True)),
        page=page,
        page_size=page_size,
    )


def not_found_rows(
    data: MatchedData, query: Query, assigned: Assignment, label_class: str
) -> NDArray[np.intp]:
    """Labels of a class that nobody took; none of "nothing there" or of other classes."""
    wanted = class_mask(data, query, label_class)
    if label_class == OTHER_CLASSES or data.slice.lacking == "O":
        wanted[:] = False
    return assigned.not_found[wanted[data.engine.labels.class_code[assigned.not_found]]]


def prediction_rows(
    data: MatchedData, query: Query, assigned: Assignment, label_class: str, predicted_class: str
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Predictions of a cell by falling confidence, the labels they took, and their overlap.

    No labels and overlaps of those that took nothing.
    """
    of_label, of_prediction = data.engine.labels.class_code, data.engine.predictions.class_code
    place = data.engine.by_confidence.place
    predicted = class_mask(data, query, predicted_class)
    if label_class == NOTHING_THERE:
        if predicted_class == OTHER_CLASSES or data.slice.lacking == "P":
            predicted[:] = False
        rows = assigned.alone[predicted[of_prediction[assigned.alone]]]
        return rows[np.argsort(place[rows])], np.zeros(0, np.intp), np.zeros(0)
    actual = class_mask(data, query, label_class)
    if label_class == predicted_class == OTHER_CLASSES:
        predicted[:] = False  # about none of the chosen classes
    inside = actual[of_label[assigned.label]] & predicted[of_prediction[assigned.prediction]]
    chosen = np.flatnonzero(inside)
    chosen = chosen[np.argsort(place[assigned.prediction[chosen]])]
    return assigned.prediction[chosen], assigned.label[chosen], assigned.iou[chosen]


def class_mask(data: MatchedData, query: Query, name: str) -> NDArray[np.bool_]:
    """Mark the classes that a row or column of the matrix is about, shape (n_classes,)."""
    if name == OTHER_CLASSES and name not in data.class_names:
        return ~data.engine.class_mask(query.classes)
    return np.array([known == name for known in data.class_names], bool)
