import type { NodeStatus } from './status.ts';

/** `red`: lines are lost, wait or come unparsed, or nothing new can ship. `yellow`: somebody should look. */
export type Health = { level: 'green' | 'yellow' | 'red'; why: readonly string[] };

const MOST_WHY = 20;

/** How well a node is, for a check that takes a roll-out back: `nvl status` has the whole of it. Pure. */
export const healthOf = ({ faults }: Pick<NodeStatus, 'faults'>): Health => ({
  level: faults.some(({ level }) => level === 'red') ? 'red' : faults.length > 0 ? 'yellow' : 'green',
  why: faults
    .slice(0, MOST_WHY)
    .map(({ level, kind, about, message }) => `${level} ${kind}: ${about === null ? '' : `${about}: `}${message}`),
});

/** Why a node does not collect yet, or not any more; empty where it does. Pure. */
export const whyNotReady = ({
  vector: { runBy, pid, generation },
  lastGoodListAt,
}: Pick<NodeStatus, 'vector' | 'lastGoodListAt'>): string[] => [
  ...(lastGoodListAt === null ? ["no list of Nomad's allocations has come yet"] : []),
  ...(runBy === 'nvl' && pid === null ? ['Vector does not run'] : []),
  ...(generation === null ? ['it is not known that Vector has loaded what nvl wrote'] : []),
];
