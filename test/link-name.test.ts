import { expect, test } from 'vitest';
import { BYTES_BEHIND_STEM, BYTES_BEHIND_STREAM, linkName, parseLinkName, STREAMS } from '../lib/link-name.ts';

const stem = 'nvl_0a1b2c3d_web_4e5f6a7b';

test.each([
  [0, '000000000'],
  [12, '000000012'],
  // The largest that a log file is taken of.
  [999_999_999, '999999999'],
])('what stands behind stem and stream is as long for index %d as for any other', (index, digits) => {
  for (const stream of STREAMS) {
    const name = linkName({ stem, stream, index });
    expect(name).toBe(`${stem}.${stream}.${digits}`);
    expect(name.slice(0, -BYTES_BEHIND_STREAM)).toBe(`${stem}.${stream}`);
    expect(name.slice(0, -BYTES_BEHIND_STEM)).toBe(stem);
    expect(parseLinkName(name)).toEqual({ stem, stream, index });
  }
});

test.each([
  '',
  stem,
  `${stem}.stdout`,
  `${stem}.stdout.`,
  `${stem}.stdout.0`,
  `${stem}.stdin.000000000`,
  `${stem}.stdout.000000000.gz`,
  `${stem}.stdout.0000000000`,
  `${stem}.stdout.000000000\n`,
  'a.b.stdout.000000000',
])('%j is the name of no link', (name) => {
  expect(parseLinkName(name)).toBeUndefined();
});
