import { unprovenText } from '../apply/prove.ts';
import { shippedTemplatesDir } from '../config/read-templates.ts';
import type { NvlError } from '../errors.ts';
import { countsText } from '../plan/format-text.ts';
import { INSTEAD_WORDS, type Note, type RefusedBlock } from '../render/refused.ts';
import { nodeRisks, riskText } from '../review/node-risks.ts';
import { proveNode } from '../wiring/prove-node.ts';
import { type DoctorContext, silentLog } from './doctor-context.ts';
import { type Finding, fail, failOf, notChecked, ok, warn } from './finding.ts';

/** Is every template sound by itself, and does one say what may lose lines? */
export const checkTemplates = async (context: DoctorContext): Promise<Finding[]> => {
  const { templates, config } = context;
  const { faults, profiles, warnings } = await templates();
  const unread = warnings.map(({ message, advice }) => warn(message, advice ?? ''));
  if (faults.length > 0) return [...faults.map(failOf), ...unread];
  const from = config.templates ?? `${shippedTemplatesDir()} (those that come with nvl)`;
  return [ok(`${from}; profiles: ${[...profiles.keys()].join(', ')}`), ...unread, ...(await risksOf(context))];
};

const risksOf = async ({ templates, rendered }: DoctorContext): Promise<Finding[]> => {
  // What cannot be rendered has its own line, on the proof.
  const { blocks, rows } = await rendered().then(
    (made) => made,
    () => ({ blocks: [], rows: [] }),
  );
  return nodeRisks({ blocks, rows, templates: await templates() }).map((risk) => warn(riskText(risk), RISK_ADVICE));
};

const RISK_ADVICE = 'change it, or leave it so if that is meant: docs/templates.md';

/** Does what they render for this node hold, and does Vector accept it together with the team's own files? */
export const checkProof = async (context: DoctorContext): Promise<Finding[]> => {
  const { io, config } = context;
  const needed = { vector: context.vector, 'vector files': context.runningVector, templates: context.templates };
  for (const [name, look] of Object.entries(needed)) {
    const isThere = await look().then(
      () => true,
      () => false,
    );
    if (!isThere) return [notChecked(`it needs what the line on ${name} says is wrong`)];
  }
  const { nodeSource, isReal } = await context.nodeSource();
  const { proven } = await proveNode({
    io,
    config,
    nodeSource,
    // Its logs are looked at elsewhere: one that cannot be read is no fault of a template.
    isRecorded: true,
    isKeptHere: true,
    runningVector: await context.runningVector(),
    log: silentLog(config),
  });
  const { refused, notes, rows, blocks } = proven.rendered;
  const { faults } = await context.templates();
  const findings = refusals({ refused, faults });
  if (proven.refusal?.code === 'ownedId')
    findings.push(notChecked('it needs what the line on vector files says is wrong'));
  else if (proven.refusal !== undefined) findings.push(failOf(proven.refusal));
  if (findings.length > 0) return [...findings, ...slips(notes)];
  const counts = { tasks: rows.length, pipelines: blocks.filter(({ kind }) => kind === 'pipeline').length };
  const what = isReal ? `all ${countsText(counts)}, finished ones too` : 'no task in it, as Nomad tells of none';
  const unproven = proven.unproven ?? [];
  if (unproven.length === 0) return [...slips(notes), ok(`Vector accepts it, with ${what}`)];
  return [
    ...slips(notes),
    ...unproven.map((one) => warn(`not proven now: ${unprovenText(one)}`, 'see whether what it needs is there')),
  ];
};

/** One line for each reason: a bad template may leave out hundreds of tasks. */
const refusals = ({
  refused,
  faults,
}: {
  refused: readonly RefusedBlock[];
  faults: readonly NvlError[];
}): Finding[] => {
  const byReason: ByReason = new Map();
  for (const { heading, instead, errors } of refused) {
    for (const error of errors) {
      const found = faults.some((fault) => isSameFault(fault, error))
        ? fail(`the fault at ${error.facts.at ?? 'a place unknown'}`, 'see the line on templates')
        : failOf(error);
      addTo({ byReason, finding: found, words: INSTEAD_WORDS[instead], heading });
    }
  }
  return findingsOf(byReason);
};

/** What of jobs' meta is not understood: their authors' to change, and no line is lost by it. */
const slips = (notes: readonly Note[]): Finding[] => {
  const byReason: ByReason = new Map();
  for (const { heading, errors } of notes) {
    for (const error of errors)
      addTo({ byReason, finding: { ...failOf(error), verdict: 'warn' }, words: 'look at', heading });
  }
  return findingsOf(byReason);
};

type ByReason = Map<string, { finding: Finding; words: string; headings: string[] }>;

const addTo = ({
  byReason,
  finding,
  words,
  heading,
}: {
  byReason: ByReason;
  finding: Finding;
  words: string;
  heading: string;
}): void => {
  const reason = `${words} ${finding.text}`;
  byReason.set(reason, { finding, words, headings: [...(byReason.get(reason)?.headings ?? []), heading] });
};

const findingsOf = (byReason: ByReason): Finding[] =>
  [...byReason.values()].map(({ finding, words, headings: [first = '', ...others] }) => ({
    ...finding,
    text: `${words}: ${first}${others.length === 0 ? '' : ` and ${others.length} more`}: ${finding.text}`,
  }));

/** The proof reads the templates anew. */
const isSameFault = (a: NvlError, b: NvlError): boolean => a.message === b.message && a.facts.at === b.facts.at;
