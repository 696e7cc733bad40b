"""Rows of bars: order, room, whiskers and ends of noise."""

from __future__ import annotations

import numpy as np

from ea_widgets.widgets.charts.bars import BOTTOM, NAME_LIMIT, ROW_HEIGHT, TOP, BarRows, RankedBars


def chart(**options):
    act = (lambda _: None, str, lambda handler: handler)
    return RankedBars(*act, colours=("blue", "red"), **options)


def rows(count, **more):
    values = np.linspace(0.5, 0, count)
    names = tuple(f"metric {i} (P)" for i in range(count))
    return BarRows(names, values, tuple(f"{v:.2f}" for v in values), **more)


def test_the_chart_grows_with_its_rows():
    bars = chart()
    bars.show(rows(40), None)
    assert bars.figure.layout.height == f"{40 * ROW_HEIGHT + TOP + BOTTOM}px"
    assert bars._rank.domain == [str(i) for i in reversed(range(40))]
    bars.show(rows(3), 0)
    assert bars.figure.layout.height == f"{3 * ROW_HEIGHT + TOP + BOTTOM}px"
    assert bars._rank.domain == ["2", "1", "0"]
    assert len(bars.bars.x) == 3
    assert bars._numbers_axis.tick_labels == {"0": "0.50", "1": "0.25", "2": "0.00"}


def test_no_mark_ever_holds_a_row_that_the_scale_does_not_know():
    bars = chart()
    seen = []

    def check(_change):
        known = set(bars._rank.domain)
        seen.append(set(bars.bars.x) <= known and set(bars.hits.x) <= known)

    for mark, name in ((bars.hits, "x"), (bars.bars, "x"), (bars._rank, "domain")):
        mark.observe(check, name)
    for count in (5, 2, 9, 0, 4):
        bars.show(rows(count), None)
    assert seen
    assert all(seen)


def test_long_names_are_shortened_but_stay_different():
    bars = chart()
    long = tuple(f"A very long name of a metric that goes on {i} and on (P)" for i in range(3))
    bars.show(BarRows(long, np.ones(3), ("", "", "")), None)
    labels = list(bars._names_axis.tick_labels.values())
    assert len(set(labels)) == 3
    assert max(len(label) for label in labels) <= NAME_LIMIT + 2


def test_whiskers_and_ends_of_noise_are_drawn_when_known():
    bars = chart()
    bars.show(rows(2), None)
    assert not bars.whiskers.visible
    low, high, floor = np.array([0.4, 0.0]), np.array([0.6, 0.1]), np.array([0.05, 0.06])
    pale = np.array([False, True])
    bars.show(rows(2, low=low, high=high, floor=floor, pale=pale), None)
    assert bars.whiskers.visible
    assert bars.whiskers.x.tolist() == [[0.4, 0.6], [0.0, 0.1]]
    assert bars.whiskers.y.tolist() == [[0.75, 0.75], [0.25, 0.25]]
    assert bars.floor.x.tolist() == [0.05, 0.06]
    assert bars.floor.y.tolist() == [0.75, 0.25]
    assert bars.bars.opacities[1] < bars.bars.opacities[0]
    bars.show(rows(2), None)
    assert not bars.whiskers.visible


def test_below_nought_has_the_other_colour():
    bars = chart(diverging=True)
    bars.show(BarRows(("a", "b", "c"), np.array([0.3, -0.2, np.nan]), ("", "", "")), None)
    assert bars.bars.colors == ["blue", "red", "blue"]
    assert bars.bars.y.tolist() == [0.3, -0.2, 0.0]
    assert bars._length.min == -bars._length.max == -0.3 * 1.06


def test_a_late_hover_on_a_row_that_is_gone_is_no_error():
    bars = chart()
    bars.show(rows(5), None)
    bars.show(rows(2), None)
    bars._hovered(bars.hits, {"data": {"index": 4}})
    assert bars._tip.value == ""


def test_the_bars_are_said_in_words():
    bars = chart()
    bars.say("What explains <b>it</b>", "share")
    bars.show(BarRows(('a "b" <c>', "d"), np.array([0.5, 0.1]), ("0.50", "0.10")), None)
    said = 'data-said="a &quot;b&quot; &lt;c&gt; 0.50, d 0.10"'
    assert bars._title.value == f'<div class="eaw-title" {said}>What explains <b>it</b></div>'
    bars.show(BarRows((), np.zeros(0), ()), None)
    assert 'data-said=""' in bars._title.value
