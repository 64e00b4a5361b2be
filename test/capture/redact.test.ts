import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withoutKeyBlocks } from '../../lib/capture/key-blocks.ts';
import { createSampleRedactor } from '../../lib/capture/redact-by-sample.ts';
import { readRedactRules } from '../../lib/capture/redact-rules.ts';
import { createRedactor } from '../../lib/capture/redactor.ts';
import { createVrl } from '../../lib/vrl/vrl.ts';
import { aFolder, put } from '../commands/support.ts';
import { failureOf } from '../nomad/fake-nomad.ts';

const aSample = async () => {
  const vrl = createVrl();
  onTestFinished(() => vrl.close());
  return createSampleRedactor(vrl);
};

const rulesOf = async (text: string, name = 'rules.yaml') => {
  const folder = await aFolder();
  await put(folder, { [name]: text });
  return readRedactRules(join(folder, name));
};

test('what the sample takes out is taken out, and counted', async () => {
  const redactor = createRedactor({ rules: [], sample: await aSample() });
  const { lines, counts } = await redactor.redact([
    'user=bob password=hunter2 token: abc',
    'nothing here',
    'mail from alice@example.org with 4111 1111 1111 1111',
  ]);
  expect(lines).toEqual([
    'user=bob password=[redacted] token: [redacted]',
    'nothing here',
    'mail from [email] with [card]',
  ]);
  expect([...counts]).toEqual([
    ['[redacted]', 2],
    ['[email]', 1],
    ['[card]', 1],
  ]);
});

test('rules come first, over all lines at once, and are counted', async () => {
  const rules = await rulesOf(`
- pattern: 'card=(\\d{4})\\d+'
  with: 'card=$1…'
- pattern: '^secret\\n(.*)$'
`);
  const redactor = createRedactor({ rules, sample: undefined });
  const { lines, counts } = await redactor.redact([
    'card=123456 card=234567',
    'secret',
    'of two lines',
    'password=hunter2',
  ]);
  expect(lines).toEqual(['card=1234… card=2345…', '[redacted]', 'password=hunter2']);
  expect([...counts]).toEqual([
    ['/card=(\\d{4})\\d+/', 2],
    ['/^secret\\n(.*)$/', 1],
  ]);
});

test.each<[string, string, string, string]>([
  ['a list', 'rules.yaml', 'pattern: a', 'the rules are a list, each with a pattern'],
  ['a pattern', 'rules.yaml', '- with: a', 'pattern is a regular expression, as text'],
  ['nothing else', 'rules.yaml', '- pattern: a\n  flags: i', 'Unrecognized key'],
  ['an expression', 'rules.yaml', "- pattern: a\n- pattern: '('", 'Unterminated group'],
  ['YAML', 'rules.yaml', '- pattern: "a', 'quote'],
  ['JSON', 'rules.json', '[{pattern: 1}]', 'this is not JSON'],
])('rules have to be %s', async (_, name, text, said) => {
  const error = await failureOf(rulesOf(text, name));
  expect(error).toMatchObject({ code: 'usage', facts: { said: expect.stringContaining(said) } });
});

test('a fault of a rule names its line; a file that is not there is one', async () => {
  const error = await failureOf(rulesOf("- pattern: a\n- pattern: '('"));
  expect(error.facts.at).toMatch(/rules\.yaml:2$/);
  expect(await failureOf(readRedactRules('/no/such/file'))).toMatchObject({
    code: 'usage',
    facts: { at: '/no/such/file' },
  });
});

const [BEGIN, END] = ['-----BEGIN RSA PRIVATE KEY-----', '-----END RSA PRIVATE KEY-----'];
const [ONE, TWO] = ['MIIEowIBAAKCAQEA0abcdefghijklmnopqrstuvwxyz', 'x+y='];

test.each<[string, string[], string[], number]>([
  ['one', ['a', BEGIN, ONE, TWO, END, 'b'], ['a', BEGIN, '[redacted]', END, 'b'], 1],
  ['with what it says of itself', [BEGIN, 'Proc-Type: 4,ENCRYPTED', '', ONE, END], [BEGIN, '[redacted]', END], 1],
  [
    'behind times',
    [`12:00 ${BEGIN}`, `12:00 ${ONE}`, `12:00 ${END}`, 'b'],
    [`12:00 ${BEGIN}`, '[redacted]', `12:00 ${END}`, 'b'],
    1,
  ],
  ['without an end', [BEGIN, ONE, 'and so on'], [BEGIN, '[redacted]', 'and so on'], 1],
  ['without a beginning', [ONE, ONE, END, 'b'], ['[redacted]', END, 'b'], 1],
  ['two of them', [BEGIN, ONE, END, BEGIN, ONE, END], [BEGIN, '[redacted]', END, BEGIN, '[redacted]', END], 2],
  [
    'a certificate is none',
    ['-----BEGIN CERTIFICATE-----', ONE, '-----END CERTIFICATE-----'],
    ['-----BEGIN CERTIFICATE-----', ONE, '-----END CERTIFICATE-----'],
    0,
  ],
  ['lines that only look like one', [ONE, 'b'], [ONE, 'b'], 0],
])('keys over several lines: %s', (_, lines, expected, count) =>
  expect(withoutKeyBlocks(lines)).toEqual({ lines: expected, count }),
);

const real = async (): Promise<string[]> => {
  const file = join(import.meta.dirname, '../../templates/samples/redact/tests/real.log');
  return (await readFile(file, 'utf8')).split('\n').slice(0, -1);
};

test('what was redacted is safe as an event, and what was not is not', async () => {
  const redactor = createRedactor({ rules: [], sample: await aSample() });
  const raw = await real();
  const { lines } = await redactor.redact(raw);
  const valuesOf = (list: readonly string[]) => list.map((value) => ({ name: 'message', value }));
  expect(await redactor.findUnsafe({ values: valuesOf(lines), lines })).toEqual([]);
  const unsafe = await redactor.findUnsafe({ values: valuesOf(raw), lines });
  expect(unsafe.length).toBeGreaterThan(60);
});

test.each<[string, { name: string; value: string }, boolean]>([
  ['a name that makes a secret of it', { name: 'password', value: 'hunter2' }, true],
  ['a number of such a name', { name: 'api_key', value: '12345' }, true],
  ['what was decoded', { name: 'body', value: 'password=hunter2' }, true],
  ['a mark', { name: 'password', value: '[redacted]' }, false],
  ['what is no secret', { name: 'status', value: '200' }, false],
  ['a word of a line', { name: 'word', value: 'plain' }, false],
])('in an event: %s', async (_, value, isUnsafe) => {
  const redactor = createRedactor({ rules: await rulesOf("- pattern: 'internal-\\d+'"), sample: await aSample() });
  expect(await redactor.findUnsafe({ values: [value], lines: ['a plain line'] })).toEqual(isUnsafe ? [value] : []);
});

test('in an event: what a rule would have taken out', async () => {
  const redactor = createRedactor({ rules: await rulesOf("- pattern: 'internal-\\d+'"), sample: undefined });
  const values = [{ name: 'host', value: 'internal-7' }];
  expect(await redactor.findUnsafe({ values, lines: [] })).toEqual(values);
});
