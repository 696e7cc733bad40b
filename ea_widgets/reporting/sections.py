"""Sections of the report, from the scores to what the words mean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ea_widgets.analysis.what_if import f1_of
from ea_widgets.analysis.words import bare_metric
from ea_widgets.reporting.charts import importance_bars, rate_chart
from ea_widgets.reporting.markup import Markup, element, join

if TYPE_CHECKING:
    import pandas as pd

    from ea_widgets.analysis.evaluation import Evaluation
    from ea_widgets.analysis.scores import Scores
    from ea_widgets.reporting.shots import Shots

BARS = 12
CURVES = 4
FINDINGS = 4
SHOTS = 4
LOOKED_AT = 60
"""Objects of a range that the pictures are chosen from."""

CLASSES = 40
SAME_ORDER = 0.9
"""Rank correlation from which on two metrics need one curve only."""

WEAK = 0.005
"""Metrics below this importance have no curve in the report."""

COCO_NAMES = {"AP": "AP@[.50:.95]", "AP50": "AP@.50", "AP75": "AP@.75"}

WORDS = {
    "mAP, mAR": (
        "Mean over the classes of average precision (101 recall levels) and of recall, at the IoU "
        "above. Predictions are matched to labels as COCO does."
    ),
    "True positive rate (precision)": (
        "Of the predictions there, the share that found a label: TP / (TP + FP)."
    ),
    "False negative rate": (
        "Of the labels there, the share that no prediction found: FN / labels. It is over labels, "
        "the other over predictions, so the two do not add up to 100 %."
    ),
    "Metric importance": (
        "How much of the outcome the metric tells, from 0 (nothing) to 1 (all): the uncertainty "
        "coefficient of Theil, corrected for the number of bins. The line on a bar is its 95 % "
        "interval over images; the dotted tick is what a metric of pure noise reaches in 5 % of "
        "such data sets. Grey bars are not told from noise."
    ),
    "More than at the average rate": (
        "Errors in the range, minus those it would hold if its rate were the average one. Ranges "
        "are named only where that is more than chance gives the largest of all ranges tried."
    ),
    "Reasons of wrong predictions": (
        "After TIDE: wrong class; badly located (some overlap with a label of its class, too "
        "little); both; duplicate (its label is found already); background."
    ),
}


class Questions:
    """An evaluation, asked with the thresholds and classes of the report.

    Parameters
    ----------
    evaluation : Evaluation
    iou_threshold, confidence_threshold : float
    classes : tuple of str
    """

    def __init__(
        self,
        evaluation: Evaluation,
        iou_threshold: float,
        confidence_threshold: float,
        classes: tuple[str, ...],
    ) -> None:
        self.evaluation = evaluation
        self.iou_threshold = iou_threshold
        self.confidence_threshold = confidence_threshold
        self.classes = classes

    @property
    def thresholds(self) -> tuple[float, float]:
        """IoU and confidence."""
        return self.iou_threshold, self.confidence_threshold

    def ranking(self, outcome: str) -> pd.DataFrame:
        """Ask which metrics matter, with intervals."""
        return self.evaluation.importance(*self.thresholds, self.classes, outcome, settled=True)


def score_section(questions: Questions, scores: Scores) -> Markup:
    """Scores in large type, and COCO's own small."""
    iou = f"{questions.iou_threshold:.2f}"
    tiles = (
        (ratio(scores.mean_average_precision), f"mAP@{iou}"),
        (ratio(scores.mean_average_recall), f"mAR@{iou}"),
        (ratio(scores.precision), "precision"),
        (ratio(scores.recall), "recall"),
        (ratio(f1_of(scores)), "F1"),
        (f"{scores.true_positives:,}", "true positives"),
        (f"{scores.false_positives:,}", "false positives"),
        (f"{scores.false_negatives:,}", "missed labels"),
    )
    summary = questions.evaluation.coco_summary(questions.classes)
    coco = [
        element("div", element("dt", COCO_NAMES.get(name, name)), element("dd", ratio(value)))
        for name, value in summary.items()
    ]
    return join(
        element(
            "div",
            *(element("div", element("b", n), element("span", w), class_="tile") for n, w in tiles),
            class_="tiles",
        ),
        element("p", "COCO's own numbers, as a reference:", class_="soft small"),
        element("dl", *coco, class_="coco"),
    )


