import { showEvent } from './show-event.ts';
import type { StepInput } from './show-steps.ts';
import { type DemoEvent, isOfJob } from './show-tally.ts';
import { DEMO_PROFILES } from './show-templates.ts';

/** Each way of logging, as it was written and as it was delivered. */
export const tellLines = async ({ show, tally, colors }: StepInput): Promise<void> => {
  await show.step(
    'Before and after',
    'What a task wrote, and the event that a sink gets of it: labelled, and parsed by the profile that its job asks for.',
  );
  for (const [index, { says, job, fits = () => true }] of FORMATS.entries()) {
    const event = await tally.waitFor({
      what: `a line of ${job}`,
      fits: (one) => isOfJob(job)(one) && fits(one),
    });
    if (index > 0) show.gap();
    show.say(says, colors.bold);
    showEvent({ show, event, lines: tally.linesOf(event) });
  }
};

const FORMATS: readonly { says: string; job: string; fits?: (event: DemoEvent) => boolean }[] = [
  { says: `profile ${DEMO_PROFILES.access}, the team's own: what web servers log`, job: 'shop' },
  {
    says: `profile ${DEMO_PROFILES.logfmt}, a sample that nvl ships: pairs of names and values`,
    job: 'checkout',
    fits: ({ path }) => path !== undefined,
  },
  { says: `profile ${DEMO_PROFILES.json}, a sample: an object in each line`, job: 'mailer' },
  {
    says: `profile ${DEMO_PROFILES.java}, a sample: the lines of a stack trace become one event`,
    job: 'catalog',
    fits: ({ stack_trace }) => stack_trace !== undefined,
  },
  { says: `profile ${DEMO_PROFILES.postgres}, a sample: the log of a database, on stderr`, job: 'orders-db' },
  { says: 'no profile: a line that nobody parses has its labels all the same', job: 'nightly/report' },
];
