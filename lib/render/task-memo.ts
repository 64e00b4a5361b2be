import type { TaskContext } from '../context/context.ts';
import type { Templates } from './templates.ts';

/**
 * What was found out about tasks, from one pass to the next: a task whose context is the same object, under the same
 * templates, is not rendered again. It keeps no context from being forgotten.
 */
export class TaskMemo {
  #templates: Templates | undefined;
  #known = new WeakMap<TaskContext, Map<string, unknown>>();

  /** Other templates: nothing counts any more. */
  use(templates: Templates): void {
    if (templates === this.#templates) return;
    this.#templates = templates;
    this.#known = new WeakMap();
  }

  /** `make` must give the same for the same context and templates. */
  once<T>(context: TaskContext, what: string, make: () => T): T {
    const known = this.#known.get(context) ?? new Map<string, unknown>();
    this.#known.set(context, known);
    if (!known.has(what)) known.set(what, make());
    return known.get(what) as T;
  }
}
