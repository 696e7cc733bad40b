"""The one door: what readers found and what users give becomes the frames of a Dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks import (
    BoxForm,
    Category,
    ClassKeys,
    Codes,
    Evidence,
    ImageTable,
    KnownImages,
    ObjectTable,
    Problems,
    Suspicions,
    forms_given,
    id_codes,
    most_confident,
    name_classes,
    name_codes,
    parse_form,
    read_categories,
    read_images,
    read_objects,
    table_of_names,
)
from ea_widgets.data.checks.joining.join_classes import join_classes
from ea_widgets.data.checks.joining.join_images import join_images
from ea_widgets.data.checks.values import UNKNOWN, positions_of
from ea_widgets.data.frames import MAX_DETECTIONS, TidyFrames, add_further_columns
from ea_widgets.errors import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.checks import RawFrames

    Rows = NDArray[np.intp]

_REMEDY_CLASS = "Give every row a class: the name of one, or the number of one of the categories."

_NO_CONFIDENCES = (
    "The predictions have no confidences: AP and what else needs their order are missing (NaN)."
)


@dataclass(frozen=True)
class DoorOptions:
    """What a user decides about the door.

    Parameters
    ----------
    on_problem : str, default "report"
        "report" leaves out or mends what cannot be used, and counts it; "raise" refuses it.
    boxes : str or mapping, optional
        See :func:`ea_widgets.data.checks.agreement.box_forms.forms_given`.
    class_ids : str, optional
        See :data:`ea_widgets.data.checks.joining.join_classes.CLASS_IDS`.
    cluster : str, optional
        The column of the images that says which of them belong together.
    size_of : callable (image id, file name) -> (width, height) or None, optional
        Gives the size of an image that the labels do not state.
    """

    on_problem: str = "report"
    boxes: str | Mapping[str, str] | None = None
    class_ids: str | None = None
    cluster: str | None = None
    size_of: Callable[[Any, str | None], tuple[int, int] | None] | None = None


def tidy(labels: RawFrames, predictions: RawFrames, options: DoorOptions) -> TidyFrames:
    """Check and join images, labels and predictions.

    Parameters
    ----------
    labels : RawFrames
        With `images` and `labels`.
    predictions : RawFrames
        With `predictions`.
    options : DoorOptions

    Returns
    -------
    TidyFrames
        Rows in the order given, without those that cannot be used.

    Raises
    ------
    InvalidInputError
        If more than half of a file cannot be used, ids are ambiguous, or, where the user wishes
        so, if anything cannot be used.
    """
    problems = Problems(options.on_problem)
    forms = {"labels": parse_form(labels.boxes), "predictions": parse_form(predictions.boxes)}
    forms |= forms_given(options.boxes)
    notes = [*labels.notes, *predictions.notes]
    images = read_images(labels, problems, notes, options.size_of, options.cluster)
    truths = read_objects("labels", labels, problems)
    found = read_objects("predictions", predictions, problems)

    if "confidence" not in found.frame and len(found.frame):
        notes.append(_NO_CONFIDENCES)

    truth_images = _label_images(truths, images, notes, problems)
    table = _class_table(labels, predictions, problems)
    path = labels.source("categories").path
    called = f"`{path}`" if path else "the labels' classes"
    truth_classes = _label_classes(truths, table, called, problems)
    truths.to_pixels(forms["labels"], images, truth_images, problems)
    if labels.polygons_are_shares:
        truths.polygons_to_pixels(images, truth_images)
    truths.check_boxes(problems)
    truths.check_masks(images, truth_images, problems)

    image_ids = id_codes(found.frame["image_id"])
    keys, key_rows = _class_keys(found, options)
    evidence = Evidence(
        found.boxes,
        found.confidence,
        image_ids.rows,
        key_rows,
        truths.boxes,
        np.where(truths.keep, truth_images, -1),
        truth_classes,
    )
    evidence_boxes = _EvidenceInPixels(evidence, forms["predictions"], images)
    found_images, image_note = _prediction_images(
        found, predictions, images, image_ids, evidence_boxes, problems
    )
    found.to_pixels(forms["predictions"], images, found_images, problems)
    if predictions.polygons_are_shares:
        found.polygons_to_pixels(images, found_images)
    found.check_boxes(problems)
    found.check_masks(images, found_images, problems)
    evidence = Evidence(
        found.boxes,
        found.confidence,
        found_images,
        key_rows,
        truths.boxes,
        evidence.label_images,
        truth_classes,
    )
    every_image = np.arange(len(images.ids), dtype=np.intp)
    own = None
    if predictions.categories is not None and predictions is not labels:
        own_source = predictions.source("categories")
        own = [tuple(one) for one in read_categories(own_source, predictions.categories, problems)]
    joined = join_classes(
        found.source,
        keys,
        table,
        lambda rows: evidence.share_of_one_class(every_image, rows),
        own=own,
        class_ids=options.class_ids,
        like_ultralytics=bool(image_note) or "file_name" in found.frame,
    )
    notes += [note for note in (image_note, *joined.notes) if note is not None]
    found_classes = _take(joined.rows, key_rows)
    _check_classes(found, found_classes, key_rows, table, called, problems)
    truths.drop_copies(truth_images, truth_classes, problems)
    for objects in (truths, found):
        problems.check_share(objects.source, objects.keep)
    _keep_most_confident(found, found_images, labels.predictions_per_image, notes)
    for objects in (truths, found):
        objects.check_ids(problems, notes)

    return _assemble(
        images,
        truths,
        found,
        (truth_images, found_images),
        (truth_classes, found_classes),
        joined.table,
        labels.class_columns,
        notes,
        problems,
        options.cluster,
        labels.predictions_per_image,
    )


def _keep_most_confident(
    found: ObjectTable, images: Rows, most: int | None, notes: list[str]
) -> None:
    """Leave out the least confident predictions of images that have too many."""
    if most is None:
        return
    kept = most_confident(images, found.confidence, found.keep, most)
    n_beyond = int(found.keep.sum() - kept.sum())
    if n_beyond:
        notes.append(
            f"Each image keeps its {most:,} most confident predictions, as this format's own "
            f"evaluation does: {n_beyond:,} are left out."
        )
    found.keep = kept


def _take(found: Rows, rows: Rows) -> Rows:
    """Look positions up, where -1 stays -1."""
    return np.append(found, -1)[rows]


def _label_images(
    truths: ObjectTable, images: ImageTable, notes: list[str], problems: Problems
) -> Rows:
    """Find the image of each label; leave out labels of images that are not listed.

    Labels name images by their ids. Only where no id is known are they taken for file names.
    """
    codes = id_codes(truths.frame["image_id"])
    known = _known_images(images)
    if set(codes.used).isdisjoint(images.ids):
        counts = np.ones(len(codes.used), dtype=np.intp)
        found, note = join_images(truths.source, codes.used, counts, known, _nothing)
        notes += [] if note is None else [note]
    else:
        found = positions_of(codes.used, images.ids)
    rows = _take(np.maximum(found, UNKNOWN), codes.rows)
    _check_image_ids(truths, codes, rows, images, problems)
    return rows


def _nothing(_: Rows) -> float:
    return 0.0


def _known_images(images: ImageTable) -> KnownImages:
    """List ids and file names of the images; ids that are text may be paths themselves."""
    names = [
        name or (id_ if isinstance(id_, str) else None)
        for id_, name in zip(images.ids, images.file_names, strict=True)
    ]
    return KnownImages(images.ids, names)


def _check_image_ids(
    objects: ObjectTable, codes: Codes, rows: Rows, images: ImageTable, problems: Problems
) -> None:
    values = objects.frame["image_id"]
    for bad, what, remedy in (
        (codes.missing, "is missing", "Give every row the id of its image."),
        (codes.odd, "is neither a whole number nor text", "Ids are whole numbers or text."),
        (
            rows < 0,
            f"is not among the ids of {images.called}",
            f"{images.examples()}Are labels and predictions of the same images?",
        ),
    ):
        objects.leave_out(problems, "image_id", bad, values, what=what, remedy=remedy)


def _prediction_images(
    found: ObjectTable,
    predictions: RawFrames,
    images: ImageTable,
    codes: Codes,
    evidence: _EvidenceInPixels,
    problems: Problems,
) -> tuple[Rows, str | None]:
    """Find the image of each prediction; leave out those on images that the labels lack."""
    counts = np.bincount(codes.rows[codes.rows >= 0], minlength=len(codes.used))
    positions, note = join_images(
        found.source,
        codes.used,
        counts,
        _known_images(images),
        evidence.share_found,
        _own_names(found, predictions, codes),
    )
    rows = _take(positions, codes.rows)
    _check_image_ids(found, codes, rows, images, problems)
    return rows, note


def _own_names(found: ObjectTable, predictions: RawFrames, codes: Codes) -> dict[Any, str]:
    """File names that the predictions give for their image ids."""
    frame = predictions.images
    if frame is not None and "file_name" in frame:
        own = id_codes(frame["image_id"])
        names = frame["file_name"].tolist()
        return {
            own.used[row]: name
            for row, name in zip(own.rows.tolist(), names, strict=True)
            if row >= 0 and isinstance(name, str)
        }
    if "file_name" not in found.frame:
        return {}
    cells = found.frame["file_name"].to_numpy()
    _, first = np.unique(codes.rows, return_index=True)
    return {
        codes.used[codes.rows[row]]: cells[row]
        for row in first.tolist()
        if codes.rows[row] >= 0 and isinstance(cells[row], str)
    }


@dataclass(frozen=True)
class _EvidenceInPixels:
    """Evidence on boxes whose form needs the size of the image that is looked for."""

    evidence: Evidence
    form: BoxForm
    images: ImageTable

    def share_found(self, positions: Rows) -> float:
        rows = self.evidence.rows
        at = positions[self.evidence.image_codes[rows]]
        width, height = self.images.width[at], self.images.height[at]
        boxes = self.form.to_pixels(self.evidence.boxes[:, rows], width, height)
        return self.evidence.share_found(positions, boxes)


def _class_table(labels: RawFrames, predictions: RawFrames, problems: Problems) -> list[Category]:
    """Make the table of the labels' classes."""
    if labels.categories is not None:
        return read_categories(labels.source("categories"), labels.categories, problems)
    frame, other = labels.labels, predictions.predictions
    assert frame is not None  # noqa: S101  # a reader of labels gives them
    assert other is not None  # noqa: S101
    if "class_name" in frame:
        names = [frame["class_name"]]
        if "class_name" in other and predictions.categories is None:
            names.append(other["class_name"])
        return table_of_names(*names)
    ids = [Category(id_, str(id_)) for id_ in id_codes(frame["class_id"]).used]
    return sorted(ids, key=lambda one: (isinstance(one.id, str), one.id))


