"""Sections on metrics: which matter, and how performance changes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.data.catalogue import MetricName
from ea_widgets.reporting import wording
from ea_widgets.reporting.charts import importance_bars, rate_chart
from ea_widgets.reporting.markup import Markup, element, join, unbroken

if TYPE_CHECKING:
    import pandas as pd

    from ea_widgets.analysis.view import View
    from ea_widgets.summary.summary_view import SummaryView

BARS, FEWEST_BARS = 12, 3
LEAST_SHOWN = 0.0005
"""Lower ones read 0.000."""

CURVES = 4
WEAK = 0.005
"""Metrics below this importance have no curve in the report."""


def importance_section(rankings: dict[str, pd.DataFrame]) -> Markup:
    """Two rankings of the metrics."""
    columns = []
    for outcome, title in (
        ("true_positive", wording.WHAT_DRIVES_FALSE_POSITIVES),
        ("missed", wording.WHAT_DRIVES_MISSED),
    ):
        ranking = rankings[outcome]
        told = int((ranking["importance"] >= LEAST_SHOWN).sum())
        table = ranking.head(min(max(told, FEWEST_BARS), BARS))
        content = (
            importance_bars(table, missed=outcome == "missed")
            if len(table)
            else element("p", wording.NO_METRICS, class_="soft")
        )
        more = len(rankings[outcome]) - len(table)
        rest = (
            element("p", f"and {more} metrics below these", class_="soft small") if more else None
        )
        columns.append(element("div", element("h3", title), content, rest))
    return join(
        element("h2", wording.WHICH_PROPERTIES),
        element(
            "p",
            wording.IMPORTANCE_IS,
            element("span", class_="key floor"),
            wording.NOISE_KEY,
            class_="soft",
        ),
        element("div", *columns, class_="pair"),
    )


def curve_section(
    view: View | SummaryView, rankings: dict[str, pd.DataFrame], *, spoken: bool = True
) -> Markup | None:
    """Curves of the metrics that matter most, of either ranking in turn; with sentences or not."""
    names = curve_names(rankings)
    if not names:
        return None
    parts = []
    for name in names:
        curve = view.curve(name)
        charts = [
            rate_chart(
                frame, average, metric=curve.metric, unit=curve.unit, title=title, missed=missed
            )
            for frame, average, title, missed in (
                (
                    curve.predictions,
                    curve.average_true_positive_rate,
                    wording.TRUE_POSITIVE_RATE,
                    False,
                ),
                (
                    curve.labels,
                    curve.average_false_negative_rate,
                    wording.FALSE_NEGATIVE_RATE,
                    True,
                ),
            )
            if len(frame)
        ]
        about = element("p", curve.description, class_="soft small") if curve.description else None
        words = []
        if spoken:
            said = view.sentences(name, settled=True)  # type: ignore[union-attr]  # of a View
            words = [element("p", unbroken(sentence.text)) for sentence in said]
        parts.append(
            join(element("h3", name), about, *words, element("div", *charts, class_="pair"))
        )
    return join(
        element("h2", wording.HOW_IT_CHANGES),
        element(
            "p",
            wording.POINTS_ARE,
            class_="soft",
        ),
        *parts,
    )


def curve_names(rankings: dict[str, pd.DataFrame]) -> list[str]:
    """Metrics worth a curve, the first of each ranking first, and none that go together."""
    columns = []
    for table in rankings.values():
        told = table[(table["importance"] >= WEAK) & table["distinguishable"].astype(bool)]
        if "same_as" in told:
            told = told[told["same_as"] == ""]
        columns.append(list(map(str, told.index[:BARS])))
    chosen: list[str] = []
    for position in range(BARS):
        for column in columns:
            if position < len(column) and len(chosen) < CURVES:
                name = column[position]
                known = {MetricName.parse(other).name for other in chosen}
                if MetricName.parse(name).name not in known:
                    chosen.append(name)
    return [MetricName.parse(name).name for name in chosen]
