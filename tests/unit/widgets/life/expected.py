"""What ought to be on screen: what a fresh evaluation answers for the choices of a widget."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from ipywidgets import Accordion, Button, Checkbox, FloatText, HBox, Text, Textarea

from ea_widgets.analysis.actions.rule import Rule
from ea_widgets.testing import Shown, front_end
from ea_widgets.testing.controls import SLIDERS, VALUED, find, on_step, parts_of, sets
from ea_widgets.widgets.base import text
from ea_widgets.widgets.charts.bars import RankedBars
from ea_widgets.widgets.charts.rate_chart import RateChart
from ea_widgets.widgets.controls.class_picker import ClassPicker
from ea_widgets.widgets.controls.name_field import NameField
from ea_widgets.widgets.controls.range_controls import short
from ea_widgets.widgets.examples.examples_panel import PAGE, Examples
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.per_class import PerClass
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric
from ea_widgets.widgets.panels.sweep_panel import ImportanceSweep
from ea_widgets.widgets.panels.what_if_panel import WhatIf
from ea_widgets.widgets.panels.worst_ranges_panel import LONGEST, SHOWN, WorstRanges
from tests.unit.widgets.life import diagnosis

if TYPE_CHECKING:
    from tests.unit.widgets.life.data import Oracle

IMPORTANCE, CORRELATION = "Metric importance", "Metric correlation"
RATES = ("True positive rate (precision)", "False negative rate")


def check(widget: Any, oracle: Oracle) -> None:
    """Compare what a widget shows with what the oracle answers for its choices."""
    if widget._asleep:
        return  # out of sight: it draws once it is seen
    shown = front_end(widget).shown()
    query = {
        "iou_threshold": widget.iou_threshold,
        "confidence_threshold": widget.confidence_threshold,
        "classes": widget.classes,
        "where": widget.where,
    }
    _CHECKS[type(widget)](widget, oracle, shown, query)
    _check_controls(widget)


def _frame(got: pd.DataFrame, want: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(got, want, check_exact=True)


ELSEWHERE = {"evaluation", "classes", "where", "metric_range", "zoom", "rules", "page"}


def _check_controls(widget: Any) -> None:
    """Every control that sets a trait shows the trait's value."""
    parts = parts_of(widget)
    valued = [part for part in parts if isinstance(part.widget, VALUED)]
    pale = [part.widget for part in parts if "eaw-waiting" in _classes(part)]
    late = {"kind"} if pale else set()  # shown along with its counts
    late |= diagnosis.OTHER_FIELDS.get(type(widget), set())
    for trait in set(widget.choice_names()) - ELSEWHERE - late:
        value = getattr(widget, trait)
        for control in [part.widget for part in valued if sets(part, trait)]:
            if isinstance(control, SLIDERS):
                if value is not None and not isinstance(value, Mapping):
                    assert on_step(control, control.value) == on_step(control, value), trait
            elif isinstance(control, Accordion):
                assert (control.selected_index == 0) == value, trait
            else:
                shown = control.chosen if isinstance(control, NameField) else control.value
                assert shown == value, trait
    for picker in [part.widget for part in parts if isinstance(part.widget, ClassPicker)]:
        shown = [p.widget for p in parts_of(picker) if p.seen]
        sought = next((w.value for w in shown if isinstance(w, Text)), None)
        if sought is None:  # folded
            continue
        names = [name for name in widget.evaluation.class_names if sought in name]
        boxes = [w for w in shown if isinstance(w, Checkbox)]
        assert [(box.tooltip, box.value) for box in boxes] == [
            (name, name in widget.classes) for name in names
        ]


def _numbers(content: str) -> list[list[Any]]:
    """Read a file of numbers."""
    return pd.read_csv(StringIO(content)).to_numpy().tolist()


def _check_file(shown: Shown, name: str, table: pd.DataFrame) -> None:
    """A file that is offered holds what is on screen."""
    if name not in shown.files:
        return
    want = table.to_csv(index=not isinstance(table.index, pd.RangeIndex))
    np.testing.assert_equal(_numbers(shown.files[name]), _numbers(want))


