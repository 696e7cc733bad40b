"""Wherever it is opened: live in Notebook 7 and Voilà too; true where nobody answers, and said so.

Exported, restarted, opened again with and without trust.
"""

from __future__ import annotations

import json
import re
from functools import cache

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor
from playwright.sync_api import expect

import ea_widgets as ea
from tests.browser.lab import OPEN_MS, POLL_MS, choose_in_menu
from tests.browser.server import JupyterServer, VoilaServer

DATA = """
import numpy as np
import pandas as pd
import ea_widgets as ea
image, column = np.divmod(np.arange(600), 10)
images = pd.DataFrame({"image_id": np.arange(60), "width": 1_000, "height": 90})
labels = pd.DataFrame({"image_id": image, "x": column * 100.0, "y": 0.0, "height": 50.0})
labels = labels.assign(class_name=np.array(["a", "b"])[image % 2], width=20.0 + np.arange(600) % 60)
wrong = labels["width"] < 40
found = labels.assign(x=labels["x"] + 50 * wrong, confidence=np.linspace(0.1, 1, 600))
found["Dice"] = np.random.default_rng(0).integers(1, 7, 600)
grey = np.full((90, 1_000, 3), 120, np.uint8)
dataset = ea.Dataset.from_frames(images, labels, found, pixels=lambda _: grey)
boxes = ["Object Area - Absolute", "Frame Object Density"]
dataset = ea.compute_metrics(dataset, metrics=boxes, progress=False)
"""
CELLS = [DATA, "page = ea.explore(dataset)\npage"]
METRICS = ("Dice (P)", "Object Area - Absolute (P)")
RANGE = (1_000, 2_000)
BANNER = "This page is not live: run the cell to make it so."
WHOLE = "images => images.every(image => image.complete && image.naturalWidth > 100)"
KEEP_STATE = '{"saveState": true}'
IDLE = ".jp-Notebook-ExecutionIndicator[data-status='idle']"
ELSEWHERE = re.compile(r"https?://(?!127\.0\.0\.1)")


def notebook():
    """The cells as a notebook that is not yet run."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@cache
def expected():
    """Evaluate the same data in this process: the oracle of what pages say."""
    made = {}
    exec(DATA, made)  # noqa: S102  # our own cell
    return ea.Evaluation(made["dataset"])


def assert_lives(page):
    """Move a slider, press a button, and see the numbers follow, right ones."""
    evaluation = expected()
    # Where all predictions are right nothing is ranked, and there is no chart of it.
    root = page.locator(".eaw:has(.eaw-readouts)").first
    scores = root.locator(".eaw-readouts")
    expect(scores).to_contain_text(f"mAP{evaluation.scores().mean_average_precision:.3f}")
    root.get_by_role("slider", name="Confidence").press("End")
    surest = evaluation.scores(confidence_threshold=1.0)
    assert surest.true_positives == 1
    expect(scores).to_contain_text(f"TP{surest.true_positives}FP{surest.false_positives}FN")
    root.get_by_role("button", name="all predictions").click()
    every = evaluation.scores()
    expect(scores).to_contain_text(f"TP{every.true_positives}FP{every.false_positives}FN")


def assert_tells(page):
    """Assert that the still picture is seen, whole, and nothing that is broken."""
    still = page.locator(".eaw-static, .jp-OutputArea-output:has-text('This page is not live')")
    expect(still.last).to_be_visible()
    expect(still.last).to_contain_text(BANNER)
    expect(still.last).to_contain_text(f"mAP {expected().scores().mean_average_precision:.3f}")
    expect(still.last).to_contain_text(METRICS[1][:-4])
    assert still.last.locator("img").count() == 3
    assert still.last.locator("img").evaluate_all(WHOLE)
    words = page.locator("body").inner_text()
    assert "children=" not in words
    assert "model not found" not in words
    expect(page.locator(".eaw").locator("visible=true")).to_have_count(0)


@pytest.fixture(scope="module")
def other_server(tmp_path_factory):
    """A server of its own for Notebook 7.

    A server keeps one file for each name of a font, so that front ends which have the same fonts
    are refused each other's: JupyterLab's tests would see that as an error.
    """
    with JupyterServer(tmp_path_factory.mktemp("others")) as server:
        nbformat.write(notebook(), server.root / "page.ipynb")
        yield server


@pytest.fixture(scope="module")
def voila(tmp_path_factory):
    """Voilà, as somebody shares the notebook without its code."""
    with VoilaServer(tmp_path_factory.mktemp("voila")) as server:
        nbformat.write(notebook(), server.root / "page.ipynb")
        yield server


@pytest.fixture
def page(browser):
    """A page without a network, so without any CDN."""
    context = browser.new_context(viewport={"width": 1280, "height": 1400})
    page = context.new_page()
    page.route(ELSEWHERE, lambda route: route.abort())
    yield page
    context.close()


@pytest.fixture(scope="module")
def lab(lab_factory, jupyter_server):
    """A page in JupyterLab that saves the state of widgets with the notebook."""
    folder = jupyter_server.settings / "@jupyter-widgets" / "jupyterlab-manager"
    folder.mkdir(parents=True)
    setting = folder / "plugin.jupyterlab-settings"
    setting.write_text(KEEP_STATE)
    lab = lab_factory().open(CELLS).run_all()
    yield lab
    setting.unlink()
    folder.rmdir()
    lab.close()


@pytest.fixture(scope="module")
def saved(lab):
    """The notebook as JupyterLab has saved it, with the picture and the widgets' state."""
    lab.expect_kernel("page.worst.ranges is not None", value=True)
    file = lab.server.root / lab.path
    lab.page.wait_for_function(
        "document.querySelector('.eaw-static').textContent.includes('Strong.')"
    )
    lab.page.get_by_role("button", name="Save and create checkpoint").click()
    lab.expect_kernel(f"'eaw-static' in open({lab.path!r}).read()", value=True)
    assert "widgets" in json.loads(file.read_text())["metadata"]
    return file


