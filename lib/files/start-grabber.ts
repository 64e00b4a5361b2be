import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { Grabber, type Grabbing, type GrabNews } from './grabber.ts';
import { createTurns, type InTurn } from './turns.ts';

/** A grabber, wherever it runs, and how its keeper works beside it. */
export type RunningGrabber = Pick<Grabber, 'useAllocDir' | 'look' | 'lookAgain' | 'close'> & {
  /** Whoever makes links while it runs does so in turn, and knows by then all that it has taken. */
  inTurn: InTurn;
  /** False: nothing is seen until it runs again. */
  isRunning(): boolean;
};

export type StartGrabber = (given: Omit<Grabbing, 'inTurn'> & { log: Log }) => RunningGrabber;

/** In the thread of whoever starts it. */
export const grabHere: StartGrabber = (given) => {
  const inTurn: InTurn = (act) => act();
  const grabber = new Grabber({ ...given, inTurn });
  return {
    useAllocDir: (allocDir) => grabber.useAllocDir(allocDir),
    look: (allocId) => grabber.look(allocId),
    lookAgain: () => grabber.lookAgain(),
    close: () => grabber.close(),
    inTurn,
    isRunning: () => true,
  };
};

export type GrabOrder = { kind: 'use'; allocDir: string } | { kind: 'look'; allocId: string };
export type GrabThreadNews = GrabNews | { kind: 'hurried'; niceness: number; said?: string };
export type GrabThreadData = { held: string; only: string | undefined; shared: SharedArrayBuffer };

/**
 * In a thread of its own, of a higher priority where nvl may ask for one: a cycle, a collection of garbage or a busy machine
 * does not make it late. One that ends is started anew.
 */
export const grabInThread: StartGrabber = (given) => grabInThreadOf({ ...given, program: programOf(import.meta.url) });

/** `program`: what the thread runs. */
export const grabInThreadOf = ({
  held,
  only,
  tell,
  log,
  program,
}: Parameters<StartGrabber>[0] & { program: URL }): RunningGrabber => {
  let allocDir: string | undefined;
  let thread: Thread | undefined;
  let isClosed = false;
  const onNews = (news: GrabThreadNews): void => {
    if (news.kind === 'hurried') log.debug({ ...news }, 'the thread that takes log files has this priority');
    else tell(news);
  };
  const start = (): void => {
    thread = startThread({
      program,
      held,
      only,
      onNews,
      onEnd: (said) => {
        thread = undefined;
        if (isClosed) return;
        log.error({ said }, ENDED);
        setTimeout(() => isClosed || start(), START_AGAIN_MS).unref();
      },
    });
    if (allocDir !== undefined) thread.order({ kind: 'use', allocDir });
  };
  start();
  return {
    useAllocDir: (next) => {
      allocDir = next;
      thread?.order({ kind: 'use', allocDir: next });
    },
    look: (allocId) => thread?.order({ kind: 'look', allocId }),
    lookAgain: () => {},
    inTurn: (act) => (thread === undefined ? act() : thread.inTurn(act)),
    isRunning: () => thread !== undefined,
    close: () => {
      isClosed = true;
      thread?.end();
      thread = undefined;
    },
  };
};

type Thread = { order: (order: GrabOrder) => void; inTurn: InTurn; end: () => void };

const startThread = ({
  program,
  held,
  only,
  onNews,
  onEnd,
}: {
  program: URL;
  held: string;
  only: string | undefined;
  onNews: (news: GrabThreadNews) => void;
  onEnd: (said: string) => void;
}): Thread => {
  const shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const { port1: own, port2: port } = new MessageChannel();
  const data: GrabThreadData & { port: MessagePort } = { held, only, shared, port };
  const worker = new Worker(program, {
    workerData: data,
    transferList: [port],
    name: 'nvl-grab',
    env: {},
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 1 },
  });
  let said = 'it ended';
  worker.on('error', (error) => {
    said = messageOf(error);
  });
  const catchUp = (): void => {
    for (let one = receiveMessageOnPort(own); one !== undefined; one = receiveMessageOnPort(own)) onNews(one.message);
  };
  worker.on('exit', () => {
    catchUp();
    own.close();
    onEnd(said);
  });
  own.on('message', onNews);
  // Neither keeps nvl from its end.
  own.unref();
  worker.unref();
  const inTurn = createTurns({ shared: new Int32Array(shared) });
  return {
    order: (order) => own.postMessage(order),
    inTurn: (act) =>
      inTurn(() => {
        catchUp();
        return act();
      }),
    // In turn: it leaves nothing half done.
    end: () => inTurn(() => void worker.terminate()),
  };
};

/** Beside this file, in the sources as in what is published. */
const programOf = (from: string): URL => new URL(from.endsWith('.ts') ? './grab-thread.ts' : './grab-thread.js', from);

const START_AGAIN_MS = 1_000;
const ENDED =
  'the thread that takes log files has ended, and is started anew: until then folders are looked at every second';