def _check_panel(panel: Any, oracle: Oracle, shown: Shown, query: dict[str, Any]) -> None:
    whole = oracle.ask("scores", **{**query, "confidence_threshold": None})
    scores = oracle.ask("scores", **query).with_averages_of(whole)
    want = {
        "mAP": text.rate(scores.mean_average_precision),
        "mAR": text.rate(scores.mean_average_recall),
        "precision": text.share(scores.precision),
        "recall": text.share(scores.recall),
        "TP": f"{scores.true_positives:,}",
        "FP": f"{scores.false_positives:,}",
        "FN": f"{scores.false_negatives:,}",
    }
    assert want.items() <= shown.scores.items()
    ranked = {**query, "outcome": panel.outcome}
    if panel.given is not None:
        ranked["given"] = panel.given
    table = oracle.ask("importance", **ranked)
    _frame(panel.importance, table)
    if panel.settled is not None:
        table = oracle.ask("importance", settled=True, **ranked)
        _frame(panel.settled, table)
    names = list(table.index)
    for title, column in ((IMPORTANCE, "importance"), (CORRELATION, "correlation")):
        assert list(shown.bars[title]) == names
        assert list(shown.bars[title].values()) == np.nan_to_num(table[column]).tolist()
    charts = [p.widget for p in parts_of(panel) if isinstance(p.widget, RankedBars)]
    settled = panel.settled is not None and len(table) > 0
    assert [chart.whiskers.visible for chart in charts] == [settled] * 2
    if settled:
        ends = np.nan_to_num(table[["importance_low", "importance_high"]].to_numpy())
        assert np.array_equal(charts[0].whiskers.x, ends)
    twin = None if panel.metric is None else oracle.evaluation.metrics.loc[panel.metric, "name"]
    marked = [panel.metric] if panel.metric in names else [
        name for name in names if table.loc[name, "name"] == twin
    ][:1]  # fmt: skip
    assert list(shown.marked) == marked
    data = oracle.evaluation.dataset
    assert any(f"{len(data.predictions):,} prediction" in words for words in shown.text)
    _check_file(shown, "importance.csv", table)


def _check_detail(detail: Any, oracle: Oracle, shown: Shown, query: dict[str, Any]) -> None:
    if detail.metric is None:
        assert detail.curve is None
        assert shown.points == {}
        assert detail.sentences == () or shown.waiting
        return
    options = {"bins": detail.bins, "by_class": detail.by_class}
    curve = oracle.ask("curve", detail.metric, **query, **options)
    charts = [p.widget for p in parts_of(detail) if isinstance(p.widget, RateChart)]
    averages = (curve.average_true_positive_rate, curve.average_false_negative_rate)
    tables = (curve.predictions, curve.labels)
    for table, got in zip(tables, (detail.curve.predictions, detail.curve.labels), strict=True):
        _frame(got, table)
    for title, table, chart, average in zip(RATES, tables, charts, averages, strict=True):
        rates = sorted(y for _, y in shown.points[title])
        assert rates == sorted(table["rate"].tolist())
        drawn = np.unique(np.atleast_1d(chart.average.y)).tolist()
        assert drawn == ([] if table.empty or np.isnan(average) else [average])
        assert chart.chosen.visible == (bool(detail.metric_range) and not table.empty)
    filled = [table for table in tables if len(table)]
    whole = (
        (min(t["bin_low"].min() for t in filled), max(t["bin_high"].max() for t in filled))
        if filled
        else (0.0, 0.0)
    )
    ends = detail.metric_range or whole
    fields = [p.widget.value for p in parts_of(detail) if isinstance(p.widget, FloatText)]
    if not shown.message:  # what is typed and refused stays, so that the other end can follow
        assert fields == [short(end) for end in ends]
    if not shown.waiting:
        said = oracle.ask("sentences", detail.metric, settled=True, **query)
        assert [one.text for one in detail.sentences] == [one.text for one in said]
        here = [one.text for one in said if one.text not in detail._unsaid]  # else in the list
        assert all(any(text in words for words in shown.text) for text in here)


