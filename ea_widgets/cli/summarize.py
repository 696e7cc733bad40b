"""The command `ea-widgets summarize`: any amount of data becomes one file of counts."""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ea_widgets.cli.arguments import add_reading_arguments, positive, read_dataset
from ea_widgets.cli.outcome import OK, is_terminal, known, say
from ea_widgets.data.metrics.compute import compute_metrics
from ea_widgets.data.writers.output_file import check_file
from ea_widgets.errors import InvalidInputError
from ea_widgets.summary.summarize import summarize

if TYPE_CHECKING:
    from ea_widgets.summary.summary import Summary

EPILOG = """\
exit codes:
  0    counted and written
  2    wrong use, or the input cannot be used; one line on standard error says why

examples:
  ea-widgets summarize instances.json predictions.json -o epoch.summary
  ea-widgets summarize --parquet s3://bucket/run --scheduler tcp://10.0.0.7:8786 -o run.summary
  ea-widgets summarize --shards shards.csv --workers 8 -o run.summary
"""

COLUMNS = ("labels", "predictions", "images")


def add_parser(commands: Any) -> None:
    """Describe the command."""
    command = commands.add_parser(
        "summarize",
        help="count data of any size into one file, which adds up and opens anywhere",
        description="Count labels and predictions into a summary: a file of counts that add up. "
        "Many shards, or Parquet, are counted on the workers of a Dask cluster.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("labels", nargs="?", help="file or folder of labels")
    command.add_argument("predictions", nargs="?", help="file or folder of predictions")
    command.add_argument(
        "--shards", metavar="FILE", help="CSV with columns labels, predictions and perhaps images"
    )
    command.add_argument(
        "--parquet",
        metavar="DIR",
        help="folder or address with images, labels and predictions below it, one row per object",
    )
    add_reading_arguments(command)
    command.add_argument("--cluster", metavar="COLUMN", help="column of the images, of --parquet")
    command.add_argument("-o", "--output", metavar="FILE", required=True, help="file to write")
    command.add_argument("--scheduler", metavar="URL", help="tcp://... of a Dask cluster")
    command.add_argument(
        "--workers", type=positive, metavar="N", help="processes of this machine, without one"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=count)


def count(options: argparse.Namespace) -> int:
    """Count, write the file, and tell what is in it."""
    check_file("--output", options.output)
    files = options.labels is not None
    if files + (options.shards is not None) + (options.parquet is not None) != 1 or (
        files and options.predictions is None
    ):
        raise InvalidInputError(
            "labels", "and predictions, --shards or --parquet are needed", "Give one of the three."
        )
    summary = of_files(options) if files else on_cluster(options)
    summary.save(options.output)
    scores = summary.at(summary.iou_thresholds[summary.settings.nearest_tick(0.5)]).scores()
    if options.json:
        say(json.dumps(known(scores.to_dict())))
    elif not options.quiet:
        say(
            f"{summary.images.n:,} images, {summary.n_predictions:,} predictions, "
            f"mAP@0.50 {scores.mean_average_precision:.3f}: {options.output}"
        )
    return OK


def of_files(options: argparse.Namespace) -> Summary:
    """Count one pair of files, here or, where a cluster is named, there."""
    if options.scheduler is not None or options.workers is not None:
        return on_cluster(options)
    progress = not options.quiet and is_terminal()
    return summarize(compute_metrics(read_dataset(options), progress=progress))


def on_cluster(options: argparse.Namespace) -> Summary:
    """Count on the workers of a cluster."""
    from ea_widgets import dask  # noqa: PLC0415  # of the extra "dask"

    given: dict[str, Any] = {"cluster": options.cluster, "pixels": options.images}
    if options.parquet is not None:
        root = options.parquet.rstrip("/")
        given |= {side: f"{root}/{side}" for side in ("images", "labels", "predictions")}
    else:
        given |= {"pixels": None, "shards": shards_of(options), "reading": reading(options)}
    with dask.connected(options.scheduler, options.workers) as client:
        progress = not options.quiet and is_terminal()
        return dask.summarize(**given, client=client, progress=progress)


def reading(options: argparse.Namespace) -> dict[str, Any]:
    """Give the options of reading that were named."""
    named = {"boxes": options.boxes, "class_ids": options.class_ids}
    found = {name: value for name, value in named.items() if value is not None}
    if options.format:
        formats = options.format
        found["format"] = (
            formats[0]
            if len(formats) == 1
            else dict(zip(("labels", "predictions"), formats, strict=False))
        )
    if options.split is not None:
        found["options"] = {"split": options.split}
    return found


def shards_of(options: argparse.Namespace) -> list[dict[str, str]]:
    """Read the list of shards; paths are relative to where it is."""
    if options.shards is None:
        files = {name: getattr(options, name) for name in COLUMNS}
        return [{name: path for name, path in files.items() if path is not None}]
    folder = Path(options.shards).parent
    with Path(options.shards).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"labels", "predictions"} <= {*rows[0]} <= {*COLUMNS}:
        raise InvalidInputError(
            "--shards",
            f"is {options.shards!r}, without columns labels and predictions",
            "Give CSV with these columns, and perhaps images.",
        )
    return [{name: str(folder / path) for name, path in row.items() if path} for row in rows]
