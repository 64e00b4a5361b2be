import { newProofMemory } from './apply/prove-memory.ts';
import { ContextMemo } from './collect/context-memo.ts';
import { NodeTasks } from './collect/node-tasks.ts';
import type { Memory } from './cycle-deps.ts';
import { TaskMemo } from './render/task-memo.ts';

export const newMemory = (): Memory => ({
  quarantined: new Map(),
  proofs: newProofMemory(),
  nodeTasks: new NodeTasks(),
  running: new WeakMap(),
  contexts: new ContextMemo(),
  tasks: new TaskMemo(),
});
