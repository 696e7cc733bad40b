"""Style sheet of what only the page of a comparison has."""

from __future__ import annotations

from ipywidgets import HTML

_SHEET = """
.eaw table.eaw-models th[scope="row"] { font-weight: 600; color: var(--jp-ui-font-color1);
  vertical-align: top; white-space: normal; }
.eaw .eaw-scores > * { min-width: 0; }
.eaw table.eaw-models thead th { padding-right: 8px; }
.eaw table.eaw-models td { padding-right: 8px; vertical-align: top; font-size: 14px; }
.eaw table.eaw-models td div { font-size: 12px; color: var(--jp-ui-font-color2);
  white-space: normal; }
.eaw table.eaw-models td div b { color: var(--jp-ui-font-color1); }
.eaw .eaw-thresholds b { color: var(--jp-ui-font-color1); font-weight: 600; }
.eaw .eaw-change { line-height: 1.4; padding: 6px 12px; margin: 0; font-size: 13px;
  color: var(--jp-ui-font-color1); border: 1px solid transparent;
  border-left: 4px solid #D55E00; }
.eaw .eaw-change.eaw-gain { border-left-color: #009E73; }
.eaw .eaw-worst button.eaw-range.eaw-gain { border-left-color: #009E73; }
"""


def looks() -> HTML:
    """Build the widget that brings it into the page; it takes no room itself."""
    return HTML(f"<style>{_SHEET}</style>", layout={"height": "0", "margin": "0"})
