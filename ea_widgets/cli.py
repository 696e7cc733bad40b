"""The command `ea-widgets`."""

from __future__ import annotations

import argparse
import math
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, NoReturn

from ea_widgets.analysis.evaluation import IOU_TYPES, Evaluation
from ea_widgets.data.metrics.compute import compute_metrics
from ea_widgets.data.readers.coco.reader import read_coco
from ea_widgets.errors import InvalidInputError
from ea_widgets.reporting.report import check_file, report

if TYPE_CHECKING:
    from collections.abc import Sequence

OK, UNDER_THRESHOLD, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

EPILOG = """\
exit codes:
  0    the report was written
  1    the report was written, but mAP is below --fail-under-map, or undefined (no labels)
  2    the input cannot be used; one line on standard error says why

example:
  ea-widgets report instances_val2017.json detections.json --images val2017/ \\
      -o report.html --fail-under-map 0.5
"""


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


def build_parser() -> argparse.ArgumentParser:
    """Describe the command and its options."""
    parser = OneLineParser(
        prog="ea-widgets",
        description="Which properties of the data drive an object detector's performance?",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('ea_widgets')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    command = commands.add_parser(
        "report",
        help="write one self-contained page of HTML",
        description="Evaluate COCO detections and write one self-contained page of HTML: scores, "
        "where the errors are, which properties matter, examples.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("labels", help="COCO labels, instances.json")
    command.add_argument("predictions", help="COCO detections, a list of results")
    command.add_argument(
        "--images", metavar="DIR", help="folder of the images: adds metrics of pixels, and examples"
    )
    command.add_argument(
        "-o", "--output", metavar="FILE", default="report.html", help="default: %(default)s"
    )
    command.add_argument("--title", help="heading of the page")
    command.add_argument(
        "--iou",
        type=fraction,
        default=0.5,
        metavar="X",
        help="smallest IoU that counts as a match (default: %(default)s)",
    )
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
        "--iou-type", choices=IOU_TYPES, default="bbox", help="overlap of boxes, or of masks"
    )
    command.add_argument(
        "--fail-under-map",
        type=fraction,
        metavar="X",
        help="leave with exit code 1 unless mAP at the IoU above is X or more",
    )
    command.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands behind `ea-widgets`; of the process by default.

    Returns
    -------
    int
        The exit code.
    """
    options = build_parser().parse_args(arguments)
    try:
        return write_report(options)
    except (InvalidInputError, OSError) as error:
        complain(f"error: {' '.join(str(error).split())}")
        return BAD_INPUT
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED


def complain(words: str) -> None:
    """Write one line on standard error."""
    sys.stderr.write(f"ea-widgets: {words}\n")


def write_report(options: argparse.Namespace) -> int:
    """Evaluate, write the page, say the scores, and compare with the threshold."""
    check_file("--output", options.output)  # before minutes of work
    dataset = read_coco(options.labels, options.predictions, options.images)
    if not options.quiet:
        for note in dataset.notes:
            complain(f"note: {note}")
    dataset = compute_metrics(dataset, progress=not options.quiet and sys.stderr.isatty())
    evaluation = Evaluation(dataset, iou_type=options.iou_type)
    file = report(
        evaluation,
        options.output,
        title=options.title,
        iou_threshold=options.iou,
        confidence_threshold=options.confidence,
        classes=options.classes,
    )
    scores = evaluation.scores(options.iou, options.confidence, options.classes)
    found = scores.mean_average_precision
    if not options.quiet:
        iou = f"{options.iou:.2f}"
        counts = (
            f"{scores.true_positives:,} true positives, "
            f"{scores.false_positives:,} false positives, "
            f"{scores.false_negatives:,} missed labels"
        )
        means = f"mAP@{iou} {mean(found)}, mAR@{iou} {mean(scores.mean_average_recall)}"
        sys.stdout.write(f"{means}, {counts}; report: {file}\n")
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


if __name__ == "__main__":
    sys.exit(main())