def _label_classes(
    truths: ObjectTable, table: list[Category], called: str, problems: Problems
) -> Rows:
    """Find the class of each label, by name before number; leave out labels without one."""
    nowhere = np.full(len(truths.frame), -1, dtype=np.intp)
    found = {}
    codes = {}
    for column, key in (("class_name", "name"), ("class_id", "id")):
        if column not in truths.frame:
            found[column] = nowhere
            continue
        values = truths.frame[column]
        codes[column] = (id_codes if key == "id" else name_codes)(values)
        if key == "id":
            at = np.maximum(positions_of(codes[column].used, [one.id for one in table]), UNKNOWN)
        else:
            position = {one.name: row for row, one in reversed([*enumerate(table)])}
            named = [position.get(name, UNKNOWN) for name in codes[column].used]
            at = np.array(named, dtype=np.intp)
        found[column] = _take(at, codes[column].rows)
    by_name, by_id = found["class_name"], found["class_id"]
    names = np.array([*(one.name for one in table), None], dtype=object)
    # Of several classes with one name, the number says which.
    rows = np.where((by_name < 0) | (names[by_name] == names[by_id]), by_id, by_name)
    column = next(reversed(codes))
    # An ignored label without a class is ignored for every class, as KITTI's DontCare.
    silent = np.logical_and.reduce([one.missing for one in codes.values()])
    for_all = silent & (truths.columns["ignore"] | truths.columns["is_crowd"])
    at_fault = np.where(for_all, 0, rows)
    _check_class_codes(truths, column, codes[column], at_fault, table, called, problems)
    return rows


