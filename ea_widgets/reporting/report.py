"""``report``: an evaluation as one self-contained page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.analysis.comparison import Comparison
from ea_widgets.analysis.evaluation import Confidence, Evaluation
from ea_widgets.data.writers.output_file import check_file, write
from ea_widgets.errors import InvalidInputError, shown
from ea_widgets.reporting import wording
from ea_widgets.reporting.comparison import comparison_sections
from ea_widgets.reporting.document import document
from ea_widgets.reporting.summary import Summary, SummaryComparison, sections_of
from ea_widgets.reporting.view_page import write_page

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pandas as pd

    from ea_widgets.analysis.comparison import ComparisonView
    from ea_widgets.analysis.view import View
    from ea_widgets.analysis.vocabulary import Condition, Dataset

COMPARISON_TITLE = wording.WHAT_CHANGED
DEFAULT_TITLE = wording.TITLE
CONTROLS = {
    code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), 127) if chr(code) not in "\t\n\r"
}


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
        return write_html(file, document(title or DEFAULT_TITLE, sections))
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
    return write_html(file, report_html(view, title, slices))


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
    return write_html(file, document(title or COMPARISON_TITLE, comparison_sections(view, parts)))


def check_title(title: object) -> str | None:
    """Return a title, or refuse what is no text."""
    if title is not None and not isinstance(title, str):
        raise InvalidInputError("title", f"is {shown(title)}", "Give text, or None.")
    return title


def write_html(file: Path, page: str) -> Path:
    """Save a page, without the control characters of names, which no page can hold."""
    return write(file, page.translate(CONTROLS))
