import { createEngine, type EngineStep } from '../../lib/engine/engine.ts';
import { asPlain } from '../../lib/vrl/values.ts';
import type { Vrl } from '../../lib/vrl/vrl.ts';
import { caseConfig, caseFolder, GLOBALS, ownName, tableFile } from './case-config.ts';
import { asRecorded, comparable } from './comparable.ts';
import type { EngineAnswer, EngineCase } from './corpus.ts';

/** What nvl's own engine makes of a case. Throws where Vector's compiler refuses one of its programs, or something does not run. */
export const nvlAnswer = async ({ test, vrl }: { test: EngineCase; vrl: Vrl }): Promise<EngineAnswer> => {
  const own = caseFolder({ folder: FOLDER, id: test.id });
  const startMs = Date.now();
  const engine = createEngine({
    text: `${GLOBALS}${caseConfig({ test, folder: FOLDER })}`,
    tables: new Map(Object.entries(test.tables).map(([name, { csv }]) => [tableFile({ own, name }), csv])),
    vrl,
    readProgram: (path) => test.programs[path.slice(own.length + 1)],
    hostname: HOST,
    startMs,
  });
  const faults = [
    ...engine.notRun.map(({ error }) => error.message),
    ...(await engine.check()).map(({ component, text }) => `${component}: ${text}`),
    ...test.unread.filter((path) => engine.reads(`${own}/${path}`)).map((path) => `it reads ${path}`),
  ];
  if (faults.length > 0) throw new Error(`${test.id}: ${faults.join('\n')}`);
  const steps: EngineStep[] = [];
  for (const round of test.rounds) {
    const chunks = Object.entries(round).map(([path, bytes]) => ({ path: `${own}/${path}`, bytes }));
    steps.push(await engine.push(chunks), await engine.release());
  }
  const files = new Set(test.rounds.flatMap((round) => Object.keys(round)));
  steps.push(await engine.end([...files].map((path) => `${own}/${path}`)), await engine.release());
  const failed = steps.flatMap((step) => step.failed);
  if (failed.length > 0) throw new Error(`${test.id}: ${failed.map(({ error }) => error.message).join('\n')}`);
  const answer = Object.fromEntries(
    test.observed.map((output) => [
      output,
      steps
        .flatMap(({ outputs }) => outputs.get(ownName(test.id, output)) ?? [])
        .map(({ event, metadata }) => ({ event: asPlain(event), metadata: asPlain(metadata) })),
    ]),
  );
  const around = { folder: FOLDER, hostname: HOST, fromMs: startMs, toMs: startMs + READ_MS };
  return comparable({ test, answer: asRecorded(answer), around });
};

/** Nothing lies there. */
const FOLDER = '/nvl/engine';
const HOST = 'a-host-of-its-own';
/** Each line takes the engine a µs. */
const READ_MS = 60_000;
