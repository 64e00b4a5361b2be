import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stemOf } from '../../lib/context/id.ts';

// Frozen: Vector names checkpoint folders after these ids. A change here makes every node read all of its logs again.

const allocId = '50d107cb-87fc-1e41-b012-44a4e538f777';

test.each([
  ['server', 'nvl_50d107cb_server_3d942ccc'],
  ['server-proxy', 'nvl_50d107cb_server_proxy_30b1f208'],
  ['app', 'nvl_50d107cb_app_ecb14f89'],
  ['app.stdout', 'nvl_50d107cb_app_stdout_f32ae900'],
  ['App', 'nvl_50d107cb_app_59055d59'],
  ['we[i]rd', 'nvl_50d107cb_we_i_rd_ec189d82'],
  ['star*', 'nvl_50d107cb_star_824e6e78'],
  ['sp ace', 'nvl_50d107cb_sp_ace_2d94ee87'],
  ['q"uote', 'nvl_50d107cb_q_uote_620ec554'],
  ["ap'os", 'nvl_50d107cb_ap_os_418d4089'],
  ['dol$HOME', 'nvl_50d107cb_dol_home_72bbce09'],
  ['curly{a,b}', 'nvl_50d107cb_curly_a_b_772df68e'],
  ['back\\slash', 'nvl_50d107cb_back_slash_6ae8ac68'],
  ['{{x}}', 'nvl_50d107cb_x_c0f0d383'],
  ['ünï', 'nvl_50d107cb_n_274af970'],
  ['日本', 'nvl_50d107cb_task_561f09ad'],
  ['___', 'nvl_50d107cb_task_7b132e0e'],
  ['connect-proxy-a-service-with-a-long-name', 'nvl_50d107cb_connect_proxy_a_service_4fbe72cb'],
  ['exactly-twenty-four-abcd', 'nvl_50d107cb_exactly_twenty_four_abcd_8f71bf28'],
  ['twenty-three-and-a-dash_x', 'nvl_50d107cb_twenty_three_and_a_dash_70185610'],
  ['__proto__', 'nvl_50d107cb_proto_4eb06318'],
  ['', 'nvl_50d107cb_task_3155075b'],
])('the stem of task %j is %s', (task, stem) => {
  expect(stemOf({ allocId, task })).toBe(stem);
});

test('tasks of one allocation, and one task of two allocations, never share a stem', () => {
  expect(stemOf({ allocId, task: 'a-b' })).not.toBe(stemOf({ allocId, task: 'a_b' }));
  // The same first eight characters of the id.
  const other = `${allocId.slice(0, 8)}-0000-0000-0000-000000000000`;
  expect(stemOf({ allocId: other, task: 'app' })).not.toBe(stemOf({ allocId, task: 'app' }));
});

test('whatever a task is called, its stem is an id that Vector and a file system take', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (task) => {
      const stem = stemOf({ allocId, task });
      expect(stem).toMatch(/^nvl_50d107cb_[a-z0-9]+(_[a-z0-9]+)*_[0-9a-f]{8}$/);
      expect(stem.length).toBeLessThanOrEqual('nvl_50d107cb__12345678'.length + 24);
    }),
  );
});
