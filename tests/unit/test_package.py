"""The package as a whole: its public names, and what importing it costs."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import ea_widgets as ea
from tests.conftest import ROOT

FRONT_END = ("bqplot", "ipywidgets", "traitlets", "IPython")

LIST_FRONT_END = f"""
import sys
print(sorted({{name.partition(".")[0] for name in sys.modules}} & {set(FRONT_END)!r}))
"""

COMPUTE = """
import pandas as pd
import ea_widgets as ea

box = {"image_id": [1, 1, 2], "class_name": ["cat", "dog", "cat"],
       "x": [0.0, 20.0, 5.0], "y": [0.0, 20.0, 5.0], "width": 10.0, "height": 10.0}
dataset = ea.Dataset.from_frames(
    pd.DataFrame({"image_id": [1, 2], "width": 64, "height": 48}),
    pd.DataFrame(box),
    pd.DataFrame(box | {"confidence": [0.9, 0.8, 0.7]}),
)
evaluation = ea.Evaluation(ea.compute_metrics(dataset, n_jobs=1, progress=False))
assert evaluation.scores().mean_average_precision == 1.0
evaluation.importance()
evaluation.curve("Object Area - Relative")
ea.read_coco, ea.load_demo, ea.metric, ea.InvalidInputError
"""


def run_python(source: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("source", ["import ea_widgets", COMPUTE], ids=["import", "compute"])
def test_computing_loads_no_front_end(source):
    assert run_python(source + LIST_FRONT_END) == "[]\n"


def test_what_takes_long_to_load_waits_until_it_is_needed():
    """SciPy alone takes half as long as pandas, and only settled answers need it."""
    source = f"{COMPUTE}\nimport sys\nprint('scipy' in sys.modules)"
    assert run_python(source) == "False\n"


def test_the_first_widget_loads_the_front_end():
    loaded = run_python("import ea_widgets\nea_widgets.ImportancePanel\n" + LIST_FRONT_END)
    assert {"bqplot", "ipywidgets"} <= set(ast.literal_eval(loaded))


@pytest.mark.parametrize("name", ea.__all__)
def test_every_public_name_can_be_imported_and_explains_itself(name):
    value = getattr(ea, name)
    assert name in dir(ea)
    if name != "__version__":
        assert value.__module__.startswith("ea_widgets.")
        assert (value.__doc__ or "").strip()


def test_type_checkers_see_the_same_public_names():
    tree = ast.parse((ROOT / "ea_widgets" / "__init__.py").read_text())
    typed = {
        alias.asname: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    lazy = {name: f"ea_widgets.{home}" for name, home in ea._HOMES.items()}
    assert typed == lazy


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match=r"^module 'ea_widgets' has no attribute 'explor'$"):
        _ = ea.explor


def test_version_is_the_projects_and_the_changelog_knows_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert ea.__version__ == project["version"]
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert project["version"] in headings or headings == ["Unreleased"]


def test_tests_mirror_the_layers():
    folders = {path.name for path in (ROOT / "tests" / "unit").iterdir() if path.is_dir()}
    layers = {path.name for path in (ROOT / "ea_widgets").iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} <= layers


def test_the_picture_of_the_layers_shows_each_in_its_place():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = [part.split(" | ") for part in contracts["contracts"][0]["layers"]]
    shown = re.findall(r"^ea_widgets\.(\w+) ", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    place = {name: at for at, names in enumerate(layers) for name in names}
    assert sorted(shown) == sorted(place)
    assert shown == sorted(shown, key=place.get)


def installed_with(lines):
    """Give the distributions that pip installs for some requirements, with what they need."""
    found, waiting = set(), [Requirement(line) for line in lines]
    while waiting:
        wanted = waiting.pop()
        key = (canonicalize_name(wanted.name), *sorted(wanted.extras))
        if key in found or wanted.name == "ea_widgets":
            continue
        found.add(key)
        try:
            needed = importlib.metadata.requires(wanted.name) or []
        except importlib.metadata.PackageNotFoundError:  # Needed on other systems.
            continue
        for line in map(Requirement, needed):
            extras = wanted.extras or {""}
            if line.marker is None or any(line.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(line)
    return {name for name, *_ in found}


def test_what_the_tests_import_is_installed_with_them():
    """The environment of a developer holds more than a new one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    installed = installed_with([*project["dependencies"], *extras["masks"], *extras["test"]])
    homes = importlib.metadata.packages_distributions()
    missing = set()
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            for module in {name.partition(".")[0] for name in names} - {"ea_widgets"}:
                from_others = {canonicalize_name(home) for home in homes.get(module, [])}
                if from_others and not from_others & installed:
                    missing.add(f"{path.relative_to(ROOT)}: {module}")
    assert sorted(missing) == []
