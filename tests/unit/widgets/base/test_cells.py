"""A cell that is run again lets go of what it made before."""

from __future__ import annotations

import gc

import pytest

from ea_widgets.widgets.base import cells
from ea_widgets.widgets.explore import explore
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from tests.unit.widgets.conftest import instances


@pytest.fixture
def cell(monkeypatch):
    """Pretend to run a cell, as ``cell("id", "run")``."""
    monkeypatch.setattr(cells, "_made", {})

    def run(cell_id, run_id):
        parent = {"metadata": {"cellId": cell_id}, "header": {"msg_id": run_id}}
        shell = type("Shell", (), {"get_parent": lambda _: parent})()
        monkeypatch.setattr(cells, "get_ipython", lambda: shell)

    return run


def test_ten_runs_hold_as_many_widgets_as_one(evaluation, cell):
    sizes = []
    for number in range(3):
        cell("explore", f"run {number}")
        explore(evaluation).panel.metric = "Size (P)"
        gc.collect()
        sizes.append(len(instances()))
    assert sizes[0] == sizes[1] == sizes[2]


def test_widgets_of_one_run_and_of_other_cells_live_on(evaluation, cell):
    cell("first", "1")
    one, two = ImportancePanel(evaluation), ImportancePanel(evaluation)
    cell("second", "2")
    three = ImportancePanel(evaluation)
    assert None not in (one.comm, two.comm, three.comm)
    cell("first", "3")
    ImportancePanel(evaluation)
    assert (one.comm, two.comm) == (None, None)
    assert three.comm is not None


def test_outside_a_notebook_nothing_is_closed(evaluation, monkeypatch):
    monkeypatch.setattr(cells, "get_ipython", lambda: None)
    assert cells.current_run() is None
    one = ImportancePanel(evaluation)
    ImportancePanel(evaluation)
    assert one.comm is not None


def test_who_collects_panels_over_runs_keeps_them(evaluation, cell):
    kept = []
    for run in ("1", "2", "3"):
        cell("collect", run)
        kept.append(ImportancePanel(evaluation, keep=True))
        kept.append(explore(evaluation, keep=True))
    assert all(widget.comm is not None for widget in kept)
    assert all(page.panel.comm is not None for page in kept[1::2])
