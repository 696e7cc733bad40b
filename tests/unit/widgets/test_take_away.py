"""Charts and numbers leave the page as files."""

from __future__ import annotations

import base64
import io
import re

import pandas as pd
import pytest
from bqplot import Figure

from ea_widgets.widgets.performance_by_metric import PerformanceByMetric


@pytest.fixture
def detail(evaluation):
    return PerformanceByMetric(evaluation, metric="Size (P)", bins=5)


def press(detail, words):
    next(b for b in detail._save.children if getattr(b, "description", "") == words).click()


def test_both_charts_are_saved_as_pictures_and_drawings(detail, monkeypatch):
    sent = []
    monkeypatch.setattr(Figure, "send", lambda self, content: sent.append((self, content)))
    press(detail, "PNG")
    press(detail, "SVG")
    assert [figure for figure, _ in sent] == [
        detail._true_positive.figure,
        detail._false_negative.figure,
    ] * 2
    assert [content["filename"] for _, content in sent] == [
        "true-positive-rate.png",
        "false-negative-rate.png",
        "true-positive-rate.svg",
        "false-negative-rate.svg",
    ]


def test_the_numbers_are_a_file_and_go_with_the_choices(detail):
    press(detail, "CSV")
    data = re.search(r'base64,([^"]+)"', detail._save._link.value).group(1)
    saved = pd.read_csv(io.BytesIO(base64.b64decode(data)))
    assert saved["rate"].tolist() == pytest.approx(
        [*detail.curve.predictions["rate"], *detail.curve.labels["rate"]]
    )
    assert saved["of"].unique().tolist() == ["predictions", "labels"]
    detail.bins = 7
    assert detail._save._link.value == ""


def test_a_metric_of_one_side_has_numbers_of_one_side(detail):
    detail.metric = "Age (O)"
    assert set(detail._numbers().index.get_level_values("of")) == {"labels"}


def test_an_error_is_seen(detail, monkeypatch):
    monkeypatch.setattr(detail._save, "_table", lambda: 1 / 0)
    press(detail, "CSV")
    assert "ZeroDivisionError: division by zero" in detail._message.value


def test_without_a_metric_there_is_nothing_to_save(evaluation):
    assert PerformanceByMetric(evaluation)._save.layout.display == "none"
