import { expect, test } from 'vitest';
import type { VectorExit } from '../../lib/vector/process/vector-exit.ts';
import { rollBackExit } from '../../lib/wiring/roll-back-exit.ts';
import { aNode } from '../cycle/support.ts';
import { anAllocation, idOf } from '../support/builders.ts';
import { aLog } from '../watch/support.ts';

const anExit = (said: string): VectorExit => ({
  exitCode: 78,
  signal: undefined,
  fault: undefined,
  hadStarted: false,
  wasAsked: false,
  ranMs: 50,
  sinceReloadMs: undefined,
  lastLines: [said],
});

/** Two pipelines run; a Vector does not start, and says so of a program of one of them. */
const aNodeWhoseVectorEnds = async () => {
  const node = await aNode({ allocations: [anAllocation()] });
  await node.cycle();
  node.allocations = [anAllocation(), anAllocation({ id: idOf(2), taskMeta: { nvl_profile: 'logfmt' } })];
  await node.cycle();
  const id = node.pipelines().find((pipeline) => pipeline.includes('_logfmt_'));
  const said = `2026-11-26T18:33:36.8Z ERROR vector::topology::builder: Configuration error. error=Transform "${id}_out": `;
  const end = async () => {
    const { log } = aLog();
    await rollBackExit({ exit: anExit(said), bad: node.live ?? '', deps: node.deps(), log });
  };
  return { node, end };
};

test('a Vector that does not start without its table: that is put back, and no pipeline is to blame', async () => {
  const { node, end } = await aNodeWhoseVectorEnds();
  const { live, table } = node;
  node.table = undefined;
  await end();
  expect([node.live, node.table]).toEqual([live, table]);
  expect(node.state.refusedLoads).toBeUndefined();
  expect(await node.cycle()).toMatchObject({ outcome: 'unchanged', refused: [] });
});

test('where its table is there, the pipeline that it names is to blame, and the last file without it is live', async () => {
  const { node, end } = await aNodeWhoseVectorEnds();
  await end();
  expect(node.pipelines()).toHaveLength(1);
  expect(node.state.refusedLoads).toHaveLength(1);
  expect(await node.cycle()).toMatchObject({ outcome: 'reloaded', refused: [{ instead: 'default' }] });
  expect(new Set(node.rows()).size).toBe(2);
});
