import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { writePackage } from '../../test/support/package.ts';
import type { Contender } from './contender.ts';
import { nvlContender } from './nvl-contender.ts';
import { nomadVectorLogger, pureAsShipped, pureTuned } from './peers.ts';

/** Where a nomad-vector-logger 0.4.1 is, if it is not on PATH. */
export const LOGGER_VARIABLE = 'NVL_BENCH_NOMAD_VECTOR_LOGGER';

/** Peers that ask Nomad every 10 s or rarer: a quick run has no time for them. */
export const RARE_ASKERS = ['nomad-vector-logger', 'pure Vector, as shipped'];

/**
 * The yardsticks, nvl and its peers, and why some peers are not measured. nvl is what `npm pack` would ship, written to
 * `folder`. `only` keeps those whose name holds one of its words, `leaveOut` the others.
 */
export const chooseContenders = ({
  folder,
  yardsticks,
  only,
  leaveOut,
}: {
  folder: string;
  yardsticks: Contender[];
  only: string[];
  leaveOut: string[];
}): { contenders: Contender[]; absent: string[] } => {
  const logger = findLogger();
  const all = [
    ...yardsticks,
    nvlContender({ program: writePackage(join(folder, 'package')) }),
    ...(logger === undefined ? [] : [nomadVectorLogger({ program: logger })]),
    pureAsShipped,
    pureTuned,
  ];
  const holds = (words: string[], { name }: Contender) => words.some((word) => name.includes(word));
  return {
    contenders: all.filter((one) => (only.length === 0 || holds(only, one)) && !holds(leaveOut, one)),
    absent:
      logger === undefined
        ? [`nomad-vector-logger 0.4.1, which is not on PATH, and ${LOGGER_VARIABLE} does not name one`]
        : [],
  };
};

/** It has no `--version` to be asked for. */
const findLogger = (): string | undefined => {
  const named = process.env[LOGGER_VARIABLE];
  if (named !== undefined && named !== '') return named;
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'nomad-vector-logger'))
    .find((file) => existsSync(file));
};
