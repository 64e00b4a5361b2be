import { rootPaths } from '../apply/paths.ts';
import { unprovenText } from '../apply/prove.ts';
import { planCycle } from '../cycle.ts';
import { describeError, NvlError } from '../errors.ts';
import { capital, countsText } from '../plan/format-text.ts';
import { onceEach } from '../plan/once-each.ts';
import { insteadLine } from '../render/refused.ts';
import { warningText } from '../render/unread-files.ts';
import { nodeRisks, riskText } from '../review/node-risks.ts';
import { vectorCwd } from '../vector/config/command.ts';
import { checkText } from '../wiring/check-text.ts';
import { EXIT, type Io } from '../wiring/io.ts';
import { type Flags, readOnlyDeps } from '../wiring/prepare.ts';
import { proveNode } from '../wiring/prove-node.ts';
import { readRunningVector } from '../wiring/running-vector.ts';
import { type OpenedNode, withNode } from '../wiring/with-node.ts';

/**
 * `nvl validate`: everything up to the proof, and nothing that stays. With a recording this machine is not the node: what
 * it lacks (a certificate, a variable, a kind of sink) is told, and is no refusal.
 */
export const validateCommand = ({ io, flags, rest }: { io: Io; flags: Flags; rest: string[] }): Promise<number> =>
  withNode({ io, flags }, async (node) => {
    try {
      return await validateNode({ io, node, rest });
    } catch (error) {
      // A node without a Vector ships nothing.
      if (!node.isRecorded || !(error instanceof NvlError) || error.code !== 'vectorMissing') throw error;
      return checkNode({ io, node, missing: error });
    }
  });

/** Where no Vector is: what nvl itself can tell. It proves nothing, and says so. */
const checkNode = async ({ io, node, missing }: { io: Io; node: OpenedNode; missing: NvlError }): Promise<number> => {
  const deps = await readOnlyDeps(node);
  const { rendered } = await planCycle(deps);
  for (const block of onceEach(rendered.refused))
    io.err(`${capital(insteadLine(block))}\n${block.errors.map(describeError).join('\n')}\n`);
  const programDir = vectorCwd({ config: node.config, cwd: io.cwd });
  const { isGood, said } = await checkText({ text: rendered.text, linksDir: deps.linksDir, programDir });
  if (!isGood)
    throw new NvlError('vectorRefused', {
      message: 'nvl’s own check refuses the configuration, as Vector would',
      facts: { said },
      advice: 'fix the template',
    });
  io.err(`nvl’s own check finds nothing against it. Not proven: ${missing.message}, so Vector was not asked.\n`);
  return rendered.refused.length > 0 || deps.templates.faults.length > 0 ? EXIT.error : EXIT.done;
};

const validateNode = async ({ io, node, rest }: { io: Io; node: OpenedNode; rest: string[] }): Promise<number> => {
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
};
