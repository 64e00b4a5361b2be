import { expect, test } from 'vitest';
import { withReadFields } from '../../lib/render/read-fields.ts';

const id = 'nvl_web_0';
const read = (text: string) => withReadFields({ text, id });
const body = 'type = "file"\ninclude = ["/a/*"]\n';

test('a file source notes the offset of each line, and not the host', () => {
  expect(read(`# mine\n[sources.${id}]\n${body}`)).toEqual({
    text: `# mine\n[sources.${id}]\noffset_key = "nvl_offset"\nhost_key = ""\n${body}`,
    offset: { field: '.nvl_offset', isOwn: true },
    hasHost: false,
  });
});

test('what a template says itself stays, wherever it stands, and the other key is added', () => {
  const [own, more] = [`[sources.${id}]\n${body}`, 'host_key = "server"\n'];
  expect(read(`${own}${more}`)).toEqual({
    text: `[sources.${id}]\noffset_key = "nvl_offset"\n${body}${more}`,
    offset: { field: '.nvl_offset', isOwn: true },
    hasHost: true,
  });
  expect(read(`${own}host_key = ""\noffset_key = "at"\n`)).toEqual({
    text: `${own}host_key = ""\noffset_key = "at"\n`,
    offset: { field: '.at', isOwn: false },
    hasHost: false,
  });
  expect(read(`${own}offset_key = "at"\n`)).toEqual({
    text: `[sources.${id}]\nhost_key = ""\n${body}offset_key = "at"\n`,
    offset: { field: '.at', isOwn: false },
    hasHost: false,
  });
  expect(read(`${own}offset_key = "a.b"\n`).offset).toBeUndefined();
});

test.each([
  ['a quoted name', `[sources."${id}"]\n${body}`],
  ['a table in a line', `[sources]\n${id} = { type = "file", include = ["/a/*"] }\n`],
  ['dotted keys', `sources.${id}.type = "file"\nsources.${id}.include = ["/a/*"]\n`],
  ['another type', `[sources.${id}]\ntype = "journald"\n`],
  ['nothing', ''],
])('a source written otherwise stays as it is: %s', (_, text) => {
  expect(read(text)).toEqual({ text, offset: undefined, hasHost: true });
});
