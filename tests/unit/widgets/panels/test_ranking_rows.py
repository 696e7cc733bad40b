"""Which metrics have a bar on the page: near-duplicates behind one, references apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.testing import front_end
from tests.unit.widgets.conftest import frames


@pytest.fixture
def page():
    """Metrics of which some say the same, and some are there for reference."""
    images, labels, predictions = frames(n_images=60)
    for table in (labels, predictions):
        size = table["width"] * table["height"]
        table["Sharpness"], table["Blur"] = size / 1e6, 1 - size / 1e6
        table["Object Annotation Quality"] = np.arange(len(table)) % 3 / 3
        for number in range(14):
            table[f"noise {number}"] = np.random.default_rng(number).random(len(table))
    predictions["Model Confidence"] = predictions["confidence"]
    dataset = ea.Dataset.from_frames(images, labels, predictions)
    return ea.explore(ea.Evaluation(dataset), metric=None)


def test_near_duplicates_have_one_row_and_references_none(page):
    ranking, table = page.panel._ranking, page.panel.importance
    apart = [n for n in table.index if n.startswith(("Model Conf", "Object Annotation"))]
    assert set(ranking.rows.apart) == set(apart)
    assert ranking.rows.folded == {"Blur (P)": "Sharpness (P)"}
    left = [n for n in table.index if n not in {*apart, "Blur (P)"}]
    assert [*ranking.table.index] == left[:8]
    assert "1 near-duplicate" in ranking.caption.value
    assert "Blur (P) as Sharpness (P)" in ranking.caption.value
    for name in apart:
        assert f"{name[:-4]} {table.loc[name, 'importance']:.3f}" in ranking.caption.value
    assert ea.explore(page.evaluation).metric not in apart


def test_all_of_them_are_a_tick_away_the_references_last(page):
    front_end(page).move("all_metrics", value=True)
    rows = [*page.panel._ranking.table.index]
    assert sorted(rows) == sorted(page.panel.importance.index)
    assert {*rows[-2:]} == {"Model Confidence (P)", "Object Annotation Quality (P)"}
    assert "For reference" not in page.panel._ranking.caption.value


def test_the_chosen_one_stands_for_its_near_duplicates(page):
    before = [*page.panel._ranking.table.index]
    at = before.index("Sharpness (P)")
    page.metric = "Blur (P)"
    assert [*page.panel._ranking.table.index] == [*before[:at], "Blur (P)", *before[at + 1 :]]
    page.metric = "Model Confidence (P)"
    assert [*page.panel._ranking.table.index] == [*before, "Model Confidence (P)"]


def test_rows_stay_while_a_slider_moves(page):
    folded = page.panel._ranking.rows.folded
    front_end(page).move("confidence_threshold", 0.9)  # few rows, where much looks alike
    assert page.panel._ranking.rows.folded == folded


def test_a_panel_by_itself_ranks_them_all(page):
    panel = ea.ImportancePanel(page.evaluation, all_metrics=True)
    assert [*panel._ranking.table.index] == [*panel.importance.index]
    assert pd.Series(panel.importance["importance"]).is_monotonic_decreasing


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ("predictions", "There are no predictions, so there are no false positives."),
        ("labels", "Every prediction is a false positive, since there are no labels."),
    ],
)
def test_where_there_is_nothing_to_rank_it_is_said_once(lacking, words):
    tables = dict(zip(("images", "labels", "predictions"), frames(n_images=4), strict=True))
    tables["images"]["Brightness"] = 0.5
    full = ea.Evaluation(ea.Dataset.from_frames(**tables))
    tables[lacking] = tables[lacking].iloc[:0]
    page = ea.explore(ea.Evaluation(ea.Dataset.from_frames(**tables)))
    assert front_end(page).shown().bars == {}
    assert words in front_end(page).shown().text
    page.evaluation = full
    assert "Metric importance" in front_end(page).shown().bars
