/** The look of the course: paper and ink, hairlines, and colour for data only. Nothing is fetched. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --ink: #14181f; --soft: #5a6472; --line: #d9d6cc; --panel: #ffffff;
  --a: #0062b8; --b: #c24a00; --c: #00795c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0f141b; --ink: #eef1f5; --soft: #a3adba; --line: #2b3440; --panel: #161d26;
    --a: #5cb3ff; --b: #ff9a52; --c: #3fcfa3;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1120px; padding: 40px 32px 80px; background: var(--paper); color: var(--ink);
  font: 17px/1.5 'Atkinson Hyperlegible Next', 'Atkinson Hyperlegible', system-ui, sans-serif;
}
h1, h2, h3 { font-family: 'Bricolage Grotesque', system-ui, sans-serif; font-weight: 700; line-height: 1.2; }
h1 { margin: 0 0 4px; font-size: 38px; }
h2 { margin: 56px 0 4px; font-size: 26px; }
h3 { margin: 28px 0 8px; font-size: 19px; }
p { margin: 4px 0 16px; max-width: 75ch; }
.soft, figcaption { color: var(--soft); }
a { color: var(--a); }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; }
.panel { margin: 16px 0; padding: 20px 24px; border: 1px solid var(--line); border-radius: 14px; background: var(--panel); }
.wide { overflow-x: auto; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 16px; margin: 24px 0; }
.figures .panel { margin: 0; }
.figures b { display: block; font: 700 34px/1.2 'Bricolage Grotesque', system-ui, sans-serif; }
table { width: 100%; border-collapse: collapse; font-size: 16px; }
th, td { padding: 8px 14px 8px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
tr:last-child > td { border-bottom: 0; }
th { color: var(--soft); font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td, th { max-width: 420px; overflow-wrap: break-word; }
td code { white-space: nowrap; }
td.bar, td:first-child { white-space: nowrap; }
.meter { display: inline-block; width: 80px; height: 10px; border: 1px solid var(--a); vertical-align: baseline; }
.meter i { display: block; height: 100%; background: var(--a); }
figure { margin: 0; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--ink); font: 15px 'Atkinson Hyperlegible Next', system-ui, sans-serif; }
svg .soft { fill: var(--soft); }
svg .bar { fill: var(--a); }
svg .axis { stroke: var(--line); }
code, pre { font: 14px/1.45 'Atkinson Hyperlegible Mono', 'JetBrains Mono', ui-monospace, monospace; }
details { border-top: 1px solid var(--line); padding: 10px 0; }
details:first-of-type { border-top: 0; }
summary { cursor: pointer; }
summary:focus-visible, a:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--a); outline-offset: 3px; }
.sides { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 16px; margin: 12px 0; }
.sides pre { margin: 0; padding: 10px 12px; overflow-x: auto; border-left: 3px solid var(--b); background: var(--paper); white-space: pre; tab-size: 2; }
.warn { color: var(--b); font-weight: 600; }
@media (max-width: 720px) { body { padding: 20px 16px; } .sides { grid-template-columns: minmax(0, 1fr); } }
@media print { body { max-width: none; } }
`
