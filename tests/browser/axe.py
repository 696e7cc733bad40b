"""What axe-core says against the first of our pages that a notebook shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from tests.browser.lab import Lab

PAGE = ".jp-OutputArea-output .eaw"

# JupyterLab's body has no height and cuts off what is beyond it: for axe all text is hidden.
SEEN = "body { height: 100vh !important; }"

# The shapes within charts are read as one picture with a text; contrast within it is ours to show.
CONTEXT = {"include": [[PAGE]], "exclude": [["svg[role=img] > *"]]}


def violations(lab: Lab) -> list[str]:
    """List what axe finds, with the element and what would mend it; asserts that it saw the page.

    Pages, widgets and everything in them; rules of WCAG 2 and best practice, all that axe has.
    """
    lab.page.add_style_tag(content=SEEN)
    lab.page.locator(PAGE).first.evaluate("page => page.scrollIntoView()")
    options = {"resultTypes": ["violations", "passes"], "preload": False}
    found = Axe().run(lab.page, context=CONTEXT, options=options).response
    judged = {rule["id"]: len(rule["nodes"]) for rule in found["passes"]}
    wrong = [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
    assert wrong or judged["color-contrast"] > 30, judged
    return wrong
