"""What is left of a page where no kernel answers: a fragment of HTML that needs nothing else."""

from __future__ import annotations

from base64 import b64encode
from html import escape, unescape
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.reporting import wording
from ea_widgets.reporting.charts import WIDTH, rate_chart
from ea_widgets.reporting.markup import Markup, element, join
from ea_widgets.reporting.sections import ratio

if TYPE_CHECKING:
    import pandas as pd

    from ea_widgets.analysis.curves import Curve
    from ea_widgets.analysis.scores import Scores

ROWS, ROW, NAMES, BARS, SIDE = 8, 22, 250, 260, 60
SVG = 'xmlns="http://www.w3.org/2000/svg"'
LOOKS = (
    "<style>text{font:12px sans-serif;fill:#1c1f23}.grid{stroke:#d8dce1}"
    ".average{stroke:#1c1f23;stroke-dasharray:6 4}.curve{fill:none;stroke:#0072b2;stroke-width:2}"
    ".point{fill:#0072b2}.few{fill:#fff;stroke:#8c8c8c}.band{fill:#0072b2;fill-opacity:.16}"
    ".missed .curve{stroke:#c44e00}.missed .point{fill:#c44e00}.missed .band{fill:#c44e00}"
    "line{stroke:#d8dce1}.bar{fill:#0072b2}</style>"
)


def static_page(
    scores: Scores, importance: pd.DataFrame, curve: Curve | None, ranges: pd.DataFrame | None
) -> str:
    """Write scores, bars, curves and concentrations.

    Parameters
    ----------
    scores : Scores
    importance : DataFrame
        As :meth:`View.importance` gives it.
    curve : Curve or None
    ranges : DataFrame or None
        As :meth:`View.worst_ranges` gives it.

    Returns
    -------
    str
        HTML of plain elements: notebooks that are not trusted strip styles, scripts and drawings,
        so charts are images whose data travel within.
    """
    sentences = [] if ranges is None else ranges["sentence"].tolist()
    shown = [
        element("p", element("b", wording.NOT_LIVE)),
        element("p", _scores_in_words(scores)),
        *([_bars(importance.head(ROWS))] if len(importance) else []),
        *([] if curve is None else _curves(curve)),
    ]
    if sentences:
        items = join(*(element("li", sentence) for sentence in sentences))
        shown += [
            element("p", element("b", wording.WHERE_ERRORS_CONCENTRATE)),
            element("ul", items),
        ]
    return join(*shown)


def _scores_in_words(scores: Scores) -> str:
    named = (
        ("mAP", scores.mean_average_precision), ("mAR", scores.mean_average_recall),
        ("precision", scores.precision), ("recall", scores.recall), ("F1", scores.f1),
    )  # fmt: skip
    counts = (
        f"{scores.true_positives:,} true positives, {scores.false_positives:,} false positives, "
        f"{scores.false_negatives:,} missed"
    )
    return f"{', '.join(f'{name} {ratio(value)}' for name, value in named)}; {counts}."


def _image(drawing: str, told: str, width: float) -> Markup:
    """Put a drawing into an image on white paper, in whatever theme."""
    data = b64encode(drawing.encode()).decode()
    source = f"data:image/svg+xml;base64,{data}"
    return Markup(f'<img src="{source}" width="{width:.0f}" alt="{escape(told)}">')


def _bars(table: pd.DataFrame) -> Markup:
    """Draw the metrics that matter most."""
    values = np.nan_to_num(table["importance"].to_numpy(np.float64))
    unit = BARS / max(float(values.max()), 0.1)
    width, height = NAMES + BARS + SIDE, ROW * len(table) + 6
    rows = []
    for number, (name, value) in enumerate(zip(table.index, values.tolist(), strict=True)):
        y = ROW * number + 4
        short = str(name) if len(str(name)) <= 36 else f"{str(name)[:34]}…"
        rows += [
            element("text", short, x=NAMES - 8, y=y + 13, text_anchor="end"),
            element("rect", x=NAMES, y=y, width=unit * value, height=ROW - 6, class_="bar"),
            element("text", f"{value:.3f}", x=NAMES + unit * value + 6, y=y + 13),
        ]
    paper = element("rect", width=width, height=height, fill="#fff")
    drawing = f'<svg {SVG} width="{width}" height="{height}">{LOOKS}{join(paper, *rows)}</svg>'
    told = ", ".join(f"{n} {v:.3f}" for n, v in zip(table.index, values.tolist(), strict=True))
    image = _image(drawing, f"Metric importance: {told}", width)
    return element("p", element("b", wording.METRIC_IMPORTANCE), Markup("<br>"), image)


def _curves(curve: Curve) -> list[Markup]:
    """Draw both rates by the metric."""
    sides = (
        (curve.predictions, curve.average_true_positive_rate, wording.TRUE_POSITIVE_RATE),
        (curve.labels, curve.average_false_negative_rate, wording.FALSE_NEGATIVE_RATE),
    )
    drawn = []
    for table, average, title in sides:
        whole = table[table["class_name"] == "all"] if len(table) else table
        if whole.empty:
            continue
        figure = rate_chart(
            whole, average, metric=curve.metric, unit=curve.unit, title=title,
            missed=title != sides[0][2],
        )  # fmt: skip
        start, end = figure.index("<svg"), figure.index("</svg>") + len("</svg>")
        svg = figure[start:end]
        told = svg[svg.index("<title>") + 7 : svg.index("</title>")]
        first = svg.index(">") + 1
        paper = '<rect width="100%" height="100%" fill="#fff"/>'
        drawing = f"{svg[:4]} {SVG}{svg[4:first]}{LOOKS}{paper}{svg[first:]}"
        heading = f"{title} by {curve.metric}"
        image = _image(drawing, unescape(told), WIDTH)
        drawn.append(element("p", element("b", heading), Markup("<br>"), image))
    return drawn
