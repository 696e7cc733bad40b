"""What import-linter does not count: how many modules of the package one file needs."""

import ast
from pathlib import Path

import pytest

import ea_widgets

ROOT = Path(ea_widgets.__file__).parent
MOST = 12
FILES = [path for path in sorted(ROOT.rglob("*.py")) if path.name != "__init__.py"]


def imported_modules(source: str) -> set[str]:
    """Modules of the package that a file imports, for types too; a sub-package counts as one."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names if one.name.startswith("ea_widgets")}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ea_widgets"):
            folder = ROOT.parent.joinpath(*node.module.split("."))
            for one in node.names:
                is_module = (folder / f"{one.name}.py").exists() or (folder / one.name).is_dir()
                found.add(f"{node.module}.{one.name}" if is_module else node.module)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_imports_few_modules_of_the_package(path):
    found = imported_modules(path.read_text(encoding="utf-8"))
    assert len(found) <= MOST, f"{len(found)} modules: {', '.join(sorted(found))}"


def test_every_kind_of_import_is_counted():
    source = """
import ea_widgets.errors
from ea_widgets.analysis import curves, scores
from ea_widgets.analysis.sample import Query, Sample
import numpy
def later():
    from ea_widgets.data.dataset import Dataset
"""
    assert imported_modules(source) == {
        "ea_widgets.errors",
        "ea_widgets.analysis.curves",
        "ea_widgets.analysis.scores",
        "ea_widgets.analysis.sample",
        "ea_widgets.data.dataset",
    }
