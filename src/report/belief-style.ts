/** The style sheet of the page of a story of clients: light and dark, nothing to load. */
export const BELIEF_STYLE = `
:root{--ink:#1c2430;--soft:#5b6675;--paper:#fff;--line:#e3e7ec;--panel:#f6f8fa;
--believed:#2f6fb7;--alive:#1a7f4b;--wrong:#c4302b;--fault:#b07600}
@media (prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#9aa5b3;--paper:#14181e;
--line:#2b323b;--panel:#1b2028;--believed:#6aa5e8;--alive:#3fb27a;--wrong:#f0605a;--fault:#dda637}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:76rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}
h2{font-size:1.05rem;margin:1.8rem 0 .5rem}
.lead{margin:0 0 .3rem;color:var(--soft)}
svg{width:100%;height:auto;margin:1rem 0 .3rem;font:12px system-ui,sans-serif}
svg text{fill:var(--ink)}
svg .time{fill:var(--soft);text-anchor:middle}
svg .side{fill:var(--soft);text-anchor:end}
svg .name{font-weight:600;text-anchor:end}
svg .tick{stroke:var(--line)}
svg .breach{stroke:var(--wrong);stroke-width:2;stroke-dasharray:5 3}
svg .believed{fill:var(--believed)}svg .alive{fill:var(--alive)}
svg .wrong{fill:var(--wrong)}svg .fault{fill:var(--fault)}
svg .shade{fill:var(--fault);opacity:.09}
.legend{display:flex;flex-wrap:wrap;gap:1.2rem;color:var(--soft);font-size:.85rem;margin:0}
.legend span{display:flex;align-items:center;gap:.4rem}
.legend i{width:22px;height:12px;display:inline-block}
i.believed{background:var(--believed)}i.alive{background:var(--alive)}
i.wrong{background:var(--wrong)}i.fault{background:var(--fault)}
pre,table{font:12.5px/1.5 ui-monospace,Menlo,Consolas,monospace}
pre{overflow:auto;margin:0;padding:.7rem .9rem;background:var(--panel);border-radius:5px}
table{border-collapse:collapse}
th{text-align:left;color:var(--soft);font-weight:400}
td,th{padding:.05rem 1rem .05rem 0;vertical-align:top}
td:first-child,th:first-child{text-align:right;white-space:nowrap;color:var(--soft)}
tr.message td{color:var(--soft)}tr.fault td{color:var(--fault)}
tr.server td:last-child{color:var(--alive)}
tr.bad td,tr.bad td:first-child{color:var(--wrong);font-weight:600}
footer{margin-top:3rem;color:var(--soft);font-size:.85rem}
`;
