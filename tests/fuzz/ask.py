"""What was accepted is asked everything: the view, the page under a person's acts, the report."""

from __future__ import annotations

import contextlib
import copy
import pickle
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pandas as pd

import ea_widgets as ea
from ea_widgets.testing import front_end
from ea_widgets.testing.controls import FIELDS, MENUS, SLIDERS, buttons, parts_of
from ea_widgets.widgets.base.page_script import page_script
from tests.fuzz.mutate import pick
from tests.hostile import MARK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.random import Generator

BOX_METRICS = ["Object Area - Absolute", "Aspect Ratio", "Object Count", "Annotation Duplicates"]
HEAVY_EVERY = 24
"""The page, the report and the metrics of pixels take a hundred times as long as the rest."""


class WrongError(Exception):
    """What was accepted gives no answer, or not the right one."""


class Elements(HTMLParser):
    """Looks for elements that text from the data has made."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Refuse an element that was injected, and a script."""
        if ("class", MARK) in attrs or any(name.startswith("on") for name, _ in attrs):
            raise WrongError(f"text from data has become the element <{tag}>")

    handle_startendtag = handle_starttag


def check_html(text: str) -> None:
    """Refuse HTML in which text from the data has become an element.

    The page's own script is the one that may stand there, to the letter.
    """
    Elements().feed(text.replace(page_script(), ""))


def ask(rng: Generator, dataset: ea.Dataset, folder: Path) -> None:
    """Ask what can be asked of a data set; any error is one of ours.

    Raises
    ------
    WrongError
        If an answer is refused or harmful.
    """
    heavy = rng.integers(HEAVY_EVERY)
    if heavy == 0:
        dataset = ea.compute_metrics(dataset, progress=False)
    elif heavy <= 4:
        dataset = ea.compute_metrics(dataset, progress=False, metrics=BOX_METRICS)
    repr(dataset)
    check_html(dataset._repr_html_())
    evaluation = ea.Evaluation(dataset)
    asked = ask_view(rng, evaluation)
    if heavy == 1:
        act_on_page(rng, evaluation)
    elif heavy == 2:
        file = ea.report(evaluation, folder / "report.html")
        check_html(file.read_text("utf-8"))
    elif heavy == 3:
        copied = pickle.loads(pickle.dumps(evaluation))  # noqa: S301  # our own bytes
        same(evaluation.scores(), copied.scores())
        copy.deepcopy(evaluation)
    elif heavy == 4:
        to = folder / "again"
        to.mkdir()
        dataset.to_coco(to)
        same_counts(evaluation, ea.read_coco(to / "instances.json", to / "predictions.json"))
    elif heavy == 5 and asked:
        summary = ea.summarize(evaluation)
        again = ea.Summary.from_bytes(summary.to_bytes())
        again.at().scores()
        again.at().importance()
    elif heavy == 6 and len(dataset.images):
        ea.Evaluation(dataset.subset(dataset.images["image_id"].tolist()[:2])).scores()
    elif heavy == 7:
        compared = ea.compare({"one": evaluation, "other": evaluation})
        compared.scores()


def same(one: Any, other: Any) -> None:
    """Refuse scores that differ."""
    if repr(one) != repr(other):
        raise WrongError(f"a copy answers {other!r}, the original {one!r}")


def same_counts(evaluation: ea.Evaluation, written: ea.Dataset) -> None:
    """Refuse what COCO's files have lost."""
    counts = [(len(d.images), len(d.labels)) for d in (evaluation.dataset, written)]
    if counts[0] != counts[1]:
        raise WrongError(f"images and labels are {counts[0]}, and {counts[1]} after writing")


