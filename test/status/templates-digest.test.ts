import { expect, test } from 'vitest';
import { templatesDigest } from '../../lib/status/templates-digest.ts';
import { aTransform, someTemplates } from '../support/builders.ts';

const digestWith = async (files: Parameters<typeof someTemplates>[0] = {}) =>
  templatesDigest(await someTemplates(files));

test('equal templates have one digest, and any other text has another', async () => {
  const before = await digestWith();
  expect(before).toMatch(/^[0-9a-f]{12}$/);
  expect(await digestWith()).toBe(before);
  const files = [
    { 'profiles/mine/transform.toml.hbs': aTransform('.a = 1') },
    { 'profiles/mine/transform.toml.hbs': aTransform('.a = 2') },
    { 'profiles/mine/profile.yaml': 'parameters: {}\n', 'profiles/mine/transform.toml.hbs': aTransform('.a = 2') },
    { 'partials/part.hbs': 'x' },
  ];
  const digests = await Promise.all(files.map(digestWith));
  expect(new Set([before, ...digests]).size).toBe(files.length + 1);
});
