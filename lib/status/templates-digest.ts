import { hash } from 'node:crypto';
import { compare } from '../order.ts';
import type { Templates } from '../render/templates.ts';

const LENGTH = 12;

/** The first digits of a digest of all that is rendered from: two nodes with one digest have one set of templates. Pure. */
export const templatesDigest = ({ labels, sink, profiles, partials }: Templates): string => {
  const ofProfiles = [...profiles.values()].flatMap(({ source, transform, sink, settingsFile }) => [
    source,
    transform,
    sink,
    settingsFile,
  ]);
  const texts = new Map(
    [labels, sink, ...ofProfiles, ...partials].flatMap((file) =>
      file === undefined ? [] : [[file.path, file.text] as const],
    ),
  );
  const sorted = [...texts].sort(([a], [b]) => compare(a, b));
  return hash('sha256', JSON.stringify(sorted), 'hex').slice(0, LENGTH);
};
