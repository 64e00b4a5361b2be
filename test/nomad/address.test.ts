import { expect, test } from 'vitest';
import { readAddress } from '../../lib/nomad/address.ts';

test.each([
  ['http', 'http://127.0.0.1:4646', { origin: 'http://127.0.0.1:4646', shown: 'http://127.0.0.1:4646' }],
  [
    'a path counts for nothing',
    'https://nomad.example/ui/',
    { origin: 'https://nomad.example', shown: 'https://nomad.example' },
  ],
  ['IPv6', 'http://[::1]:4646', { origin: 'http://[::1]:4646', shown: 'http://[::1]:4646' }],
  [
    'name and password are not shown',
    'https://ops:p%40ss@nomad.example:1234',
    {
      origin: 'https://nomad.example:1234',
      shown: 'https://nomad.example:1234',
      auth: { user: 'ops', password: 'p@ss' },
    },
  ],
  [
    'a lone percent sign in a password',
    'https://ops:50%@nomad.example',
    { origin: 'https://nomad.example', shown: 'https://nomad.example', auth: { user: 'ops', password: '50%' } },
  ],
  [
    'a socket, its path as written',
    'unix:///var/alloc/a b/%20/api.sock',
    {
      origin: 'http://127.0.0.1',
      shown: 'unix:///var/alloc/a b/%20/api.sock',
      socketPath: '/var/alloc/a b/%20/api.sock',
    },
  ],
])('address: %s', (_, address, expected) => {
  expect(readAddress(address)).toEqual({ socketPath: undefined, auth: undefined, ...expected });
});

test.each([['127.0.0.1:4646'], ['localhost:4646'], ['tcp://127.0.0.1:4646'], ['unix://'], ['']])(
  'address: %o is none',
  (address) => {
    expect(() => readAddress(address)).toThrow(expect.objectContaining({ code: 'configInvalid' }));
  },
);

test('address: a refused one does not show its password', () => {
  expect(() => readAddress('tcp://ops:secret@127.0.0.1')).toThrow(
    expect.objectContaining({ facts: expect.objectContaining({ said: '"tcp://127.0.0.1"' }) }),
  );
});
