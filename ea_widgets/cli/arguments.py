"""Options that every command has: labels and predictions of any format."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, NoReturn

from ea_widgets.cli.outcome import BAD_INPUT, complain
from ea_widgets.data.read import read
from ea_widgets.data.readers.base import READERS
from ea_widgets.errors import InvalidInputError, SummaryFormatError
from ea_widgets.summary.summary import Summary, load_summary

if TYPE_CHECKING:
    from ea_widgets.data.dataset import Dataset

FILES = tuple(name for name, home in READERS.items() if not home.startswith("."))
"""Formats of files; objects of other libraries are in memory only."""


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Leave with the exit code of bad input."""
        self.exit(BAD_INPUT, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def fraction(text: str) -> float:
    """Read a number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value


def positive(text: str) -> int:
    """Read a whole number from 1 on."""
    value = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return value


def add_data_arguments(command: argparse.ArgumentParser, *, or_summary: bool = False) -> None:
    """Add labels, predictions and how to read them; or a summary in their place."""
    instead = "; or the file of a summary" if or_summary else ""
    command.add_argument(
        "labels", help=f"file or folder of labels, such as COCO's instances.json{instead}"
    )
    command.add_argument(
        "predictions",
        nargs="?" if or_summary else None,
        help="file or folder of predictions, such as COCO results",
    )
    add_reading_arguments(command)


def add_reading_arguments(command: argparse.ArgumentParser) -> None:
    """Add how to read labels and predictions."""
    command.add_argument(
        "--images", metavar="DIR", help="folder of the images: adds metrics of pixels, and examples"
    )
    command.add_argument(
        "--format",
        nargs="+",
        metavar="NAME",
        help="format of the labels, and of the predictions if it is another; recognised by "
        f"default: {', '.join(FILES)}",
    )
    command.add_argument("--split", metavar="NAME", help="split of a YOLO data.yaml")
    command.add_argument(
        "--boxes", metavar="FORM", help="how predictions write boxes: xyxy, cxcywhn, ..."
    )
    command.add_argument(
        "--class-ids", metavar="WAY", help="how predictions number classes: from_zero, names, ..."
    )
    command.add_argument("-q", "--quiet", action="store_true", help="print errors only")


def add_iou_argument(command: argparse.ArgumentParser) -> None:
    """Add the smallest IoU of a match."""
    command.add_argument(
        "--iou",
        type=fraction,
        default=0.5,
        metavar="X",
        help="smallest IoU that counts as a match (default: %(default)s)",
    )


def read_dataset(options: argparse.Namespace) -> Dataset:
    """Read what the options say, and tell what was odd.

    Raises
    ------
    InvalidInputError
        If it cannot be read.
    """
    formats = options.format or [None]
    if len(formats) > 2:
        raise InvalidInputError(
            "--format",
            f"has {len(formats)} names",
            "Give that of the labels, and that of the predictions if it is another.",
        )
    dataset = read(
        options.labels,
        options.predictions,
        options.images,
        format=formats[0]
        if len(formats) == 1
        else dict(zip(("labels", "predictions"), formats, strict=True)),
        boxes=options.boxes,
        class_ids=options.class_ids,
        options={} if options.split is None else {"split": options.split},
    )
    if not options.quiet:
        for note in dataset.notes:
            complain(f"note: {note}")
    return dataset


def read_summary(path: str) -> Summary:
    """Read a summary where nothing else is given.

    Raises
    ------
    InvalidInputError
        If the file is none.
    """
    try:
        return load_summary(path)
    except SummaryFormatError as error:
        raise InvalidInputError(
            "predictions",
            f"are not given, and {path!r} {error.problem}",
            "Give labels and predictions, or the file of a summary.",
        ) from error
