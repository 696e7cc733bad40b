"""A page over hostile names in a real browser: nothing of them becomes an element or runs."""

from __future__ import annotations

from tests.hostile import HOSTILE, MARK

CELL = f"""
import numpy as np, pandas as pd, ea_widgets as ea
texts = {tuple(text[:300] for text in HOSTILE)!r}
n = len(texts)
images = pd.DataFrame({{"image_id": texts, "width": 64, "height": 48, "weather": texts,
                       texts[0]: np.linspace(0, 1, n)}})
rows = np.repeat(np.arange(n), 4)
labels = pd.DataFrame({{"image_id": np.array(texts, object)[rows],
                       "class_name": [texts[(7 * r + i) % n] for i, r in enumerate(rows)],
                       "x": np.tile(np.arange(4) * 15.0, n), "y": 5.0, "width": 9.0, "height": 9.0,
                       texts[1]: np.random.default_rng(0).random(len(rows))}})
found = labels.assign(confidence=np.linspace(0, 1, len(rows)), y=np.where(rows % 2, 5.0, 30.0))
grey = np.full((48, 64, 3), 90, np.uint8)
dataset = ea.Dataset.from_frames(images, labels, found, pixels=lambda _: grey)
evaluation = ea.Evaluation(dataset)
night = ea.where("weather", isin=texts)
page = ea.explore(evaluation, metric=evaluation.metrics.index[0], where=night)
page
"""


def test_no_name_becomes_an_element(lab):
    lab.open([CELL, "dataset", "evaluation.scores()"]).run_all()
    lab.page.locator(".eaw-figure").first.wait_for()
    lab.expect_kernel("page._message.value", "")
    assert lab.page.locator(f".{MARK}").count() == 0
    assert lab.page.evaluate("window.injected") is None
    assert lab.page.locator(".jp-OutputArea a[href^='javascript']").count() == 0
    assert lab.page.locator(".eaw mjx-container").count() == 0  # no name is typeset as maths
    lab.assert_clean()
