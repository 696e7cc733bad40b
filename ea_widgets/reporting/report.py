"""``report``: an evaluation as one self-contained page."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from ea_widgets.analysis.comparison import Comparison
from ea_widgets.analysis.evaluation import Confidence, Evaluation
from ea_widgets.errors import InvalidInputError
from ea_widgets.reporting.comparison import comparison_sections, slice_section
from ea_widgets.reporting.document import document
from ea_widgets.reporting.findings import finding_section, mistake_section
from ea_widgets.reporting.properties import curve_section, importance_section
from ea_widgets.reporting.sections import class_section, data_section, score_section, word_section
from ea_widgets.reporting.shots import Shots
from ea_widgets.reporting.summary import Summary, SummaryComparison, sections_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from ea_widgets.analysis.comparison import ComparisonView
    from ea_widgets.analysis.view import View
    from ea_widgets.analysis.vocabulary import Condition, Dataset

COMPARISON_TITLE = "What changed"
DEFAULT_TITLE = "What drives the detector's performance"


def report(
    dataset: Dataset | Evaluation | Comparison | Summary | SummaryComparison,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    iou_threshold: float = 0.5,
    confidence_threshold: Confidence = None,
    classes: Iterable[str] = (),
    slices: Mapping[str, Condition] | None = None,
) -> Path:
    """Write one page of HTML: scores, where the errors are, what matters, curves, classes.

    The page needs nothing else: no script, no font, no server. It follows the reader's light or
    dark theme, fits a phone, and prints. Where the dataset has pixels, it shows examples.

    Parameters
    ----------
    dataset : Dataset, Evaluation, Comparison, Summary or SummaryComparison
        With metrics, see ``ea.compute_metrics``. Of a comparison: the scores of all models, what
        changed, and the curves behind it.
    path : str or path
        The file, ``report.html``; replaced where it exists. Its folder must exist. A link is
        followed, and a pipe or device is written to.
    title : str, optional
        Heading of the page.
    iou_threshold, confidence_threshold, classes
        See :meth:`Evaluation.scores`.
    slices : mapping of str to Condition, optional
        Parts of the data to be compared with the rest, see :meth:`View.slices`. Not of a
        comparison.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InvalidInputError
        If an argument cannot be used, or the file cannot be written.
    """
    if isinstance(dataset, Comparison):
        compared = dataset.at(iou_threshold, confidence_threshold, classes)
        return report_comparison(compared, path, title=title)
    if isinstance(dataset, Summary | SummaryComparison):
        file, title = check_file("path", path), check_title(title)
        sections = sections_of(dataset, iou_threshold, confidence_threshold, classes)
        return write(file, document(title or DEFAULT_TITLE, sections))
    check_file("path", path)
    evaluation = dataset if isinstance(dataset, Evaluation) else Evaluation(dataset)
    view = evaluation.at(iou_threshold, confidence_threshold, classes)
    return report_view(view, path, title=title, slices=slices)


def report_view(
    view: View,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    slices: Mapping[str, Condition] | None = None,
) -> Path:
    """Write one page of HTML of a view; see :func:`report`."""
    file, title = check_file("path", path), check_title(title)
    return write(file, report_html(view, title, slices))


def report_html(
    view: View, title: str | None = None, slices: Mapping[str, Condition] | None = None
) -> str:
    """Give the page of a view; see :func:`report`."""
    return write_page(view, title or DEFAULT_TITLE, slices or {})


def report_comparison(
    view: ComparisonView,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    parts: pd.DataFrame | None = None,
) -> Path:
    """Write one page of HTML of a comparison; see :func:`report`.

    Parameters
    ----------
    view : ComparisonView
    path, title
        See :func:`report`.
    parts : DataFrame, optional
        From :meth:`ComparisonView.parts`, to be shown too.
    """
    file, title = check_file("path", path), check_title(title)
    return write(file, document(title or COMPARISON_TITLE, comparison_sections(view, parts)))


def check_title(title: object) -> str | None:
    """Return a title, or refuse what is no text."""
    if title is not None and not isinstance(title, str):
        raise InvalidInputError("title", f"is {title!r}", "Give text, or None.")
    return title


def write(file: Path, page: str) -> Path:
    """Save a page, or say in words why that cannot be."""
    try:
        save(file, page)
    except OSError as error:
        # The error's own text names the part file, which nobody asked for.
        why = f"is {str(file)!r}, which cannot be written ({error.strerror or error})"
        raise InvalidInputError("path", why, "Give another file.") from error
    return file


def check_file(field: str, path: object) -> Path:
    """Return where a file can be written, as far as that is known before the work.

    Parameters
    ----------
    field : str
        What the argument is called.
    path : str or path

    Returns
    -------
    Path

    Raises
    ------
    InvalidInputError
        If it is no name of a file, a folder, a disk, or in a folder that does not exist.
    """
    name = os.fspath(path) if isinstance(path, (str, os.PathLike)) else None
    if not isinstance(name, str) or not name or "\0" in name:
        raise InvalidInputError(field, f"is {path!r}", "Give the name of a file: 'report.html'.")
    if os.path.isdir(name):  # noqa: PTH112  # Path.is_dir raises for a name that is too long
        raise InvalidInputError(field, f"is {name!r}, a folder", "Give a file in it.")
    if os.path.exists(name) and stat.S_ISBLK(os.stat(name).st_mode):  # noqa: PTH110, PTH116
        raise InvalidInputError(field, f"is {name!r}, a disk", "Give the name of a file.")
    file = Path(name)
    if not os.path.isdir(file.parent):  # noqa: PTH112  # likewise
        raise InvalidInputError(
            field, f"is {name!r}, whose folder does not exist", "Make it first."
        )
    return file


def save(file: Path, page: str) -> None:
    """Write a file whole or not at all; what is no file, as a pipe or ``/dev/null``, is fed.

    A link stays, and the file that it points to is replaced.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    # What no page can hold, a NUL byte or half of a character, comes from names in the data.
    content = page.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace")
    target = Path(os.path.realpath(file))
    if file.exists() and not (target.is_file() and target.samefile(file)):
        file.write_bytes(content)  # replacing it would destroy a device
        return
    part = target.with_name(f".{uuid4().hex}.part")  # a longer name could be too long
    try:
        part.write_bytes(content)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def write_page(view: View, title: str, slices: Mapping[str, Condition]) -> str:
    """Put the page together.

    Parameters
    ----------
    view : View
    title : str
    slices : mapping of str to Condition

    Returns
    -------
    str
        A whole document.
    """
    scores = view.scores()
    rankings = {
        outcome: view.importance(outcome, settled=True) for outcome in ("true_positive", "missed")
    }
    shots = Shots(view.dataset)
    return document(
        title,
        [
            data_section(view),
            score_section(view, scores),
            finding_section(view, shots) if len(view.metrics) else None,
            importance_section(rankings),
            curve_section(view, rankings),
            slice_section(view, slices) if slices else None,
            class_section(scores),
            mistake_section(view, shots),
            word_section(view.dataset.notes, view.dataset.problems),
        ],
    )
