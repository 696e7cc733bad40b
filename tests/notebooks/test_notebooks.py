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
        "Random Values are seen once all metrics are ticked": (
            "len(page.panel._ranking.table) < len(page.panel.importance) and "
            "not page.panel._ranking.table.index.str.startswith('Random').any()"
        ),
        "the curve of Sharpness shows that blurred boxes are often wrong": (
            "metric == 'Sharpness (P)' and blurred < 0.6 * found.mean() and "
            "curve.predictions['rate_high'].iloc[:5].max() < curve.average_true_positive_rate"
        ),
        "precision rises, recall falls": (
            "trial.after.precision > trial.before.precision and "
            "trial.after.recall < trial.before.recall and trial.f1_after > trial.f1_before"
        ),
        "a threshold for all would raise F1 more": (
            "evaluation.best_min_confidence('Sharpness (P)').f1_after > trial.f1_after"
        ),
    },
    "act_on_an_insight": {
        "two thresholds for blurred and sharp are worse than one": (
            "blurred['F1'].idxmax() == 'one threshold for all'"
        ),
        "the rule for blurred boxes costs less mAP and recall": (
            "(blurred.loc['blurred boxes only'] > blurred.loc['one threshold for all'])"
            "[['mAP', 'recall']].all()"
        ),
        "beyond confidence Sharpness is noise and Brightness comes second": (
            "not beyond.loc['Sharpness (P)', 'distinguishable'] and "
            "beyond.loc['Brightness (P)', 'distinguishable'] and "
            "list(beyond.index[:2]) == ['Object Annotation Quality (P)', 'Brightness (P)']"
        ),
        "by itself Brightness tells nothing": (
            "evaluation.importance().loc['Brightness (P)', 'importance'] == 0"
        ),
        "unsure predictions on dark boxes are right more often": (
            "(by_confidence['dark'] > by_confidence['the rest']).all()"
        ),
        "more F1 and recall than one threshold, and less mAP lost": (
            "(after_two := compare(tried)).diff().iloc[-1][['F1', 'recall', 'mAP']].min() > 0"
        ),
        "mAP loses": "summary(after.scores())['mAP'] < summary(evaluation.scores())['mAP']",
        "a fresh evaluation gives the promised scores": (
            "round(summary(after.scores())['F1'], 3) == after_two['F1'].iloc[-1]"
        ),
        "two thresholds beat one on images that they were not chosen on": (
            "all(lines['F1 after'].is_monotonic_increasing and lines['F1 after'].is_unique"
            " for _, lines in held.groupby(level=0))"
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
