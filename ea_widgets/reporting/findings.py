"""Sections with pictures: where the errors are, and the surest mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ea_widgets.analysis.actions import why_no_range
from ea_widgets.data.catalogue import MetricName
from ea_widgets.reporting import wording
from ea_widgets.reporting.markup import Markup, element, join, unbroken

if TYPE_CHECKING:
    import pandas as pd

    from ea_widgets.analysis.view import View
    from ea_widgets.reporting.shots import Shots

FINDINGS = 4
SHOTS = 4
LOOKED_AT = 60
"""Objects of a range that the pictures are chosen from."""

SUSPICIOUS = ("background", "wrong_class", "wrong_class_and_badly_located")
"""Reasons that a missing or wrong label looks like."""


def finding_section(view: View, shots: Shots) -> Markup:
    """Where the errors are, in sentences with pictures."""
    parts = []
    for outcome, kind, title in (
        ("true_positive", "false_positive", wording.FALSE_POSITIVES),
        ("missed", "missed", wording.MISSED_OBJECTS),
    ):
        table = view.worst_ranges(
            FINDINGS,
            outcome,
            settled=True,
        )
        parts.append(element("h3", title))
        if not len(table):
            scores = view.scores()
            parts.append(element("p", why_no_range(scores, outcome), class_="soft"))
            continue
        items = [finding(view, row, kind, shots) for row in table.to_dict("records")]
        parts.append(element("ol", *items, class_="findings"))
    return join(
        element("h2", wording.WHERE_ERRORS_CONCENTRATE),
        element(
            "p",
            wording.CONCENTRATIONS,
            class_="soft",
        ),
        picture_key() if shots.possible else None,
        *parts,
    )


def picture_key() -> Markup:
    """Say what the boxes in pictures are."""
    return element(
        "p",
        element("span", class_="key"),
        "prediction, wrong   ",
        element("span", class_="key label"),
        "label",
        class_="soft small",
    )


def finding(view: View, row: dict[object, object], kind: str, shots: Shots) -> Markup:
    """One range with examples."""
    metric, isin = str(row["metric"]), row["isin"]
    ends: dict[str, Any] = {"isin": isin}
    if not isinstance(isin, tuple):
        ends = {"low": float(str(row["low"])), "high": float(str(row["high"]))}
    page = view.objects_in_range(
        metric,
        kind=kind,
        **ends,
        sort="confidence" if kind == "false_positive" else "iou",
        descending=kind == "false_positive",
        page_size=LOOKED_AT,
    )
    unit = str(view.metrics.loc[metric, "unit"])
    pictures = shots.row(varied(page.rows, SHOTS), MetricName.parse(metric).name, unit)
    return element("li", element("p", unbroken(str(row["sentence"]))), pictures)


def varied(rows: pd.DataFrame, n: int) -> pd.DataFrame:
    """Choose some of the first rows, of different images and as many classes as there are."""
    fresh = rows[~rows["image_id"].duplicated()]
    chosen = fresh.assign(turn=fresh.groupby("class_name").cumcount()).sort_values(
        "turn", kind="stable"
    )
    return chosen.head(n)


def mistake_section(view: View, shots: Shots) -> Markup | None:
    """Predictions that the model is sure of and no label confirms: often a label is at fault."""
    page = view.objects_in_range(
        None,
        kind="false_positive",
        reason=SUSPICIOUS,
        sort="confidence",
        descending=True,
        page_size=LOOKED_AT,
    )
    pictures = shots.row(page.rows[~page.rows["image_id"].duplicated()].head(2 * SHOTS))
    if pictures is None:
        return None
    words = wording.SUREST_ARE
    return join(
        element("h2", wording.SUREST_MISTAKES), element("p", words, class_="soft"), pictures
    )
