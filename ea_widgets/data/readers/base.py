"""What a reader of a file format is, and the list of all readers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ea_widgets.data.checks.raw_frames import RawFrames
    from ea_widgets.data.readers.opening import Given

READERS: dict[str, str] = {
    "label_studio": "label_studio:LabelStudioReader",
    "lvis": "coco.lvis:LvisReader",
    "coco": "coco.reader:CocoReader",
    "cvat": "cvat:CvatReader",
    "open_images": "open_images:OpenImagesReader",
    "pickle": "pickled:PickledReader",
    "mmdetection": ".adapters.mmdetection:MmdetectionReader",
    "supervision": ".adapters.supervision:SupervisionReader",
    "ultralytics": ".adapters.ultralytics:UltralyticsReader",
    "torchmetrics": ".adapters.torchmetrics:TorchmetricsReader",
    "huggingface": ".adapters.huggingface:HuggingFaceReader",
    "pipeline": ".adapters.huggingface:PipelineReader",
    "fiftyone": ".adapters.fiftyone:FiftyOneReader",
    "datumaro": ".adapters.datumaro:DatumaroReader",
    "kitti": "kitti:KittiReader",
    "voc": "voc:VocReader",
    "yolo": "yolo.reader:YoloReader",
    "text": "text:TextReader",
}
"""Every format by name, and its class, relative to this package. One line adds a format;
the first that recognises what a user gave reads it."""


class Reader(Protocol):
    """Reads one format. Without state: one instance is made for each call."""

    def recognises(self, given: Given) -> bool:
        """Tell from the content whether this is the format; fast, and never raises.

        Parameters
        ----------
        given : Given
            A file, a folder or an object; ``given.field`` says whether labels or predictions are
            wanted.
        """
        ...

    def read_labels(self, given: Given) -> RawFrames:
        """Read images and labels.

        Raises
        ------
        InvalidInputError
            If it is not of this format at all. Rows that are odd are left to the door.
        """
        ...

    def read_predictions(self, given: Given) -> RawFrames:
        """Read predictions.

        Raises
        ------
        InvalidInputError
            As :meth:`read_labels`.
        """
        ...


def make_reader(name: str) -> Reader:
    """Import a reader when it is needed.

    Parameters
    ----------
    name : str
        A key of :data:`READERS`.

    Returns
    -------
    Reader
    """
    module, _, attribute = READERS[name].partition(":")
    reader: Reader = getattr(import_module(f".{module}", __package__), attribute)()
    return reader