def _check_worst(worst: Any, oracle: Oracle, shown: Shown, query: dict[str, Any]) -> None:
    if worst.ranges is None or shown.waiting:
        assert shown.waiting
        return
    options = {"outcome": worst.outcome, "by_class": worst.by_class}
    table = oracle.ask("worst_ranges", SHOWN, settled=True, gain=True, **options, **query)
    if worst.sort_by != "surest":
        table = table.sort_values(worst.sort_by, ascending=False, kind="stable", ignore_index=True)
    _frame(worst.ranges, table)
    worth = [
        "" if np.isnan(gain) else f" Mended: at most +{gain:.3f} mAP." for gain in table["gain"]
    ]
    said = zip(table["sentence"], worth, strict=True)
    assert shown.ranges == tuple(text.elide(words, LONGEST) + more for words, more in said)
    buttons = [p.widget for p in parts_of(worst) if "eaw-range" in _classes(p)]
    for button, row in zip(buttons, table.itertuples(), strict=True):
        chosen = worst.metric == row.metric and worst.metric_range == (row.low, row.high)
        assert bool(button.icon) == chosen
    _check_file(shown, "worst-ranges.csv", table)


def _check_examples(examples: Any, oracle: Oracle, shown: Shown, query: dict[str, Any]) -> None:
    if examples.metric is None or not examples.metric_range:
        assert (examples.found, examples.opened, shown.captions) == (None, None, ())
        return
    body = [part for part in parts_of(examples) if "eaw-waiting" in _classes(part)]
    if any("eaw-gallery" not in _classes(part) for part in body):
        return
    low, high = examples.metric_range
    asked = {
        "reason": examples.reason or (),
        "sort": examples.sort_by,
        "descending": examples.descending,
        **query,
    }
    every = ("true_positive", "false_positive", "missed")
    kind = every if examples.kind == "all" else examples.kind
    arguments = (examples.metric, low, high, kind)
    found = oracle.ask("objects_in_range", *arguments, page=examples.page, page_size=PAGE, **asked)
    assert examples.found.total == found.total
    assert 0 <= examples.page < found.n_pages
    _frame(examples.found.rows, found.rows)
    everything = oracle.ask("objects_in_range", *arguments[:3], every, page_size=1, **asked)
    counts = [int(label.rsplit(" ", 1)[1]) for label, _ in _menu(examples, "kind").options]
    assert counts == [sum(everything.counts.values())] + [everything.counts[k] for k in every]
    place = [words for words in shown.text if words.endswith(("object", "objects"))]
    assert [words.endswith(text.counted(found.total, "object")) for words in place] == [True]
    if "objects.csv" in shown.files:
        rows = oracle.ask(
            "objects_in_range", *arguments, page_size=max(found.total, 1), **asked
        ).rows
        assert _numbers(shown.files["objects.csv"])[:1] != [] or not len(rows)
        ids = pd.read_csv(StringIO(shown.files["objects.csv"]))["id"].tolist()
        assert [str(i) for i in ids] == [str(i) for i in rows["object_id"].tolist()[: found.total]]
    if examples.opened is not None:
        assert any(
            words.startswith(f"{examples.opened + 1:,} of {found.total:,} in ")
            for words in shown.text
        )
        assert examples.opened < found.total
    elif examples.view == "pictures" and not body:
        assert len(shown.captions) == len(found.rows)
        for caption, value in zip(shown.captions, found.rows["value"], strict=True):
            assert text.number(float(value)) in caption


def _classes(part: Any) -> tuple[str, ...]:
    """List the style classes of a widget."""
    return getattr(part.widget, "_dom_classes", ())


def _menu(widget: Any, trait: str) -> Any:
    return find(widget, trait, VALUED, late=True).widget


