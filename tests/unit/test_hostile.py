"""Text from data is text everywhere: page, report, comparison, tables, files, terminal."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.cli import main
from ea_widgets.testing import front_end
from tests.fuzz.ask import act_on_page, check_html, look
from tests.hostile import HOSTILE

N = len(HOSTILE)
CONTROL = set(map(chr, range(32))) - {"\n", "\t", "\r"}


def hostile_frames():
    """Every name, id, value and column that text can be, hostile."""
    rng = np.random.default_rng(0)
    images = pd.DataFrame(
        {
            "image_id": list(HOSTILE),
            "file_name": [f"{text[:200]}.png" for text in HOSTILE],
            "width": 64,
            "height": 48,
            "weather": [HOSTILE[at % 10] for at in range(N)],
            HOSTILE[0]: rng.random(N),
        }
    )
    rows = np.repeat(np.arange(N), 6)
    labels = pd.DataFrame(
        {
            "image_id": images["image_id"].to_numpy()[rows],
            "class_name": [HOSTILE[(row * 7 + at) % N] for at, row in enumerate(rows)],
            "x": np.tile(np.arange(6) * 9.0, N),
            "y": rng.integers(0, 30, len(rows)),
            "width": 8.0,
            "height": 9.0,
            HOSTILE[1]: rng.random(len(rows)),
            HOSTILE[11]: [HOSTILE[at % N] for at in range(len(rows))],
        }
    )
    predictions = labels.assign(confidence=rng.random(len(rows)))
    predictions.loc[::3, "y"] = 0.0
    return images, labels, predictions


@pytest.fixture(scope="module")
def evaluation():
    grey = np.full((48, 64, 3), 90, np.uint8)
    dataset = ea.Dataset.from_frames(*hostile_frames(), pixels=lambda _id: grey)
    return ea.Evaluation(dataset)


@pytest.fixture(scope="module")
def names(evaluation):
    return evaluation.metrics.index.tolist()


def test_names_stay_as_they_are(evaluation):
    assert set(evaluation.class_names) == set(HOSTILE)
    assert sorted(evaluation.dataset.images["image_id"]) == sorted(HOSTILE)


def test_the_page_and_what_a_person_does_on_it(evaluation, names):
    act_on_page(np.random.default_rng(0), evaluation, acts=25)
    for name in names:
        page = ea.explore(evaluation, metric=name, classes=HOSTILE[:4])
        front_end(page).click_bar(0)
        look(page, name)
        for part in page.further:
            if hasattr(part, "opened"):
                part.opened = True
                look(page, f"opened {type(part).__name__}")
        page.close()


def test_filters_and_slices(evaluation, tmp_path):
    slices = {text: ea.where("weather", equals=text) for text in HOSTILE[:10]}
    ea.save_slices(slices, tmp_path / "slices.json")
    assert ea.read_slices(tmp_path / "slices.json") == slices
    page = ea.explore(evaluation, where=slices[HOSTILE[0]])
    look(page, "a filter")
    page.close()
    table = evaluation.at().slices(slices)
    assert set(slices) <= {*table.index, *table.astype(str).to_numpy().ravel()}
    check_html(ea.report(evaluation, tmp_path / "r.html", slices=slices).read_text("utf-8"))


def test_report_and_comparison(evaluation, tmp_path):
    page = ea.report(evaluation, tmp_path / "report.html", title=HOSTILE[0]).read_text("utf-8")
    check_html(page)
    assert not CONTROL & set(page)
    compared = ea.compare(dict.fromkeys(HOSTILE[:3], evaluation))
    check_html(ea.report(compared, tmp_path / "compared.html").read_text("utf-8"))
    shown = ea.explore(compared)
    look(shown, "the page of a comparison")
    shown.close()


def test_likely_label_errors(evaluation, tmp_path):
    suspects = evaluation.label_errors("missing").head(9).assign(verdict="wrong")
    verdicts = ea.LabelVerdicts(evaluation.dataset, suspects)
    verdicts.to_csv(tmp_path / "verdicts.csv")
    check_cells((tmp_path / "verdicts.csv").read_bytes().decode())
    verdicts.to_cvat(tmp_path / "verdicts.xml")
    verdicts.to_coco(tmp_path / "coco")
    json.loads((tmp_path / "coco/instances.json").read_text())


def check_cells(text):
    """No cell of a table is one that a spreadsheet runs."""
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            assert not cell.startswith(("=", "@", "\t", "\r")), cell
            if cell.startswith(("+", "-")):
                float(cell)


def test_tables_of_the_page_hold_no_formulas(evaluation):
    page = ea.explore(evaluation, metric=evaluation.metrics.index[0])
    check_cells(page.examples.table().to_csv(index=False))
    page.close()


def test_words_on_the_terminal(evaluation, tmp_path, capsys):
    evaluation.dataset.to_coco(tmp_path)
    files = [str(tmp_path / "instances.json"), str(tmp_path / "predictions.json")]
    assert main(["report", *files, "-o", str(tmp_path / "r.html"), "--json"]) in {0, 2}
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert main(["report", str(tmp_path / HOSTILE[16]), files[1], "-o", "x.html"]) == 2
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("text", HOSTILE)
def test_refusals_of_names(evaluation, text):
    for call in (
        lambda: evaluation.at(classes=[f"{text} "]),
        lambda: evaluation.at().curve(f"{text}?"),
        lambda: ea.read(text) if "\0" not in text else ea.read("a\0b"),
        lambda: ea.load_summary(f"{text}.summary"),
    ):
        with pytest.raises(ea.InvalidInputError) as caught:
            call()
        said = str(caught.value)
        assert len(said) < 3_000
        assert not {"\x1b", "\0"} & set(said)


def test_tables_in_a_notebook(evaluation):
    for shown in (evaluation.dataset, evaluation.scores(), evaluation.at().operating_points()):
        check_html(shown._repr_html_())
