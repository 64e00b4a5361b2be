import { expect, test } from 'vitest';
import { readSwitch } from '../../lib/context/enabled.ts';
import { anAllocation, firstTask, type GivenAllocation } from '../support/builders.ts';

const switchOf = (given: GivenAllocation) => {
  const allocation = anAllocation(given);
  return readSwitch({ allocation, task: firstTask(allocation) });
};
const saying = (value: string, key = 'nvl_enabled') => switchOf({ jobMeta: { [key]: value } });

const YES = ['true', 'True', ' TRUE\n', 'yes', 'on', '1', 'y', 't', 'enabled', 'Enable'];
const NO = ['false', 'FALSE', ' false ', 'no', 'No', 'off', '0', 'n', 'f', 'disabled', 'disable\t'];
const NEITHER = [
  '',
  ' ',
  'maybe',
  'tru',
  'fals',
  '2',
  '-1',
  'null',
  'none',
  '"false"',
  '{{no}}',
  '00',
  'nope',
  'false;',
];

test.each(YES)('%j is a yes, and nothing to tell', (value) => {
  expect(saying(value)).toEqual({ isOn: true });
});

test.each(NO)('%j is a no, and nothing to tell', (value) => {
  expect(saying(value)).toEqual({ isOn: false });
});

test.each(NEITHER)('%j is neither: not collected, and told', (value) => {
  const { isOn, fault } = saying(value);
  expect([isOn, fault?.code]).toEqual([false, 'metaUnclear']);
  expect(fault?.message).toContain(`nvl_enabled = ${JSON.stringify(value)} in the job's meta`);
});

const NEAR = [
  'nvl-enabled',
  'nvl.enabled',
  'NVL_ENABLED',
  'Nvl_Enabled',
  'nvlEnabled',
  'nvl_enable',
  'nvl_enabeld',
  'nvl__enabled',
  ' nvl_enabled',
  'nvl_enabled ',
  'nvl enabled',
  '_nvl_enabled',
  'nlv_enabled',
  'nvvl-enable',
  'nvl_opt_in',
  'nvl_collect',
];

test.each(NEAR)(
  '%j is nearly the key: its no counts and is told, and so does what is neither; its yes does not matter',
  (key) => {
    expect(saying('false', key)).toMatchObject({ isOn: false, fault: { code: 'metaUnclear' } });
    expect(saying('maybe', key)).toMatchObject({ isOn: false, fault: { code: 'metaUnclear' } });
    expect(saying('true', key)).toEqual({ isOn: true });
  },
);

test.each([
  'nvl_disabled',
  'nvl-disabled',
  'NVL_DISABLE',
  'nvl_disabeld',
  'nvl_opt_out',
  'nvl-optout',
  '_vnl_disabled',
])('%j means the opposite', (key) => {
  expect(saying('true', key)).toMatchObject({ isOn: false, fault: { code: 'metaUnclear' } });
  expect(saying('maybe', key)).toMatchObject({ isOn: false });
  expect(saying('false', key)).toEqual({ isOn: true });
});

test.each([
  'nvl_profile',
  'nvl_level',
  'nvl_format',
  'nvl_table',
  'enabled',
  'dns_enabled',
  'vault_enabled',
  'nvm_enabled',
  'nv_enabled',
  'nlv_level',
])('%j is another key', (key) => expect(saying('false', key)).toEqual({ isOn: true }));

test.each<[string, GivenAllocation, boolean, boolean]>([
  ['nothing says', {}, true, false],
  ['the job', { jobMeta: { nvl_enabled: 'no' } }, false, false],
  ['the group', { groupMeta: { nvl_enabled: 'no' } }, false, false],
  ['the task', { taskMeta: { nvl_enabled: 'no' } }, false, false],
  ['the task opts in again', { jobMeta: { nvl_enabled: 'false' }, taskMeta: { nvl_enabled: 'on' } }, true, false],
  ['over what is unclear, too', { jobMeta: { nvl_enabled: '' }, taskMeta: { nvl_enabled: 'on' } }, true, false],
  [
    'not by a key that is only nearly right',
    { jobMeta: { nvl_enabled: 'off' }, taskMeta: { 'nvl-enabled': 'on' } },
    false,
    false,
  ],
  ['two keys that do not agree', { jobMeta: { nvl_enabled: 'true', 'nvl-enabled': 'false' } }, false, true],
  ['two that do', { jobMeta: { nvl_enabled: 'false', 'nvl-enabled': 'false' } }, false, false],
  [
    'a near no of the job, and a yes of the task',
    { jobMeta: { 'nvl-enabled': 'no' }, taskMeta: { nvl_enabled: 'yes' } },
    true,
    false,
  ],
])('of several levels: %s', (_, given, isOn, isTold) => {
  const found = switchOf(given);
  expect([found.isOn, found.fault !== undefined]).toEqual([isOn, isTold]);
});

test('a value is told cut short, whatever it holds', () => {
  expect(saying('x'.repeat(5_000)).fault?.message.length).toBeLessThan(200);
});
