"""The still picture of a page: true, and made of what an untrusted notebook keeps."""

from __future__ import annotations

import re
from base64 import b64decode
from html import unescape
from xml.etree import ElementTree as ET

import ea_widgets as ea
from ea_widgets.reporting.static import static_page
from ea_widgets.reporting.wording import NOT_LIVE
from tests.unit.widgets.conftest import make_evaluation


def test_it_says_what_the_page_says():
    view = make_evaluation(n_images=60).at()
    ranges = view.worst_ranges(settled=True)
    scores, table, curve = view.scores(), view.importance(), view.curve("Size (P)")
    page = static_page(scores, table, curve, ranges)
    said = unescape(re.sub("<[^>]*>", " ", page))
    assert NOT_LIVE in said
    assert f"mAP {scores.mean_average_precision:.3f}" in said
    assert f"{scores.false_positives:,} false positives" in said
    assert len(ranges) > 0
    assert all(sentence in said for sentence in ranges["sentence"])
    told = [unescape(alt) for alt in re.findall('alt="([^"]*)"', page)]
    assert f"{table.index[0]} {table['importance'].iloc[0]:.3f}" in told[0]
    assert [words.split(" by ")[0] for words in told[1:]] == [
        "True positive rate (precision)",
        "False negative rate",
    ]
    assert {*re.findall("<([a-z]+)", page)} <= {"p", "b", "br", "img", "ul", "li"}
    drawings = [b64decode(data) for data in re.findall('base64,([^"]*)', page)]
    for drawing in drawings:
        assert ET.fromstring(drawing).tag.endswith("svg")  # noqa: S314  # our own
    points = ET.fromstring(drawings[1]).iter()  # noqa: S314  # our own
    assert sum(mark.tag.endswith("circle") for mark in points) == len(curve.predictions)


def test_text_from_data_is_no_html_and_nothing_is_no_error():
    evaluation = make_evaluation(n_images=30)
    frames = evaluation.dataset.frames
    labels = frames.labels.rename(columns={"Size": '<i>"Size"</i>'})
    view = ea.Evaluation(ea.Dataset.from_frames(frames.images, labels, frames.predictions)).at()
    page = static_page(view.scores(), view.importance("missed"), None, None)
    assert "<i>" not in page
    assert '"Size"' not in page
    nothing = view.importance().iloc[:0]
    assert "<img" not in static_page(view.scores(), nothing, None, view.worst_ranges().iloc[:0])