def _known(table: list[Category]) -> str:
    some = ", ".join(
        shown(one.name) if one.id is None else f"{shown(one.id)} ({shown(one.name)})"
        for one in table[:3]
    )
    such = f", such as {some}" if some else ""
    return f"Known are {len(table):,} categories{such}."


def _check_class_codes(
    objects: ObjectTable,
    column: str,
    codes: Codes,
    rows: Rows,
    table: list[Category],
    called: str,
    problems: Problems,
) -> None:
    kind = "a whole number nor text" if column == "class_id" else "text nor a whole number"
    for bad, what, remedy in (
        (codes.missing & (rows < 0), "is missing", _REMEDY_CLASS),
        (codes.odd & (rows < 0), f"is neither {kind}", _REMEDY_CLASS),
        (
            rows < 0,
            f"is not among the ids of {called}",
            _known(table),
        ),
    ):
        objects.leave_out(problems, column, bad, objects.frame[column], what=what, remedy=remedy)


def _class_keys(found: ObjectTable, options: DoorOptions) -> tuple[ClassKeys, Rows]:
    """List the classes that predictions have, by number, name or both."""
    n_rows = len(found.frame)
    nothing = Codes(np.full(n_rows, -1), [], np.ones(n_rows, bool), np.zeros(n_rows, bool))
    ids = id_codes(found.frame["class_id"]) if "class_id" in found.frame else nothing
    names = name_codes(found.frame["class_name"]) if "class_name" in found.frame else nothing
    if options.class_ids == "names" and names.used:
        ids = nothing
    key_ids: list[Any]
    key_names: list[str | None]
    if not names.used:
        rows, key_ids, key_names = ids.rows, list(ids.used), [None] * len(ids.used)
    elif not ids.used:
        rows, key_ids, key_names = names.rows, [None] * len(names.used), list(names.used)
    else:
        both = (ids.rows + 1) * (len(names.used) + 1) + names.rows + 1
        both[both == 0] = -1
        rows, used = pd.factorize(np.where(both > 0, both, -1), use_na_sentinel=True)
        rows = np.where(both > 0, rows, -1)
        parts = [divmod(int(one), len(names.used) + 1) for one in used]
        key_ids = [ids.used[one - 1] if one > 0 else None for one, _ in parts]
        key_names = [names.used[two - 1] if two > 0 else None for _, two in parts]
    counts = np.bincount(rows[rows >= 0], minlength=len(key_ids))
    return ClassKeys(key_ids, key_names, counts), rows.astype(np.intp, copy=False)


