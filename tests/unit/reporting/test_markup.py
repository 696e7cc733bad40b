from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.reporting.markup import element, join


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def read(markup):
    reader = Reader()
    reader.feed(markup)
    reader.close()
    return reader


printable = st.text(st.characters(exclude_categories=["C"]))


@given(text=printable, title=printable)
def test_text_and_attributes_come_out_as_they_went_in(text, title):
    reader = read(element("p", text, title=title, class_="a"))
    assert reader.tags == [("p", {"title": title, "class": "a"})]
    assert reader.text == text


def test_elements_stand_in_each_other_and_none_is_left_out():
    inner = element("b", "<x>", stroke_width=1.5, height=2.0, data_a=None)
    assert inner == '<b stroke-width="1.5" height="2">&lt;x&gt;</b>'
    assert element("p", inner, None, "&") == f"<p>{inner}&amp;</p>"
    assert join("<", inner, 3) == f"&lt;{inner}3"
