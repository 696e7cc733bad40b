"""The report, opened offline in a real Chromium."""

from __future__ import annotations

import pytest

import ea_widgets as ea
from tests.unit.reporting.test_report import make_frames


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    images, labels, predictions = make_frames()
    long = {"Size": "A property with a rather long name that has to be broken somewhere"}
    dataset = ea.Dataset.from_frames(
        images, labels.rename(columns=long), predictions.rename(columns=long)
    )
    return ea.report(dataset, tmp_path_factory.mktemp("report") / "report.html")


@pytest.mark.parametrize("width", [390, 640, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_opens_offline_without_a_word_or_a_request(browser, report, width, scheme):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
    )
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    assert page.title() == "What drives the detector's performance"
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [report.as_uri()]
    # Nothing reaches over the side, and the text of the charts can be read.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    text = page.locator("svg.chart text").first.bounding_box()
    assert text["height"] >= 11
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")
    context.close()


def test_the_report_prints_black_on_white_also_in_the_dark(browser, report, tmp_path):
    context = browser.new_context(color_scheme="dark", offline=True)
    page = context.new_page()
    page.goto(report.as_uri())
    page.emulate_media(media="print", color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    assert page.pdf(path=tmp_path / "report.pdf", format="A4").startswith(b"%PDF")
    context.close()
