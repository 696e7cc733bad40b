"""Readers by name, each with what its format says and what is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ea_widgets.data.read import read

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from ea_widgets.data.dataset import Dataset


def read_coco(
    labels: str | os.PathLike[str] | dict[str, Any] | None = None,
    predictions: str | os.PathLike[str] | Sequence[dict[str, Any]] | dict[str, Any] | None = None,
    images: Any = None,
    *,
    on_problem: str = "report",
    boxes: str | Mapping[str, str] | None = None,
    class_ids: str | None = None,
) -> Dataset:
    """Read labels and predictions in COCO's format.

    Parameters
    ----------
    labels : path or dict
        A COCO label file (``instances_*.json``), or the object in it: images with their sizes,
        annotations, categories. ``iscrowd``, ``ignore``, ``area`` (as ``coco_area``), polygons
        and run lengths are kept.
    predictions : path, list of dict, or dict
        A COCO results file, or the list in it: ``image_id``, ``category_id``, ``bbox`` and
        ``score``; without ``bbox`` it is taken from ``segmentation`` or ``keypoints``. Also read:
        Ultralytics' ``predictions.json``, with file stems as image ids and category ids raised by
        one; and a whole COCO data set whose annotations have scores, joined by file names and
        category names where its ids differ.
    images : path, mapping or callable, optional
        Where pixels come from: a folder that the labels' file names are in; arrays by image id;
        or a function from image id to array. A file outside of the folder is never read: such
        an image counts as one that cannot be read.
    on_problem : {"report", "raise"}, default "report"
        What to do about rows that cannot be used: leave them out or mend them, and count them in
        ``dataset.problems`` and ``dataset.notes``; or refuse the file.
    boxes : str or mapping, optional
        How the predictions write boxes, if not as x, y, width, height in pixels: "xyxy" for
        corners, "cxcywh" for centres, with "n" behind it for shares of the image, with "@640" for
        pixels of a network's input. A mapping says it for "labels" and "predictions".
    class_ids : str, optional
        How the predictions number classes, if not as the labels: "from_zero", "from_one",
        "coco_80" (0 to 79 for COCO's 1 to 90), "position" (in the labels' list of categories),
        "names" (by ``category_name``), "as_given" (never by name).

    Returns
    -------
    Dataset
        Rows in the order of the files, classes in the order of the categories; boxes in pixels.
        ``notes`` says how ids were understood, and what was odd.

    Raises
    ------
    InvalidInputError
        If a file is missing, is no JSON or not COCO's; labels and predictions are swapped; ids
        can be understood in two ways; more than half of a file cannot be used; or there is no
        such image folder.

    Examples
    --------
    >>> box = {"image_id": 7, "category_id": 1, "bbox": [8, 8, 9, 9]}
    >>> labels = {
    ...     "images": [{"id": 7, "width": 640, "height": 480}],
    ...     "annotations": [{"id": 1, **box}],
    ...     "categories": [{"id": 1, "name": "cat"}],
    ... }
    >>> read_coco(labels, [{**box, "score": 0.5}])
    Dataset(1 image, 1 label, 1 prediction, 1 class)
      classes: cat
      metrics: none yet; ea.compute_metrics(dataset) adds them
    """
    return read(
        labels,
        predictions,
        images,
        format={"labels": "coco", "predictions": "coco"},
        on_problem=on_problem,
        boxes=boxes,
        class_ids=class_ids,
    )


def read_cvat(
    labels: str | os.PathLike[str],
    predictions: Any,
    images: Any = None,
    *,
    on_problem: str = "report",
    boxes: str | Mapping[str, str] | None = None,
    class_ids: str | None = None,
) -> Dataset:
    """Read labels of CVAT ("CVAT for images 1.1") with predictions of any format.

    Parameters
    ----------
    labels : path
        The ``annotations.xml`` of an export.
    predictions : path or object
        Of any format that :func:`ea_widgets.read` knows; or CVAT's own, whose shapes have an
        attribute "confidence" or "score".
    images, on_problem, boxes, class_ids
        See :func:`ea_widgets.read`.

    Returns
    -------
    Dataset
        Kept are ids, names and sizes of images; boxes; polygons and masks as ``segmentation``, with
        the box around them; ``occluded``, ``z_order``, ``source``, ``group_id`` and every attribute
        as columns; tags as columns of the images. The format has no crowds and no confidences.
        Rotated boxes are left out and counted, as are lines, points, cuboids, ellipses and
        skeletons, in a note.

    Raises
    ------
    InvalidInputError
        As :func:`ea_widgets.read`; also if the file is CVAT for video, or declares a DOCTYPE.

    Examples
    --------
    >>> read_cvat("annotations.xml", "detections.json", images="images/")  # doctest: +SKIP
    """
    return read(
        labels,
        predictions,
        images,
        format="cvat",
        on_problem=on_problem,
        boxes=boxes,
        class_ids=class_ids,
    )


def read_kitti(
    labels: str | os.PathLike[str],
    predictions: Any,
    images: Any = None,
    *,
    on_problem: str = "report",
    boxes: str | Mapping[str, str] | None = None,
    class_ids: str | None = None,
) -> Dataset:
    """Read labels in KITTI's text format, with predictions of any format.

    Parameters
    ----------
    labels : path
        The folder of text files (``label_2``), one per image, 15 columns.
    predictions : path or object
        A folder of result files with a score in column 16, or any other format that
        :func:`ea_widgets.read` knows.
    images : path, mapping or callable, optional
        Where pixels and sizes of images come from. Default: ``image_2`` beside the labels.
    on_problem, boxes, class_ids : optional
        As :func:`ea_widgets.read` takes them.

    Returns
    -------
    Dataset
        Image ids are the stems of files. ``truncated``, ``occluded``, ``alpha``, the size of the
        object in metres (``object_height``, ...), its location in metres (``location_x``, ...) and
        ``rotation_y`` are kept; missing where the file says that they are unknown.

    Raises
    ------
    InvalidInputError
        As :func:`ea_widgets.read`.

    Notes
    -----
    ``DontCare`` is a label without a class that is ignored for every class, as a crowd is: a
    prediction that it covers counts nowhere. KITTI's classes of difficulty are slices by height,
    ``occluded`` and ``truncated``. The format holds no ids of labels and no masks.
    """
    return read(
        labels,
        predictions,
        images,
        format={"labels": "kitti"},
        on_problem=on_problem,
        boxes=boxes,
        class_ids=class_ids,
    )


def read_label_studio(
    labels: str | os.PathLike[str] | list[dict[str, Any]],
    predictions: Any = None,
    images: Any = None,
    *,
    model_version: str | None = None,
    on_problem: str = "report",
    boxes: str | Mapping[str, str] | None = None,
    class_ids: str | None = None,
) -> Dataset:
    """Read labels of Label Studio with its own predictions or those of any format.

    Parameters
    ----------
    labels : path or list of dict
        A project exported as JSON, or what is in the file.
    predictions : path or object, optional
        Of any format that :func:`ea_widgets.read` knows. Default: the predictions within the tasks
        of `labels`.
    images : path, mapping or callable, optional
        See :func:`ea_widgets.read`.
    model_version : str, optional
        Whose predictions of the tasks are read; must be said where there are several.
    on_problem, boxes, class_ids
        See :func:`ea_widgets.read`.

    Returns
    -------
    Dataset
        Kept are ids of tasks and regions; rectangles, and polygons as ``segmentation`` with the box
        around them; scores (a region's own, else its prediction's); who annotated; choices,
        numbers, ratings, text and dates, as columns of regions or images, by the name of their
        control; and
        the scalar fields of a task's data. Of several annotations of a task the ground truth is
        taken, else the first; skipped ones never. The format has no crowds. Turned rectangles are
        left out and counted, as are brushes, ellipses and key points, in a note.

    Raises
    ------
    InvalidInputError
        As :func:`ea_widgets.read`; or if there are several models and none is chosen.

    Examples
    --------
    >>> read_label_studio("export.json", images="media/")  # doctest: +SKIP
    """
    return read(
        labels,
        labels if predictions is None else predictions,
        images,
        format="label_studio",
        on_problem=on_problem,
        boxes=boxes,
        class_ids=class_ids,
        options={"model_version": model_version},
    )


def read_lvis(
    labels: str | os.PathLike[str] | dict[str, Any],
    predictions: Any,
    images: Any = None,
    *,
    on_problem: str = "report",
    boxes: str | Mapping[str, str] | None = None,
    class_ids: str | None = None,
) -> Dataset:
    """Read labels of LVIS with predictions of any format, and judge as LVIS does.

    Parameters
    ----------
    labels : path or dict
        A label file such as ``lvis_v1_val.json``, or the object in it.
    predictions : path or object
        A COCO results file, or any other format that :func:`ea_widgets.read` knows.
    images, on_problem, boxes, class_ids
        See :func:`ea_widgets.read_coco`. File names come from ``coco_url``.

    Returns
    -------
    Dataset
        As :func:`ea_widgets.read_coco` gives it, and besides: ``judged_classes`` of each image, the
        classes that are labelled in it or known to be absent (``neg_category_ids``), predictions of
        others count nowhere there; ``not_exhaustive_classes``, whose predictions count only where
        they take a label; and ``frequency`` ("r", "c", "f") of each label's and prediction's class.
        An image keeps its 300 most confident predictions, and an ``Evaluation`` takes as
        many of each class: the numbers are those of lvis-api.

    Raises
    ------
    InvalidInputError
        As :func:`ea_widgets.read_coco`.

    Examples
    --------
    >>> read_lvis("lvis_v1_val.json", "detections.json")  # doctest: +SKIP
    """
    return read(
        labels,
        predictions,
        images,
        format="lvis",
        on_problem=on_problem,
        boxes=boxes,
        class_ids=class_ids,
    )


def read_open_images(
    labels: str | os.PathLike[str],
    predictions: Any,
    images: Any = None,
    *,
    class_descriptions: str | os.PathLike[str] | None = None,
    on_problem: str = "report",
    boxes: str | Mapping[str, str] | None = None,
    class_ids: str | None = None,
) -> Dataset:
    """Read labels of Open Images with predictions of any format.

    Parameters
    ----------
    labels : path
        A CSV file of boxes, such as ``validation-annotations-bbox.csv``, also with ";" between
        cells or decimal commas.
    predictions : path or object
        Of any format that :func:`ea_widgets.read` knows; or Open Images' own, the same columns with
        ``Score`` or ``Confidence``.
    images : path, mapping or callable, optional
        See :func:`ea_widgets.read`. Boxes are shares of the image, and the format has no sizes:
        they come from here, or from a folder of images beside the labels; boxes on images without
        a size are left out.
    class_descriptions : path, optional
        CSV file that names the classes, such as ``class-descriptions-boxable.csv``. Default: the
        one beside the labels whose name has "class-descriptions" in it.
    on_problem, boxes, class_ids
        See :func:`ea_widgets.read`.

    Returns
    -------
    Dataset
        Kept are ids; ``IsGroupOf`` as crowd; ``IsOccluded``, ``IsTruncated``, ``IsDepiction``,
        ``IsInside``, ``Source`` and any further column (unknown, -1, is missing). The format has no
        ids of labels, no masks, and no images without a box: predictions on such are left out and
        counted.

    Raises
    ------
    InvalidInputError
        As :func:`ea_widgets.read`.

    Examples
    --------
    >>> read_open_images("boxes.csv", "detections.json", images="images/")  # doctest: +SKIP
    """
    return read(
        labels,
        predictions,
        images,
        format="open_images",
        on_problem=on_problem,
        boxes=boxes,
        class_ids=class_ids,
        options={"class_descriptions": class_descriptions},
    )


def read_voc(
    labels: str | os.PathLike[str],
    predictions: Any,
    images: Any = None,
    *,
    difficult: str = "count",
    on_problem: str = "report",
    boxes: str | Mapping[str, str] | None = None,
    class_ids: str | None = None,
) -> Dataset:
    """Read labels in Pascal VOC's XML, with predictions of any format.

    Parameters
    ----------
    labels : path
        The folder of XML files, one per image, or one such file.
    predictions : path or object
        The devkit's result files, one per class (``comp4_det_test_car.txt``: image id,
        confidence, xmin, ymin, xmax, ymax), or any other format that :func:`ea_widgets.read`
        knows.
    images : path, mapping or callable, optional
        Where pixels come from. Default: ``JPEGImages`` or ``images`` beside the labels.
    difficult : {"count", "ignore"}, default "count"
        Whether labels that are marked as difficult count as any other, as in all other formats,
        or are ignored, as VOC's own evaluation does.
    on_problem, boxes, class_ids : optional
        As :func:`ea_widgets.read` takes them.

    Returns
    -------
    Dataset
        Image ids are the stems of the XML files. ``difficult`` is kept as it is, and so are
        ``truncated``, ``occluded``, ``pose``, each of ``attributes``, and any further field;
        polygons are ``segmentation``.

    Raises
    ------
    InvalidInputError
        As :func:`ea_widgets.read`; or if a file is no XML, or has a document type.

    Notes
    -----
    A box is from xmin to xmax: its width is ``xmax - xmin``, as other formats have it. VOC's own
    devkit counts whole pixels from 1 and so adds 1 to sizes. The format holds no ids of labels
    and no crowds; parts of objects (``part``) are not kept.
    """
    return read(
        labels,
        predictions,
        images,
        format={"labels": "voc"},
        on_problem=on_problem,
        boxes=boxes,
        class_ids=class_ids,
        options={"difficult": difficult},
    )


def read_yolo(
    labels: str | os.PathLike[str],
    predictions: Any,
    images: Any = None,
    *,
    split: str = "val",
    names: Sequence[str] | None = None,
    on_problem: str = "report",
    boxes: str | Mapping[str, str] | None = None,
    class_ids: str | None = None,
) -> Dataset:
    """Read labels in YOLO's text format, with predictions of any format.

    Parameters
    ----------
    labels : path
        A ``data.yaml``; darknet's ``obj.data``; or a folder of text files, one per image, with
        lines ``class x_center y_center width height`` or ``class x1 y1 x2 y2 ...`` (a polygon),
        in shares of the image. Folders that a ``data.yaml`` names and that were moved are looked
        for beside it. An image without a label file, or with an empty one, has no labels.
    predictions : path or object
        A folder of text files as Ultralytics writes them with ``save_txt`` and ``save_conf``
        (``class x_center y_center width height confidence``), its ``predictions.json``, or any
        other format that :func:`ea_widgets.read` knows. Without confidences AP is NaN.
    images : path, mapping or callable, optional
        Where pixels come from, and with them the sizes of images, which the format does not
        hold. Default: the folder of images beside the labels.
    split : str, default "val"
        Which images of a ``data.yaml``: "train", "val" or "test".
    names : sequence of str, optional
        Names of the classes, by number. Default: those of the ``data.yaml``, or of
        ``classes.txt`` or a ``.names`` file beside the labels.
    on_problem, boxes, class_ids : optional
        As :func:`ea_widgets.read` takes them.

    Returns
    -------
    Dataset
        Image ids are the stems of files. Polygons are kept as ``segmentation``, numbers of tracks
        as ``track_id``.

    Raises
    ------
    InvalidInputError
        As :func:`ea_widgets.read`; if there are no label files, or no image to take a size from;
        or if all lines are oriented boxes.

    Notes
    -----
    The format holds no ids of labels, no crowds, nothing to be ignored and no attributes; keypoints
    are not kept.
    """
    options: dict[str, Any] = {"split": split}
    if names is not None:
        options["names"] = names
    return read(
        labels,
        predictions,
        images,
        format={"labels": "yolo"},
        on_problem=on_problem,
        boxes=boxes,
        class_ids=class_ids,
        options=options,
    )
