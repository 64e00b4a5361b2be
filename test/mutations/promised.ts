/** One of nvl's promises, and how to switch off what keeps it: `from` stands once in `file`. */
export type Mutation = { name: string; file: string; from: string; to: string };

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a link goes before its row, so that Vector sends a last line without a newline',
    file: 'lib/collect/set-links.ts',
    from: 'if (!isLinked) attempt(',
    to: 'if (!decision.isCollected) attempt(',
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
    name: "a pipeline's glob finds its own links alone",
    file: 'lib/context/context.ts',
    from: '(dir)}/*`)',
    to: '(linksDir)}/*/*`)',
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
    from: 'round === MAX_PROOFS) return refused(proof.error);',
    to: 'round === MAX_PROOFS) return { rendered, plan, refusal: undefined, going };',
  },
  {
    name: 'what is known of a task is written down before its link goes',
    file: 'lib/cycle.ts',
    from: '  rememberTasks({ looked, going, deps });\n',
    to: '',
  },
  {
    name: 'a file goes where Vector reads only when Vector has the row of its task',
    file: 'lib/remember.ts',
    from: 'isLoaded && going !== undefined ?',
    to: 'going !== undefined ?',
  },
  {
    name: 'a task whose profile is refused ships by default, marked',
    file: 'lib/render/place-task.ts',
    from: "mark: reasons.join('; ')",
    to: "mark: ''",
  },
  {
    name: 'a task that ships as it asks claims its pipeline before any that falls back',
    file: 'lib/render/place-task.ts',
    from: 'return () => placeInstead({ task, asked });',
    to: 'return placeInstead({ task, asked });',
  },
  {
    name: 'tasks whose labels are of other types share no pipeline',
    file: 'lib/render/seek-pipeline.ts',
    from: '    ...types,\n',
    to: '',
  },
  {
    name: 'a task that ships by default goes to the sink of its profile, and no other task with it',
    file: 'lib/render/seek-pipeline.ts',
    from: 'wantedSink === ownSink ? []',
    to: 'wantedSink !== null ? []',
  },
  {
    name: 'what keeps something from one line to the next is shared by no two tasks',
    file: 'lib/render/compose.ts',
    from: "if (keepsState(transform ?? ''))",
    to: "if (keepsState(''))",
  },
  {
    name: 'a value of the labels is a column, and no text of the file',
    file: 'lib/render/compose.ts',
    from: 'hasColumns: errors === labelErrors',
    to: 'hasColumns: false',
  },
  {
    name: 'while Vector takes new labels, the old ones find their columns in the table',
    file: 'lib/plan/leaving-columns.ts',
    from: "old[column] !== '' && !Object.hasOwn(row.cells, column)",
    to: 'false',
  },
  {
    name: 'what a column means is part of its name, so that an edit never gives a name another meaning',
    file: 'lib/render/labels/columns.ts',
    from: 'JSON.stringify([frame, plain, kind])',
    to: 'JSON.stringify([plain.length > 0])',
  },
  {
    name: 'a stream of events that does not go on where it broke off has the list taken',
    file: 'lib/watch/event-state.ts',
    from: 'isResuming ? !isSame : isBackwards',
    to: 'isResuming ? false : isBackwards',
  },
  {
    name: 'the list behind an event holds its change, also of a server that lags behind',
    file: 'lib/watch/take-lists.ts',
    from: '{ index: asked.atLeast - 1, waitMs',
    to: '{ index: 0, waitMs',
  },
];
