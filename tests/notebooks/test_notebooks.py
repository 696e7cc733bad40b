"""Every notebook runs from top to bottom and is stored without its outputs."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(
    path for path in FOLDER.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts
)
SECONDS_PER_CELL = 300

pytestmark = pytest.mark.notebook


def read(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_quickstart_is_there():
    assert FOLDER / "quickstart.ipynb" in NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stored_without_outputs_and_for_any_python_3(path):
    notebook = read(path)
    stored = [cell for cell in code_cells(notebook) if cell.outputs or cell.execution_count]
    assert stored == []
    assert "widgets" not in notebook.metadata
    assert notebook.metadata.kernelspec.name == "python3"
    # Versions and paths of whoever saved it last would change with every save.
    assert "version" not in notebook.metadata.get("language_info", {})
    assert [cell for cell in notebook.cells if "execution" in cell.metadata] == []
    assert [cell for cell in notebook.cells if not cell.source.strip()] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_from_top_to_bottom_without_a_warning(path):
    notebook = read(path)
    NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(FOLDER)}},
    ).execute()
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert outputs, "a notebook that shows nothing"
    bad = [
        output
        for output in outputs
        if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert bad == []
