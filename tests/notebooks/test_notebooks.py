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

CLAIMS = {
    "quickstart": {
        "size is among the first three beside contrast, and its curve is steep at the left end": (
            "page.metric in page.panel._ranking.table.index[:3] and "
            "(left := evaluation.curve(page.metric).labels['rate'])[0] > left[5] + 0.3"
        ),
        "Random Values are seen once all metrics are ticked": (
            "len(page.panel._ranking.table) < len(page.panel.importance) and "
            "not page.panel._ranking.table.index.str.startswith('Random').any()"
        ),
        "below 0.24 % more than nine of ten are missed": (
            "(small := evaluation.at(0.5, page.confidence_threshold, "
            "where=ea.where(page.metric, high=0.24)).scores()).recall < 0.1"
        ),
        "the pictures are of those": (
            "page.examples.metric_range == (0, 0.24) and len(page.examples.table()) > 300"
        ),
        "one threshold for all is far better than the rule": (
            "effects['one threshold for all'].f1 > effects['a rule for small ones'].f1 + 0.1"
        ),
        "the rule hardly changes anything": (
            "abs(effects['a rule for small ones'].f1 - effects['all predictions'].f1) < 0.01"
        ),
        "recall falls": (
            "effects['all predictions'].recall > effects['one threshold for all'].recall + 0.05"
        ),
        "the left end of the curve has come down, the rest is where it was": (
            "(curve := comparison.curve(page.metric).labels).query("
            "\"model == 'full resolution' and bin_high < 0.24\")['difference'].max() < -0.3 and "
            "curve.query(\"model == 'full resolution' and bin_low > 0.4\")"
            ".eval('difference_low < 0.01 and difference_high > -0.01').all()"
        ),
    },
    "act_on_an_insight": {
        "the interval is less than half as wide": (
            "2 * widths.loc['mean_average_precision', 'width, paired']"
            " < widths.loc['mean_average_precision', 'width, unpaired']"
        ),
        "mAP and recall have surely risen, precision over all predictions not": (
            "(widths.loc[['mean_average_precision', 'recall'], 'low'] > 0).all()"
            " and widths.loc['precision', 'low'] < 0 < widths.loc['precision', 'high']"
        ),
        "small digits are found far more often, a few more of the larger are missed": (
            "(missed := changes[(changes['outcome'] == 'missed') & (changes['metric'] == "
            "'Object Area - Relative (O)')].sort_values('low'))['difference'].iloc[0] < -0.15"
            " and 0 < missed['difference'].iloc[1] < 0.06"
        ),
        "ten thresholds promise more than one, and give less": (
            "held.loc['one per class', 'promised'] > held.loc['one threshold', 'promised'] and "
            "held.loc['one per class', 'held out'] < held.loc['one threshold', 'held out']"
        ),
    },
}
"""What the prose says of the outputs, to be seen where a notebook has run."""

pytestmark = pytest.mark.notebook


def read(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_quickstart_is_there():
    assert FOLDER / "quickstart.ipynb" in NOTEBOOKS


def test_every_claim_is_of_a_notebook():
    assert set(CLAIMS) <= {path.stem for path in NOTEBOOKS}


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
def test_runs_from_top_to_bottom_without_a_warning_and_as_its_prose_says(path):
    notebook = read(path)
    claims = CLAIMS.get(path.stem, {}).items()
    source = "\n".join(f"assert {true}, {words!r}" for words, true in claims)
    notebook.cells.append(nbformat.v4.new_code_cell(source))
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
