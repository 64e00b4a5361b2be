import { type NodeContext, type TaskContext, taskContext } from '../context/context.ts';
import type { Allocation, Task } from '../nomad/allocation.ts';

type Listed = { allocation: Allocation; task: Task; profile: string; params: Record<string, string>; sink: string };

/**
 * Gives the same context for a task again as long as nothing of it has changed: its allocation is the same object, as Nomad
 * tells nothing new of it, and the node and the profile that was chosen say the same. It keeps no allocation from being
 * forgotten.
 */
export class ContextMemo {
  #node: { text: string; context: NodeContext } | undefined;
  #known = new WeakMap<Allocation, Map<string, TaskContext>>();

  /** The node's context: the one before, where it says the same. */
  node(context: NodeContext): NodeContext {
    const text = JSON.stringify(context);
    if (this.#node?.text !== text) {
      this.#node = { text, context };
      this.#known = new WeakMap();
    }
    return this.#node.context;
  }

  /** `node`: as `node()` gave it. */
  task({ listed, node, linksDir }: { listed: Listed; node: NodeContext; linksDir: string }): TaskContext {
    const { allocation, task, ...chosen } = listed;
    const contexts = this.#known.get(allocation) ?? new Map<string, TaskContext>();
    this.#known.set(allocation, contexts);
    const key = JSON.stringify([task.name, chosen, linksDir]);
    const context = contexts.get(key) ?? taskContext({ allocation, task, node, linksDir, chosen });
    contexts.set(key, context);
    return context;
  }
}