def test_in_notebook_7_the_page_lives(other_server, page):
    page.goto(
        f"{other_server.url}/notebooks/page.ipynb?token={other_server.token}", timeout=OPEN_MS
    )
    # Its indicator says "idle" before the kernel has started, and what is run then is lost.
    while not (other_server.session("page.ipynb") or {}).get("kernel", {}).get("connections"):
        page.wait_for_timeout(POLL_MS)
    expect(page.locator(IDLE)).to_be_attached(timeout=OPEN_MS)
    choose_in_menu(page, "Run", "Run All Cells")
    expect(page.locator(".eaw-importance .bar").first).to_be_visible(timeout=OPEN_MS)
    assert_lives(page)
    expect(page.locator(".eaw-static")).to_be_hidden()


def test_in_voila_the_page_lives_and_a_click_on_a_bar_changes_the_curves(voila, page):
    page.goto(f"{voila.url}/voila/render/page.ipynb", timeout=OPEN_MS)
    bars = page.locator(".eaw-importance .bar")
    expect(bars.first).to_be_visible(timeout=OPEN_MS)
    expect(page.locator(".jp-CodeCell .jp-InputArea")).to_have_count(0)  # only what it shows
    assert_lives(page)
    expect(page.locator(".eaw-static")).to_be_hidden()
    line = page.locator(".eaw-true-positive path.line").first
    before = line.get_attribute("d")
    name = page.locator(".eaw-importance text", has_text="Dice (P)").last
    name.scroll_into_view_if_needed()
    row, chart = name.bounding_box(), page.locator(".eaw-importance").bounding_box()
    page.mouse.click(chart["x"] + 0.7 * chart["width"], row["y"] + row["height"] / 2)
    expect(page.locator(".eaw-name input:visible").first).to_have_attribute(
        "placeholder", "Dice (P)"
    )
    page.wait_for_function(
        "([line, before]) => line.getAttribute('d') !== before",
        arg=[line.element_handle(), before],
    )


def test_an_export_without_a_network_shows_what_was_settled(browser, tmp_path):
    cells = notebook()
    ExecutePreprocessor(timeout=300).preprocess(cells, {"metadata": {"path": str(tmp_path)}})
    content, _ = HTMLExporter().from_notebook_node(cells)
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


def test_a_notebook_opened_again_untrusted_shows_the_picture(saved, lab_factory, tmp_path):
    content = json.loads(saved.read_text())
    assert any("text/html" in out.get("data", {}) for out in content["cells"][1]["outputs"])
    content["cells"].append(nbformat.v4.new_code_cell("# another, so that the signature is void"))
    del content["metadata"]["widgets"]  # as most save it
    copy = tmp_path / "copy.ipynb"
    copy.write_text(json.dumps(content))
    again = lab_factory().open(copy)
    assert "is not trusted" in again.log()
    assert_tells(again.page)
    again.close()


def test_a_notebook_opened_again_trusted_shows_the_picture_and_no_dead_controls(saved, lab_factory):
    again = lab_factory().open(saved)
    assert "is not trusted" not in again.log()
    expect(again.page.locator(".eaw.jupyter-widgets-disconnected").first).to_be_attached()
    assert_tells(again.page)
    again.close()


def test_a_kernel_that_is_restarted_leaves_the_picture_and_running_brings_it_back(lab):
    lab.menu("Kernel", "Restart Kernel")
    lab.page.get_by_role("button", name="Confirm Kernel Restart").click()
    assert_tells(lab.page)
    lab.wait_idle()
    lab.menu("Run", "Run All Cells")
    expect(lab.page.locator(".eaw-importance .bar").first).to_be_visible(timeout=OPEN_MS)
    expect(lab.page.locator(".eaw-static")).to_be_hidden()
    assert_lives(lab.page)