def _check_classes(
    found: ObjectTable,
    classes: Rows,
    key_rows: Rows,
    table: list[Category],
    called: str,
    problems: Problems,
) -> None:
    column = "class_id" if "class_id" in found.frame else "class_name"
    values = found.frame[column]
    found.leave_out(
        problems,
        column,
        (key_rows < 0) & values.isna().to_numpy(),
        values,
        what="is missing",
        remedy=_REMEDY_CLASS,
    )
    found.leave_out(
        problems,
        column,
        key_rows < 0,
        values,
        what="is neither text nor a whole number",
        remedy=_REMEDY_CLASS,
    )
    found.leave_out(
        problems,
        column,
        classes < 0,
        values,
        what=f"is not among the ids of {called}",
        remedy=f"{_known(table)} {_how_to_number(table)}",
    )


def _how_to_number(table: list[Category]) -> str:
    if any(one.id is not None for one in table):
        return "`class_ids` says how predictions number classes."
    return (
        "The labels name their classes without numbers: give the predictions names too, or "
        "`class_ids='position'` if they count the labels' classes in this order."
    )


def _assemble(
    images: ImageTable,
    truths: ObjectTable,
    found: ObjectTable,
    image_rows: tuple[Rows, Rows],
    class_rows: tuple[Rows, Rows],
    table: list[Category],
    class_columns: Mapping[str, Sequence[Any]],
    notes: list[str],
    problems: Problems,
    cluster: str | None,
    per_image: int | None,
) -> TidyFrames:
    """Build the frames of the rows that are kept."""
    used = np.zeros(len(table), dtype=bool)
    for objects, rows in zip((truths, found), class_rows, strict=True):
        kept = rows[objects.keep]
        used[kept[kept >= 0]] = True
    names, name_notes = name_classes(table, used)
    class_names = tuple(name for name in names if name is not None)
    code_of = {name: code for code, name in enumerate(class_names)}
    codes = np.array([-1 if name is None else code_of[name] for name in names], dtype=np.intp)
    dtype = pd.CategoricalDtype(list(class_names))
    frames = {"images": images.frame}
    for objects, at, classes in zip((truths, found), image_rows, class_rows, strict=True):
        for column, cells in class_columns.items():
            padded = np.array([*cells, *[None] * (len(table) + 1 - len(cells))], dtype=object)
            objects.frame = objects.frame.assign(**{column: padded[classes]})
        frames[objects.source.name] = objects.tidy_frame(
            images.frame["image_id"],
            at,
            pd.Categorical.from_codes(_take(codes, classes), dtype=dtype),
        )
    tidy_frames = {
        name: add_further_columns(name, frame, raw, notes)
        for (name, frame), raw in zip(
            frames.items(), (images.further, truths.further, found.further), strict=True
        )
    }
    number_of = {name: table[row].id for row, name in enumerate(names) if name is not None}
    class_ids = tuple(number_of[name] for name in class_names)
    most = per_image or MAX_DETECTIONS
    return TidyFrames(
        **tidy_frames,
        class_names=class_names,
        notes=(*notes, *name_notes, *(one.sentence() for one in problems.found)),
        problems=tuple(problems.found),
        cluster=cluster,
        max_detections=most,
        suspicions=Suspicions(**tidy_frames, class_ids=class_ids, most_evaluated=most),
    )