def _check_what_if(what_if: Any, oracle: Oracle, shown: Shown, query: dict[str, Any]) -> None:
    rule = what_if.rule
    assert all(isinstance(one, Rule) for one in what_if.rules)
    if rule is not None:
        assert (rule.low, rule.high) == what_if.metric_range
        assert rule.min_confidence == what_if.min_confidence
    rules = what_if.rules if rule is None or rule in what_if.rules else (*what_if.rules, rule)
    if not rules:
        assert what_if.effect is None
        return
    effect, got = oracle.ask("what_if", rules, **query), what_if.effect
    for name in ("removed", "true_positives_lost", "false_positives_removed"):
        assert getattr(got, name) == getattr(effect, name)
    for side in ("before", "after"):
        want = getattr(effect, side)
        np.testing.assert_equal(
            getattr(got, side).mean_average_precision, want.mean_average_precision
        )
        assert getattr(got, side).true_positives == want.true_positives
    if not (what_if.rules or effect.removed):
        return
    for f1 in (effect.f1_before, effect.f1_after):
        assert any(text.rate(f1) in words for words in shown.text)
    areas = [p.widget.value for p in parts_of(what_if) if isinstance(p.widget, Textarea)]
    kept = what_if.rules or (rule,)
    assert Rule.list_from_json(areas[0]) == list(kept)
    if what_if.rules:
        assert Rule.list_from_json(shown.files["rules.json"]) == list(kept)
    if rule is not None:
        choices = {k: v for k, v in query.items() if k != "iou_threshold"}
        inside = oracle.ask(
            "objects_in_range", rule.metric, rule.low, rule.high,
            kind=("true_positive", "false_positive"), page_size=1, **choices,
        ).total  # fmt: skip
        keep = find(what_if, "add rule", (Button,), late=True).widget
        assert keep.disabled == (not inside or rule in what_if.rules)
    rows = [p.widget for p in parts_of(what_if) if isinstance(p.widget, HBox) and _removes(p)]
    assert len(rows) == len(what_if.rules)


def _removes(part: Any) -> bool:
    first = next(iter(part.widget.children), None)
    return isinstance(first, Button) and first.description == "remove"


def _check_sweep(sweep: Any, oracle: Oracle, shown: Shown, query: dict[str, Any]) -> None:
    if not sweep.opened:
        assert shown.lines == {}
        return
    if shown.waiting or sweep.sweep is None:
        assert shown.waiting
        return
    choices = {name: query[name] for name in ("confidence_threshold", "classes", "where")}
    table = oracle.ask("importance_sweep", top=len(sweep.lines), outcome=sweep.outcome, **choices)
    _frame(sweep.sweep, table)
    for name, points in shown.lines.items():
        rows = table[table["metric"] == name]
        assert points == tuple(zip(rows["iou_threshold"], rows["importance"], strict=True))
    assert set(shown.lines) == set(table["metric"])
    _check_file(shown, "importance-over-iou.csv", table)


def _check_classes(each: Any, oracle: Oracle, shown: Shown, query: dict[str, Any]) -> None:
    if not each.opened:
        assert shown.bars == {}
        return
    choices = {k: v for k, v in query.items() if k != "classes"}
    table = oracle.ask("scores", **choices).per_class
    for title, column in (
        ("Average precision", "average_precision"),
        ("Average recall", "average_recall"),
    ):
        bars = {name.removeprefix("✓ "): value for name, value in shown.bars[title].items()}
        assert bars == dict(zip(table.index, np.nan_to_num(table[column]), strict=True))
        ticked = {name[2:] for name in shown.bars[title] if name.startswith("✓ ")}
        assert ticked == set(each.classes)
    chosen = [n for n in table.index if (not each.classes or n in each.classes)]
    drawn = {n for n in chosen if table.loc[n, "labels"] > 0}
    assert set(shown.lines) == drawn


_CHECKS = {
    ImportancePanel: _check_panel,
    PerformanceByMetric: _check_detail,
    WorstRanges: _check_worst,
    Examples: _check_examples,
    WhatIf: _check_what_if,
    ImportanceSweep: _check_sweep,
    PerClass: _check_classes,
    **diagnosis.CHECKS,
}
