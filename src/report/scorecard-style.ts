/** The style sheet of the scorecard's page: light and dark, nothing to load. */
export const STYLE = `
:root{--ink:#1c2430;--soft:#5b6675;--paper:#fff;--line:#e3e7ec;--panel:#f6f8fa;
--agrees:#1a7f4b;--differs:#c4302b;--inconclusive:#b07600;--not-observable:#9aa4b1;
--skipped:#c6ccd4}
@media (prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#9aa5b3;--paper:#14181e;
--line:#2b323b;--panel:#1b2028;--agrees:#3fb27a;
--differs:#f0605a;--inconclusive:#dda637;--not-observable:#5d6774;
--skipped:#434b56}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .5rem}
h2{font-size:1.1rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.3rem}
h3{font-size:.95rem;margin:0 0 .2rem;font-weight:600}
.lead{margin:0 0 1.2rem}.cut{color:var(--differs)}
.why{color:var(--soft);font-size:.88rem}
.tiles{display:flex;flex-wrap:wrap;gap:3px}
.tile{display:inline-block;width:15px;height:15px;border-radius:3px;background:var(--skipped)}
.tile.agrees,.badge.agrees{background:var(--agrees)}
.tile.differs,.badge.differs{background:var(--differs)}
.tile.inconclusive,.badge.inconclusive{background:var(--inconclusive)}
.tile.not-observable,.badge.not-observable{background:var(--not-observable)}
.tile:hover{outline:2px solid var(--ink)}
.legend{display:flex;flex-wrap:wrap;gap:1rem;color:var(--soft);font-size:.85rem}
.legend span{display:flex;align-items:center;gap:.35rem}
.badge{display:inline-block;min-width:6.9rem;text-align:center;color:var(--paper);border-radius:3px;
font-size:.75rem;padding:.05rem .4rem;background:var(--skipped)}
.rule{border:1px solid var(--line);border-radius:6px;padding:.45rem .7rem;margin:.35rem 0}
.rule p{margin:0}div.rule{padding-left:1.55rem}details.rule[open]{background:var(--panel)}
summary{cursor:pointer}
article{margin:.8rem 0 .4rem;padding-top:.6rem;border-top:1px solid var(--line)}
article p{margin:.1rem 0 .5rem}
pre,table{font:12.5px/1.45 ui-monospace,Menlo,Consolas,monospace}
pre{overflow:auto;margin:.5rem 0;padding:.6rem .8rem;background:var(--paper);
border:1px solid var(--line);border-radius:4px}
.evidence{border-left:4px solid var(--differs)}
table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}
th{text-align:left;color:var(--soft);font-weight:400}
td,th{padding:.08rem .7rem .08rem 0;white-space:nowrap;vertical-align:top}
td:first-child,th:first-child{text-align:right}
td:nth-child(3){white-space:pre-wrap;min-width:18rem}
.talk td:not(:first-child){white-space:pre-wrap;overflow-wrap:anywhere;width:50%}
a{color:inherit}
.bad td{color:var(--differs);font-weight:600}.broken{font-weight:400}
footer{margin-top:3rem;color:var(--soft);font-size:.85rem}
`;
