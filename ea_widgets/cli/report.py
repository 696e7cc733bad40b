"""The command `ea-widgets report`: one page of HTML, and an exit code for pipelines."""

from __future__ import annotations

import argparse
import json
import math
from typing import TYPE_CHECKING, Any

from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.analysis.matching import IOU_TYPES
from ea_widgets.analysis.slices import read_slices
from ea_widgets.cli.arguments import (
    add_data_arguments,
    add_iou_argument,
    fraction,
    positive,
    read_dataset,
    read_summary,
)
from ea_widgets.cli.outcome import OK, UNDER_THRESHOLD, complain, is_terminal, known, say
from ea_widgets.data.metrics.compute import compute_metrics
from ea_widgets.data.writers.output_file import check_file
from ea_widgets.reporting.report import report

if TYPE_CHECKING:
    from ea_widgets.summary.summary import Summary

EPILOG = """\
exit codes:
  0    the report was written
  1    the report was written, but mAP is below --fail-under-map, or undefined (no labels)
  2    wrong use, or the input cannot be used; one line on standard error says why

examples:
  ea-widgets report counts.eas -o report.html
  ea-widgets report instances_val2017.json detections.json --images val2017/ \\
      -o report.html --fail-under-map 0.5
"""


def add_parser(commands: Any) -> None:
    """Describe the command."""
    command = commands.add_parser(
        "report",
        help="write one self-contained page of HTML",
        description="Evaluate detections and write one self-contained page of HTML: scores, "
        "where errors concentrate, which properties matter, examples.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_data_arguments(command, or_summary=True)
    command.add_argument(
        "-o", "--output", metavar="FILE", default="report.html", help="default: %(default)s"
    )
    command.add_argument("--title", help="heading of the page")
    add_iou_argument(command)
    command.add_argument(
        "--confidence",
        type=fraction,
        default=0.0,
        metavar="X",
        help="leave out predictions below it (default: %(default)s)",
    )
    command.add_argument(
        "--classes", nargs="+", default=(), metavar="NAME", help="only these classes (default: all)"
    )
    command.add_argument(
        "--slices", metavar="FILE", help="JSON file of named slices to be compared with the rest"
    )
    command.add_argument(
        "--iou-type", choices=IOU_TYPES, default="bbox", help="overlap of boxes, or of masks"
    )
    command.add_argument(
        "--fail-under-map",
        type=fraction,
        metavar="X",
        help="leave with exit code 1 unless mAP at the IoU above is X or more",
    )
    command.add_argument(
        "--max-detections",
        type=positive,
        default=100,
        metavar="N",
        help="predictions per image and class that count (default: %(default)s)",
    )
    command.add_argument(
        "--json", action="store_true", help="print the scores as one JSON object instead of a line"
    )
    command.add_argument(
        "--cache", metavar="DIR", help="folder that keeps metrics of pixels for the next run"
    )
    command.add_argument(
        "--n-jobs",
        type=positive,
        metavar="N",
        help="processes that compute metrics (default: all cores)",
    )
    command.set_defaults(run=write_report)


def write_report(options: argparse.Namespace) -> int:
    """Evaluate, write the page, say the scores, and compare with the threshold."""
    check_file("--output", options.output)  # before minutes of work
    if options.predictions is None:
        return report_on(read_summary(options.labels), options)
    slices = {} if options.slices is None else read_slices(options.slices)
    dataset = read_dataset(options)
    dataset = compute_metrics(
        dataset,
        n_jobs=options.n_jobs or -1,
        cache=options.cache,
        progress=not options.quiet and is_terminal(),
    )
    evaluation = Evaluation(
        dataset, iou_type=options.iou_type, max_detections=options.max_detections
    )
    return report_on(evaluation, options, slices=slices)


def report_on(evaluation: Evaluation | Summary, options: argparse.Namespace, **others: Any) -> int:
    """Write the page, say the scores, and compare with the threshold."""
    file = report(
        evaluation,
        options.output,
        title=options.title,
        iou_threshold=options.iou,
        confidence_threshold=options.confidence,
        classes=options.classes,
        **others,
    )
    scores = evaluation.at(options.iou, options.confidence, options.classes).scores()
    found = scores.mean_average_precision
    if options.json:
        say(json.dumps(known(scores.to_dict(undefined=True))))
    elif not options.quiet:
        iou = f"{options.iou:.2f}"
        counts = (
            f"{scores.true_positives:,} true positives, "
            f"{scores.false_positives:,} false positives, "
            f"{scores.false_negatives:,} missed objects"
        )
        means = f"mAP@{iou} {mean(found)}, mAR@{iou} {mean(scores.mean_average_recall)}"
        say(f"{means}, {counts}; report: {file}")
    wanted = options.fail_under_map
    # No labels, no mAP: that is no success either.
    if wanted is not None and not found >= wanted:
        undefined = math.isnan(found)
        complain(
            f"mAP is undefined (no labels), so it is not {wanted:g} or more"
            if undefined
            else f"mAP {found:.4f} is below {wanted:g}"
        )
        return UNDER_THRESHOLD
    return OK


def mean(value: float) -> str:
    """Write a mean over classes, which there is none of where no class has labels."""
    return "undefined" if math.isnan(value) else f"{value:.3f}"