def ask_view(rng: Generator, evaluation: ea.Evaluation) -> bool:
    """Ask every question of a view; tells whether there is a metric."""
    names = evaluation.metrics.index.tolist()
    classes = evaluation.class_names
    queries: list[dict[str, Any]] = [{}, {"iou_threshold": 0.75, "confidence_threshold": 0.5}]
    if classes:
        queries.append({"classes": [pick(rng, classes)]})
    view = evaluation.at(**pick(rng, queries))
    plain: list[Callable[[], Any]] = [
        view.scores, view.importance, view.matches, view.reasons, view.coco_summary, view.per_image,
        view.confusion, view.confused_pairs, view.precision_recall, view.froc, view.twins,
        view.coco_per_class, view.worst_ranges, view.label_errors, view.calibration,
        view.operating_points, lambda: view.binning(8), view.objects_in_range,
        lambda: view.scores(settled=True), lambda: view.importance("missed"),
        lambda: view.importance(settled=True), lambda: view.worst_ranges(settled=True),
    ]  # fmt: skip
    count = len(plain) if rng.random() < 0.04 else 4
    for at in rng.permutation(len(plain))[:count]:
        answer = plain[at]()
        repr(answer)
        if hasattr(answer, "_repr_html_") and not isinstance(answer, pd.DataFrame):
            check_html(answer._repr_html_())
    if names:
        name = pick(rng, names)
        view.curve(name)
        view.curve(name, by_class=True)
        view.sentences(name)
        view.objects_in_range(name)
        kind = evaluation.metrics.loc[name, "kind"]
        if kind == "categorical":
            values = evaluation.dataset.images.get(name.rpartition(" (")[0])
            known = [] if values is None else values.dropna().tolist()[:1]
            if known:
                where = ea.where(name, isin=known)
                evaluation.at(where=where).scores()
        else:
            evaluation.at(where=ea.where(name, high=0.5)).scores()
        of_predictions = [one for one in names if not one.endswith("(O)")]
        if of_predictions:
            view.grid(pick(rng, of_predictions), pick(rng, of_predictions))
    return bool(names)


def act_on_page(rng: Generator, evaluation: ea.Evaluation, acts: int = 12) -> None:
    """Open the page, act at random, and look for what is wrong on it.

    Raises
    ------
    WrongError
        If an error is on screen, or an element that data has made.
    """
    page = ea.explore(evaluation)
    try:
        look(page, "the opened page")
        for _ in range(acts):
            said = act(rng, page)
            look(page, said)
    finally:
        page.close()


def act(rng: Generator, page: Any) -> str:  # noqa: PLR0911  # one for each act
    """Do one thing that a person can do."""
    person = front_end(page)
    parts = [p for p in parts_of(page) if p.usable]
    kind = rng.integers(6)
    # Refusals in words are an answer to what cannot be done now.
    with contextlib.suppress(ea.InvalidInputError):
        if kind == 0 and (sliders := [p for p in parts if isinstance(p.widget, SLIDERS)]):
            part = pick(rng, sliders)
            if part.names:
                low, high = part.widget.min, part.widget.max
                person.move(part.names[0], low + float(rng.random()) * (high - low))
            return f"moved {part.names}"
        if kind == 1 and (menus := [p for p in parts if isinstance(p.widget, MENUS)]):
            part = pick(rng, menus)
            options = part.widget.options
            if part.names and options:
                option = pick(rng, options)
                person.move(part.names[0], option[0] if isinstance(option, tuple) else option)
            return f"chose in {part.names}"
        if kind == 2 and (fields := [p for p in parts if isinstance(p.widget, FIELDS)]):
            part = pick(rng, fields)
            if part.names:
                person.type(part.names[0], pick(rng, ["", "0.3", "cat", "<b>", "nan"]))
            return f"typed into {part.names}"
        if kind == 3 and (there := [p for p in buttons(page) if p.usable]):
            part = pick(rng, there)
            if part.names:
                person.press(part.names[0])
            return f"pressed {part.names}"
        if kind == 4:
            person.click_bar(int(rng.integers(3)))
            return "clicked a bar"
        low = float(rng.random())
        person.select_range(low, low + float(rng.random()))
        return "dragged over a chart"
    return "was refused"


def look(page: Any, after: str) -> None:
    """Refuse an error on screen, and an injected element."""
    shown = front_end(page).shown()
    if "could not be shown" in shown.message:
        raise WrongError(f"after {after}: {shown.message[-1500:]}")
    for part in parts_of(page):
        value = getattr(part.widget, "value", None)
        if type(part.widget).__name__ == "HTML" and isinstance(value, str):
            check_html(value)
