import { hash } from 'node:crypto';
import { slugOf } from '../context/id.ts';

/**
 * The id of a pipeline: `nvl_<slug of the profile, at most 24>_<8 hex of a digest>`. `parts`: all that decides what it is but
 * the templates' own text, so that an edit of a template that changes none of its values keeps the id, and with it Vector's
 * checkpoints. A change here reads every file on every node again from its start; it is frozen by a golden test.
 */
export const pipelineId = ({ profile, parts }: { profile: string; parts: readonly unknown[] }): string =>
  `nvl_${slugOf(profile)}_${hash('sha256', JSON.stringify([profile, ...parts]), 'hex').slice(0, DIGEST_LENGTH)}`;

/** One more id for the same profile: the first is that of a pipeline with another text. */
export const otherId = ({ id, probe, tries }: { id: string; probe: string; tries: number }): string =>
  `${id.slice(0, -DIGEST_LENGTH)}${hash('sha256', JSON.stringify([id, probe, tries]), 'hex').slice(0, DIGEST_LENGTH)}`;

const DIGEST_LENGTH = 8;
