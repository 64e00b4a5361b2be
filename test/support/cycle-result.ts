import type { CycleResult } from '../../lib/cycle-deps.ts';
import { makePlan } from '../../lib/plan/plan.ts';

/** What a cycle came to that found nothing to do. */
export const aResult = (given: Partial<CycleResult> = {}): CycleResult => ({
  outcome: 'unchanged',
  isAssumed: false,
  plan: makePlan({
    rendered: { text: '', rows: [], former: [] },
    live: { text: '', table: undefined },
    loaded: undefined,
  }),
  refused: [],
  notes: [],
  nodeTasks: [],
  collectedTasks: [],
  nodeName: 'node-1',
  hasLeader: true,
  linkFaults: '',
  troubles: [],
  lookAgainMs: undefined,
  ...given,
});
