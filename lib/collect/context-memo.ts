import { type NodeContext, type TaskContext, taskContext } from '../context/context.ts';
import type { ListedTask } from './node-tasks.ts';

/**
 * Gives the same context for a task again as long as nothing of it has changed: it is the same object, as Nomad tells nothing
 * new of its allocation, and the node says the same. It keeps no task from being forgotten.
 */
export class ContextMemo {
  #node: { text: string; context: NodeContext } | undefined;
  #linksDir: string | undefined;
  #known = new WeakMap<ListedTask, TaskContext>();

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
  task({ listed, node, linksDir }: { listed: ListedTask; node: NodeContext; linksDir: string }): TaskContext {
    if (linksDir !== this.#linksDir) this.#known = new WeakMap();
    this.#linksDir = linksDir;
    const { allocation, task, ...chosen } = listed;
    const context = this.#known.get(listed) ?? taskContext({ allocation, task, node, linksDir, chosen });
    this.#known.set(listed, context);
    return context;
  }
}
