import type { LogStream } from '../link-name.ts';
import type { Expected, ExpectedEvent } from './matchers.ts';

/** The task that a case pretends to be; whatever it leaves out has a plain default. */
export type TestTask = {
  job?: string | undefined;
  group?: string | undefined;
  /** The task's own name. */
  task?: string | undefined;
  namespace?: string | undefined;
  type?: string | undefined;
  driver?: string | undefined;
  node?: string | undefined;
  /** Job, group and task meta in one, `nvl_<param>` among it. */
  meta?: Readonly<Record<string, string>> | undefined;
};

/** One case of a profile's tests: these lines of this task give these events. */
export type TestCase = {
  profile: string;
  name: string;
  /** The file that holds it, from its beginning. */
  file: string;
  /** Its line there, and which of the file's cases it is, from 0. */
  line: number;
  position: number;
  task: TestTask;
  /** Parameters as the rule gives them that chose the profile. */
  params: Readonly<Record<string, string>>;
  /** What its lines are written to. */
  stream: LogStream;
  /** What the task writes. */
  bytes: Buffer;
  /** Undefined: nobody has said yet what comes of it. */
  events: readonly ExpectedEvent[] | undefined;
  isExact: boolean;
};

/** An event as a JSON encoding sink delivers it, read by `parseExact`: integers are bigints, floats numbers. */
export type Event = Readonly<Record<string, unknown>>;

export type { Expected, ExpectedEvent };
