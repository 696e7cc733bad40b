"""Where nobody answers: exported, restarted, opened again; something true is shown, and said so."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor
from playwright.sync_api import expect

DATA = """
import numpy as np
import pandas as pd
import ea_widgets as ea
image, column = np.divmod(np.arange(600), 10)
images = pd.DataFrame({"image_id": np.arange(60), "width": 1_000, "height": 90})
labels = pd.DataFrame({"image_id": image, "class_name": "a", "x": column * 100.0, "y": 0.0})
labels = labels.assign(width=20.0 + np.arange(600) % 60, height=50.0)
wrong = labels["width"] < 40
found = labels.assign(x=labels["x"] + 50 * wrong, confidence=np.linspace(0.1, 1, 600))
dataset = ea.Dataset.from_frames(images, labels, found)
"""
CELLS = [DATA, "page = ea.explore(dataset)\npage"]
BANNER = "This page is not live: run the cell to make it so."
WHOLE = "images => images.every(image => image.complete && image.naturalWidth > 100)"


def assert_tells(page):
    """Assert that the still picture is seen, whole, and nothing that is broken."""
    still = page.locator(".eaw-static, .jp-OutputArea-output:has-text('This page is not live')")
    expect(still.last).to_be_visible()
    expect(still.last).to_contain_text(BANNER)
    expect(still.last).to_contain_text("mAP 0.497")
    expect(still.last).to_contain_text("Frame Object Density")
    assert still.last.locator("img").count() == 3
    assert still.last.locator("img").evaluate_all(WHOLE)
    words = page.locator("body").inner_text()
    assert "children=" not in words
    assert "model not found" not in words


@pytest.fixture(scope="module")
def lab(lab_factory):
    lab = lab_factory().open(CELLS).run_all()
    yield lab
    lab.close()


def test_an_export_without_a_network_shows_what_was_settled(browser, tmp_path):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    ExecutePreprocessor(timeout=300).preprocess(notebook, {"metadata": {"path": str(tmp_path)}})
    content, _ = HTMLExporter().from_notebook_node(notebook)
    (tmp_path / "page.html").write_text(content)
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    assert_tells(page)
    # What is settled later where somebody looks: ranges are there with their strength.
    expect(page.locator(".eaw-static")).to_contain_text("Strong.")
    context.close()


def test_while_the_page_lives_its_picture_is_hidden(lab):
    expect(lab.page.locator(".eaw-importance")).to_be_visible()
    expect(lab.page.locator(".eaw-static")).to_be_attached()
    expect(lab.page.locator(".eaw-static")).to_be_hidden()
    lab.assert_clean()


def test_a_notebook_opened_again_untrusted_shows_the_picture(lab, lab_factory, tmp_path):
    lab.expect_kernel("page.worst.ranges is not None", value=True)
    lab.page.get_by_role("button", name="Save and create checkpoint").click()
    lab.expect_kernel(f"'eaw-static' in open({lab.path!r}).read()", value=True)
    file = lab.server.root / lab.path
    saved = json.loads(file.read_text())
    assert any("text/html" in out.get("data", {}) for out in saved["cells"][1]["outputs"])
    saved["cells"].append(nbformat.v4.new_code_cell("# another, so that the signature is void"))
    copy = tmp_path / "copy.ipynb"
    copy.write_text(json.dumps(saved))
    again = lab_factory().open(copy)
    assert_tells(again.page)
    again.close()
