import { getPriority, setPriority } from 'node:os';
import { type MessagePort, workerData } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import { Grabber } from './grabber.ts';
import type { GrabOrder, GrabThreadData, GrabThreadNews } from './start-grabber.ts';
import { createTurns } from './turns.ts';

// The thread of `startGrabber`: it imports little, since each module costs memory once more.

/** It works for milliseconds, and what it does late is lost. Programs that nvl starts have the usual one. */
const PRIORITY = -10;
const LOOK_AGAIN_MS = 1_000;

const { held, only, shared, port }: GrabThreadData & { port: MessagePort } = workerData;
const tell = (news: GrabThreadNews): void => port.postMessage(news);

/** Of this thread alone: Linux gives each its own. */
const hurry = (): void => {
  try {
    if (getPriority(0) > PRIORITY) setPriority(0, PRIORITY);
    tell({ kind: 'hurried', niceness: getPriority(0) });
  } catch (error) {
    tell({ kind: 'hurried', niceness: getPriority(0), said: messageOf(error) });
  }
};

hurry();
const grabber = new Grabber({ held, only, tell, inTurn: createTurns({ shared: new Int32Array(shared) }) });
port.on('message', (order: GrabOrder) => {
  if (order.kind === 'use') grabber.useAllocDir(order.allocDir);
  else grabber.look(order.allocId);
});
setInterval(() => grabber.lookAgain(), LOOK_AGAIN_MS);
