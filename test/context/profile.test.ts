import { expect, test } from 'vitest';
import type { Config } from '../../lib/config/config.ts';
import { type ChosenBy, chooseProfile } from '../../lib/context/profile.ts';
import { anAllocation, firstTask, type GivenAllocation } from '../support/builders.ts';

type Rule = Config['rules'][number];
type Case = [name: string, given: GivenAllocation, rules: Rule[], profile: string, chosenBy: ChosenBy];

const to = (profile: string, match: Rule['match']): Rule => ({ match, profile });
const byRule = (index: number): ChosenBy => ({ by: 'rule', index });
const byDefault: ChosenBy = { by: 'default' };

const choose = (given: GivenAllocation, rules: Rule[]) => {
  const allocation = anAllocation(given);
  return chooseProfile({ allocation, task: firstTask(allocation), rules });
};

test.each<Case>([
  ['nothing says', {}, [], 'default', byDefault],
  ['the job says', { jobMeta: { nvl_profile: 'json' } }, [], 'json', { by: 'meta', level: 'job' }],
  [
    'the group is nearer than the job',
    { jobMeta: { nvl_profile: 'json' }, groupMeta: { nvl_profile: 'logfmt' } },
    [],
    'logfmt',
    { by: 'meta', level: 'group' },
  ],
  [
    'the task is nearest',
    { groupMeta: { nvl_profile: 'logfmt' }, taskMeta: { nvl_profile: 'nginx' } },
    [],
    'nginx',
    { by: 'meta', level: 'task' },
  ],
  [
    'an empty one says nothing',
    { jobMeta: { nvl_profile: 'json' }, taskMeta: { nvl_profile: '' } },
    [],
    'json',
    { by: 'meta', level: 'job' },
  ],
  ['meta before rules', { jobMeta: { nvl_profile: 'json' } }, [to('logfmt', {})], 'json', { by: 'meta', level: 'job' }],
  ['an empty match takes all', {}, [to('logfmt', {})], 'logfmt', byRule(0)],
  ['the first rule that matches', {}, [to('a', { task: 'db' }), to('b', {}), to('c', {})], 'b', byRule(1)],
  [
    'every part has to match',
    { job: 'shop', task: 'app' },
    [to('a', { job: 'shop', task: 'db' })],
    'default',
    byDefault,
  ],
  ['by namespace', { namespace: 'prod' }, [to('a', { namespace: 'prod' })], 'a', byRule(0)],
  ['by group', { group: 'web' }, [to('a', { group: 'web' })], 'a', byRule(0)],
  ['by driver', { driver: 'docker' }, [to('a', { driver: 'exec' }), to('b', { driver: 'docker' })], 'b', byRule(1)],
  ['a star within', { task: 'web-1-blue' }, [to('a', { task: 'web-*-blue' })], 'a', byRule(0)],
  ['a star matches nothing too', { task: 'web' }, [to('a', { task: 'web*' })], 'a', byRule(0)],
  [
    'the whole name has to match',
    { task: 'my-web' },
    [to('a', { task: 'web' }), to('b', { task: 'web*' })],
    'default',
    byDefault,
  ],
  [
    'a question mark is one character',
    { task: 'web1' },
    [to('a', { task: 'web' }), to('b', { task: 'web?' })],
    'b',
    byRule(1),
  ],
  ['a star goes over slashes', { job: 'a/b/c' }, [to('a', { job: 'a/*' })], 'a', byRule(0)],
  [
    'other characters are themselves',
    { task: 'a+b' },
    [to('a', { task: 'a.b' }), to('b', { task: 'a+b' })],
    'b',
    byRule(1),
  ],
  ['brackets are themselves', { task: 'we[i]rd' }, [to('a', { task: 'we[i]rd' })], 'a', byRule(0)],
  ['a line break is a character', { task: 'a\nb' }, [to('a', { task: 'a*b' })], 'a', byRule(0)],
  [
    "a dispatched job by its parent's id",
    { job: 'worker/dispatch-1795396988-472c2ce1', parent: 'worker' },
    [to('a', { job: 'worker' })],
    'a',
    byRule(0),
  ],
  [
    'and by its own',
    { job: 'worker/dispatch-1', parent: 'worker' },
    [to('a', { job: '*/dispatch-*' })],
    'a',
    byRule(0),
  ],
  ['no parent is no name', { job: 'shop' }, [to('a', { job: '' })], 'default', byDefault],
  ['by merged meta', { jobMeta: { team: 'pay' } }, [to('a', { meta: { team: 'p*' } })], 'a', byRule(0)],
  [
    'the nearest meta counts',
    { jobMeta: { team: 'pay' }, taskMeta: { team: 'ops' } },
    [to('a', { meta: { team: 'pay' } })],
    'default',
    byDefault,
  ],
  ['a key that is not there matches no glob', {}, [to('a', { meta: { team: '*' } })], 'default', byDefault],
  ['not even one that all objects have', {}, [to('a', { meta: { constructor: '*' } })], 'default', byDefault],
])('profile: %s', (_, given, rules, profile, chosenBy) => {
  expect(choose(given, rules)).toMatchObject({ profile, chosenBy });
});

test("a rule brings its parameters, a job's own choice none", () => {
  const rules: Rule[] = [{ match: {}, profile: 'a', params: { width: '80' } }];
  expect(choose({}, rules).params).toEqual({ width: '80' });
  expect(choose({ taskMeta: { nvl_profile: 'b' } }, rules).params).toEqual({});
});
