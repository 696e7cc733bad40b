"""Constructors of a Dataset from the objects of other libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from ea_widgets.data.door import DoorOptions
from ea_widgets.data.readers.read_raw import read_raw

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ea_widgets.data.checks.raw_frames import RawFrames

    Sizes = Mapping[Any, tuple[float, float]] | tuple[float, float]
    Classes = Sequence[str] | Mapping[int, str]


class FromObjects:
    """``Dataset.from_...``: what is in memory already needs no file.

    The libraries are not imported: objects are known by their attributes. Where a list is given,
    its items are of the images in the labels' order; a dict says it by image id or file name.
    """

    @classmethod
    def from_supervision(
        cls,
        labels: Any,
        predictions: Any,
        images: Any = None,
        *,
        classes: Classes | None = None,
        sizes: Sizes | None = None,
        on_problem: str = "report",
    ) -> Self:
        """Read ``sv.Detections``.

        Parameters
        ----------
        labels : sv.DetectionDataset, or dict or list of sv.Detections
            Or labels of any format that :func:`ea_widgets.read` knows.
        predictions : dict or list of sv.Detections
            By image id or file name; a list in the order of the labels' images.
        images : path, mapping or callable, optional
            Where pixels come from. Default: the files of a DetectionDataset.
        classes : list or dict, optional
            Names of the class numbers, where ``data["class_name"]`` does not say them.
        sizes : dict or pair, optional
            (width, height) in pixels of each image, or of all. Default: from the pixels; without
            them an image ends where its boxes do, with a note.
        on_problem : str
            As :func:`ea_widgets.read` takes it.

        Returns
        -------
        Dataset
            Columns of ``data`` are metrics where they are numbers.

        Raises
        ------
        InvalidInputError
            If detections have no confidence, or nothing says which image they are of.
        """
        return cls._read(
            labels,
            predictions,
            images,
            "supervision",
            on_problem,
            {"classes": classes, "sizes": sizes},
        )

    @classmethod
    def from_ultralytics(
        cls,
        results: Any,
        labels: Any = None,
        images: Any = None,
        *,
        split: str | None = None,
        on_problem: str = "report",
    ) -> Self:
        """Read the Results of ``model.predict(...)``.

        Parameters
        ----------
        results : Results, or list or generator of them
            Joined with the labels' images by the name of their file.
        labels : path or object
            Of any format that :func:`ea_widgets.read` knows, such as a ``data.yaml``.
        images : path, mapping or callable, optional
            Where pixels come from.
        split : str, optional
            Of a ``data.yaml``.
        on_problem : str
            As :func:`ea_widgets.read` takes it.

        Returns
        -------
        Dataset

        Raises
        ------
        InvalidInputError
            If there are no labels, or results have no boxes.
        """
        listed = list(results) if hasattr(results, "__next__") else results
        return cls._read(labels, listed, images, "ultralytics", on_problem, {"split": split})

    @classmethod
    def from_torchmetrics(
        cls,
        preds: Any,
        target: Any,
        images: Any = None,
        *,
        box_format: str = "xyxy",
        classes: Classes | None = None,
        sizes: Sizes | None = None,
        on_problem: str = "report",
    ) -> Self:
        """Read what ``MeanAveragePrecision().update(preds, target)`` takes, in its order.

        Parameters
        ----------
        preds : list or dict of dict
            Of each image ``boxes``, ``scores``, ``labels``, and ``masks`` where there are any:
            tensors or arrays.
        target : list or dict of dict
            Of each image ``boxes``, ``labels``, and ``masks``, ``iscrowd``, ``area`` as they are
            there.
        images : path, mapping or callable, optional
            Where pixels come from; by position where lists are given.
        box_format : str, default "xyxy"
            "xywh" and "cxcywh" likewise.
        classes : list or dict, optional
            Names of the class numbers.
        sizes : dict or pair, optional
            (width, height) in pixels of each image, or of all. Default: from masks or pixels;
            without them an image ends where its boxes do, with a note.
        on_problem : str
            As :func:`ea_widgets.read` takes it.

        Returns
        -------
        Dataset

        Raises
        ------
        InvalidInputError
            If a dict lacks something, lists differ in length, or arrays of one image do.

        Examples
        --------
        >>> from ea_widgets import Dataset
        >>> target = [{"boxes": [[8, 8, 17, 17]], "labels": [0]}]
        >>> preds = [{"boxes": [[8, 8, 17, 18]], "labels": [0], "scores": [0.5]}]
        >>> Dataset.from_torchmetrics(preds, target, classes=["cat"], sizes=(64, 48))
        Dataset(1 image, 1 label, 1 prediction, 1 class)
          classes: cat
          metrics: none yet; ea.compute_metrics(dataset) adds them
        """
        options = {"box_format": box_format, "classes": classes, "sizes": sizes}
        return cls._read(target, preds, images, "torchmetrics", on_problem, options)

    @classmethod
    def from_huggingface(
        cls,
        dataset: Any,
        predictions: Any,
        images: Any = None,
        *,
        objects: str = "objects",
        box_format: str = "xywh",
        id2label: Classes | None = None,
        on_problem: str = "report",
    ) -> Self:
        """Read a dataset of Hugging Face with a column of objects, and a model's predictions.

        Parameters
        ----------
        dataset : datasets.Dataset
            Its objects have ``bbox`` and ``category`` (or ``label``), and further fields, which
            are metrics where they can be; so are further columns of text or numbers. Sizes come
            from the columns ``width`` and ``height``, else from the images.
        predictions : list or dict
            Of each image, in the dataset's order or by its ``image_id``, what the
            object-detection pipeline returns, or what ``post_process_object_detection`` does
            with ``target_sizes``.
        images : path, mapping or callable, optional
            Where pixels come from. Default: the column ``image``.
        objects : str, default "objects"
            The column of objects.
        box_format : str, default "xywh"
            Of the labels, in pixels: "xyxy" and "cxcywh" likewise.
        id2label : dict or list, optional
            What the model's numbers mean (``model.config.id2label``). Default: as the labels'.
        on_problem : str
            As :func:`ea_widgets.read` takes it.

        Returns
        -------
        Dataset

        Raises
        ------
        InvalidInputError
            If there is no such column, or a prediction lacks something.
        """
        options = {"objects": objects, "prediction_classes": id2label}
        return cls._read(
            dataset,
            predictions,
            images,
            None,
            on_problem,
            options,
            labels_boxes=box_format,
        )

    @classmethod
    def from_fiftyone(
        cls,
        samples: Any,
        label_field: str = "ground_truth",
        prediction_field: str = "predictions",
        images: Any = None,
        *,
        on_problem: str = "report",
    ) -> Self:
        """Read the detections of two fields of a FiftyOne dataset or view.

        Parameters
        ----------
        samples : fiftyone.Dataset or view
            Sizes come from the samples' metadata (``compute_metadata()``), else from the files.
        label_field, prediction_field : str
            Fields of the type Detections; their attributes are metrics where they can be.
            Instance masks are not read.
        images : path, mapping or callable, optional
            Where pixels come from. Default: the samples' files.
        on_problem : str
            As :func:`ea_widgets.read` takes it.

        Returns
        -------
        Dataset
            Ids of images are those of the samples.

        Raises
        ------
        InvalidInputError
            If there is no such field, or it holds no detections.
        """
        options = {"label_field": label_field, "prediction_field": prediction_field}
        return cls._read(samples, samples, images, "fiftyone", on_problem, options)

    @classmethod
    def _read(
        cls,
        labels: Any,
        predictions: Any,
        images: Any,
        name: str | None,
        on_problem: str,
        options: Mapping[str, Any],
        labels_boxes: str | None = None,
    ) -> Self:
        format_name = None if name is None else {"predictions": name}
        chosen = {key: value for key, value in options.items() if value is not None}
        raw = read_raw(labels, predictions, images, format_name, chosen)
        boxes = None if labels_boxes is None else {"labels": labels_boxes}
        return cls.from_raw(*raw, images, DoorOptions(on_problem, boxes, None))

    @classmethod
    def from_raw(
        cls, labels: RawFrames, predictions: RawFrames, pixels: Any, options: DoorOptions
    ) -> Self:
        """Check and join what readers found."""
        raise NotImplementedError
