"""Colours and style sheet: for both JupyterLab themes, and for colour-blind eyes."""

from __future__ import annotations

from ipywidgets import HTML

from ea_widgets.widgets.base.page_script import page_script

FOREGROUND = "var(--jp-ui-font-color1)"
"""Text and averages; follows the theme."""

MUTED = "var(--jp-ui-font-color2)"
"""Second text; follows the theme."""

GRID = "var(--jp-border-color2)"
"""Grid lines; follows the theme."""

BLUE = "#0072B2"
VERMILION = "#D55E00"
GREEN = "#009E73"
PINK = "#CC79A7"
ORANGE = "#C67F00"
SKY = "#3A94CC"
GREY = "#8C8C8C"
"""After Okabe and Ito; orange and sky blue darker than theirs, so that each colour has a contrast
of at least 3 to the paper of both themes."""

SERIES = (BLUE, VERMILION, GREEN, PINK, ORANGE, SKY)
"""Colours of the lines of single classes, without the yellow that white paper swallows and the
black of the average. Each goes with a dash of `DASHES`, so that no line rests on colour alone."""

SHADES = (BLUE, SKY, PINK, ORANGE, GREY)
"""Parts of a whole, the largest first; the words beside them say the same."""

BOX_COLOURS = {
    "true_positive": GREEN,
    "false_positive": VERMILION,
    "missed": ORANGE,
    "label": BLUE,
    "other": SKY,
}
BOX_DASHES = {
    "true_positive": (),
    "false_positive": (9, 6),
    "missed": (3, 4),
    "label": (12, 4, 3, 4),
    "other": (),
}
"""Colour and dash of each kind of box; each goes with words, so that no box rests on colour."""

DASHES = ("solid", "dashed", "dotted", "dash_dotted")
"""bqplot's line styles, in turn."""

DASH_ARRAYS = {"solid": "", "dashed": "10,4", "dotted": "2,4", "dash_dotted": "10,4,2,4"}
"""The same as an SVG `stroke-dasharray`, for legends."""

