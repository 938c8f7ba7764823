import { test } from 'vitest';
import { conform } from '../../src/conformance/conform.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { totals } from '../../src/conformance/verdict.ts';
test('x', async () => {
  const card = await conform(simulatorTarget());
  for (const c of card.cases) if (c.verdict !== 'agrees') console.log(c.case.id, c.verdict, c.why, JSON.stringify(c.evidence));
  for (const c of card.cases) { const miss = c.case.rules.filter((r) => !c.shown.includes(r)); if (miss.length) console.log('MISS', c.case.id, miss); }
  console.log(totals(card.rules));
  console.log(card.rules.filter(r=>r.verdict!=='agrees').map(r=>r.id+' '+r.why).join('\n'));
});