def finding_section(questions: Questions, shots: Shots) -> Markup:
    """Where the errors are, in sentences with pictures."""
    parts = []
    for outcome, kind, title in (
        ("true_positive", "false_positive", "Wrong predictions"),
        ("missed", "missed", "Missed labels"),
    ):
        table = questions.evaluation.worst_ranges(
            FINDINGS,
            outcome,
            iou_threshold=questions.iou_threshold,
            confidence_threshold=questions.confidence_threshold,
            classes=questions.classes,
        )
        parts.append(element("h3", title))
        if not len(table):
            words = "No range of any metric holds more errors than chance explains."
            parts.append(element("p", words, class_="soft"))
            continue
        items = [finding(questions, row, kind, shots) for row in table.to_dict("records")]
        parts.append(element("ol", *items, class_="findings"))
    return join(
        element("h2", "Where the errors are"),
        element(
            "p",
            "Ranges of metrics that hold the most errors above average, each named once although "
            "several metrics may show it.",
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


def finding(questions: Questions, row: dict[object, object], kind: str, shots: Shots) -> Markup:
    """One range with examples."""
    metric, low, high = str(row["metric"]), float(str(row["low"])), float(str(row["high"]))
    page = questions.evaluation.objects_in_range(
        metric,
        low,
        high,
        kind,
        sort="confidence" if kind == "false_positive" else "iou",
        descending=kind == "false_positive",
        page_size=LOOKED_AT,
        iou_threshold=questions.iou_threshold,
        confidence_threshold=questions.confidence_threshold,
        classes=questions.classes,
    )
    unit = str(questions.evaluation.metrics.loc[metric, "unit"])
    pictures = shots.row(varied(page.rows, SHOTS), bare_metric(metric), unit)
    return element("li", element("p", unbroken(str(row["sentence"]))), pictures)


def unbroken(words: str) -> str:
    """Keep numbers and their percent signs on one line."""
    return words.replace(" %", "\N{NO-BREAK SPACE}%")


def varied(rows: pd.DataFrame, n: int) -> pd.DataFrame:
    """Choose some of the first rows, of different images and as many classes as there are."""
    fresh = rows[~rows["image_id"].duplicated()]
    chosen = fresh.assign(turn=fresh.groupby("class_name").cumcount()).sort_values(
        "turn", kind="stable"
    )
    return chosen.head(n)


def mistake_section(questions: Questions, shots: Shots) -> Markup | None:
    """Wrong predictions that the model is most sure of: often the labels are at fault."""
    page = questions.evaluation.objects_in_range(
        None,
        kind="false_positive",
        sort="confidence",
        descending=True,
        page_size=LOOKED_AT,
        iou_threshold=questions.iou_threshold,
        confidence_threshold=questions.confidence_threshold,
        classes=questions.classes,
    )
    pictures = shots.row(page.rows[~page.rows["image_id"].duplicated()].head(2 * SHOTS))
    if pictures is None:
        return None
    words = "Wrong predictions that the model is surest of. Look here for errors of the labels."
    return join(element("h2", "The surest mistakes"), element("p", words, class_="soft"), pictures)


def importance_section(rankings: dict[str, pd.DataFrame]) -> Markup:
    """Two rankings of the metrics."""
    columns = []
    for outcome, title in (
        ("true_positive", "What tells wrong predictions from right ones"),
        ("missed", "What tells missed labels from found ones"),
    ):
        table = rankings[outcome].head(BARS)
        content = (
            importance_bars(table, missed=outcome == "missed")
            if len(table)
            else element("p", "There are no metrics: ea.compute_metrics adds them.", class_="soft")
        )
        more = len(rankings[outcome]) - len(table)
        rest = (
            element("p", f"and {more} metrics below these", class_="soft small") if more else None
        )
        columns.append(element("div", element("h3", title), content, rest))
    return join(
        element("h2", "Which properties matter"),
        element(
            "p",
            "Metric importance from 0, the metric tells nothing of the outcome, to 1, it tells all "
            "of it; with 95\N{NO-BREAK SPACE}% intervals. ",
            element("span", class_="key floor"),
            "reach of pure noise. Each half has its own scale. (P) describes predictions, (O) "
            "labels, (F) images.",
            class_="soft",
        ),
        element("div", *columns, class_="pair"),
    )


def curve_section(questions: Questions, rankings: dict[str, pd.DataFrame]) -> Markup | None:
    """Curves of the metrics that matter most, of either ranking in turn."""
    names = curve_names(rankings, questions.evaluation)
    if not names:
        return None
    parts = []
    for name in names:
        curve = questions.evaluation.curve(name, *questions.thresholds, questions.classes)
        charts = [
            rate_chart(
                frame, average, metric=curve.metric, unit=curve.unit, title=title, missed=missed
            )
            for frame, average, title, missed in (
                (
                    curve.predictions,
                    curve.average_true_positive_rate,
                    "True positive rate (precision)",
                    False,
                ),
                (curve.labels, curve.average_false_negative_rate, "False negative rate", True),
            )
            if len(frame)
        ]
        about = element("p", curve.description, class_="soft small") if curve.description else None
        spoken = questions.evaluation.sentences(
            name, *questions.thresholds, questions.classes, settled=True
        )
        words = [element("p", unbroken(sentence.text)) for sentence in spoken]
        parts.append(
            join(element("h3", name), about, *words, element("div", *charts, class_="pair"))
        )
    return join(
        element("h2", "How performance changes with them"),
        element(
            "p",
            "Each point is a group of about equally many objects; the numbers under the axis are "
            "where these groups end. Shaded: 95 % interval. Hollow: fewer than 20 objects.",
            class_="soft",
        ),
        *parts,
    )


def curve_names(rankings: dict[str, pd.DataFrame], evaluation: Evaluation) -> list[str]:
    """Metrics worth a curve, the first of each ranking first, and none that go together."""
    columns = []
    for table in rankings.values():
        told = table[(table["importance"] >= WEAK) & table["distinguishable"].astype(bool)]
        columns.append(list(map(str, told.index[:BARS])))
    chosen: list[str] = []
    for place in range(BARS):
        for column in columns:
            if place < len(column) and len(chosen) < CURVES:
                name = column[place]
                known = {bare_metric(other) for other in chosen}
                if bare_metric(name) not in known and not any(
                    go_together(evaluation, name, other) for other in chosen
                ):
                    chosen.append(name)
    return [bare_metric(name) for name in chosen]


def go_together(evaluation: Evaluation, one: str, other: str) -> bool:
    """Tell whether two metrics put the objects of a level in nearly the same order."""
    dataset, names = evaluation.dataset, [bare_metric(one), bare_metric(other)]
    for frame in (dataset.predictions, dataset.labels, dataset.images):
        if set(names) <= set(frame.columns):
            some = frame[names].iloc[:: max(1, len(frame) // 20_000)]
            if abs(some.rank().corr().to_numpy()[0, 1]) > SAME_ORDER:
                return True
    return False


def class_section(scores: Scores) -> Markup:
    """Scores of each class, the worst first; of many classes both ends."""
    table = scores.per_class.sort_values("average_precision", kind="stable", na_position="last")
    left_out = len(table) - CLASSES
    if left_out > 0:
        labelled = int(table["average_precision"].notna().sum())
        half = CLASSES // 2
        kept = [*range(half), *range(max(half, labelled - half), max(half, labelled))]
        left_out = len(table) - len(kept)
        table = table.iloc[kept]
    header = ("class", "AP", "AR", "precision", "labels", "predictions")
    rows = [
        element(
            "tr",
            element("td", name),
            element("td", meter(row["average_precision"]), ratio(row["average_precision"])),
            element("td", ratio(row["average_recall"])),
            element("td", ratio(row["precision"])),
            element("td", f"{int(row['labels']):,}"),
            element("td", f"{int(row['predictions']):,}"),
        )
        for name, row in table.iterrows()
    ]
    note = f"The {left_out:,} classes between the worst and the best ones are left out."
    return join(
        element("h2", "Classes, the worst first"),
        element(
            "div",
            element(
                "table",
                element("thead", element("tr", *(element("th", name) for name in header))),
                element("tbody", *rows),
            ),
            class_="scroll",
        ),
        element("p", note, class_="soft small") if left_out > 0 else None,
    )


def meter(value: float) -> Markup | None:
    """Draw a share as a small bar."""
    if math.isnan(value):
        return None
    return element("span", element("i", style=f"width:{100 * value:.1f}%"), class_="meter")


def word_section(notes: tuple[str, ...]) -> Markup:
    """Say what the numbers mean, and what was odd about the data."""
    words = [join(element("dt", name), element("dd", meaning)) for name, meaning in WORDS.items()]
    return join(
        join(element("h2", "About the data"), element("ul", *(element("li", n) for n in notes)))
        if notes
        else None,
        element("h2", "What the numbers mean"),
        element("dl", *words, class_="words"),
    )


def ratio(value: float) -> str:
    """Write a score with three decimals, as they are compared."""
    return "\N{EN DASH}" if math.isnan(value) else f"{value:.3f}"
