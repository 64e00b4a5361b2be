import { expect, test } from 'vitest';
import { wordsAbout } from '../../lib/profile-test/vector-words.ts';

const line = (component: string, words: string) =>
  `2026-11-23T04:00:00.123456Z ERROR transform{component_kind="transform" component_id=${component} component_type=remap}: vector::internal_events::remap: ${words} internal_log_rate_limit=true`;

test('of a task’s own components, each once, without what differs from run to run', () => {
  const lines = [
    line('nvl_a_web_1_parse', 'Mapping failed with event. error="at nvl_a_web_1_parse: x"'),
    line('nvl_a_web_1_parse', 'Mapping failed with event. error="at nvl_a_web_1_parse: x"'),
    line('nvl_a_web_1', 'too long'),
    line('nvl_a_web_12_parse', "another task's"),
    '2026-11-23T04:00:00.123456Z  WARN vector::topology: Transform nomad_logs has no consumers',
  ];
  expect(wordsAbout({ id: 'nvl_a_web_1', lines })).toEqual([
    'ERROR Mapping failed with event. error="at {{id}}_parse: x"',
    'ERROR too long',
  ]);
});
