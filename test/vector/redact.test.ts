import { expect, test } from 'vitest';
import { createRedact } from '../../lib/vector/config/redact.ts';

const hide = ({
  words,
  env,
  text = 'p = "$PW"',
}: {
  words: string;
  env: Readonly<Record<string, string>>;
  text?: string;
}): string => createRedact({ texts: [text], env })(words);

test.each([
  ['as it stands', 'said hunter2.', 'hunter2', 'said <the value of PW>.'],
  ['where it breaks the syntax', '1 | p = "a"b3c4"', 'a"b3c4', '1 | p = "<the value of PW>"'],
  ['as Rust prints it', 'invalid type: string "a\\"b3c4"', 'a"b3c4', 'invalid type: string "<the value of PW>"'],
  ['in pieces', 'unknown field `pass1`, expected', 'x"pass1"word', 'unknown field `<the value of PW>`, expected'],
  ['in a URL', 'GET http://x/?k=a%2Fb%20c', 'a/b c', 'GET http://x/?k=<the value of PW>'],
  ['a line of it', 'bad line-two here', 'line-one\nline-two', 'bad <the value of PW> here'],
  ['more than once', 'hunter2 hunter2', 'hunter2', '<the value of PW> <the value of PW>'],
  ['with characters that mean something to a replacement', 'said $&x', '$&x', 'said <the value of PW>'],
])('a value is hidden %s', (_, words, value, shown) => {
  expect(hide({ words, env: { PW: value } })).toBe(shown);
});

test('a longer value is not left half hidden by a shorter one', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the variables are Vector's
  const text = 'a = "${A}"\nb = "${B:-x}"';
  expect(hide({ text, words: 'hunter2secret', env: { A: 'hunter2', B: 'hunter2secret' } })).toBe('<the value of B>');
});

test.each([
  ['of a variable that no file names', 'said hunter2', { OTHER: 'hunter2' }],
  ['that stands in a file itself', 'p = "$PW"', { PW: 'p = ' }],
  ['too short to be a secret', 'line 12, column 1', { PW: '1' }],
])('a value stays %s', (_, words, env) => {
  expect(hide({ words, env: env as Record<string, string> })).toBe(words);
});

test('nothing is hidden where Vector interpolates nothing', () => {
  expect(createRedact({ texts: ['p = "$PW"'], env: undefined })('hunter2')).toBe('hunter2');
});

const secret = ['[sinks.o]\npassword = "SECRET[files.pw]"'];
const broken = [
  '2026-11-23T03:26:53Z ERROR vector::cli: Configuration error. error=TOML parse error at line 3, column 21',
  '  |',
  '3 | password = "hun"ter2"',
  '  |                ^',
].join('\n');

test('what a running Vector quotes is hidden where it puts secrets in: nvl does not know them', () => {
  const shown = createRedact({ texts: secret, env: undefined, isRunning: true })(broken);
  expect(shown).toContain('TOML parse error at line 3, column 21');
  expect(shown).not.toMatch(/hun|ter2/);
});

test.each([
  ['invalid type: string "hunter2", expected u16\nin `sinks.o.port`'],
  ['unknown variant `hunter2`, expected one of `a`, `b`'],
  ['3 │ .x = "hunter2"'],
])('%s: the secret is hidden', (words) => {
  expect(createRedact({ texts: secret, env: undefined, isRunning: true })(words)).not.toContain('hunter2');
});

test('names of components and of files stay', () => {
  const words =
    'Configuration error. error=Sink "loki": no such file path="/etc/vector/x.toml" error_code="config_load"';
  expect(createRedact({ texts: secret, env: undefined, isRunning: true })(words)).toBe(words);
});

test('a running Vector without secrets is quoted', () => {
  expect(createRedact({ texts: ['x = 1'], env: undefined, isRunning: true })(broken)).toBe(broken);
});
