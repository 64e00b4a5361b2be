import type { Counts } from './line-count.ts';
import type { DaemonEvents } from './show-daemon.ts';
import type { StepInput } from './show-steps.ts';
import { EDITED } from './show-templates.ts';

/** With --keep: what there is to play with, until Ctrl-C. */
export const tellKept = async ({
  show,
  tally,
  config,
  templatesDir,
  deliveredFile,
  ended,
}: StepInput & { deliveredFile: string; ended: AbortSignal }): Promise<void> => {
  await show.step('It goes on until Ctrl-C', 'Edit the template, and see what comes of it:');
  show.whole('template', `${templatesDir}/${EDITED}`);
  show.whole('delivered', deliveredFile);
  show.whole('ask it', `nvl context --address ${config.nomad.address}`);
  await tally.follow(ended);
};

/** What came of it all, and what to do next. `outcome` is undefined where no line could be collected. */
export const tellEnd = async ({
  show,
  colors,
  outcome,
}: StepInput & { outcome: { counts: Counts; heard: DaemonEvents } | undefined }): Promise<void> => {
  if (outcome !== undefined) {
    const { counts, heard } = outcome;
    await show.step('What came of it', 'Every line that was written, counted against every event that was delivered.');
    const judge = (name: string, count: number) =>
      show.row(name, String(count), count === 0 ? colors.green : colors.red);
    show.row('written', `${counts.written} lines`);
    show.row('delivered', `${counts.delivered} lines, in ${counts.events} events: a stack trace is one`);
    judge('lost', counts.lost);
    judge('repeated', counts.repeated);
    judge('mislabelled', counts.mislabelled);
    show.row('reloads', `${heard.reloads.length} confirmed by Vector, ${heard.refused.length} refused`);
  }
  await show.step('What to do next', 'The demo is over, and has left nothing behind.');
  if (outcome === undefined)
    show.row('vector', 'install it, and run the demo again: https://vector.dev/docs/setup/installation/');
  show.row('nvl init', 'a first config, and templates for your team to own');
  show.row('nvl pipe', 'lines of your own through a profile, at once');
  show.row('nvl doctor', 'what is missing on this machine, and what to do about it');
  show.row('nvl --help', 'the rest');
  show.gap();
};
