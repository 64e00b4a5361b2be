import { rootPaths } from '../apply/paths.ts';
import { unprovenText } from '../apply/prove.ts';
import { describeError } from '../errors.ts';
import { capital, countsText } from '../plan/format-text.ts';
import { onceEach } from '../plan/once-each.ts';
import { insteadLine } from '../render/refused.ts';
import { warningText } from '../render/unread-files.ts';
import { nodeRisks, riskText } from '../review/node-risks.ts';
import { EXIT, type Io } from '../wiring/io.ts';
import type { Flags } from '../wiring/prepare.ts';
import { proveNode } from '../wiring/prove-node.ts';
import { readRunningVector } from '../wiring/running-vector.ts';
import { withNode } from '../wiring/with-node.ts';

/**
 * `nvl validate`: everything up to the proof, and nothing that stays. With a recording this machine is not the node: what
 * it lacks (a certificate, a variable, a kind of sink) is told, and is no refusal.
 */
export const validateCommand = ({ io, flags, rest }: { io: Io; flags: Flags; rest: string[] }): Promise<number> => {
  return withNode({ io, flags }, async (node) => {
    const runningVector = await readRunningVector({
      config: node.config,
      cwd: io.cwd,
      paths: rootPaths(node.config.root),
      vectorArgs: rest,
      isDry: true,
    });
    const { proven, templates } = await proveNode({
      ...node,
      runningVector,
      toleratesLacks: node.isRecorded,
    });
    // What is left out for it says it itself.
    const said = new Set(proven.rendered.refused.flatMap(({ errors }) => errors.map(describeError)));
    for (const fault of templates.faults.map(describeError)) if (!said.has(fault)) io.err(`${fault}\n`);
    for (const warning of templates.warnings) io.err(`Look at: ${warningText(warning)}\n`);
    for (const block of onceEach(proven.rendered.refused)) {
      io.err(`${capital(insteadLine(block))}\n${block.errors.map(describeError).join('\n')}\n`);
    }
    for (const { heading, errors } of onceEach(proven.rendered.notes)) {
      io.err(`Look at: ${heading}\n${errors.map(describeError).join('\n')}\n`);
    }
    for (const risk of nodeRisks({ ...proven.rendered, templates })) io.err(`Risk: ${riskText(risk)}\n`);
    if (proven.refusal !== undefined) throw proven.refusal;
    const { rows, blocks } = proven.rendered;
    const counts = { tasks: rows.length, pipelines: blocks.filter(({ kind }) => kind === 'pipeline').length };
    const unproven = proven.unproven ?? [];
    const what = unproven.length === 0 ? 'it' : 'what could be proven here';
    io.err(`Vector accepts ${what}: ${countsText(counts)}.\n`);
    for (const one of unproven) io.err(`Not proven: ${unprovenText(one)}\n`);
    const refusedByVector = proven.rendered.refused.some(({ errors }) =>
      errors.some(({ code }) => code === 'vectorRefused'),
    );
    if (refusedByVector) return EXIT.refused;
    return proven.rendered.refused.length > 0 || templates.faults.length > 0 ? EXIT.error : EXIT.done;
  });
};
