import { expect, test } from 'vitest';
import { proveCandidate, unprovenText } from '../../lib/apply/prove.ts';
import type { Block } from '../../lib/render/file.ts';
import { readReport } from '../../lib/vector/proof/report.ts';
import type { Validation } from '../../lib/vector/proof/validate.ts';

const pipeline = (key: string): Block => ({
  key,
  kind: 'pipeline',
  heading: `profile ${key}`,
  text: `[sources.${key}]\ntype = "file"\n[transforms.${key}_out]\ntype = "remap"\ninputs = ["${key}"]`,
});
const sink = (id: string): Block => ({
  key: `sink:${id}`,
  kind: 'sink',
  heading: `vector/${id}.toml.hbs`,
  text: `[sinks.${id}]\ntype = "loki"\ninputs = ["nomad_logs"]`,
});
const blocks = [pipeline('nvl_a'), pipeline('nvl_b'), sink('loki')];
const good: Validation = { ok: true, warnings: [] };

/** As Vector 0.57 reports it in each proof. */
const refused = (proof: 'configuration' | 'components', ...entries: string[]): Validation => {
  const stdout = `Component errors\n----------------\n${entries.map((entry) => `x ${entry}\n`).join('')}`;
  return { ok: false, proof, ...readReport({ stdout, stderr: '' }), report: stdout };
};

const prove = (validation: Validation, given: Partial<Parameters<typeof proveCandidate>[0]> = {}) => {
  const asked: (readonly Block[])[] = [];
  const proof = proveCandidate({
    blocks,
    templates: undefined,
    validateStaged: async () => validation,
    validateOnly: async (some) => {
      asked.push(some);
      return good;
    },
    ...given,
  });
  return proof.then((value) => ({ proof: value, asked }));
};

const confinement =
  'Sink "loki": template references event fields (["nomad.job_name"]) but has no literal string prefix to derive a confinement base from';

test('a sink that Vector cannot build is blamed by name, and no other block', async () => {
  const { proof } = await prove(refused('components', confinement));
  expect(proof).toMatchObject({
    ok: false,
    blamed: [
      {
        block: { key: 'sink:loki' },
        error: { code: 'vectorRefused', facts: { proof: 'vector validate --skip-healthchecks', said: confinement } },
      },
    ],
  });
  expect(proof.ok || proof.error.facts.proof).toBe('vector validate --skip-healthchecks');
});

test('several components that cannot be built are each blamed', async () => {
  const { proof } = await prove(refused('components', confinement, 'Source "nvl_b": no', 'Transform "nvl_a_out": no'));
  expect(proof.ok ? [] : proof.blamed.map(({ block }) => block.key).sort()).toEqual(['nvl_a', 'nvl_b', 'sink:loki']);
});

const away = 'Sink "loki": Connection refused (os error 111)';

test('what Vector runs as it is, and cannot build now, is no reason against a change', async () => {
  const { proof } = await prove(refused('components', away), { isRunning: ({ component }) => component === 'loki' });
  expect(proof).toMatchObject({ ok: true, unproven: [{ component: 'loki', proof: 'components' }] });
});

test('beside it, a new component that cannot be built is still blamed, alone', async () => {
  const { proof } = await prove(refused('components', away, 'Source "nvl_b": no'), {
    isRunning: ({ component }) => component === 'loki',
  });
  expect(proof.ok ? [] : proof.blamed.map(({ block }) => block.key)).toEqual(['nvl_b']);
});

test('what the first proof refuses is refused, also of what runs', async () => {
  const { proof } = await prove(refused('configuration', 'Sink "loki" has no inputs'), { isRunning: () => true });
  expect(proof.ok).toBe(false);
});

test.each([
  [
    'a certificate',
    'Sink "loki": Could not open certificate file "/etc/ca.pem": No such file (os error 2)',
    'the file /etc/ca.pem',
  ],
  ['a server that is asked when a sink is built', away, 'Connection refused'],
  ['a name', 'Sink "loki": dns error: failed to lookup address information', 'dns error'],
])('a machine that only looks says that it lacks %s', async (_, said, why) => {
  const { proof } = await prove(refused('components', said), { toleratesLacks: true });
  const unproven = proof.ok ? (proof.unproven ?? []) : [];
  expect(unproven).toMatchObject([{ component: 'loki', proof: 'components', why: expect.stringContaining(why) }]);
  expect(unproven.map(unprovenText)[0]).toContain('loki, by vector validate --skip-healthchecks: this machine lacks');
  // On the node itself it is a refusal: Vector would not start there.
  expect((await prove(refused('components', said))).proof.ok).toBe(false);
});

test('a kind of sink that this build of Vector lacks is stood in for, so that the rest is proven', async () => {
  const unknown = 'unknown variant `loki`, expected one of `blackhole`, `console`\nin `sinks.loki`';
  const { proof, asked } = await prove(refused('configuration', unknown), { toleratesLacks: true });
  expect(proof).toMatchObject({ ok: true, unproven: [{ component: 'loki', proof: 'both' }] });
  expect(asked).toHaveLength(1);
  expect(asked[0]?.at(-1)?.text).toBe('[sinks.loki]\ntype = "blackhole"\ninputs = ["nomad_logs"]');
});

test('a slip of the pen is no lack', async () => {
  const slip = 'unknown variant `lokki`, expected one of `blackhole`, `loki`\nin `sinks.loki`';
  const { proof } = await prove(refused('configuration', slip), { toleratesLacks: true });
  expect(proof).toMatchObject({ ok: false, blamed: [{ block: { key: 'sink:loki' } }] });
});

test('a variable that only the node has keeps all from being proven, and says so', async () => {
  const missing = 'Missing environment variable in config. name = "LOKI_PW"';
  const { proof } = await prove(refused('configuration', missing), { toleratesLacks: true });
  expect(proof).toMatchObject({
    ok: true,
    unproven: [{ proof: 'both', why: 'this machine lacks the variable LOKI_PW' }],
  });
});

test('a template that is wrong is refused, whatever else the machine lacks', async () => {
  const { proof } = await prove(refused('components', confinement, 'Source "nvl_b": Permission denied (os error 13)'), {
    toleratesLacks: true,
  });
  expect(proof.ok ? [] : proof.blamed.map(({ block }) => block.key)).toEqual(['sink:loki']);
});
