"""What changed from one model to another, or is different in slices, as sections of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.reporting.charts import rate_chart
from ea_widgets.reporting.markup import element, join
from ea_widgets.reporting.sections import ratio, word_section

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from ea_widgets.analysis.comparison import ComparedScores, ComparisonView
    from ea_widgets.analysis.slices import Condition
    from ea_widgets.analysis.view import View
    from ea_widgets.reporting.markup import Markup
    from ea_widgets.summary.comparison import SummaryComparisonView

SCORES = {
    "mean_average_precision": "mAP",
    "mean_average_recall": "mAR",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
}

CHARTS = 4
"""Changed metrics whose curves are shown."""

CLASSES = 40

SLICES = (
    "In brackets: the slice less the rest of the data, with its 95 % interval, from the same "
    "resampled images for both. A slice by a property of objects ignores the objects outside of "
    "it, as COCO does with its ranges of area."
)


def comparison_sections(view: ComparisonView, parts: pd.DataFrame | None = None) -> list[Markup]:
    """Put the page of a comparison together.

    Parameters
    ----------
    view : ComparisonView
    parts : DataFrame, optional
        See :meth:`ComparisonView.parts`.

    Returns
    -------
    list of Markup
    """
    scores, changes = view.scores(settled=True), view.changes()
    first = view.views[0]
    dataset = first.dataset
    facts = (
        f"{len(dataset.images):,} images · {len(dataset.labels):,} labels · "
        f"IoU of at least {first.iou_threshold:.2f} · {view.names[0]} is the baseline"
    )
    return [
        element("p", facts, class_="soft"),
        score_table(scores),
        change_section(changes),
        *([] if parts is None else [part_section(parts)]),
        *curve_sections(view, changes),
        class_section(scores),
        word_section(dataset.notes, dataset.problems),
    ]


def score_table(scores: ComparedScores) -> Markup:
    """Scores of all models, with their differences from the baseline."""
    rows = []
    for model, row in scores.table.iterrows():
        cells = [element("td", ratio(row[name]), difference(row, name)) for name in SCORES]
        rows.append(element("tr", element("td", str(model)), *cells))
    return join(
        table(["model", *SCORES.values()], rows),
        element(
            "p",
            "In brackets: the difference from the baseline with its 95 % interval, from the same "
            "resampled images for all models.",
            class_="soft small",
        ),
    )


def difference(row: pd.Series, name: str) -> Markup | None:
    """Write a difference with its interval, where there is one."""
    value = row[f"{name}_difference"]
    if np.isnan(value):
        return None
    low, high = (row.get(f"{name}_difference_{end}", np.nan) for end in ("low", "high"))
    ends = "" if np.isnan(low) else f", {low:+.3f} to {high:+.3f}"
    return element("span", f" ({value:+.3f}{ends})", class_="soft small")


def change_section(changes: pd.DataFrame) -> Markup:
    """Say what changed, in sentences."""
    if not len(changes):
        nothing = "Nothing that could be told from chance."
        return join(element("h2", "What changed"), element("p", nothing))
    return join(
        element("h2", "What changed"),
        element(
            "ol",
            *(element("li", element("p", text)) for text in changes["sentence"]),
            class_="findings",
        ),
        element(
            "p",
            "Everything that is named differs at a family-wise level of 5 %: first what changed "
            "overall, then the ranges, categories and classes that changed beyond that.",
            class_="soft small",
        ),
    )


def part_section(parts: pd.DataFrame) -> Markup:
    """Compare mAP in parts of the data."""
    rows = [
        element(
            "tr",
            element("td", f"{row['by']}: {row['part']}"),
            element("td", str(row["model"])),
            element("td", ratio(row["baseline"])),
            element("td", ratio(row["value"])),
            element("td", f"{row['difference']:+.3f}"),
            element(
                "td",
                "\N{EN DASH}"
                if np.isnan(row["difference_low"])
                else f"{row['difference_low']:+.3f} to {row['difference_high']:+.3f}",
            ),
        )
        for row in parts.to_dict("records")
    ]
    header = ["part", "model", "baseline mAP", "mAP", "difference", "interval"]
    return join(
        element("h2", "Part by part"),
        table(header, rows),
        element("p", "The intervals hold for all parts at once (95 %).", class_="soft small"),
    )


def curve_sections(
    view: ComparisonView | SummaryComparisonView, changes: pd.DataFrame
) -> list[Markup]:
    """Draw the curves of the metrics that changed most, model by model."""
    sections = []
    named = changes.loc[~changes["metric"].isin(["All", "Class"]), ["metric", "outcome"]]
    for metric, outcome in named.drop_duplicates().head(CHARTS).itertuples(index=False):
        missed = outcome == "missed"
        compared = view.curve(metric)
        charts = []
        for name, curve in compared.curves.items():
            frame = curve.labels if missed else curve.predictions
            average = (
                curve.average_false_negative_rate if missed else curve.average_true_positive_rate
            )
            what = "labels missed" if missed else "predictions right"
            if len(frame):
                chart = rate_chart(
                    frame,
                    average,
                    metric=curve.metric,
                    unit=curve.unit,
                    title=f"{name}: {what}",
                    missed=missed,
                )
                charts.append(chart)
        sections.append(join(element("h3", metric), element("div", *charts, class_="pair")))
    return [element("h2", "The curves behind it"), *sections] if sections else []


def class_section(scores: ComparedScores) -> Markup:
    """AP of each class and model, the largest differences first."""
    frame = scores.per_class["average_precision"].unstack("model")  # noqa: PD010
    frame = frame[list(scores.table.index)]
    baseline, last = frame.iloc[:, 0], frame.iloc[:, -1]
    order = (last - baseline).abs().sort_values(ascending=False, kind="stable").index
    rows = [
        element("tr", element("td", str(name)), *(element("td", ratio(v)) for v in frame.loc[name]))
        for name in order[:CLASSES]
    ]
    return join(
        element("h2", "AP by class, the largest changes first"),
        table(["class", *map(str, frame.columns)], rows),
    )


def table(header: list[str], rows: list[Markup]) -> Markup:
    """Make a table that can be scrolled on a narrow screen."""
    head = element("thead", element("tr", *(element("th", name) for name in header)))
    return element("div", element("table", head, element("tbody", *rows)), class_="scroll")


def slice_section(view: View, slices: Mapping[str, Condition]) -> Markup:
    """Tabulate slices; see :meth:`View.slices`."""
    rows = []
    for name, row in view.slices(slices, settled=True).iterrows():
        words = element("div", row["condition"], class_="soft small")
        counts = (f"{int(row[of]):,}" for of in ("labels", "predictions"))
        cells = [element("td", ratio(row[of]), difference(row, of)) for of in SCORES]
        rows.append(
            element("tr", element("td", name, words), *(element("td", n) for n in counts), *cells)
        )
    return join(
        element("h2", "Slices"),
        table(["slice", "labels", "predictions", *SCORES.values()], rows),
        element("p", SLICES, class_="soft small"),
    )
