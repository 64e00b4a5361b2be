import { expect, test } from 'vitest';
import { bytesUntilGone, secondsOfSafety } from '../../lib/status/safety.ts';
import { aFile, MIB } from './support.ts';

const logs = { maxFiles: 3, maxFileSizeMB: 10 };
const whole = (index: number, given = {}) => aFile({ index, bytes: 10 * MIB, readBytes: 10 * MIB, ...given });

test.each([
  ['all is read: the rest of this file, and two more', [whole(4, { bytes: 4 * MIB, readBytes: 4 * MIB })], 26 * MIB],
  ['the newest is not read: the same', [whole(4, { bytes: 4 * MIB, readBytes: 0 })], 26 * MIB],
  ['the one before is not read', [whole(3, { readBytes: 1 }), whole(4, { bytes: 4 * MIB })], 16 * MIB],
  ['the oldest that is kept is not read', [whole(2, { readBytes: 1 }), whole(4, { bytes: 4 * MIB })], 6 * MIB],
  ['one that should be deleted by now', [whole(1, { readBytes: 1 }), whole(4)], 0],
  ['Nomad has deleted it, and nvl keeps it', [whole(3, { readBytes: 1, isOnlyCopy: true }), whole(4)], 0],
  ['Nomad has deleted what is read', [whole(1, { isOnlyCopy: true }), whole(4, { bytes: 10 * MIB })], 20 * MIB],
  ['the newest is longer than it may be', [whole(4, { bytes: 11 * MIB, readBytes: 0 })], 20 * MIB],
  ['positions are not known', [whole(4, { readBytes: undefined })], undefined],
])('bytes until Nomad deletes what is unread: %s', (_, files, bytes) => {
  expect(bytesUntilGone({ files, logs })).toBe(bytes);
});

test.each([
  ['bytes by rate', { bytes: 600, bytesPerSecond: 10 }, 60],
  ['nothing is left', { bytes: 0, bytesPerSecond: 10 }, 0],
  ['nothing is written: there is no such moment', { bytes: 600, bytesPerSecond: 0 }, undefined],
  ['the rate is not known', { bytes: 600, bytesPerSecond: undefined }, undefined],
  ['the bytes are not known', { bytes: undefined, bytesPerSecond: 10 }, undefined],
])('seconds of safety: %s', (_, given, seconds) => expect(secondsOfSafety(given)).toBe(seconds));
