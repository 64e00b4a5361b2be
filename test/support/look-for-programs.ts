import { FOUND, jq, loki, nomad, setpriv, systemdAnalyze, systemdNotify, vector, victoriaLogs } from './programs.ts';

/** Before all test files: asks each program once whether it is there, which five of them would be asked some 350 times. */
export const setup = (): void => {
  const programs = [vector, nomad, victoriaLogs, loki, systemdAnalyze, systemdNotify, setpriv, jq];
  process.env[FOUND] = JSON.stringify(Object.fromEntries(programs.map((program) => [program.name, program])));
};
