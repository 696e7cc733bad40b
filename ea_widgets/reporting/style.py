"""The style sheet: light and dark, wide and narrow, screen and paper."""

from __future__ import annotations

RIGHT, WRONG, LABEL = "#56b4e9", "#e8640a", "#1fb587"
LABEL_DASH = (9, 6)
"""Boxes on pictures, on any ground: right and wrong predictions, and labels."""

STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --panel: #f5f6f7; --ink: #1c1f23;
  --soft: #5a626c; --line: #d8dce1; --right: #0072b2; --wrong: #c44e00; --label: #00785a;
  --band: rgba(0, 114, 178, 0.16); --wrong-band: rgba(196, 78, 0, 0.16); }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #14171a; --panel: #1e2226; --ink: #e8eaed; --soft: #a2abb5; --line: #363c43;
    --right: #5ab4ec; --wrong: #f2915a; --label: #3fc79c;
    --band: rgba(90, 180, 236, 0.2); --wrong-band: rgba(242, 145, 90, 0.2); } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 28px 24px 56px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 20px; line-height: 1.3; margin: 44px 0 6px; padding-top: 18px;
  border-top: 1px solid var(--line); }
h3 { font-size: 16px; line-height: 1.35; margin: 26px 0 2px; overflow-wrap: anywhere; }
p { margin: 6px 0; max-width: 76ch; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.small { font-size: 14px; }
.number, td, .tile b { font-variant-numeric: tabular-nums; }
.tiles { display: grid; grid-template-columns: repeat(8, 1fr); gap: 10px;
  margin: 20px 0 8px; padding: 0; }
.tile { background: var(--panel); border-radius: 8px; padding: 10px 12px 9px; }
.tile b { display: block; font-size: 23px; line-height: 1.25; font-weight: 650; }
.tile span { color: var(--soft); font-size: 13px; line-height: 1.35; display: block; }
.coco { display: grid; grid-template-columns: repeat(6, 1fr); gap: 4px 22px;
  margin: 8px 0 0; }
.coco div { display: flex; justify-content: space-between; gap: 8px; font-size: 14px;
  border-bottom: 1px solid var(--line); padding: 2px 0; }
.coco dt { color: var(--soft); } .coco dd { margin: 0; font-variant-numeric: tabular-nums; }
.pair { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr));
  gap: 10px 36px; }
.pair > * { min-width: 0; }
.bars { display: grid; grid-template-columns: minmax(0, 5fr) minmax(90px, 6fr) 3.4em;
  gap: 5px 10px; align-items: center; font-size: 14px; line-height: 1.3; margin: 8px 0; }
.bars .name { text-align: right; overflow-wrap: anywhere; }
.track { position: relative; height: 16px; }
.track .fill { position: absolute; inset: 0 auto 0 0; background: var(--right);
  border-radius: 0 3px 3px 0; min-width: 1px; }
.track.missed .fill { background: var(--wrong); }
.track.chance .fill { background: var(--soft); opacity: 0.45; }
.track .whisker { position: absolute; top: 7px; height: 2px; background: var(--ink); }
.track .floor { position: absolute; top: -2px; bottom: -2px; width: 0;
  border-left: 2px dotted var(--ink); }
figure { margin: 6px 0; min-width: 0; }
figcaption { font-size: 14px; font-weight: 600; }
svg.chart { display: block; width: 100%; height: auto; }
.across { color: var(--soft); font-size: 13px; line-height: 1.35; text-align: center;
  overflow-wrap: anywhere; padding: 0 2.6% 0 11.7%; }
svg.chart text { fill: var(--soft); font-size: 12.5px; font-variant-numeric: tabular-nums; }
svg.chart text.mean { fill: var(--ink); paint-order: stroke; stroke: var(--paper);
  stroke-width: 4px; stroke-linejoin: round; }
