import { afterAll, expect, test } from 'vitest';
import { createVrl } from '../../lib/vrl/vrl.ts';

const vrl = createVrl({ limitMs: 60_000 });
afterAll(() => vrl.close());

const run = async (source: string) => {
  const { verdict, results } = await vrl.run({ name: 'test', source }, [{ event: {} }], { withValue: true });
  expect(verdict.text).toBe('');
  return results[0];
};

// A Vector may be built without these; what they answer is said in VRL's own documentation of its functions.
test.each([
  ['crc("foo")', '2356372769'],
  ['crc("foo", algorithm: "CRC_32_CKSUM")', '4271552933'],
  [
    'decrypt!(decode_base64!("c/dIOA=="), "AES-256-CFB", key: "01234567890123456789012345678912", iv: "0123456789012345")',
    'data',
  ],
  ['decrypt_ip!("72b9:a747:f2e9:72af:76ca:5866:6dcf:c3b0", "sixteen byte key", "aes128")', '192.168.1.1'],
  [
    'encode_base64(encrypt!("data", "AES-256-CFB", key: "01234567890123456789012345678912", iv: "0123456789012345"))',
    'c/dIOA==',
  ],
  ['encrypt_ip!("192.168.1.1", "thirty-two bytes key for pfx use", "pfx")', '33.245.248.61'],
  ['encode_base64(hmac("Hello there", "super-secret-key"))', 'eLGE8YMviv85NPXgISRUZxstBNSU47JQdcXkUWcClmI='],
  ['md5("foo")', 'acbd18db4cc2f85cedef654fccc4a4d8'],
  ['parse_etld!("sub.sussex.ac.uk", plus_parts: 1)', { etld: 'ac.uk', etld_plus: 'sussex.ac.uk', known_suffix: true }],
  [
    'redact("my id is 123456", filters: [r\'\\d+\'], redactor: "sha2")',
    'my id is GEtTedW1p6tC094dDKH+3B8P+xSnZz69AmpjaXRd63I=',
  ],
  ['seahash("bar")', -2796170501982571315n],
  ['sha1("foo")', '0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33'],
  ['sha2("foo", variant: "SHA-512/224")', 'd68f258d37d670cfc1ec1001a0394784233f88f056994f9a7e5e99be'],
  ['length(sha3("foo"))', 128n],
  ['xxhash("foo", "XXH3-64")', -6093828362558603894n],
  ['is_string(get_timezone_name!())', true],
])('%s', async (source, value) => expect(await run(source)).toMatchObject({ kind: 'done', value, unavailable: [] }));

test.each([
  ['dns_lookup', 'dns_lookup!("localhost")', 'it needs the network'],
  ['http_request', 'http_request!("http://127.0.0.1:1/")', 'it needs the network'],
  ['reverse_dns', 'reverse_dns!("127.0.0.1")', 'it needs the network'],
  ['get_env_var', 'get_env_var!("HOME")', 'it asks the machine that runs Vector'],
  ['get_hostname', 'get_hostname!()', 'it asks the machine that runs Vector'],
  ['parse_proto', 'parse_proto!("x", "/no/such.desc", "a.B")', 'it reads a file of the machine that runs Vector'],
  ['encode_proto', 'encode_proto!({}, "/no/such.desc", "a.B")', 'it reads a file of the machine that runs Vector'],
  [
    'validate_json_schema',
    'validate_json_schema!("{}", "/no.json", false)',
    'it reads a file of the machine that runs Vector',
  ],
  ['parse_groks', 'parse_groks!("a", patterns: ["%{DATA:a}"])', 'its engine, Oniguruma, is not built in'],
])('%s compiles, and says why it fails', async (name, source, reason) => {
  expect(await run(source)).toMatchObject({
    kind: 'error',
    error: expect.stringContaining(`${name} is not available in nvl: ${reason}`),
    unavailable: [name],
  });
});
