"""Print the lowest versions that pyproject.toml promises to work with: ``python -m tests.lowest``.

Of what users install, every version is the lowest (``name==version``); of the tools that the tests
run with, any version that is declared.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
NOT_RUN = {
    *("import-linter", "jupyterlab", "mypy", "nbclient", "pandas-stubs", "playwright", "ruff"),
    *("polars", "supervision", "voila"),
}
"""Tools that unit and parity tests do without."""

AT_LOWEST = {"pyarrow"}
"""Tools whose newest versions do not import beside the lowest numpy, whatever pip thinks."""

_REQUIREMENT = re.compile(r"([A-Za-z0-9_.-]+)[>=]=([0-9.]+)")


def requirements(project: dict) -> list[str]:
    """Give pip's requirements of the lowest environment.

    Parameters
    ----------
    project : dict
        The table "project" of pyproject.toml.

    Returns
    -------
    list of str
        One requirement each.
    """
    extras = project["optional-dependencies"]
    for_users = re.findall(r"[a-z]+", extras["all"][0].partition("[")[2])
    promised = [*project["dependencies"], *(line for name in for_users for line in extras[name])]
    lowest = {}
    for line in promised:
        name, version = _REQUIREMENT.match(line).groups()
        lowest[name] = f"{name}=={version}"
    tools = [
        line
        for line in extras["test"]
        if (name := re.match(r"[\w.-]+", line)[0]) not in {*lowest, *NOT_RUN, project["name"]}
    ]
    return [*lowest.values(), *(pinned(line) for line in tools)]


def pinned(tool: str) -> str:
    """Give the requirement of a tool, at its lowest version where any other would not do."""
    name, version = _REQUIREMENT.match(tool).groups()
    return f"{name}=={version}" if name in AT_LOWEST else tool


if __name__ == "__main__":
    print("\n".join(requirements(tomllib.loads(PROJECT.read_text())["project"])))
