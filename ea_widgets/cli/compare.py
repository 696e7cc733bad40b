"""The command `ea-widgets compare`: two models on the same labels, and a gate for pipelines."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ea_widgets.analysis.comparison import Comparison
from ea_widgets.cli.arguments import (
    add_iou_argument,
    add_reading_arguments,
    fraction,
    positive,
    read_dataset,
    read_summary,
)
from ea_widgets.cli.outcome import OK, UNDER_THRESHOLD, complain, is_terminal, known, say
from ea_widgets.data.metrics.compute import compute_metrics_of_models
from ea_widgets.data.writers.output_file import check_file
from ea_widgets.errors import InvalidInputError
from ea_widgets.reporting.report import report, report_comparison
from ea_widgets.summary.comparison import compare

if TYPE_CHECKING:
    import pandas as pd

EPILOG = """\
exit codes:
  0    compared; nothing is worse by more than --fail-if-worse
  1    compared, but all data or a part of them (--by) is worse: the upper end of the interval of
       the difference in mAP lies below minus --fail-if-worse. The intervals hold for all parts at
       once (95 %).
  2    wrong use, or the input cannot be used; one line on standard error says why

examples:
  ea-widgets compare old.eas new.eas -o compare.html
  ea-widgets compare instances.json old.json new.json --fail-if-worse 0.005 --by weather \\
      -o compare.html
"""


def add_parser(commands: Any) -> None:
    """Describe the command."""
    command = commands.add_parser(
        "compare",
        help="compare two models on the same labels",
        description="Compare the predictions of two models: scores with their differences, what "
        "changed, and whether any part of the data got worse.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "labels",
        help="file or folder of labels, such as COCO's instances.json; or the baseline's summary",
    )
    command.add_argument("old", help="predictions of the baseline; or a summary of the other model")
    command.add_argument("new", nargs="?", help="predictions of the other model")
    add_reading_arguments(command)
    command.add_argument("-o", "--output", metavar="FILE", help="write a page of HTML")
    command.add_argument("--title", help="heading of the page")
    add_iou_argument(command)
    command.add_argument(
        "--by",
        nargs="+",
        default=(),
        metavar="METRIC",
        help='look at each range or category of these metrics too; "Class" for each class',
    )
    command.add_argument(
        "--bins",
        type=positive,
        default=5,
        metavar="N",
        help="ranges of a numeric metric (default: %(default)s)",
    )
    command.add_argument(
        "--fail-if-worse",
        type=fraction,
        metavar="X",
        help="leave with exit code 1 where mAP is surely lower by more than X",
    )
    command.add_argument(
        "--shared",
        action="store_true",
        help="compare on the images and labels that both have, where they differ",
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=compare_models)


def compare_models(options: argparse.Namespace) -> int:
    """Read, compare, write the page, and tell whether anything got worse."""
    if options.output is not None:
        check_file("--output", options.output)
    if options.new is None:
        return compare_summaries(options)
    datasets = {}
    for name, predictions in zip(names_of(options), (options.old, options.new), strict=True):
        options.predictions = predictions
        datasets[name] = read_dataset(options)
    datasets = compute_metrics_of_models(datasets, progress=not options.quiet and is_terminal())
    comparison = Comparison(datasets, "shared" if options.shared else "all")
    view = comparison.at(options.iou)
    parts = view.parts(options.by, options.bins)
    if options.output is not None:
        report_comparison(view, options.output, title=options.title, parts=parts)
    if options.json:
        changes = view.changes()
        say(
            json.dumps(
                {
                    "scores": known(view.scores(settled=True).to_dict(undefined=True)),
                    "parts": [known(row) for row in parts.to_dict("records")],
                    "changes": [known(row) for row in changes.to_dict("records")],
                }
            )
        )
    elif not options.quiet:
        first = parts.iloc[0]
        say(
            f"mAP@{options.iou:.2f} {first['baseline']:.3f} -> {first['value']:.3f} "
            f"({in_words(first)})"
        )
        for sentence in view.changes()["sentence"]:
            say(sentence)
    return judge(parts, options.fail_if_worse)


def compare_summaries(options: argparse.Namespace) -> int:
    """Compare two summaries; without intervals, so that nothing can be surely worse.

    Raises
    ------
    InvalidInputError
        If they cannot be compared, or a gate is wanted.
    """
    options.old, options.new = options.labels, options.old
    if options.fail_if_worse is not None or options.by:
        raise InvalidInputError(
            "--fail-if-worse and --by",
            "need the data: a summary holds no single images",
            "Give labels and the predictions of both models.",
        )
    names = names_of(options)
    first, second = read_summary(options.old), read_summary(options.new)
    comparison = compare(dict(zip(names, (first, second), strict=True)))
    if options.output is not None:
        report(comparison, options.output, title=options.title, iou_threshold=options.iou)
    scores = comparison.at(options.iou).scores()
    if options.json:
        say(json.dumps({"scores": known(scores.to_dict())}))
    elif not options.quiet:
        old, new = scores.table["mean_average_precision"]
        say(f"mAP@{options.iou:.2f} {old:.3f} -> {new:.3f} ({new - old:+.3f})")
    return OK


def names_of(options: argparse.Namespace) -> tuple[str, str]:
    """Name the models after their files; after their folders too where the files are named alike.

    The same file twice is "old" and "new".
    """
    old, new = (Path(file).with_suffix("").parts for file in (options.old, options.new))
    for length in range(1, max(len(old), len(new)) + 1):
        names = "/".join(old[-length:]), "/".join(new[-length:])
        if names[0] != names[1]:
            return names
    return "old", "new"


def judge(parts: pd.DataFrame, most: float | None) -> int:
    """Tell whether any part is surely worse by more than so much; NaN is no success either."""
    if most is None:
        return OK
    if parts["difference"].iloc[:1].isna().any():
        complain("mAP is undefined (no labels), so nothing can be compared")
        return UNDER_THRESHOLD
    worse = parts[parts["difference_high"] < -most]
    for row in worse.to_dict("records"):
        complain(
            f"worse by more than {most:g}: {row['by']}: {row['part']}, mAP {row['baseline']:.3f} "
            f"-> {row['value']:.3f} ({in_words(row)})"
        )
    return UNDER_THRESHOLD if len(worse) else OK


def in_words(row: Any) -> str:
    """Write a difference with its interval."""
    if math.isnan(row["difference_low"]):
        return f"{row['difference']:+.3f}; too few images for an interval"
    low, high = row["difference_low"], row["difference_high"]
    return f"{row['difference']:+.3f}, {low:+.3f} to {high:+.3f}"