svg.chart .grid { stroke: var(--line); stroke-width: 1; }
svg.chart .average { stroke: var(--ink); stroke-width: 1.4; stroke-dasharray: 5 4; }
svg.chart .curve { fill: none; stroke: var(--right); stroke-width: 2.2; }
svg.chart .point { fill: var(--right); } svg.chart .band { fill: var(--band); }
svg.chart .few { fill: var(--paper); stroke: var(--soft); stroke-width: 1.5; }
svg.chart.missed .curve { stroke: var(--wrong); } svg.chart.missed .point { fill: var(--wrong); }
svg.chart.missed .band { fill: var(--wrong-band); }
ol.findings { padding: 0; margin: 10px 0 0; list-style: none; counter-reset: finding; }
ol.findings > li { counter-increment: finding; position: relative; padding: 0 0 10px 40px;
  margin: 0 0 12px; }
ol.findings > li::before { content: counter(finding); position: absolute; left: 0; top: 4px;
  width: 26px; height: 26px; border-radius: 50%; border: 1.5px solid var(--soft);
  color: var(--soft); text-align: center; line-height: 23px; font-size: 14px; }
.shots { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px;
  margin: 10px 0 4px; }
.shot { background: var(--panel); border-radius: 6px; overflow: hidden; margin: 0; }
.shot img { display: block; width: 100%; height: auto; }
.shot p { font-size: 13px; line-height: 1.4; padding: 5px 8px 7px; margin: 0; }
.key { display: inline-block; width: 22px; height: 0; margin: 0 5px 4px 0; vertical-align: middle;
  border-top: 3px solid var(--wrong); }
.key.right { border-color: var(--right); }
.key.label { border-top: 3px dashed var(--label); }
.key.floor { width: 0; height: 14px; border: 0; border-left: 2px dotted var(--ink);
  margin: 0 7px 0 3px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; line-height: 1.4; width: 100%; }
th, td { text-align: right; padding: 4px 0 4px 18px; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { color: var(--soft); font-weight: 500; }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal;
  overflow-wrap: anywhere; min-width: 110px; }
dl.words dt { font-weight: 600; margin-top: 8px; }
dl.words dd { margin: 0; max-width: 76ch; }
td .meter { display: inline-block; width: 90px; height: 9px; background: var(--panel);
  margin-right: 10px; border-radius: 2px; overflow: hidden; }
td .meter i { display: block; height: 100%; background: var(--right); }
footer { margin-top: 48px; color: var(--soft); font-size: 13px; }
@media (max-width: 1000px) {
  .tiles { grid-template-columns: repeat(4, 1fr); }
  .coco { grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); } }
@media (max-width: 560px) {
  main { padding: 18px 16px 40px; } h1 { font-size: 23px; }
  h2 { margin-top: 34px; }
  .tiles { grid-template-columns: repeat(2, 1fr); }
  .bars { grid-template-columns: minmax(0, 6fr) minmax(70px, 5fr) 3em; font-size: 13px; }
  ol.findings > li { padding-left: 34px; }
  .coco { grid-template-columns: 1fr 1fr; } .coco dt { font-size: 13px; }
  td .meter { display: none; } table { font-size: 13px; }
  .shots { grid-template-columns: repeat(2, 1fr); }
  svg.chart text { font-size: 14px; }
  th, td { padding-left: 8px; } th:first-child, td:first-child { min-width: 60px; } }
@media print {
  @page { margin: 14mm 12mm; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h2 { margin-top: 22pt; }
  h2, h3 { break-after: avoid; } figure, .shot, .tile, tr, .track { break-inside: avoid; }
  .pair { grid-template-columns: 1fr 1fr; gap: 6pt 18pt; }
  .shots { grid-template-columns: repeat(4, 1fr); }
  .tiles { grid-template-columns: repeat(8, 1fr); gap: 5pt; }
  .tile { padding: 5pt 6pt; } .tile b { font-size: 14pt; } .tile span { font-size: 7.5pt; }
  .coco { grid-template-columns: repeat(6, 1fr); } .scroll { overflow: visible; } }
"""
