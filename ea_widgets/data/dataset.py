"""The Dataset: images, labels and predictions as three checked frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from ea_widgets.data.adapters.from_objects import FromObjects
from ea_widgets.data.catalogue import LEVEL_OF, LEVELS, describe
from ea_widgets.data.checks.kinds import kind_of, positive_category, unit_of
from ea_widgets.data.checks.problems import problem_frame
from ea_widgets.data.checks.raw_frames import RawFrames
from ea_widgets.data.checks.refuse import check_both, images_once
from ea_widgets.data.door import DoorOptions, tidy
from ea_widgets.data.frames import CORNERS, TidyFrames, add_metrics, as_pandas, metric_columns
from ea_widgets.data.images.sources import FolderSource, as_image_source
from ea_widgets.data.subset import take_images
from ea_widgets.data.writers.coco import write_coco
from ea_widgets.errors import cut

if TYPE_CHECKING:
    import os

_COPY_ON_WRITE = int(pd.__version__.split(".")[0]) >= 3
_SHOWN = 6
"""Classes that are named where a Dataset is printed."""


NO_PIXELS = (
    "The images have file names, and nobody said where the files are: pass pixels=, the folder, "
    "for pictures and the metrics of pixels."
)


class Dataset(FromObjects):
    """Images, labels and predictions of an object detector, checked once.

    ``ea.read_coco`` and ``ea.load_demo`` make one, too. It is never changed: what adds to it
    returns a new one. Any further column of numbers, dates, truth values, categories or text is a
    metric of its frame's level; columns that cannot be one are kept and named in the notes. The
    frames given are not changed.

    Parameters
    ----------
    images : DataFrame
        ``image_id`` (whole numbers, text, or both), ``width``, ``height`` (pixels), and optionally
        ``file_name``.
    labels : DataFrame
        ``image_id``, ``class_name``, ``x``, ``y``, ``width``, ``height`` (pixels, origin at
        the top left), and optionally ``label_id``, ``is_crowd``, ``ignore``,
        ``segmentation``, ``coco_area``.
    predictions : DataFrame
        The same columns and ``confidence`` (any finite number), and optionally ``prediction_id``,
        ``segmentation``.
    pixels : path, mapping, callable or ImageSource, optional
        A folder that ``file_name`` is in; arrays by image id; or a function from image id to
        array. A file outside of the folder is never read: such an image counts as one that
        cannot be read.
    cluster : str, optional
        The column of `images` that says which images belong together: the video, the patient,
        the camera. Statistics keep them together. Default: each image stands alone.
    on_problem, boxes, class_ids : str, optional
        What to do about rows that cannot be used, and how predictions write boxes and number
        classes; as :func:`ea_widgets.read` takes them.

    Raises
    ------
    InvalidInputError
        If a column is missing, ids can be understood in two ways, more than half of the rows of a
        frame cannot be used, or there is no such folder of images or column of clusters.

    Examples
    --------
    >>> images = pd.DataFrame({"image_id": [7], "width": [640], "height": [480]})
    >>> box = {"image_id": [7], "class_name": ["cat"], "x": 8, "y": 8, "width": 9, "height": 9}
    >>> labels, predictions = pd.DataFrame(box), pd.DataFrame({**box, "confidence": 0.5})
    >>> Dataset(images, labels, predictions)
    Dataset(1 image, 1 label, 1 prediction, 1 class)
      classes: cat
      metrics: none yet; ea.compute_metrics(dataset) adds them
    """

    def __init__(
        self,
        images: pd.DataFrame,
        labels: pd.DataFrame | None = None,
        predictions: pd.DataFrame | None = None,
        pixels: Any = None,
        cluster: str | None = None,
        *,
        on_problem: str = "report",
        boxes: str | Mapping[str, str] | None = None,
        class_ids: str | None = None,
    ) -> None:
        check_both(labels, predictions)
        by_name: Mapping[str, str] = boxes if isinstance(boxes, Mapping) else {}
        if boxes == CORNERS:
            by_name = {"labels": CORNERS, "predictions": CORNERS}
        truths = as_pandas("labels", labels, by_name.get("labels"))
        if boxes == CORNERS and "x" not in getattr(labels, "columns", ("x",)):
            boxes = by_name  # text means predictions; columns of labels that are called corners too
        raw = RawFrames(images=as_pandas("images", images), labels=truths)
        found = as_pandas("predictions", predictions, by_name.get("predictions"))
        options = DoorOptions(on_problem, boxes, class_ids, cluster)
        self._enter(raw, RawFrames(predictions=found), pixels, options, further=(NO_PIXELS,))

    def _enter(
        self,
        labels: RawFrames,
        predictions: RawFrames,
        pixels: Any,
        options: DoorOptions,
        *,
        further: tuple[str, ...] = (),
    ) -> None:
        """Check and join the frames; notes that are `further` hold without images only."""
        source = None if pixels is None else as_image_source(pixels)
        size_of = None if source is None else source.size
        frames = tidy(labels, predictions, replace(options, size_of=size_of))
        if source is None and "file_name" in frames.images:
            frames = replace(frames, notes=(*frames.notes, *further))
        if type(source) is FolderSource:
            images = frames.images
            sizes = zip(images["width"].tolist(), images["height"].tolist(), strict=True)
            ids = images["image_id"].tolist()
            source = FolderSource(source.folder, dict(zip(ids, sizes, strict=True)))
        self._keep(frames, source)

    def _keep(self, frames: TidyFrames, pixels: Any) -> None:
        self._tidy = frames
        self._pixels = None if pixels is None else as_image_source(pixels)

    @classmethod
    @images_once
    def from_frames(
        cls,
        images: pd.DataFrame,
        labels: pd.DataFrame | None = None,
        predictions: pd.DataFrame | None = None,
        pixels: Any = None,
        cluster: str | None = None,
        *,
        on_problem: str = "report",
        boxes: str | Mapping[str, str] | None = None,
        class_ids: str | None = None,
    ) -> Dataset:
        """Check three frames and make a Dataset of them, as calling the class does.

        Parameters
        ----------
        images, labels, predictions : DataFrame
        pixels : path, mapping, callable or ImageSource, optional
        cluster, on_problem, boxes, class_ids : str, optional
            All as :class:`Dataset` takes them.

        Returns
        -------
        Dataset
            With the rows in the order given.

        Raises
        ------
        InvalidInputError
            As :class:`Dataset` does.
        """
        return cls(
            images,
            labels,
            predictions,
            pixels,
            cluster,
            on_problem=on_problem,
            boxes=boxes,
            class_ids=class_ids,
        )

    @classmethod
    def from_raw(
        cls, labels: RawFrames, predictions: RawFrames, pixels: Any, options: DoorOptions
    ) -> Self:
        """Check and join what readers found.

        Parameters
        ----------
        labels : RawFrames
            With images and labels.
        predictions : RawFrames
            With predictions.
        pixels : path, mapping, callable, ImageSource or None
            As :class:`Dataset` takes it; also asked for sizes that the labels do not state.
        options : DoorOptions
            What the user decides.

        Returns
        -------
        Dataset

        Raises
        ------
        InvalidInputError
            As :func:`ea_widgets.read`.
        """
        made = cls.__new__(cls)
        pixels = labels.pixels if pixels is None else pixels
        made._enter(labels, predictions, pixels, options)  # noqa: SLF001  # its own
        return made

    @classmethod
    def from_tidy(cls, frames: TidyFrames, pixels: Any = None) -> Dataset:
        """Join checked frames with the source of their pixels, for readers.

        Parameters
        ----------
        frames : TidyFrames
            Checked frames.
        pixels : path, mapping, callable or ImageSource, optional
            As :func:`ea_widgets.data.images.sources.as_image_source` takes it.

        Returns
        -------
        Dataset
            With `pixels` as an image source.

        Raises
        ------
        InvalidInputError
            If there is no such folder.
        """
        made = cls.__new__(cls)
        made._keep(frames, pixels)  # noqa: SLF001  # its own
        return made

    @property
    def frames(self) -> TidyFrames:
        """The frames as they are kept, without a copy: to be read, never written to."""
        return self._tidy

    @property
    def images(self) -> pd.DataFrame:
        """One row per image: image_id, width, height, file_name if given, then metrics."""
        return _view(self._tidy.images)

    @property
    def labels(self) -> pd.DataFrame:
        """One row per label: ids, class_name, box in pixels, is_crowd, ignore, then metrics."""
        return _view(self._tidy.labels)

    @property
    def predictions(self) -> pd.DataFrame:
        """One row per prediction: ids, class_name, box in pixels, confidence, then metrics."""
        return _view(self._tidy.predictions)

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes in display order, those without labels too."""
        return self._tidy.class_names

    @property
    def pixels(self) -> Any:
        """The image source, or None."""
        return self._pixels

    @property
    def cluster(self) -> str | None:
        """The column of the images that says which of them belong together, or None."""
        return self._tidy.cluster

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain sentences on what was odd about the data and what was done about it."""
        return self._tidy.all_notes

    @property
    def problems(self) -> pd.DataFrame:
        """Every row that was left out or changed: source, row, field, value, what_was_done."""
        return problem_frame(self._tidy.problems)

    @property
    def metrics(self) -> pd.DataFrame:
        """One row per metric.

        Columns `name`, `level` ("F", "O" or "P"), `kind` ("numeric", or "categorical": text,
        categories and truth values), `unit` ("date" of dates, which count in seconds since
        1970), `description`, `missing` (number of rows without a value).
        """
        rows = []
        for level, frame_name in LEVELS.items():
            frame = getattr(self._tidy, frame_name)
            for name in metric_columns(frame):
                values = frame[name]
                unit, description = describe(name, level)
                kind = kind_of(values.dtype)
                if kind == "categorical" and (positive := positive_category(values)) is not None:
                    description += (
                        f" Its correlation is positive where it is {positive} more often."
                    )
                unit, missing = unit or unit_of(values.dtype), int(values.isna().sum())
                rows.append((name, level, kind, unit, description, missing))
        columns = ["name", "level", "kind", "unit", "description", "missing"]
        return pd.DataFrame(rows, columns=columns)

    def with_metrics(
        self,
        images: pd.DataFrame | None = None,
        labels: pd.DataFrame | None = None,
        predictions: pd.DataFrame | None = None,
    ) -> Dataset:
        """Return a new Dataset with these columns added, or replaced where the name is taken.

        Parameters
        ----------
        images, labels, predictions : DataFrame, optional
            Columns of metrics, one row per image, label or prediction, in the order of this
            Dataset's frames (the index does not matter). Infinite values become missing.

        Returns
        -------
        Dataset
            This one stays as it is.

        Raises
        ------
        InvalidInputError
            If the number of rows differs, or a column cannot be a metric or has a reserved name.
        """
        notes = list(self._tidy.notes)
        given = (images, labels, predictions)
        added: dict[str, Any] = {
            name: add_metrics(getattr(self._tidy, name), extra, level, notes)
            for (level, name), extra in zip(LEVELS.items(), given, strict=True)
            if extra is not None
        }
        return Dataset.from_tidy(replace(self._tidy, **added, notes=tuple(notes)), self._pixels)

    def subset(self, images: Any) -> Dataset:
        """Return a new Dataset of some images, with their labels and predictions.

        Parameters
        ----------
        images : array-like of ids or of bool, or a condition
            Ids; one truth value per image; or a condition on metrics of images, such as
            ``ea.where("Brightness", high=0.2)``.

        Returns
        -------
        Dataset
            Rows in their order, ids and classes as they are, metrics too; this one stays.

        Raises
        ------
        InvalidInputError
            If an id is unknown, there is another number of truth values than of images, or images
            have no such metric.
        """
        return Dataset.from_tidy(take_images(self._tidy, images), self._pixels)

    def to_coco(self, folder: str | os.PathLike[str]) -> None:
        """Write ``instances.json`` and ``predictions.json``, which ``ea.read_coco`` reads again.

        Parameters
        ----------
        folder : path
            Made if it is not there; files of these names in it are replaced. Images are not
            copied.

        Raises
        ------
        InvalidInputError
            If it cannot be written to.

        Notes
        -----
        Ids, sizes, file names, crowds, ignored labels and masks are kept; every further column of
        numbers, text or truth values is a field of its name. Missing values are no fields. Where
        no area is stated, that of the box is written.
        """
        write_coco(self._tidy, folder)

    def __repr__(self) -> str:
        facts = (f"  {what}: {said}" for what, said in self._facts().items())
        return "\n".join([f"Dataset({self._counts()})", *facts])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{what}</th>"
            f"<td style='text-align:left'>{escape(said)}</td></tr>"
            for what, said in self._facts().items()
        )
        return f"<b>Dataset</b>: {self._counts()}<table>{rows}</table>"

    def _counts(self) -> str:
        tidy = self._tidy
        counts = (
            (len(tidy.images), "image", "images"),
            (len(tidy.labels), "label", "labels"),
            (len(tidy.predictions), "prediction", "predictions"),
            (len(tidy.class_names), "class", "classes"),
        )
        return ", ".join(
            f"{number:,} {one if number == 1 else many}" for number, one, many in counts
        )

    def _facts(self) -> dict[str, str]:
        """Say what is worth a line each on the screen."""
        names = self._tidy.class_names
        rest = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        metrics = {name: len(metric_columns(getattr(self._tidy, name))) for name in LEVEL_OF}
        facts = {
            "classes": ", ".join(cut(name, 60) for name in names[:_SHOWN]) + rest or "none",
            "metrics": ", ".join(f"{number} of {name}" for name, number in metrics.items()),
        }
        if not any(metrics.values()):
            facts["metrics"] = "none yet; ea.compute_metrics(dataset) adds them"
        if self.cluster is not None:
            facts["cluster"] = self.cluster
        if self._pixels is not None:
            facts["pixels"] = type(self._pixels).__name__
        if self.notes:
            facts["notes"] = f"{len(self.notes)}, in dataset.notes"
        return facts


def _view(frame: pd.DataFrame) -> pd.DataFrame:
    # A shallow copy is safe to hand out where pandas copies on write, that is from 3.0 on.
    return frame.copy(deep=not _COPY_ON_WRITE)
