"""Pages that are made when the site is built: of public names, of metrics, and reports."""

from __future__ import annotations

import inspect
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File

import ea_widgets as ea
from ea_widgets.data.catalogue import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

GROUPS = {
    "Data": "data.",
    "Comparison": "analysis.comparison.",
    "Questions and answers": ("analysis.", "core."),
    "Page and report": ("widgets.", "reporting."),
    "Beyond one machine": "summary.",
    "Errors": "errors",
}
"""Headings of the reference, and where the names under them are from; the first that fits."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the recipes and the reference where the navigation names their folders."""
    recipes = sorted(Path(config.docs_dir, "recipes").glob("*.md"))
    lists: dict[str, list[Any]] = {
        "recipes/": [f"recipes/{path.name}" for path in recipes],
        "reference/": ["reference/index.md", *named_groups()],
    }
    for entry in config.nav or []:
        ((title, target),) = entry.items()
        entry[title] = lists.get(target, target) if isinstance(target, str) else target
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that no one writes."""
    pages = {f"reference/{name}.md": reference_page(name) for name in ea.__all__}
    pages["reference/index.md"] = "\n\n".join(reference_index())
    pages["numbers/catalogue.md"] = "\n".join(catalogue())
    for path, content in {**pages, **dict(reports())}.items():
        files.append(File.generated(config, path, content=content))
    return files


def grouped() -> dict[str, list[str]]:
    """Sort the public names under the headings of the reference."""
    groups: dict[str, list[str]] = {title: [] for title in GROUPS}
    for name, home in sorted(ea._HOMES.items()):  # noqa: SLF001  # the one list of names
        groups[next(title for title, homes in GROUPS.items() if home.startswith(homes))].append(
            name
        )
    groups["Errors"].append("__version__")
    return groups


def named_groups() -> Iterator[dict[str, Any]]:
    """Give the navigation of the reference."""
    for title, names in grouped().items():
        yield {title: [{name: f"reference/{name}.md"} for name in names]}


def reference_page(name: str) -> str:
    """Write the page of a public name."""
    if name == "__version__":
        return "# ea.\\_\\_version\\_\\_\n\nThe version of the package, as text.\n"
    path = f"ea_widgets.{ea._HOMES[name]}.{name}"  # noqa: SLF001
    return f"::: {path}\n    options:\n      heading: ea.{name}\n"


def reference_index() -> Iterator[str]:
    """List the public names, with the first line of each docstring."""
    yield "# Reference"
    yield "Every public name, as `import ea_widgets as ea` gives it."
    for title, names in grouped().items():
        yield f"## {title}"
        yield "\n".join(f"- [`ea.{name}`]({name}.md): {first_line(name)}" for name in names)


def first_line(name: str) -> str:
    """Give the first line of a docstring, without the marks of reStructuredText."""
    if name == "__version__":
        return "The version of the package, as text."
    line = (inspect.getdoc(getattr(ea, name)) or "").partition("\n")[0]
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", line)


def catalogue() -> Iterator[str]:
    """List the metrics that are built in."""
    yield "# Catalogue of metrics\n"
    yield "What `ea.compute_metrics` adds, as far as the data allow."
    yield "(F): of images, (O): of labels, (P): of predictions.\n"
    yield "| metric | of | unit | needs | what it is |\n|---|---|---|---|---|"
    for spec in BUILT_IN:
        levels = ", ".join(spec.letters)
        yield f"| {spec.name} | {levels} | {spec.unit} | {spec.needs} | {spec.description} |"


def reports() -> Iterator[tuple[str, str]]:
    """Write reports of the demo, as `ea.report` does."""
    evaluation = ea.Evaluation(ea.load_demo())
    small = {"smallest objects": ea.where("Object Area - Relative", high=0.3)}
    with tempfile.TemporaryDirectory() as folder:
        for name, slices in (("report", None), ("slices", small)):
            path = Path(folder, f"{name}.html")
            ea.report(evaluation, path, title="Handwritten digits on photographs", slices=slices)
            yield f"gallery/{name}.html", path.read_text(encoding="utf-8")
