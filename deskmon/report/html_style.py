"""How a report looks as HTML."""

from __future__ import annotations

STYLE = """\
:root {
  color-scheme: light dark;
  --ground: #ffffff; --ink: #1b1f24; --quiet: #59626d; --line: #d9dee4; --mark: #0b5cad; --warn: #8a3b00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --ink: #e4e7eb; --quiet: #9ba5b1; --line: #343a42; --mark: #7db7f5; --warn: #f0a868;
  }
}
body {
  margin: 0 auto; max-width: 68rem; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0.5rem 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; padding-top: 0.5rem; border-top: 1px solid var(--line); }
header p { margin: 0.2rem 0; color: var(--quiet); }
header p.market { color: var(--warn); font-weight: 600; }
p { max-width: 46rem; }
a { color: var(--mark); }
nav ul { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; padding: 0; list-style: none; }
.figure { font-variant-numeric: tabular-nums; white-space: nowrap; }
.figure.long { white-space: normal; }
sup { font-size: 0.65em; line-height: 0; white-space: nowrap; }
sup a { text-decoration: none; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: start; color: var(--quiet); padding-bottom: 0.3rem; max-width: calc(100vw - 2rem); }
th, td { padding: 0.2rem 1.1rem 0.2rem 0.3rem; border-bottom: 1px solid var(--line); text-align: end; }
td, thead th { white-space: nowrap; }
td.words, thead th.words { text-align: start; }
tbody th { white-space: nowrap; }
td.long, tbody th.long { min-width: 14rem; white-space: normal; }
td sup { display: inline-block; width: 0; }
th:first-child {
  position: sticky; inset-inline-start: 0; min-width: 5rem; text-align: start; background: var(--ground);
}
thead th { color: var(--quiet); font-weight: 600; }
tbody th { font-weight: 400; }
.charts { display: flex; flex-wrap: wrap; gap: 0 1.5rem; margin: 1rem 0; }
figure { flex: 1 1 22rem; margin: 0.5rem 0; max-width: 33rem; min-width: 0; }
figure svg { width: 100%; height: auto; display: block; }
svg .ground { fill: none; }
svg .ink { fill: var(--ink); }
svg .quiet { fill: var(--quiet); }
svg .grid { stroke: var(--line); }
svg .frame { stroke: var(--quiet); }
figcaption { color: var(--quiet); font-size: 0.85rem; }
figcaption ul { margin: 0.2rem 0; padding-inline-start: 1.2rem; }
aside { color: var(--quiet); font-size: 0.75rem; }
aside ol, aside ul { margin: 0.2rem 0; padding-inline-start: 1.5rem; }
aside p { margin: 0.2rem 0; }
:target { background: var(--line); }
@media (max-width: 40rem) {
  table { font-size: 0.85rem; }
  th, td { padding-inline-end: 0.9rem; }
}
@media print {
  :root { --ground: #ffffff; --ink: #000000; --quiet: #444444; --line: #bbbbbb; --mark: #000000; --warn: #000000; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav { display: none; }
  h2, caption, aside p { break-after: avoid; }
  .wide { overflow: visible; }
  table { font-size: 8pt; }
  th:first-child { position: static; }
  tr, figure { break-inside: avoid; }
}
"""
