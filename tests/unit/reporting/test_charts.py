from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from ea_widgets.reporting.charts import HEIGHT, LEFT, WIDTH, importance_bars, rate_chart


def curve(rates, counts=None):
    rates = np.array(rates, float)
    n = np.full(len(rates), 100) if counts is None else np.array(counts)
    edges = np.arange(len(rates) + 1.0)
    return pd.DataFrame(
        {
            "bin_low": edges[:-1],
            "bin_high": edges[1:],
            "center": edges[:-1] + 0.5,
            "n": n,
            "rate": rates,
            "rate_low": (rates - 0.05).clip(0),
            "rate_high": (rates + 0.05).clip(None, 1),
        }
    )


def chart(frame, average=0.3):
    return rate_chart(frame, average, metric="Size", unit="px", title="Rate", missed=False)


def coordinates(markup, tag, *names):
    return [
        tuple(float(re.search(rf'\b{name}="([^"]*)"', found)[1]) for name in names)
        for found in re.findall(rf"<{tag} [^>]*>", markup)
    ]


def test_points_stand_where_their_rates_and_shares_are():
    points = coordinates(chart(curve([0.1, 0.3, 0.2], [100, 200, 100])), "circle", "cx", "cy")
    x, y = np.array(points).T
    assert np.diff(x)[0] == pytest.approx(np.diff(x)[1], abs=0.02)
    assert y[1] < y[2] < y[0]
    heights = y.max() - y
    assert heights[1] == pytest.approx(2 * heights[2], abs=0.05)


def test_everything_stays_on_the_chart():
    for rates in ([0.0, 0.0], [1.0, 1.0], [0.5], [0.0, 1.0, 0.001]):
        markup = chart(curve(rates), average=float(np.mean(rates)))
        for x, y in coordinates(markup, "circle", "cx", "cy"):
            assert LEFT <= x <= WIDTH
            assert 0 <= y <= HEIGHT
        for x, y in coordinates(markup, "text", "x", "y"):
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT
        assert "nan" not in markup


def test_no_label_is_wider_than_its_room():
    # On a phone letters are 14 units tall, and so up to 9 wide.
    markup = chart(curve([1.0, 1.0]))
    labels = re.findall(r'<text x="([\d.]+)"[^>]*text-anchor="end">([^<]*%)</text>', markup)
    assert [words for _, words in labels] == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    assert min(float(x) - 9 * len(words) for x, words in labels) >= 0


def test_a_long_name_is_outside_of_the_drawing_where_it_can_wrap():
    name = "very long metric name " * 6
    markup = rate_chart(curve([0.1, 0.2]), 0.3, metric=name, unit="px", title="Rate", missed=False)
    assert f'</svg><div class="across">{name} (px)</div></figure>' in markup
    assert not re.search(rf"<text[^>]*>[^<]*{name}", markup)


def test_small_bins_are_hollow():
    markup = chart(curve([0.1, 0.2], [19, 20]))
    assert re.findall(r'class="(few|point)"', markup) == ["few", "point"]


def test_bars_show_intervals_floors_and_what_is_not_told_from_noise():
    table = pd.DataFrame(
        {
            "importance": [0.4, 0.01],
            "importance_low": [0.3, 0.0],
            "importance_high": [0.5, 0.05],
            "noise_floor": [0.02, 0.02],
            "distinguishable": [True, False],
        },
        index=["Size (P)", "<b>Noise</b> (F)"],
    )
    markup = importance_bars(table, missed=True)
    assert "&lt;b&gt;Noise&lt;/b&gt; (F)" in markup
    assert re.findall(r'class="track([^"]*)"', markup) == [" missed", " missed chance"]
    widths = [float(w) for w in re.findall(r'class="fill" style="width:([\d.]+)%', markup)]
    assert widths[0] / widths[1] == pytest.approx(40, rel=0.01)
    assert markup.count("whisker") == 2
    assert markup.count('class="floor"') == 2
    assert importance_bars(table[["importance"]], missed=False).count("whisker") == 0


def categories(names):
    frame = curve(np.linspace(0.1, 0.4, len(names)))
    return frame.drop(columns=["bin_low", "bin_high", "center"]).assign(category=names)


def test_short_names_of_categories_stand_below_their_bars():
    markup = chart(categories(["sun", "rain", True]))
    assert "rotate(" not in markup
    assert f'viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}"' in markup
    assert all(f">{name}</text>" in markup for name in ("sun", "rain", "True"))


def test_long_names_of_categories_are_turned_and_stay_on_the_chart():
    names = [f"camera front left {number:02d}, wide" for number in range(21)]
    markup = chart(categories(names))
    height = float(re.search(r'viewBox="0 0 \d+ (\d+)"', markup)[1])
    turned = re.findall(r'rotate\(-\d+ ([\d.]+) ([\d.]+)\)"[^>]*>([^<]+)<', markup)
    written = [words for _, _, words in turned]
    assert len({*written}) == 21
    for x, y, words in turned:
        reach = 6.0 * len(words)
        assert float(x) - reach * np.cos(np.radians(60)) > 0
        assert float(y) + reach * np.sin(np.radians(60)) < height


def test_edges_of_dates_are_dates():
    frame = curve([0.1, 0.3, 0.2, 0.2])
    for name in ("bin_low", "bin_high"):
        frame[name] = 1.7e9 + 86400 * 30 * frame[name]
    markup = rate_chart(frame, 0.2, metric="taken", unit="date", title="Rate", missed=False)
    assert ">2023-11-14</text>" in markup
    assert "1,700," not in markup
    assert "(date)" not in markup
