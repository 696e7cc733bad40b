"""Words of the effect: better, worse, the same, and what cannot be said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ea_widgets.analysis.actions.rule import Rule
from ea_widgets.widgets.base.text import MISSING
from ea_widgets.widgets.panels.effect_view import effect_html


@pytest.fixture(scope="module")
def effect(evaluation):
    return evaluation.what_if([Rule("Size (P)", high=900.0, min_confidence=0.5)])


def test_each_score_says_whether_it_got_better(effect):
    told = effect_html(replace(effect, f1_before=0.25, f1_after=0.5))
    assert "▲ +0.250" in told
    told = effect_html(replace(effect, f1_before=0.5, f1_after=0.25))
    assert "▼ -0.250" in told
    told = effect_html(replace(effect, f1_before=0.5, f1_after=0.5002))
    assert '<tr class="eaw-same"><th scope="row" title="Harmonic mean' in told


def test_a_score_that_is_not_defined_is_a_dash(effect):
    told = effect_html(replace(effect, f1_before=float("nan"), f1_after=float("nan")))
    assert f"<td>{MISSING}</td><td><b>{MISSING}</b></td><td>{MISSING}</td>" in told


def test_counts_that_go_the_other_way_are_said_so(effect):
    told = effect_html(replace(effect, false_positives_removed=-2, true_positives_lost=-1))
    assert "Adds <b>2 false positives</b>, gains <b>1 true positive</b>: " in told
