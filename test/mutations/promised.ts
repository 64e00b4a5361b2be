/** One of nvl's promises, and how to switch off what keeps it: `from` stands once in `file`. */
export type Mutation = { name: string; file: string; from: string; to: string };

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a link goes before its source, so that Vector sends a last line without a newline',
    file: 'lib/collect/set-links.ts',
    from: 'if (!isLinked) logAccess.close',
    to: 'if (!decision.isCollected) logAccess.close',
  },
  {
    name: 'the labels have the last word, whatever a line or a profile says',
    file: 'templates/vector/labels.toml.hbs',
    from: '  "stream": stream,\n}',
    to: '  "stream": stream,\n} | (object(.nomad) ?? {})',
  },
  {
    name: 'files are told apart by inode, not by how they begin',
    file: 'templates/vector/source.toml.hbs',
    from: 'fingerprint.strategy = "device_and_inode"',
    to: 'fingerprint.strategy = "checksum"',
  },
  {
    name: "a task's globs find its own files alone",
    file: 'lib/context/context.ts',
    from: "['[0-9]*']",
    to: "['*']",
  },
  {
    name: 'an opt-out does not fail open: a value that says neither counts as no',
    file: 'lib/context/enabled.ts',
    from: 'if (said !== true)',
    to: 'if (said === false)',
  },
  {
    name: 'bytes that Vector refused to load are not swapped in again',
    file: 'lib/cycle.ts',
    from: 'if (whyNot !== undefined) return',
    to: 'if (whyNot === null) return',
  },
  {
    name: 'nothing goes live before the proof',
    file: 'lib/cycle.ts',
    from: 'proven.refusal === undefined ? await act(',
    to: 'plan.swap ? await act(',
  },
  {
    name: 'what is known of a task is written down before its link goes',
    file: 'lib/cycle.ts',
    from: '  rememberTasks({ looked, deps });\n',
    to: '',
  },
  {
    name: 'a task whose profile is refused ships by default, marked',
    file: 'lib/render/place-task.ts',
    from: 'const isToMark = reasons.length > 0;',
    to: 'const isToMark = false;',
  },
];