# The arrow of ipywidgets' menus is black in the dark theme too.
# bqplot saves a chart with the variables that rules name, and those of inline styles unresolved:
# hence `fill` and the idle `outline-color` of `.axis text`. It takes the rules that match something
# within the chart, without `:root`: so `svg:root` reaches saved files only, whose colours are those
# of paper whatever the theme, and `clipPath`, which has no looks, brings the rule into them.
_SHEET = """
.eaw { padding: 2px 4px 8px 0; }
.eaw .widget-html-content, .eaw .jupyter-widgets .widget-html-content { line-height: 1.45; }
.eaw .widget-html, .eaw .jupyter-widget-html { height: auto; margin: 0 2px; }
.eaw-counts { color: var(--jp-ui-font-color1); font-size: 13px; }
.eaw-counts summary { cursor: pointer; color: var(--jp-ui-font-color2); }
.eaw-problems { border-collapse: collapse; font-size: 12px; }
.eaw-problems th, .eaw-problems td { padding: 1px 8px 1px 0; text-align: left; }
.eaw-notes { color: var(--jp-ui-font-color2); margin: 2px 0 0 0; padding-left: 18px;
  font-size: 12px; }
.eaw-why { display: inline; }
.eaw-why summary { cursor: pointer; display: inline-block; color: var(--jp-ui-font-color2); }
.eaw-why summary::after { content: "?"; display: inline-block; width: 14px; line-height: 14px;
  margin-left: 5px; border: 1px solid currentColor; border-radius: 8px; text-align: center;
  font-size: 11px; font-weight: 600; }
.eaw-counts details:not([open]) { display: inline-block; margin-left: 12px; }
/* The choices stay in sight where the front end's own boxes, which scroll sideways, allow it. */
.eaw-head { position: sticky; top: 0; z-index: 5; background: var(--jp-layout-color0); }
.jp-OutputArea-output:has(.eaw-head), .jp-OutputArea-child:has(.eaw-head),
.jp-OutputArea:has(.eaw-head), .jp-Cell-outputWrapper:has(.eaw-head), .jp-Cell:has(.eaw-head),
.widget-subarea:has(.eaw-head), .widget-box:has(> .eaw-head) {
  overflow: visible !important; min-width: 0; max-width: 100%; }
.widget-box:has(> .eaw-head) > * { min-width: 0; max-width: 100%; }
.eaw-dense { container-type: inline-size; }
.eaw-dense .eaw-explain { flex-flow: row nowrap !important; }
.eaw-dense .eaw-explain > .widget-html { flex: 1 1 0; min-width: 0; }
.eaw-dense .eaw-errors { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.eaw-dense .eaw-halves { grid-template-columns: minmax(0, 6fr) minmax(0, 5fr);
  grid-template-rows: auto 1fr; column-gap: 12px; align-items: start; overflow: visible; }
.eaw-dense .eaw-ranked, .eaw-dense .eaw-concentrations { grid-column: 1; }
.eaw-dense .eaw-curves { grid-column: 2; grid-row: 1 / span 2; }
.eaw-dense .eaw-below { grid-column: 1 / -1; }
@container (max-width: 800px) {
  .eaw-dense .eaw-explain { flex-flow: row wrap !important; }
  .eaw-dense .eaw-explain > .widget-html { flex: 1 1 100%; order: 3; }
  .eaw-dense .eaw-halves { grid-template-columns: minmax(0, 1fr); }
  .eaw-dense .eaw-curves { grid-column: 1; grid-row: 2; }
}
.eaw-dense .eaw-ranked { overflow-x: auto; }
.eaw-dense .eaw-importance { min-width: 330px !important; }
.eaw-dense .widget-html-content { min-width: 0; }
.eaw-dense .eaw-readouts { gap: 2px 12px; }
.eaw-dense .eaw-explain > .widget-box { flex: 0 0 auto; }
.eaw-dense .eaw-readouts b { font-size: 16px; }
.eaw-dense .eaw-title { line-height: 20px; }
.eaw-narrow .eaw-title { font-size: 12px; }
.eaw-dense .eaw-counts { font-size: 12px; }
.eaw-dense .eaw-one-line, .eaw-dense .eaw-title, .eaw-dense .eaw-heading { white-space: nowrap;
  overflow: hidden; text-overflow: ellipsis; }
.eaw-narrow .eaw-title span, .eaw-dense .eaw-halves .eaw-title span { display: none; }
.eaw-dense .eaw-ranking { flex-flow: row nowrap !important; }
.eaw-multiples { display: grid; gap: 4px 8px; margin: 2px 0;
  grid-template-columns: repeat(auto-fill, minmax(120px, 1fr)); }
.eaw-multiples div { color: var(--jp-ui-font-color2); font-size: 12px; line-height: 16px;
  overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.eaw-multiples span { color: var(--jp-ui-font-color1); font-weight: 600; }
.eaw-multiples svg { display: block; width: 100%; height: auto; }
.eaw-multiples text { font-size: 9px; fill: var(--jp-ui-font-color2); }
.eaw-multiples polyline { fill: none; stroke-width: 1.6; }
.eaw-multiples .eaw-grid { stroke: var(--jp-border-color2); stroke-width: 0.7; }
.eaw-multiples .eaw-average { stroke: var(--jp-ui-font-color1); stroke-dasharray: 4 3; }
.eaw-label { color: var(--jp-ui-font-color2); font-size: 12px; }
.eaw-readouts { display: flex; flex-flow: row wrap; gap: 4px 22px; align-items: baseline; }
.eaw-readouts > div { white-space: nowrap; }
.eaw-readouts b { font-size: 17px; font-weight: 600; color: var(--jp-ui-font-color1);
  font-variant-numeric: tabular-nums; }
.eaw-readouts .eaw-small b { font-size: 14px; font-weight: 500; }
.eaw-readouts span { color: var(--jp-ui-font-color2); font-size: 12px; margin-right: 5px; }
.eaw-readouts .eaw-break { flex-basis: 100%; height: 0; }
/* A dead kernel: no broken link on every part, but one line. */
.eaw .jupyter-widgets-disconnected::before, .eaw.jupyter-widgets-disconnected::before {
  display: none !important; }
.eaw.jupyter-widgets-disconnected:not(.eaw *)::after { display: block; padding: 6px 10px;
  content: "Not live: run the cell to make it so."; border: 1px solid var(--jp-border-color1); }
/* Text fields of ipywidgets take the outline away. */
.eaw .jupyter-widgets :focus-visible, .eaw :focus-visible {
  outline: 2px solid var(--jp-ui-font-color1) !important; outline-offset: 1px; }
.eaw-name input::placeholder { color: var(--jp-ui-font-color1); opacity: 1; }
.eaw-stack { display: inline-flex; width: 90px; height: 8px; margin: 0 8px; gap: 1px;
  vertical-align: middle; }
.eaw-title { color: var(--jp-ui-font-color1); font-size: 14px; font-weight: 600; }
.eaw-title span { color: var(--jp-ui-font-color2); font-size: 12px; font-weight: 400; }
.eaw-heading { color: var(--jp-ui-font-color1); font-size: 15px; font-weight: 600; }
.eaw-heading span { font-size: 13px; font-weight: 400; }
.eaw-muted { color: var(--jp-ui-font-color2); font-size: 12px; }
.eaw-words { color: var(--jp-ui-font-color1); font-size: 13px; line-height: 1.5; max-width: 110ch;
  margin: 4px 2px; }
.eaw-words p { margin: 2px 0; }
.eaw-hint { color: var(--jp-ui-font-color1); font-size: 14px; padding: 18px 12px;
  border: 1px dashed var(--jp-border-color1); border-radius: 4px; margin: 6px 2px; }
.eaw-error { color: var(--jp-ui-font-color1); border: 1px solid var(--jp-error-color1);
  border-left-width: 5px; border-radius: 3px; padding: 6px 10px; margin: 4px 2px; }
.eaw-error pre { font-size: 11px; white-space: pre-wrap; margin: 4px 0 0 0; }
.eaw-legend { display: flex; flex-flow: row wrap; gap: 1px 16px; font-size: 12px;
  color: var(--jp-ui-font-color1); padding-left: 44px; min-height: 18px; }
.eaw-legend svg { vertical-align: middle; margin-right: 5px; }
.eaw-tip { font-size: 12px; line-height: 1.35; max-width: 340px; color: var(--jp-ui-font-color1);
  background: var(--jp-layout-color1); border: 1px solid var(--jp-border-color1);
  border-radius: 3px; padding: 6px 9px; box-shadow: var(--jp-elevation-z4); white-space: normal; }
.eaw-tip table { border-collapse: collapse; margin-top: 3px; }
.eaw-tip td { padding: 0 10px 0 0; text-align: left; color: var(--jp-ui-font-color1); }
.eaw-tip td:first-child { color: var(--jp-ui-font-color2); }
.eaw-tip p { margin: 4px 0 0 0; color: var(--jp-ui-font-color2); }
/* Else the tip of one row takes the click on the next. */
.bqplot_tooltip_div:has(.eaw-tip) { pointer-events: none; }
.bqplot_mark_tooltip:has(.eaw-tip) { background: transparent; border: none; padding: 0;
  box-shadow: none; }
.eaw button.eaw-chip { height: 24px; line-height: 22px; padding: 0 9px; width: auto;
  border-radius: 12px; border: 1px solid var(--jp-brand-color1); font-size: 12px;
  background: var(--jp-layout-color1); color: var(--jp-ui-font-color1); }
.eaw button.eaw-plain { height: 26px; line-height: 24px; width: auto; font-size: 12px;
  flex: 0 0 auto; }
.eaw-class-list { border: 1px solid var(--jp-border-color2); border-radius: 3px; padding: 3px 6px; }
.eaw-class-list .widget-checkbox { margin: 0 14px 0 0; height: 24px; flex: 0 0 auto; }
.eaw .axis text { font-variant-numeric: tabular-nums; fill: var(--jp-ui-font-color2);
  outline-color: var(--jp-border-color2); }
.eaw .eaw-figure rect.bar { cursor: pointer; }
.eaw .eaw-figure .tick line[x2="6"] { display: none; }
[data-jp-theme-light="false"] .eaw select { background-image: url("data:image/svg+xml,\
%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 18 18'%3E%3Cpath fill='%23c8c8c8' \
d='M5.2,5.9L9,9.7l3.8-3.8l1.2,1.2l-4.9,5l-4.9-5z'/%3E%3C/svg%3E") !important; }
svg:root text.axislabel, .eaw text.axislabel { font-size: 12px !important; }
.eaw .eaw-figure .g_legend { display: none; }
svg:root, .eaw-figure clipPath { background: #ffffff !important;
  --jp-ui-font-color1: #1c1f23 !important; --jp-ui-font-color2: #565d66 !important;
  --jp-border-color2: #d3d7dc !important; }
.eaw .eaw-waiting { opacity: 0.45; }
.eaw .eaw-gallery { display: grid; gap: 10px; margin: 4px 2px; overflow: visible;
  grid-template-columns: repeat(auto-fill, minmax(max(148px, (100% - 50px) / 6), 1fr)); }
.eaw .eaw-tile { border: 1px solid var(--jp-border-color2); border-radius: 4px; margin: 0;
  overflow: hidden; background: var(--jp-layout-color1); }
.eaw .eaw-tile.eaw-chosen { outline: 3px solid var(--jp-brand-color1); }
.eaw .eaw-frame { position: relative; margin: 0; }
.eaw .eaw-frame img { display: block; width: 100%; height: auto; }
.eaw .eaw-frame button.eaw-open { position: absolute; inset: 0; width: auto; height: auto;
  margin: 0; background: transparent; color: transparent; box-shadow: none; border: none;
  font-size: 12px; cursor: zoom-in; display: flex; align-items: flex-end;
  justify-content: flex-end; padding: 4px; }
.eaw .eaw-frame button.eaw-open:hover, .eaw .eaw-frame button.eaw-open:focus-visible {
  outline: 3px solid var(--jp-brand-color1) !important; outline-offset: -3px; color: #fff;
  background: linear-gradient(transparent 60%, rgba(0, 0, 0, 0.65)); }
.eaw-caption { font-size: 12px; line-height: 1.45; padding: 3px 6px 6px 6px;
  color: var(--jp-ui-font-color1); overflow-wrap: anywhere; }
.eaw-caption div:last-child { color: var(--jp-ui-font-color2); }
.eaw-caption svg, .eaw-objects svg { vertical-align: middle; margin: 0 5px 0 3px; }
.eaw-boxes { padding-left: 4px; }
.eaw .eaw-whole { border: 1px solid var(--jp-border-color1); border-radius: 4px; padding: 6px;
  margin: 4px 2px; }
.eaw .eaw-whole .widget-image { align-self: center; object-fit: contain; }
.eaw-scroll { overflow-x: auto; }
.eaw table.eaw-objects, .eaw table.eaw-effect { border-collapse: collapse; font-size: 12px;
  color: var(--jp-ui-font-color1); font-variant-numeric: tabular-nums; margin: 4px 0; }
.eaw table.eaw-objects td, .eaw table.eaw-objects th, .eaw table.eaw-effect td,
.eaw table.eaw-effect th { padding: 3px 14px 3px 2px; text-align: left; white-space: nowrap;
  border-bottom: 1px solid var(--jp-border-color2); color: var(--jp-ui-font-color1);
  background: transparent; }
.eaw table.eaw-objects th, .eaw table.eaw-effect thead th { font-weight: 500;
  color: var(--jp-ui-font-color2); }
.eaw table.eaw-effect { font-size: 14px; }
.eaw table.eaw-effect td, .eaw table.eaw-effect th { padding: 3px 24px 3px 2px; text-align: right; }
.eaw table.eaw-effect th:first-child { text-align: left; font-weight: 400; }
.eaw table.eaw-effect .eaw-same td:last-child { color: var(--jp-ui-font-color2); }
.eaw table.eaw-effect .eaw-better td:last-child, .eaw table.eaw-effect .eaw-worse td:last-child {
  font-weight: 600; }
.eaw .eaw-worst { overflow: visible; }
.eaw .eaw-worst button.eaw-range { width: auto; height: auto; white-space: normal; text-align: left;
  line-height: 1.4; padding: 6px 12px; margin: 2px; font-size: 13px;
  background: var(--jp-layout-color1); color: var(--jp-ui-font-color1);
  border: 1px solid var(--jp-border-color2); border-left: 4px solid #D55E00; border-radius: 3px; }
.eaw-dense .eaw-worst button.eaw-range { font-size: 12px; padding: 3px 8px; line-height: 1.35; }
.eaw .eaw-found { align-items: center; flex-flow: row nowrap; margin-bottom: 4px;
  overflow: visible; }
.eaw .eaw-found button.eaw-range { flex: 1 1 0; min-width: 0; }
.eaw-beside { display: grid; gap: 2px; grid-template-columns: 44px 44px; }
.eaw-beside img { width: 44px; height: 33px; border-radius: 2px; display: block; }
.eaw .eaw-worst button.eaw-range:hover { background: var(--jp-layout-color2); }
.eaw .eaw-worst button.eaw-chosen { background: var(--jp-layout-color2);
  border-color: var(--jp-ui-font-color1); border-left-color: #D55E00; }
.eaw .eaw-code { height: auto; }
.eaw .eaw-code textarea { font-family: var(--jp-code-font-family); font-size: 12px; height: auto;
  min-height: 42px; max-height: 240px; field-sizing: content; }
.eaw a.eaw-download { color: var(--jp-content-link-color, #0072B2); text-decoration: underline;
  font-size: 12px; margin: 0 8px 0 4px; }
.eaw .widget-toggle-buttons .widget-toggle-button { box-shadow: none; height: 26px;
  line-height: 24px; font-size: 12px; border: 1px solid var(--jp-border-color2);
  background: var(--jp-layout-color1); color: var(--jp-ui-font-color1); }
.eaw .widget-toggle-buttons .widget-toggle-button.mod-active { font-weight: 600;
  border-color: var(--jp-ui-font-color1); background: var(--jp-layout-color2); }
.eaw .eaw-tabs, .eaw .eaw-subtabs { width: auto; }
.eaw .eaw-tabs { border-bottom: 1px solid var(--jp-border-color2); margin: 10px 0 4px 0; }
.eaw .eaw-tabs .widget-toggle-button, .eaw .eaw-tabs .widget-toggle-button.mod-active {
  border: none; border-bottom: 3px solid transparent; background: transparent; font-size: 13px;
  margin: 0; padding: 0 12px; height: 30px; }
.eaw .eaw-tabs .widget-toggle-button.mod-active { border-color: var(--jp-ui-font-color1); }
/* Notebook 7 puts long outputs into a box of some lines. */
body[data-notebook] .jp-mod-outputsScrolled .jp-Cell-outputArea:has(.eaw) {
  max-height: none !important; height: auto !important; resize: none; box-shadow: none; }
.eaw .jupyter-widget-Collapse-header { color: var(--jp-ui-font-color1); }
.eaw .eaw-part { border-top: 1px solid var(--jp-border-color2); margin-top: 10px;
  padding-top: 8px; }
"""


def style_sheet() -> HTML:
    """Build the widget that brings the style sheet into the page.

    Returns
    -------
    ipywidgets.HTML
        Takes no room itself. Each public widget holds one, since each can stand alone.
    """
    sheet = HTML(f"<style>{_SHEET}</style>{page_script()}")
    sheet.layout.display = "block"
    sheet.layout.height = "0"
    sheet.layout.margin = "0"
    return sheet


def stroke_sample(colour: str, style: str) -> str:
    """Draw a short piece of a line, for a legend.

    Parameters
    ----------
    colour : str
        One of the colours of this module.
    style : str
        One of `DASHES`.

    Returns
    -------
    str
        An inline SVG of 30 by 10 pixels.
    """
    dash = DASH_ARRAYS[style]
    return (
        '<svg width="30" height="10" aria-hidden="true"><line x1="0" y1="5" x2="30" y2="5" '
        f'stroke-width="2" stroke-dasharray="{dash}" style="stroke: {colour}"></line></svg>'
    )
