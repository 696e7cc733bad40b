"""The command `ea-widgets`: takes the call apart, runs it, and gives an exit code."""

from __future__ import annotations

import warnings
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ea_widgets.cli import compare, convert, report, summarize
from ea_widgets.cli.arguments import OneLineParser
from ea_widgets.cli.outcome import BAD_INPUT, INTERRUPTED, complain, finish_output
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

COMMANDS = (report, compare, convert, summarize)
"""Each has `add_parser(commands)`, and the parser a default `run(options)` -> exit code."""


def build_parser() -> argparse.ArgumentParser:
    """Describe the command and its options."""
    parser = OneLineParser(
        prog="ea-widgets",
        description="Which properties of the data drive an object detector's performance?",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('ea_widgets')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for command in COMMANDS:
        command.add_parser(commands)
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
        The exit code: 0 fine, 1 mAP below the threshold or worse than before, 2 wrong use or input
        that cannot be used, 130 interrupted. Whatever is raised is 2: 1 would blame the model.
    """
    options = build_parser().parse_args(arguments)
    with warnings.catch_warnings():
        if options.quiet:
            warnings.simplefilter("ignore")
        else:
            warnings.showwarning = _as_note
        try:
            code: int = options.run(options)
        except (InvalidInputError, OSError) as error:
            complain(f"error: {_one_line(error)}")
            code = BAD_INPUT
        except KeyboardInterrupt:
            complain("interrupted")
            code = INTERRUPTED
        except Exception as error:  # noqa: BLE001  # a traceback would leave with 1
            kind = type(error).__name__
            complain(f"error: {kind}: {_one_line(error)}; a fault of ea_widgets, or out of memory")
            code = BAD_INPUT
    finish_output()
    return code


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _as_note(message: Warning | str, *_: Any, **__: Any) -> None:
    complain(f"note: {' '.join(str(message).split())}")
