"""The command `ea-widgets convert`: any format becomes COCO."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ea_widgets.cli.arguments import add_data_arguments, read_dataset
from ea_widgets.cli.outcome import OK, say

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Describe the command."""
    command = commands.add_parser(
        "convert",
        help="write labels and predictions as COCO",
        description="Read labels and predictions of any format and write them as COCO: "
        "instances.json and predictions.json, with metrics and attributes as fields.",
    )
    add_data_arguments(command)
    command.add_argument("-o", "--output", metavar="DIR", required=True, help="folder to write to")
    command.set_defaults(run=convert)


def convert(options: argparse.Namespace) -> int:
    """Read and write."""
    dataset = read_dataset(options)
    dataset.to_coco(options.output)
    if not options.quiet:
        counts = ", ".join(
            f"{len(frame):,} {name}"
            for name, frame in (
                ("images", dataset.images),
                ("labels", dataset.labels),
                ("predictions", dataset.predictions),
            )
        )
        say(f"{counts}: {options.output}")
    return OK
